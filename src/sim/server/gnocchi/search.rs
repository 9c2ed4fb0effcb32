//! Gnocchi's searches: JSON or a short text, and times that may be relative.

use std::time::Duration;

use serde_json::{Value, json};

use crate::sim::moment::Moment;

/// A search in its JSON form; a text is made into it.
pub(super) fn read(wanted: &Value) -> Option<Value> {
    match wanted {
        Value::Null => Some(json!({"and": []})),
        Value::Object(object) if object.is_empty() => Some(json!({"and": []})),
        Value::Object(_) => known(wanted).then(|| wanted.clone()),
        Value::String(text) => text_form(text),
        _ => None,
    }
}

fn known(wanted: &Value) -> bool {
    let Some((name, inner)) = wanted.as_object().and_then(|object| object.iter().next()) else { return false };
    match name.as_str() {
        "and" | "or" => inner.as_array().is_some_and(|all| all.iter().all(known)),
        "not" => known(inner),
        "=" | "!=" | "in" | "like" => inner.is_object(),
        _ => false,
    }
}

/// `project_id=6bd2 and display_name like "pay%"`; no parentheses.
fn text_form(text: &str) -> Option<Value> {
    let all: Option<Vec<Value>> = text
        .split(" and ")
        .map(|part| {
            let (sign, (key, value)) = match (part.split_once("!="), part.split_once('='), part.split_once(" like ")) {
                (Some(two), ..) => ("!=", two),
                (_, Some(two), _) => ("=", two),
                (.., Some(two)) => ("like", two),
                _ => return None,
            };
            let value = value.trim().trim_matches(|c| c == '"' || c == '\'');
            let value = if matches!(value, "null" | "None") { Value::Null } else { json!(value) };
            Some(json!({sign: {key.trim(): value}}))
        })
        .collect();
    Some(json!({"and": all?}))
}

/// Whether a row is what was searched for.
pub(super) fn fits(wanted: &Value, row: &Value) -> bool {
    let Some((name, inner)) = wanted.as_object().and_then(|object| object.iter().next()) else { return true };
    let pair = inner.as_object().and_then(|object| object.iter().next());
    match (name.as_str(), pair) {
        ("and", _) => inner.as_array().is_some_and(|all| all.iter().all(|one| fits(one, row))),
        ("or", _) => inner.as_array().is_some_and(|all| all.iter().any(|one| fits(one, row))),
        ("not", _) => !fits(inner, row),
        ("=", Some((key, value))) => row[key] == *value,
        ("!=", Some((key, value))) => row[key] != *value,
        ("in", Some((key, value))) => value.as_array().is_some_and(|all| all.contains(&row[key])),
        ("like", Some((key, value))) => like(value.as_str().unwrap_or_default(), row[key].as_str().unwrap_or_default()),
        _ => false,
    }
}

/// SQL's pattern with `%` at its ends alone.
fn like(pattern: &str, text: &str) -> bool {
    let bare = pattern.trim_matches('%');
    match (pattern.starts_with('%'), pattern.ends_with('%')) {
        (true, true) => text.contains(bare),
        (true, false) => text.ends_with(bare),
        (false, true) => text.starts_with(bare),
        (false, false) => text == bare,
    }
}

/// A time: ISO 8601, seconds since 1970, or `-5minutes` from now.
pub(super) fn moment(text: &str, now: Moment) -> Option<Moment> {
    if let Some(back) = text.strip_prefix('-') {
        let digits = back.trim_start().find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(back.len());
        let (number, unit) = back.split_at(digits);
        let seconds = match unit.trim().trim_end_matches('s') {
            "" | "econd" | "second" | "ec" | "sec" => 1.0,
            "m" | "min" | "minute" => 60.0,
            "h" | "hour" => 3600.0,
            "d" | "day" => 86_400.0,
            _ => return None,
        };
        let length = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        return Some(now.minus(length));
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(Moment::from_millis((seconds * 1000.0) as i64));
    }
    Moment::parse(text)
}
