//! One value as it was given, and how the types that options have are read from it.

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeValue;

use crate::base::clock::read_duration;
use crate::base::nearest::nearest;
use crate::config::metrics::ProbeKind;
use crate::config::settings::{ColourMode, Sort};
use crate::operation::Strategy;

/// A value as given: by a file, or as the text of a variable or flag.
pub(crate) enum Given<'a> {
    File(&'a DeValue<'a>),
    Text(&'a str),
}

impl Given<'_> {
    pub(crate) fn text(&self) -> Result<String, String> {
        match self {
            Given::Text(text) => Ok((*text).to_owned()),
            Given::File(DeValue::String(text)) => Ok(text.to_string()),
            Given::File(other) => Err(format!("wants a text in quotes, not {}", kind(other))),
        }
    }

    /// A word or number as text: `color = 256`.
    fn word(&self) -> Result<String, String> {
        match self {
            Given::File(DeValue::Integer(number)) => Ok(number.as_str().to_owned()),
            Given::File(DeValue::Float(number)) => Ok(number.as_str().to_owned()),
            _ => self.text(),
        }
    }

    pub(crate) fn flag(&self) -> Result<bool, String> {
        match self {
            Given::File(DeValue::Boolean(flag)) => Ok(*flag),
            Given::File(other) => Err(format!("wants true or false without quotes, not {}", kind(other))),
            Given::Text(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Ok(true),
                "false" | "0" | "no" | "off" | "" => Ok(false),
                _ => Err(format!("wants true or false, not `{text}`")),
            },
        }
    }

    /// Whether something must be there.
    pub(crate) fn demanded(&self) -> Result<bool, String> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "required" => Ok(true),
            "optional" => Ok(false),
            other => Err(one_of(other, &["optional", "required"])),
        }
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, String> {
        match self {
            Given::Text(text) => {
                Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
            }
            Given::File(DeValue::Array(array)) => array.iter().map(|item| Given::File(item.get_ref()).text()).collect(),
            Given::File(other) => Err(format!("wants a list such as [\"a\", \"b\"], not {}", kind(other))),
        }
    }

    pub(crate) fn ports(&self) -> Result<Vec<u16>, String> {
        let port = |text: &str| text.parse().map_err(|_| format!("wants port numbers from 0 to 65535, not `{text}`"));
        match self {
            Given::File(DeValue::Array(array)) => {
                array.iter().map(|item| port(&Given::File(item.get_ref()).word()?)).collect()
            }
            _ => self.texts()?.iter().map(|text| port(text)).collect(),
        }
    }

    /// A whole number within bounds.
    pub(crate) fn count(&self, least: u32, most: u32) -> Result<u32, String> {
        let word = self.word()?;
        let read = word.trim().parse().ok().filter(|number| (least..=most).contains(number));
        read.ok_or_else(|| format!("wants a whole number from {least} to {most}, not `{word}`"))
    }

    /// A number within bounds, whole or not.
    pub(crate) fn number(&self, least: f64, most: f64) -> Result<f64, String> {
        let word = self.amount()?;
        let read = word.trim().parse().ok().filter(|number| (least..=most).contains(number));
        read.ok_or_else(|| format!("wants a number from {least} to {most}, not `{word}`"))
    }

    /// A share: `0.01`, or `1 %` in quotes.
    pub(crate) fn share(&self, most: f64) -> Result<f64, String> {
        let word = self.amount()?;
        let percents = word.trim().strip_suffix('%').map(str::trim_end);
        let read = match percents {
            Some(percents) => percents.parse::<f64>().ok().map(|percents| percents / 100.0),
            None => word.trim().parse().ok(),
        };
        let wants = || format!("wants a share from 0 to {most}, such as 0.05 or \"5 %\", not `{word}`");
        read.filter(|share| (0.0..=most).contains(share)).ok_or_else(wants)
    }

    /// A time as seconds: `0.5`, `500ms`, `2s`.
    pub(crate) fn seconds(&self, least: Duration, most: Duration) -> Result<f64, String> {
        let Ok(seconds) = self.amount()?.trim().parse::<f64>() else {
            return self.duration(least, most).map(|time| time.as_secs_f64());
        };
        if (least.as_secs_f64()..=most.as_secs_f64()).contains(&seconds) {
            return Ok(seconds);
        }
        Err(format!("wants a time from {} to {}, not `{seconds}`", spoken(least), spoken(most)))
    }

    /// A number of any sort as text.
    fn amount(&self) -> Result<String, String> {
        match self {
            Given::File(
                other @ (DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) | DeValue::Datetime(_)),
            ) => Err(format!("wants a number, not {}", kind(other))),
            _ => self.word(),
        }
    }

    /// A path; `~/` is the home folder only where a shell has put it in.
    pub(crate) fn path(&self) -> Result<PathBuf, String> {
        match self.text()?.as_str() {
            "" => Err("wants a path".to_owned()),
            text if text.starts_with('~') => Err(format!("wants a whole path: `~` in `{text}` is not followed")),
            text => Ok(PathBuf::from(text)),
        }
    }

    /// A time such as `5s`, `1m 30s` or `10min`; a bare number is seconds.
    pub(crate) fn duration(&self, least: Duration, most: Duration) -> Result<Duration, String> {
        let text = self.word()?;
        let wants = || format!("wants a time such as \"5s\" or \"10min\", not `{text}`");
        let read = read_duration(&text).ok_or_else(wants)?;
        if read < least || read > most {
            return Err(format!("wants a time from {} to {}, not `{text}`", spoken(least), spoken(most)));
        }
        Ok(read)
    }

    pub(crate) fn probe_kind(&self) -> Result<ProbeKind, String> {
        let word = self.word()?;
        let found = ProbeKind::WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
        found.map(|(_, kind)| *kind).ok_or_else(|| one_of(&word, &ProbeKind::WORDS.map(|(word, _)| word)))
    }

    pub(crate) fn strategy(&self) -> Result<Strategy, String> {
        let word = self.word()?;
        let found = Strategy::WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
        found.map(|(_, strategy)| *strategy).ok_or_else(|| one_of(&word, &Strategy::WORDS.map(|(word, _)| word)))
    }

    pub(crate) fn colour(&self) -> Result<ColourMode, String> {
        let word = self.word()?;
        let known = ColourMode::WORDS;
        let found = known.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
        found.map(|(_, mode)| *mode).ok_or_else(|| one_of(&word, &known.map(|(word, _)| word)))
    }

    pub(crate) fn accent(&self) -> Result<String, String> {
        let text = self.text()?;
        let bad = match text.strip_prefix('#') {
            Some(digits) => digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
            None => text.is_empty(),
        };
        if bad { Err(format!("wants a colour such as \"#e06c75\" or \"red\", not `{text}`")) } else { Ok(text) }
    }

    pub(crate) fn sort(&self) -> Result<Sort, String> {
        let text = self.text()?;
        let (descending, column) = match text.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, text.as_str()),
        };
        if column.is_empty() {
            return Err("wants a column, with a `-` before it for largest first".to_owned());
        }
        Ok(Sort { column: column.to_owned(), descending })
    }
}

/// What was written instead, for a sentence.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(crate) fn one_of(word: &str, known: &[&str]) -> String {
    let meant = nearest(word, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
    format!("wants one of {}, not `{word}`{}", known.join(", "), meant.unwrap_or_default())
}

fn spoken(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
