//! A YAML tree that knows where each value stands, read as `PyYAML` reads it.
//!
//! On the parser beneath `serde-saphyr`, not on its deserializer: one broken entry must not lose its neighbours, a
//! password `0123` must stay text, and an error must not quote. Texts may be secrets, so nothing here has `Debug`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle};

/// Deeper than any real file; keeps the recursion of `Drop` bounded.
const DEPTH: usize = 64;

/// Where a value stands.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A line of a file.
    Line(Arc<Path>, usize),
    /// A variable of the environment.
    Variable(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Line(file, line) => write!(f, "{} line {line}", file.display()),
            Place::Variable(name) => write!(f, "the variable {name}"),
        }
    }
}

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What stands there. Children are shared: an alias costs nothing, however often it is used.
#[derive(Clone)]
pub(super) enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// Any other scalar, as written.
    Text(Arc<str>),
    /// A sequence.
    List(Arc<Vec<Node>>),
    /// A mapping; of equal keys the last is kept, as `PyYAML` does.
    Map(Arc<Vec<(Node, Node)>>),
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The entries of a mapping; none of anything else.
    pub(super) fn entries(&self) -> &[(Node, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Null | Value::Text(_) | Value::List(_) => &[],
        }
    }

    /// The value of a key, if this is a mapping that has it and it is not null.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let (_, value) = self.entries().iter().find(|(name, _)| name.text() == Some(key))?;
        (!matches!(value.value, Value::Null)).then_some(value)
    }

    /// This mapping with `over` laid over it, mapping by mapping: how `secure.yaml` and profiles are merged.
    pub(super) fn overlaid(&self, over: &Node) -> Node {
        let (Value::Map(base), Value::Map(top)) = (&self.value, &over.value) else { return over.clone() };
        let mut merged = base.as_ref().clone();
        for (key, value) in top.iter() {
            match merged.iter_mut().find(|(name, _)| name.text() == key.text()) {
                Some((_, old)) => *old = old.overlaid(value),
                None => merged.push((key.clone(), value.clone())),
            }
        }
        Node { place: self.place.clone(), value: Value::Map(Arc::new(merged)) }
    }
}

/// Why a file is not YAML: a line and what is wrong, never what is written there.
pub(super) struct NotYaml {
    pub(super) line: usize,
    pub(super) why: &'static str,
}

/// A collection that is not yet at its end.
struct Open {
    place: Place,
    anchor: usize,
    children: Children,
}

enum Children {
    List(Vec<Node>),
    Map(Vec<(Node, Node)>, Option<Node>),
}

/// Reads the first document of a text.
pub(super) fn parse(text: &str, file: &Arc<Path>) -> Result<Node, NotYaml> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, Node> = HashMap::new();
    for next in Parser::new_from_str(text) {
        let (event, span) =
            next.map_err(|error| NotYaml { line: error.marker().line(), why: "is not valid YAML here" })?;
        let line = span.start.line();
        let place = Place::Line(Arc::clone(file), line);
        let done = match event {
            Event::Scalar(text, style, anchor, _) => (anchor, Node { place, value: scalar(&text, style) }),
            Event::Alias(anchor) => {
                let known = anchors.get(&anchor).ok_or(NotYaml { line, why: "has an alias within its own anchor" })?;
                (0, known.clone())
            }
            Event::SequenceStart(_, anchor, _) => {
                deeper(&mut open, Open { place, anchor, children: Children::List(Vec::new()) }, line)?;
                continue;
            }
            Event::MappingStart(_, anchor, _) => {
                deeper(&mut open, Open { place, anchor, children: Children::Map(Vec::new(), None) }, line)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(frame) => (frame.anchor, close(frame)),
                None => continue,
            },
            Event::DocumentEnd => break,
            _ => continue,
        };
        let (anchor, node) = done;
        if anchor != 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            Some(frame) => take(&mut frame.children, node),
            None => return Ok(node),
        }
    }
    Ok(Node { place: Place::Line(Arc::clone(file), 1), value: Value::Null })
}

fn deeper(open: &mut Vec<Open>, frame: Open, line: usize) -> Result<(), NotYaml> {
    if open.len() >= DEPTH {
        return Err(NotYaml { line, why: "is nested too deeply" });
    }
    open.push(frame);
    Ok(())
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" if style == ScalarStyle::Plain => Value::Null,
        _ => Value::Text(text.into()),
    }
}

fn take(children: &mut Children, node: Node) {
    match children {
        Children::List(list) => list.push(node),
        Children::Map(entries, key) => match key.take() {
            None => *key = Some(node),
            Some(name) => {
                match entries.iter_mut().find(|(old, _)| name.text().is_some() && old.text() == name.text()) {
                    Some((_, old)) if name.text() != Some("<<") => *old = node,
                    _ => entries.push((name, node)),
                }
            }
        },
    }
}

fn close(frame: Open) -> Node {
    let value = match frame.children {
        Children::List(list) => Value::List(Arc::new(list)),
        Children::Map(entries, _) => Value::Map(Arc::new(merge_keys(entries))),
    };
    Node { place: frame.place, value }
}

/// `<<: *base` and `<<: [*one, *two]`: what is there already goes before what is merged.
fn merge_keys(entries: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    let (merged, mut own): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| key.text() == Some("<<"));
    for (_, source) in &merged {
        let sources = match &source.value {
            Value::List(list) => list.as_slice(),
            Value::Null | Value::Text(_) | Value::Map(_) => std::slice::from_ref(source),
        };
        for (key, value) in sources.iter().flat_map(Node::entries) {
            if !own.iter().any(|(old, _)| old.text() == key.text()) {
                own.push((key.clone(), value.clone()));
            }
        }
    }
    own
}
