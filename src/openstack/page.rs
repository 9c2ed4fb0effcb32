//! Lists, page by page.
//!
//! Of a link to the next page only its marker is taken: the host in it may be one that we cannot reach, and the
//! filters are ours anyway. Rows are parsed one by one, so that a broken one costs itself alone.

use std::collections::HashSet;
use std::fmt;
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::openstack::error::CloudError;
use crate::openstack::lenient::{Object, Objects, Text};
use crate::openstack::reader::Reader;
use crate::openstack::request::{Answer, Read};

/// A row of a list.
pub trait Row: DeserializeOwned + Send {
    /// The key of the list in its answer: `servers`.
    const LIST: &'static str;

    /// The row's id; a row without one is counted as odd and left out.
    fn id(&self) -> Option<&str>;
}

/// One page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its rows, in the cloud's order.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
    /// How many rows could not be read.
    pub odd: usize,
    /// The answer's `Date`.
    pub date: Option<Timestamp>,
    /// How long the request took.
    pub took: Duration,
}

impl<T> Page<T> {
    /// A page of one row that was asked for by its id. It carries no `Date`: nothing is polled from it.
    pub fn of_one(row: T) -> Self {
        Self { rows: vec![row], next: None, odd: 0, date: None, took: Duration::ZERO }
    }
}

impl<T: Row> Page<T> {
    /// Reads a page out of an answer.
    pub fn parse(answer: &Answer) -> Result<Self, CloudError> {
        let mut input = serde_json::Deserializer::from_slice(&answer.body);
        let raw = Shape::<T>(PhantomData)
            .deserialize(&mut input)
            .map_err(|error| broken(T::LIST, &error.to_string(), answer))?;
        let Some(raw_rows) = raw.rows else {
            return Err(broken(T::LIST, "the list is missing", answer));
        };
        let told = raw_rows.len();
        let rows: Vec<T> = raw_rows.into_iter().filter_map(row).collect();
        let odd = told - rows.len();
        if odd > 0 {
            tracing::warn!("{odd} of {told} rows of {} could not be read", T::LIST);
        }
        let next = raw.next.map(|link| marker(&link).or_else(|| last_id(&rows)).unwrap_or_default());
        Ok(Self { rows, next, odd, date: answer.date, took: answer.took })
    }
}

fn row<T: Row>(raw: &RawValue) -> Option<T> {
    match serde_json::from_str::<Object<T>>(raw.get()) {
        Ok(Object(Some(row))) if row.id().is_some_and(|id| !id.is_empty()) => Some(row),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!("a row of {} is broken: {error}", T::LIST);
            None
        }
    }
}

fn last_id<T: Row>(rows: &[T]) -> Option<String> {
    rows.last().and_then(|row| row.id()).map(str::to_owned)
}

/// The answer is a success, but not what it should be.
pub(super) fn broken(what: &str, why: &str, answer: &Answer) -> CloudError {
    CloudError {
        request_id: answer.request_id.clone(),
        ..Failure::new(FailureKind::Bug, format!("The cloud's answer about {what} cannot be read")).cause(why)
    }
}

