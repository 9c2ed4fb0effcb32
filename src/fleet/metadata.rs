//! Key and value pairs of an instance. Few for each, the same for many: a sorted list of shared texts takes a fifth of
//! a map's memory, and is found in faster.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::texts::{Seed, Text};

/// Pairs by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(Box<[(Arc<str>, Arc<str>)]>);

impl Metadata {
    /// What that key holds.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find_map(|(known, value)| (known == key).then_some(value))
    }

    /// Whether nothing was set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs, sorted by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Each text in turn, to be replaced by an equal one.
    pub(crate) fn texts(&mut self) -> impl Iterator<Item = &mut Arc<str>> {
        self.0.iter_mut().flat_map(|(key, value)| [key, value])
    }
}

/// Of a key that comes twice the last counts, as in a map.
impl<K: Into<Arc<str>>, V: Into<Arc<str>>> FromIterator<(K, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        pairs.sort_by(|(a, _): &(Arc<str>, Arc<str>), (b, _)| a.cmp(b));
        pairs.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        Self(pairs.into())
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(key, value)| (Text(Arc::clone(key)), Text(Arc::clone(value)))))
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Pairs)
    }
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pairs of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
        let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or_default().min(128));
        while let Some(pair) = map.next_entry_seed(Seed, Seed)? {
            pairs.push(pair);
        }
        Ok(pairs.into_iter().collect())
    }
}
