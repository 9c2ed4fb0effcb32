//! What somebody has answered for: findings that are acknowledged, or muted for a while.
//!
//! Answers outlive the console, and two consoles may give them at the same time. So they merge: of two answers about the
//! same, the later one counts, whoever is asked first. What was taken back stays as that for a day, that no older copy
//! brings it to life again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::clock::{Timestamp, since};
use crate::base::id::InstanceId;
use crate::fleet::service::{ServiceKey, Severity};

/// That something was taken back is kept for so long.
const TAKEN_BACK: Duration = Duration::from_secs(24 * 3600);
/// An acknowledgement of what nobody has looked at for so long is forgotten.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);
/// More than these nobody answers for.
const MOST: usize = 1_000;

/// What an alert is about: it stays the same while its words and numbers change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AlertId {
    /// The service.
    pub service: ServiceKey,
    /// The instance, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// What is wrong.
    pub title: Cow<'static, str>,
}

/// Why an alert is not told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Answer {
    /// When it was given, or taken back.
    pub at: Timestamp,
    /// How bad it was then: what becomes worse is told again.
    pub severity: Severity,
    /// Until when; `None` for as long as it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// It counts no longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken_back: bool,
}

/// All answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<AlertId, Answer>);

impl Answers {
    /// What was kept.
    pub fn of(kept: impl IntoIterator<Item = (AlertId, Answer)>) -> Self {
        let mut answers = Self::default();
        kept.into_iter().for_each(|(id, answer)| answers.take(id, answer));
        answers
    }

    /// Gives one.
    pub fn give(&mut self, id: AlertId, answer: Answer) {
        self.0.insert(id, answer);
    }

    /// Takes one back.
    pub fn take_back(&mut self, id: &AlertId, now: Timestamp) {
        if let Some(answer) = self.0.get_mut(id) {
            (answer.taken_back, answer.at) = (true, now);
        }
    }

    /// The answer that counts now.
    pub fn get(&self, id: &AlertId, now: Timestamp) -> Option<&Answer> {
        self.0.get(id).filter(|answer| answer.counts(now))
    }

    /// Whether nobody has answered for anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that count now.
    pub fn counting(&self, now: Timestamp) -> impl Iterator<Item = (&AlertId, &Answer)> {
        self.0.iter().filter(move |(_, answer)| answer.counts(now))
    }

    /// All, also what was taken back.
    pub fn all(&self) -> impl Iterator<Item = (&AlertId, &Answer)> {
        self.0.iter()
    }

    /// Adds what another one knows; tells whether that says anything new.
    pub fn merge(&mut self, other: &Self) -> bool {
        let before = self.0.clone();
        other.0.iter().for_each(|(id, answer)| self.take(id.clone(), answer.clone()));
        self.0 != before
    }

    /// Forgets what counts no longer.
    pub fn prune(&mut self, now: Timestamp) {
        self.0.retain(|_, answer| match (answer.taken_back, answer.until) {
            (true, _) => since(answer.at, now) < TAKEN_BACK,
            (false, Some(until)) => until > now,
            (false, None) => since(answer.at, now) < LONGEST,
        });
        while self.0.len() > MOST {
            let oldest = self.0.iter().min_by_key(|(_, answer)| answer.at).map(|(id, _)| id.clone());
            oldest.and_then(|oldest| self.0.remove(&oldest));
        }
    }

    /// The later one counts; of two that are equally late, the greater: so the order does not matter.
    fn take(&mut self, id: AlertId, answer: Answer) {
        match self.0.get_mut(&id) {
            Some(known) if *known >= answer => {}
            Some(known) => *known = answer,
            None => {
                self.0.insert(id, answer);
            }
        }
    }
}

impl Answer {
    fn counts(&self, now: Timestamp) -> bool {
        !self.taken_back && self.until.is_none_or(|until| until > now)
    }
}
