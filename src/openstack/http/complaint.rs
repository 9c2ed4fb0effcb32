//! What an error body says: every shape that OpenStack's services have, as one clear sentence.

use serde_json::Value;

use crate::base::failure::{Failure, FailureKind};
use crate::base::text::sanitise;
use crate::openstack::http::answer::Incoming;

/// Longer sentences are cut: neutron lists every port of a network, keystone a whole schema.
const LONGEST: usize = 300;

/// The failure that an answer without success is.
pub(crate) fn failure(answer: &Incoming, service: &str, place: &str) -> Failure {
    let said = sentence(&answer.body);
    let kind = kind(answer.status, &answer.body, said.as_deref().unwrap_or_default());
    let bare = format!("{service} answered {}", answer.status);
    let mut failure = match said {
        Some(said) => Failure::new(kind, said).cause(bare),
        None => Failure::new(kind, bare),
    };
    failure.place = Some(place.to_owned());
    failure.request_id = answer.request_id();
    match kind {
        FailureKind::Forbidden => failure.hint("The roles of this user do not allow it in this project"),
        FailureKind::Quota => failure.hint("Ask for more quota, or free some"),
        _ => failure,
    }
}

fn kind(status: u16, body: &[u8], said: &str) -> FailureKind {
    let quota =
        ["Quota exceeded", "Quota has been met", "Maximum number of"].iter().any(|words| said.starts_with(words));
    match status {
        401 => FailureKind::Auth,
        403 | 409 if quota || neutron_type(body).is_some_and(|kind| kind == "OverQuota") => FailureKind::Quota,
        403 => FailureKind::Forbidden,
        404 | 410 => FailureKind::NotFound,
        405 | 406 | 501 => FailureKind::Unsupported,
        409 => FailureKind::Conflict,
        413 => FailureKind::Quota,
        408 | 429 | 500 | 502..=599 => FailureKind::Retry,
        _ => FailureKind::Bug,
    }
}

fn neutron_type(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("NeutronError")?.get("type")?.as_str()?.to_owned())
}

/// The sentence of an error body, if it has one.
pub(crate) fn sentence(body: &[u8]) -> Option<String> {
    match serde_json::from_slice::<Value>(body) {
        Ok(json) => tidy(&of_json(&json)?),
        Err(_) => of_markup(&String::from_utf8_lossy(body.get(..64 << 10).unwrap_or(body))),
    }
}

fn of_json(json: &Value) -> Option<String> {
    if let Value::String(text) = json {
        return Some(text.clone());
    }
    // placement: a list of errors.
    if let Some(first) = json.get("errors").and_then(|errors| errors.get(0)) {
        return spoken(first);
    }
    // keystone, heat and the token middleware; aodh; neutron.
    for key in ["error", "error_message", "NeutronError"] {
        match json.get(key) {
            Some(Value::String(text)) => return Some(text.clone()),
            Some(inner @ Value::Object(_)) => return spoken(inner).or_else(|| spoken(json)),
            _ => {}
        }
    }
    // octavia and gnocchi speak at the top; nova and cinder under the name of the fault.
    spoken(json).or_else(|| json.as_object()?.values().find_map(spoken))
}

/// The sentence of an object, under any of the names that services use.
fn spoken(object: &Value) -> Option<String> {
    let keys = ["message", "faultstring", "detail", "explanation", "description", "title"];
    keys.iter().find_map(|key| match object.get(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        // gnocchi: cause and reason.
        inner @ Value::Object(_) => {
            let parts = ["cause", "reason"].iter().filter_map(|key| inner.get(key)?.as_str());
            let text = parts.collect::<Vec<_>>().join(": ");
            (!text.is_empty()).then_some(text)
        }
        _ => None,
    })
}

/// HTML (glance, unknown paths), XML (heat-cfn), or plain words.
fn of_markup(text: &str) -> Option<String> {
    if !text.contains('<') {
        return tidy(text);
    }
    let within = |from: &str, to: &str| {
        let (_, rest) = text.split_once(from)?;
        tidy(&untagged(rest.split_once(to).map_or(rest, |(inner, _)| inner)))
    };
    within("<Message>", "</Message>")
        .or_else(|| within("</h1>", "</body>"))
        .or_else(|| within("<title>", "</title>"))
        .or_else(|| tidy(&untagged(text)))
}

/// The text without tags, and with the few entities that appear in sentences.
fn untagged(text: &str) -> String {
    let mut plain = String::new();
    let mut within = false;
    for c in text.chars() {
        match c {
            '<' => within = true,
            '>' if within => {
                within = false;
                plain.push(' ');
            }
            c if !within => plain.push(if c == '\n' { ' ' } else { c }),
            _ => {}
        }
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(plain, |text, (entity, c)| text.replace(entity, c))
}

/// First line, one blank at a time, nothing that a terminal obeys, bounded, no trailing period.
pub(crate) fn tidy(text: &str) -> Option<String> {
    // glance has line breaks of HTML in its JSON too.
    let text = text.replace("<br />", "\n").replace("<br/>", "\n");
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = sanitise(line);
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    if line.is_empty() {
        return None;
    }
    let mut bounded: String = line.chars().take(LONGEST).collect();
    if bounded.len() < line.len() {
        bounded.push('…');
    }
    Some(bounded)
}
