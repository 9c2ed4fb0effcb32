//! The words of an expression.

use super::Refused;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    Name(String),
    Number(f64),
    /// Milliseconds.
    Length(i64),
    Text(String),
    Sign(&'static str),
}

/// Longer signs first.
const SIGNS: [&str; 20] =
    ["==", "!=", ">=", "<=", "=~", "!~", "=", ">", "<", "+", "-", "*", "/", "%", "^", "(", ")", "{", "}", ","];

pub(super) fn words(text: &str) -> Result<Vec<Word>, Refused> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphabetic() || matches!(first, '_' | ':') {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))).unwrap_or(rest.len());
            words.push(Word::Name(rest[..end].to_owned()));
            end
        } else if first.is_ascii_digit() || first == '.' {
            let (word, end) = number(rest)?;
            words.push(word);
            end
        } else if matches!(first, '"' | '\'' | '`') {
            let (text, end) = quoted(rest, first)?;
            words.push(Word::Text(text));
            end
        } else if matches!(first, '[' | ']') {
            words.push(Word::Sign(if first == '[' { "[" } else { "]" }));
            1
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
            let sign = sign.ok_or_else(|| Refused::Parse(format!("unexpected character: {first:?}")))?;
            words.push(Word::Sign(sign));
            sign.len()
        };
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

/// A number, or a length of time such as `1h30m`.
fn number(rest: &str) -> Result<(Word, usize), Refused> {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
    let text = &rest[..end];
    // 1e-3 has a sign in it.
    let signed = text.ends_with(['e', 'E']) && rest[end..].starts_with(['+', '-']);
    if signed {
        let more = rest[end + 1..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |more| end + 1 + more);
        let number = rest[..more].parse().map_err(|_| Refused::Parse(format!("bad number: {:?}", &rest[..more])))?;
        return Ok((Word::Number(number), more));
    }
    match (text.parse::<f64>(), length(text)) {
        (Ok(number), _) => Ok((Word::Number(number), end)),
        (_, Some(length)) => Ok((Word::Length(length), end)),
        _ => Err(Refused::Parse(format!("bad number or duration syntax: {text:?}"))),
    }
}

/// `1h30m` in milliseconds.
pub(in crate::sim::server::metrics) fn length(text: &str) -> Option<i64> {
    let (mut rest, mut sum) = (text, 0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0)?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];
        let (unit, millis) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        rest = &rest[unit.len()..];
        sum += number.checked_mul(millis)?;
    }
    Some(sum)
}

fn quoted(rest: &str, quote: char) -> Result<(String, usize), Refused> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if quote != '`' => match letters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, other)) => text.push(other),
                None => break,
            },
            end if end == quote => return Ok((text, at + 1)),
            other => text.push(other),
        }
    }
    Err(Refused::Parse("unterminated quoted string".to_owned()))
}
