//! Words to an expression, by precedence.

use regex::Regex;

use super::word::{Word, length, words};
use super::{Expr, Matcher, Pairing, Refused, Selector, Side};

const FOLDS: [&str; 6] = ["sum", "avg", "max", "min", "count", "group"];
/// How strongly signs bind.
const BINDING: [(&str, u8); 13] = [
    ("or", 1),
    ("==", 2),
    ("!=", 2),
    (">", 2),
    ("<", 2),
    (">=", 2),
    ("<=", 2),
    ("+", 3),
    ("-", 3),
    ("*", 4),
    ("/", 4),
    ("%", 4),
    ("^", 5),
];
/// Nobody nests deeper by hand.
const DEEPEST: usize = 50;

/// Reads an expression.
pub(in crate::sim::server::metrics) fn parse(text: &str) -> Result<Expr, Refused> {
    let mut reader = Reader { words: words(text)?, at: 0, depth: 0 };
    let expr = reader.expr(1)?;
    match reader.peek() {
        None => Ok(expr),
        Some(word) => Err(unexpected(word)),
    }
}

/// Reads a selector without a window.
pub(in crate::sim::server::metrics) fn selector(text: &str) -> Result<Selector, Refused> {
    match parse(text)? {
        Expr::Select(selector) if selector.window.is_none() => Ok(selector),
        _ => Err(Refused::Parse(format!("{text:?} is no series selector"))),
    }
}

fn unexpected(word: &Word) -> Refused {
    let text = match word {
        Word::Name(name) => format!("identifier {name:?}"),
        Word::Number(number) => format!("number \"{number}\""),
        Word::Length(length) => format!("duration of {length} ms"),
        Word::Text(text) => format!("string {text:?}"),
        Word::Sign(sign) => format!("{sign:?}"),
    };
    Refused::Parse(format!("parse error: unexpected {text}"))
}

struct Reader {
    words: Vec<Word>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Word> {
        self.words.get(self.at)
    }

