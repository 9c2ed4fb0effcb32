//! Texts that a file has once, however often its rows repeat them: most of ten thousand rows are such texts.
//!
//! Serde hands nothing down to the fields of a row, so the table of a file belongs to the thread that writes or reads
//! it, for as long as that takes. On every other thread, and at any other time, a text is itself: in JSON, in the
//! journal. Only a format without names for its values can be read so, because a place is a number where a text was.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use foldhash::fast::RandomState;
use serde::de::{DeserializeSeed, Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

thread_local! {
    static OPEN: RefCell<Open> = const { RefCell::new(Open::Nothing) };
}

/// What this thread is at.
enum Open {
    Nothing,
    Writing(Places),
    Reading(Arc<[Arc<str>]>),
}

/// The texts so far, and where each is.
#[derive(Default)]
struct Places {
    of: HashMap<Arc<str>, u32, RandomState>,
    all: Vec<Arc<str>>,
}

impl Places {
    fn place(&mut self, text: &Arc<str>) -> u32 {
        let Self { of, all } = self;
        *of.entry(Arc::clone(text)).or_insert_with(|| {
            all.push(Arc::clone(text));
            u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// Closes the table also when what was done with it panicked.
struct Close;

impl Drop for Close {
    fn drop(&mut self) {
        OPEN.set(Open::Nothing);
    }
}

/// Writes with places instead of texts; gives the table that they point into.
pub fn writing<R>(write: impl FnOnce() -> R) -> (R, Vec<Arc<str>>) {
    let _close = Close;
    OPEN.set(Open::Writing(Places::default()));
    let written = write();
    let places = match OPEN.replace(Open::Nothing) {
        Open::Writing(places) => places.all,
        Open::Nothing | Open::Reading(_) => Vec::new(),
    };
    (written, places)
}

/// Reads what was written with places into this table.
pub fn reading<R>(table: &Arc<[Arc<str>]>, read: impl FnOnce() -> R) -> R {
    let _close = Close;
    OPEN.set(Open::Reading(Arc::clone(table)));
    read()
}

/// A text, or its place.
///
/// # Errors
/// Those of the format.
pub fn serialize<S: Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
    let place = OPEN.with_borrow_mut(|open| match open {
        Open::Writing(places) => Some(places.place(text)),
        Open::Nothing | Open::Reading(_) => None,
    });
    match place {
        Some(place) => to.serialize_u32(place),
        None => to.serialize_str(text),
    }
}

/// The text, or the one at its place.
///
/// # Errors
/// Those of the format, and a place that the table does not have.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
    if !OPEN.with_borrow(|open| matches!(open, Open::Reading(_))) {
        return from.deserialize_str(Plain);
    }
    let place = u32::deserialize(from)?;
    let text = OPEN.with_borrow(|open| match open {
        Open::Reading(table) => table.get(usize::try_from(place).ok()?).cloned(),
        Open::Nothing | Open::Writing(_) => None,
    });
    text.ok_or_else(|| D::Error::custom(format_args!("there is no text {place}")))
}

/// Reads a text straight into shared memory: serde's own way is through a box, which is twice the work.
struct Plain;

impl Visitor<'_> for Plain {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Arc<str>, E> {
        Ok(text.into())
    }
}

/// A text, where serde wants a type.
#[derive(Clone, Debug)]
pub struct Text(pub Arc<str>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, to)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        deserialize(from).map(Self)
    }
}

/// A text, where serde wants a seed.
pub struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Arc<str>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Arc<str>, D::Error> {
        deserialize(from)
    }
}

/// A text that may be missing: `#[serde(with = "texts::maybe")]`.
pub mod maybe {
    use super::{Arc, Deserialize, Deserializer, Serialize, Serializer, Text};

    /// See [`super::serialize()`].
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(text: &Option<Arc<str>>, to: S) -> Result<S::Ok, S::Error> {
        text.clone().map(Text).serialize(to)
    }

    /// See [`super::deserialize()`].
    ///
    /// # Errors
    /// Those of the format, and a place that the table does not have.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Arc<str>>, D::Error> {
        Ok(Option::<Text>::deserialize(from)?.map(|text| text.0))
    }
}

/// Several texts: `#[serde(with = "texts::list")]`.
pub mod list {
    use super::{Arc, Deserialize, Deserializer, Serializer, Text};

    /// See [`super::serialize()`].
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(texts: &[Arc<str>], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(texts.iter().map(|text| Text(Arc::clone(text))))
    }

    /// See [`super::deserialize()`].
    ///
    /// # Errors
    /// Those of the format, and a place that the table does not have.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Arc<str>>, D::Error> {
        Ok(Vec::<Text>::deserialize(from)?.into_iter().map(|text| text.0).collect())
    }
}
