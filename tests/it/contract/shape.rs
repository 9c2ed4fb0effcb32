//! Whether two clouds answer in the same shape: keys and types of JSON, headers, and the words of refusals.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::Value;

use super::allowed;
use super::raw::Answer;
use super::side::Side;
use super::table::{Entry, entries};

/// Objects whose keys are the users' own.
const FREE: [&str; 4] = ["metadata", "addresses", "extra_specs", "meta"];
/// Of the connection, not of the answer.
const HOP: [&str; 6] = ["content-length", "transfer-encoding", "connection", "keep-alive", "date", "server"];

/// What was seen at one place: the types, and what lies below. Lists merge their rows.
#[derive(Debug, Default)]
struct Shape {
    types: BTreeSet<&'static str>,
    below: BTreeMap<String, Shape>,
    row: Option<Box<Shape>>,
}

impl Shape {
    fn see(&mut self, value: &Value, free: bool) {
        let kind = match value {
            // Says nothing of what would be there.
            Value::Null => return,
            Value::Bool(_) => "flag",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            Value::Array(rows) => {
                let row = self.row.get_or_insert_default();
                rows.iter().for_each(|value| row.see(value, free));
                "list"
            }
            Value::Object(entries) => {
                for (key, value) in entries {
                    let name = if free { "*" } else { key };
                    self.below.entry(name.to_owned()).or_default().see(value, FREE.contains(&key.as_str()));
                }
                "object"
            }
        };
        self.types.insert(kind);
    }

    fn of(value: &Value) -> Self {
        let mut shape = Self::default();
        shape.see(value, false);
        shape
    }

    /// What differs, each with its path. Where one side has seen nothing there is nothing to say.
    fn against(&self, other: &Self, path: &str, out: &mut Vec<String>) {
        if self.types.is_empty() || other.types.is_empty() {
            return;
        }
        if self.types.is_disjoint(&other.types) {
            out.push(format!("{path}: {:?} here, {:?} there", self.types, other.types));
        }
        if self.types.contains("object") && other.types.contains("object") {
            let keys: BTreeSet<&String> = self.below.keys().chain(other.below.keys()).collect();
            for key in keys {
                let path = format!("{path}.{key}");
                match (self.below.get(key), other.below.get(key)) {
                    (Some(mine), Some(theirs)) => mine.against(theirs, &path, out),
                    (Some(_), None) => out.push(format!("{path}: only here")),
                    _ => out.push(format!("{path}: only there")),
                }
            }
        }
        if let (Some(mine), Some(theirs)) = (&self.row, &other.row) {
            mine.against(theirs, &format!("{path}[]"), out);
        }
    }
}

/// The words of an answer without what is this cloud's own.
fn words(side: &Side, text: &str) -> String {
    // Blanks between JSON's tokens say nothing.
    let text = serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |value| value.to_string());
    // A flavor's id may be a mere digit.
    let ids = side.ids.iter().filter(|(_, id)| id.len() > 8);
    let text = ids.fold(text, |text, (name, id)| text.replace(id, &format!("{{{name}}}")));
    let address =
        Regex::new(r"https?://127\.0\.0\.1:\d+(/(identity|compute|image|network|load-balancer)\b)?").expect("good");
    let text = address.replace_all(&text, "URL");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn differences(entry: &Entry, (here, ours): (&Side, &Answer), (there, theirs): (&Side, &Answer)) -> Vec<String> {
    let mut out = Vec::new();
    if (ours.status, theirs.status) != (entry.status, entry.status) {
        out.push(format!("status: {} here, {} there", ours.status, theirs.status));
    }
    if ours.kind != theirs.kind {
        out.push(format!("content type: {} here, {} there", ours.kind, theirs.kind));
    }
    for header in ours.headers.symmetric_difference(&theirs.headers).filter(|name| !HOP.contains(&name.as_str())) {
        let whose = if ours.headers.contains(header) { "here" } else { "there" };
        out.push(format!("header {header}: only {whose}"));
    }
    if entry.status >= 400 {
        let (mine, other) = (words(here, &ours.text), words(there, &theirs.text));
        if mine != other {
            out.push(format!("words: {mine} here, {other} there"));
        }
    } else if let (Ok(mine), Ok(other)) = (serde_json::from_str(&ours.text), serde_json::from_str(&theirs.text)) {
        Shape::of(&mine).against(&Shape::of(&other), "", &mut out);
    }
    out
}

/// Asks both clouds all of the table, and signs in to both; `here` is simulated. Nothing differs but what is allowed to.
pub(crate) async fn the_same(here: &Side, there: &Side) {
    let mut wrong = differences_of(&entries(), here, there).await;
    for (ours, theirs) in [(&here.member, &there.member), (&here.reader, &there.reader), (&here.admin, &there.admin)] {
        Shape::of(&ours.raw.granted).against(&Shape::of(&theirs.raw.granted), "token", &mut wrong);
    }
    assert!(wrong.is_empty(), "here is the simulator, there the real cloud\n{}", wrong.join("\n"));
}

/// In what two clouds differ when both are asked, but for what is allowed.
pub(crate) async fn differences_of(entries: &[Entry], here: &Side, there: &Side) -> Vec<String> {
    let mut wrong = BTreeMap::<_, Vec<_>>::new();
    for entry in entries {
        let (ours, theirs) = (entry.ask(here).await, entry.ask(there).await);
        let found = differences(entry, (here, &ours), (there, &theirs));
        let found = found.into_iter().filter(|difference| !allowed::allows(entry, difference));
        for difference in found {
            let who = format!("{:?} {}", entry.role, entry.microversion.unwrap_or_default());
            wrong.entry(format!("{} {} {difference}", entry.service, entry.path)).or_default().push(who);
        }
    }
    wrong.iter().map(|(what, who)| format!("{what} ({})", who.join(", "))).collect()
}

#[test]
fn a_missing_key_another_type_and_another_word_are_seen() {
    let found = |here: &str, there: &str| {
        let parse = |text: &str| Shape::of(&serde_json::from_str(text).expect("JSON"));
        let mut out = Vec::new();
        parse(here).against(&parse(there), "", &mut out);
        out
    };
    let rows = r#"{"rows": [{"a": 1}, {"a": 2, "b": null}], "metadata": {"x": "1"}}"#;
    assert_eq!(found(rows, r#"{"rows": [{"a": 3, "b": "text"}], "metadata": {"y": "2"}}"#), [""; 0]);
    assert_eq!(
        found(rows, r#"{"rows": [{"a": 3}], "metadata": {}}"#),
        [".metadata.*: only here", ".rows[].b: only here"]
    );
    assert_eq!(found(rows, r#"{"rows": [{"a": "3"}]}"#).len(), 3, "a type, a key of a row, a key");
    assert_eq!(
        found(rows, r#"{"rows": [], "metadata": {"x": 1}}"#),
        [r#".metadata.*: {"text"} here, {"number"} there"#]
    );
}