    fn next(&mut self) -> Result<Word, Refused> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word.ok_or_else(|| Refused::Parse("parse error: unexpected end of input".to_owned()))
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Some(Word::Sign(found)) if *found == sign);
        self.at += usize::from(is);
        is
    }

    fn takes_name(&mut self, name: &str) -> bool {
        let is = matches!(self.peek(), Some(Word::Name(found)) if found == name);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &str) -> Result<(), Refused> {
        match self.next()? {
            Word::Sign(found) if found == sign => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    fn expr(&mut self, least: u8) -> Result<Expr, Refused> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refused::Parse("parse error: nested too deeply".to_owned()));
        }
        let mut left = self.unary()?;
        while let Some((sign, binding)) = self.binding(least) {
            self.at += 1;
            let pairing = self.pairing()?;
            // Powers bind to the right.
            let right = self.expr(if sign == "^" { binding } else { binding + 1 })?;
            left = Expr::Two { sign: sign.to_owned(), left: Box::new(left), right: Box::new(right), pairing };
        }
        self.depth -= 1;
        Ok(left)
    }

    /// The sign that comes next, where it binds that strongly.
    fn binding(&self, least: u8) -> Option<(&'static str, u8)> {
        let next = match self.peek()? {
            Word::Sign(sign) => *sign,
            Word::Name(name) => name.as_str(),
            _ => return None,
        };
        BINDING.into_iter().find(|(sign, binding)| *sign == next && *binding >= least)
    }

    fn pairing(&mut self) -> Result<Pairing, Refused> {
        let mut pairing = Pairing { truth: self.takes_name("bool"), ..Pairing::default() };
        if self.takes_name("on") {
            pairing.on = Some(self.labels()?);
        } else if self.takes_name("ignoring") {
            pairing.ignoring = self.labels()?;
        }
        for (name, side) in [("group_left", Side::Left), ("group_right", Side::Right)] {
            if self.takes_name(name) {
                pairing.many = Some(side);
                if matches!(self.peek(), Some(Word::Sign("("))) {
                    pairing.gives = self.labels()?;
                }
            }
        }
        Ok(pairing)
    }

    fn labels(&mut self) -> Result<Vec<String>, Refused> {
        self.expect("(")?;
        let mut labels = Vec::new();
        while !self.takes(")") {
            match self.next()? {
                Word::Name(name) => labels.push(name),
                other => return Err(unexpected(&other)),
            }
            self.takes(",");
        }
        Ok(labels)
    }

    fn unary(&mut self) -> Result<Expr, Refused> {
        if self.takes("-") {
            return Ok(Expr::Minus(Box::new(self.expr(5)?)));
        }
        self.takes("+");
        match self.next()? {
            Word::Number(number) => Ok(Expr::Number(number)),
            Word::Sign("(") => {
                let inner = self.expr(1)?;
                self.expect(")")?;
                self.within(inner)
            }
            Word::Text(text) => Ok(Expr::Text(text)),
            Word::Sign("{") => {
                let matchers = self.matchers()?;
                self.tail(Selector { matchers, ..Selector::default() })
            }
            Word::Name(name) => self.named(name),
            other => Err(unexpected(&other)),
        }
    }

    /// `[6h:1m]` after a parenthesis: the colon begins a word here.
    fn within(&mut self, of: Expr) -> Result<Expr, Refused> {
        if !self.takes("[") {
            return Ok(of);
        }
        let (window, step) = match (self.next()?, self.next()?) {
            (Word::Length(window), Word::Name(step)) => (window, step.strip_prefix(':').and_then(length)),
            (other, _) => return Err(unexpected(&other)),
        };
        self.expect("]")?;
        let step = step.filter(|step| *step > 0).ok_or_else(|| Refused::Parse("bad duration syntax".to_owned()))?;
        let offset = self.offset()?;
        Ok(Expr::Within { of: Box::new(of), window, step, offset })
    }

    fn named(&mut self, name: String) -> Result<Expr, Refused> {
        let fold = FOLDS.contains(&name.as_str());
        let grouped = matches!(self.peek(), Some(Word::Name(next)) if next == "by" || next == "without");
        if fold && (grouped || matches!(self.peek(), Some(Word::Sign("(")))) {
            return self.fold(name);
        }
        if self.takes("(") {
            let mut parts = Vec::new();
            while !self.takes(")") {
                parts.push(self.expr(1)?);
                if !self.takes(",") && !matches!(self.peek(), Some(Word::Sign(")"))) {
                    return Err(self.peek().map_or_else(
                        || Refused::Parse("parse error: unclosed left parenthesis".to_owned()),
                        unexpected,
                    ));
                }
            }
            return Ok(Expr::Call { name, parts });
        }
        let mut matchers = vec![Matcher { label: "__name__".to_owned(), text: name, negative: false, pattern: None }];
        if self.takes("{") {
            matchers.extend(self.matchers()?);
        }
        self.tail(Selector { matchers, ..Selector::default() })
    }

    fn fold(&mut self, name: String) -> Result<Expr, Refused> {
        let before = self.grouping()?;
        self.expect("(")?;
        let of = Box::new(self.expr(1)?);
        self.expect(")")?;
        let (by, without) = match before {
            (None, without) if without.is_empty() => self.grouping()?,
            known => known,
        };
        // Without either all become one.
        let by = if without.is_empty() { Some(by.unwrap_or_default()) } else { by };
        Ok(Expr::Fold { name, by, without, of })
    }

    fn grouping(&mut self) -> Result<(Option<Vec<String>>, Vec<String>), Refused> {
        if self.takes_name("by") {
            return Ok((Some(self.labels()?), Vec::new()));
        }
        let without = if self.takes_name("without") { self.labels()? } else { Vec::new() };
        Ok((None, without))
    }

    /// What may follow a selector.
    fn tail(&mut self, mut selector: Selector) -> Result<Expr, Refused> {
        if self.takes("[") {
            match self.next()? {
                Word::Length(length) => selector.window = Some(length),
                other => return Err(unexpected(&other)),
            }
            self.expect("]")?;
        }
        selector.offset = self.offset()?;
        Ok(Expr::Select(selector))
    }

    fn offset(&mut self) -> Result<i64, Refused> {
        if !self.takes_name("offset") {
            return Ok(0);
        }
        match self.next()? {
            Word::Length(length) => Ok(length),
            other => Err(unexpected(&other)),
        }
    }

    /// After the brace.
    fn matchers(&mut self) -> Result<Vec<Matcher>, Refused> {
        let mut matchers = Vec::new();
        while !self.takes("}") {
            let (label, sign, text) = match (self.next()?, self.next()?, self.next()?) {
                (Word::Name(label), Word::Sign(sign), Word::Text(text)) => (label, sign, text),
                (Word::Name(_), Word::Sign(_), other) | (other, ..) => return Err(unexpected(&other)),
            };
            let pattern = match sign {
                "=~" | "!~" => Some(Regex::new(&format!("^(?s:{text})$")).map_err(|error| {
                    Refused::Parse(format!("error parsing regexp: {}", error.to_string().replace('\n', " ")))
                })?),
                "=" | "!=" => None,
                other => return Err(unexpected(&Word::Sign(other))),
            };
            matchers.push(Matcher { label, text, negative: sign.starts_with('!'), pattern });
            self.takes(",");
        }
        Ok(matchers)
    }
}