/// The marker in a link or path.
fn marker(link: &str) -> Option<String> {
    let (_, query) = link.split_once('?')?;
    let query = query.split('#').next().unwrap_or(query);
    let pair = query.split('&').find_map(|pair| pair.strip_prefix("marker="))?;
    Some(decode(pair)).filter(|text| !text.is_empty())
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match (first, pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[derive(Default)]
struct RawPage<'a> {
    rows: Option<Vec<&'a RawValue>>,
    next: Option<String>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Link {
    rel: Text,
    href: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Links {
    next: Text,
}

/// Finds the list and the three kinds of link in an answer; whatever else is in it is skipped.
struct Shape<T>(PhantomData<T>);

impl<'de, T: Row> DeserializeSeed<'de> for Shape<T> {
    type Value = RawPage<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawPage<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Row> Visitor<'de> for Shape<T> {
    type Value = RawPage<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", T::LIST)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawPage<'de>, A::Error> {
        let mut page = RawPage::default();
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if key == T::LIST {
                page.rows = Some(map.next_value()?);
            } else if key.strip_prefix(T::LIST) == Some("_links") {
                let links: Objects<Link> = map.next_value()?;
                page.next = links.all().find(|link| link.rel.as_deref() == Some("next")).and_then(|link| link.href.0);
            } else if key == "next" {
                page.next = map.next_value::<Text>()?.filled();
            } else if key == "links" {
                page.next = map.next_value::<Object<Links>>()?.0.and_then(|links| links.next.filled());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(page)
    }
}

/// By this the answer is known again to which a list came in one page, whatever was in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print(u64);

impl Print {
    fn of(answer: &Answer) -> Self {
        Self(foldhash::quality::FixedState::default().hash_one(&answer.body))
    }
}

/// Follows markers, and ends a list that goes in a circle.
#[derive(Clone, Debug, Default)]
pub struct Trail(HashSet<String>);

impl Trail {
    /// Takes the next marker of `list`.
    pub fn step(&mut self, list: &str, marker: &str) -> Result<(), CloudError> {
        if !marker.is_empty() && self.0.insert(marker.to_owned()) {
            return Ok(());
        }
        Err(Failure::new(FailureKind::Bug, format!("The cloud's list of {list} goes in a circle"))
            .cause(format!("The marker `{marker}` came twice")))
    }
}

/// A list read page by page, each row once.
pub struct Pages<T> {
    reader: Arc<dyn Reader>,
    read: Read,
    next: Option<Option<String>>,
    trail: Trail,
    seen: HashSet<String>,
    rows: PhantomData<fn() -> T>,
}

impl<T: Row> Pages<T> {
    /// The list that `read` names.
    pub fn new(reader: &Arc<dyn Reader>, read: Read) -> Self {
        Self {
            reader: Arc::clone(reader),
            read,
            next: Some(None),
            trail: Trail::default(),
            seen: HashSet::new(),
            rows: PhantomData,
        }
    }

    /// The next page; `None` after the last one, and after a failure.
    pub async fn next(&mut self) -> Option<Result<Page<T>, CloudError>> {
        let marker = self.next.take()?;
        Some(self.fetch(marker).await)
    }

    async fn fetch(&mut self, marker: Option<String>) -> Result<Page<T>, CloudError> {
        let answer = self.ask(marker).await?;
        self.take(&answer)
    }

    async fn ask(&self, marker: Option<String>) -> Result<Answer, CloudError> {
        let mut read = self.read.clone();
        read.query.extend(marker.map(|marker| ("marker".to_owned(), marker)));
        self.reader.read(read).await
    }

    fn take(&mut self, answer: &Answer) -> Result<Page<T>, CloudError> {
        let mut page = Page::<T>::parse(answer)?;
        // A row made or deleted meanwhile shifts the pages of some services: the same row may come again.
        page.rows.retain(|row| row.id().is_some_and(|id| self.seen.insert(id.to_owned())));
        if let Some(marker) = &page.next {
            self.trail.step(T::LIST, marker)?;
        }
        self.next = page.next.clone().map(Some);
        Ok(page)
    }

    /// All rows.
    pub async fn all(mut self) -> Result<Vec<T>, CloudError> {
        self.rest(Vec::new()).await
    }

    async fn rest(&mut self, mut rows: Vec<T>) -> Result<Vec<T>, CloudError> {
        while let Some(page) = self.next().await {
            rows.extend(page?.rows);
        }
        Ok(rows)
    }

    /// All rows; `None` if the answer is the one that left this print: what is asked again and again is mostly answered
    /// as before, and need not be taken apart each time. With them the print, if all came in one page.
    pub async fn unless(mut self, before: Option<Print>) -> Result<Option<(Vec<T>, Option<Print>)>, CloudError> {
        let answer = self.ask(None).await?;
        let print = Print::of(&answer);
        if before == Some(print) {
            return Ok(None);
        }
        let first = self.take(&answer)?;
        let print = Some(print).filter(|_| first.next.is_none());
        Ok(Some((self.rest(first.rows).await?, print)))
    }
}
