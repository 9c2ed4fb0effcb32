//! Wire types that take what comes: an odd value costs itself, never its row.
//!
//! OpenStack sends numbers as strings, strings as numbers, `""` where an object belongs, and two time formats in one
//! object. Each type here accepts any JSON value and says `None`, or nothing, where it cannot make sense of it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::base::clock::Timestamp;

/// A type that makes the best of any JSON value. What it does not override becomes the default.
pub(super) trait Fit<'de>: Sized + Default {
    fn text(_text: &str) -> Self {
        Self::default()
    }

    fn integer(_number: i64) -> Self {
        Self::default()
    }

    fn float(_number: f64) -> Self {
        Self::default()
    }

    fn flag(_flag: bool) -> Self {
        Self::default()
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

pub(super) struct Any<T>(pub(super) PhantomData<T>);

impl<'de, T: Fit<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(text))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(i64::try_from(number).map_or_else(|_| T::float(number as f64), T::integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::float(number))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::object(object)
    }
}

macro_rules! takes_anything {
    ($($name:ident $(<$inner:ident>)?),+) => {$(
        impl<'de $(, $inner)?> serde::Deserialize<'de> for $name $(<$inner>)?
        where
            Self: $crate::openstack::lenient::Fit<'de>,
        {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::openstack::lenient::Any(std::marker::PhantomData))
            }
        }
    )+};
}

pub(super) use takes_anything;

takes_anything!(Text, Time, Number, Float, Flag, Object<T>, List<T>, Entries<T>);

/// Text, also when it comes as a number or a boolean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Option<String>);

impl Fit<'_> for Text {
    fn text(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }

    fn integer(number: i64) -> Self {
        Self(Some(number.to_string()))
    }

    fn float(number: f64) -> Self {
        Self(Some(number.to_string()))
    }

    fn flag(flag: bool) -> Self {
        Self(Some(flag.to_string()))
    }
}

impl Text {
    /// The text, or `None` where it is missing or empty.
    pub fn filled(self) -> Option<String> {
        self.0.filter(|text| !text.is_empty())
    }

    /// The text, empty where it is missing.
    pub fn or_empty(self) -> String {
        self.0.unwrap_or_default()
    }

    /// The text where there is some.
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The time that it tells.
    pub fn time(&self) -> Option<Timestamp> {
        time(self.as_deref()?)
    }
}

/// A time as OpenStack writes it; for the many of which no text is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time(pub Option<Timestamp>);

impl Fit<'_> for Time {
    fn text(text: &str) -> Self {
        Self(time(text))
    }
}

/// A number with or without a point. Not from text: what is measured is told as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Float(pub Option<f64>);

impl Fit<'_> for Float {
    fn integer(number: i64) -> Self {
        Self(Some(number as f64))
    }

    fn float(number: f64) -> Self {
        Self(Some(number))
    }
}

/// A whole number, also when it comes as text or with a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number(pub Option<i64>);

impl Fit<'_> for Number {
    fn text(text: &str) -> Self {
        Self(text.trim().parse().ok())
    }

    fn integer(number: i64) -> Self {
        Self(Some(number))
    }

    fn float(number: f64) -> Self {
        Self((number.is_finite() && number.abs() < 9e15).then_some(number as i64))
    }
}

impl Number {
    /// The number, where the wanted type holds it.
    pub fn get<N: TryFrom<i64>>(self) -> Option<N> {
        self.0.and_then(|number| N::try_from(number).ok())
    }
}

/// A yes or no, also as text or as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub Option<bool>);

impl Fit<'_> for Flag {
    fn text(text: &str) -> Self {
        Self(match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        })
    }

    fn integer(number: i64) -> Self {
        Self(Some(number != 0))
    }

    fn flag(flag: bool) -> Self {
        Self(Some(flag))
    }
}

/// An object, or nothing where something else stands (`"image": ""`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<T>(pub Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Fit<'de> for Object<T> {
    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|value| Self(Some(value)))
    }
}

/// A list; empty where something else stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Fit<'de> for List<T> {
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Self(values))
    }
}

/// Objects in a list; what is not an object is left out.
pub type Objects<T> = List<Object<T>>;

impl<T> List<Object<T>> {
    /// The objects that were there.
    pub fn all(self) -> impl Iterator<Item = T> {
        self.0.into_iter().filter_map(|object| object.0)
    }
}

impl List<Text> {
    /// The texts that were there.
    pub fn all(self) -> impl Iterator<Item = String> {
        self.0.into_iter().filter_map(|text| text.0)
    }
}

/// An object whose keys are not known beforehand, in the cloud's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries<T>(pub Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Fit<'de> for Entries<T> {
    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = object.next_entry()? {
            entries.push(entry);
        }
        Ok(Self(entries))
    }
}

impl Entries<Text> {
    /// The entries whose value is text, a number or a boolean.
    pub fn texts(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter().filter_map(|(key, value)| value.0.map(|value| (key, value)))
    }
}

/// A time as OpenStack writes it: with `Z`, with an offset, or with neither, which means UTC.
pub fn time(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let civil: jiff::civil::DateTime = text.trim_end_matches(['Z', 'z']).parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
