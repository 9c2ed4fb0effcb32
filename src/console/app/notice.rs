//! What is told to the user in passing: short, counted when repeated, bounded; whole in the list and the log.

use std::collections::VecDeque;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::console::app::cell::{Cell, Tone};

/// An evening's worth; older ones are in the log.
const KEPT: usize = 200;
const SHOWN_FACT: Duration = Duration::from_secs(6);
const SHOWN_FAILURE: Duration = Duration::from_secs(20);

/// Something told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// In a few words.
    pub text: String,
    /// What it is about, if something failed.
    pub failure: Option<Failure>,
    /// When it was last told.
    pub at: Timestamp,
    /// How often.
    pub count: u32,
}

impl Notice {
    /// How it is meant.
    pub fn tone(&self) -> Tone {
        match self.failure.as_ref().map(|failure| failure.kind) {
            None => Tone::Normal,
            Some(FailureKind::Retry | FailureKind::Usage | FailureKind::Unsupported | FailureKind::Conflict) => {
                Tone::Warn
            }
            Some(_) => Tone::Bad,
        }
    }

    /// In one line: the line of the user's own file that it is about, what, how often, the request, the first hint.
    pub fn line(&self) -> Cell {
        let own = self.failure.as_ref().filter(|failure| failure.kind == FailureKind::Usage);
        let place = own.and_then(|failure| failure.place.as_deref()?.rsplit('/').next());
        let mut text = place.map_or_else(|| self.text.clone(), |place| format!("{place}: {}", self.text));
        if self.count > 1 {
            text.push_str(&format!(" (×{})", self.count));
        }
        if let Some(failure) = &self.failure {
            if let Some(hint) = failure.hints.first() {
                text.push_str(&format!(". {hint}"));
            }
            if let Some(id) = &failure.request_id {
                text.push_str(&format!(" [{id}]"));
            }
        }
        Cell::new(&text, self.tone())
    }

    /// Everything about it, for the clipboard.
    pub fn whole(&self) -> String {
        let mut lines = vec![format!("{} {}", self.at.strftime("%Y-%m-%d %H:%M:%SZ"), self.text)];
        if let Some(failure) = &self.failure {
            lines.extend(failure.place.iter().map(|place| format!("at: {place}")));
            lines.extend(failure.causes.iter().map(|cause| format!("cause: {cause}")));
            lines.extend(failure.hints.iter().map(|hint| format!("hint: {hint}")));
            lines.extend(failure.request_id.iter().map(|id| format!("request: {id}")));
        }
        lines.join("\n")
    }
}

/// All that was told.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    list: VecDeque<Notice>,
    /// So many of the newest were told since the line was last cleared.
    fresh: usize,
}

impl Notices {
    /// Tells a fact.
    pub fn tell(&mut self, text: impl Into<String>, now: Timestamp) {
        self.add(text.into(), None, now);
    }

    /// Tells a failure.
    pub fn fail(&mut self, failure: Failure, now: Timestamp) {
        self.add(failure.message.clone(), Some(failure), now);
    }

    fn add(&mut self, text: String, failure: Option<Failure>, now: Timestamp) {
        let same = |notice: &Notice| {
            let place = |failure: &Option<Failure>| failure.as_ref().and_then(|failure| failure.place.clone());
            notice.text == text && place(&notice.failure) == place(&failure)
        };
        let known = self.list.iter().position(same);
        let is_fresh = known.is_some_and(|at| self.list.len() - at <= self.fresh);
        self.fresh += usize::from(!is_fresh);
        let known = known.and_then(|at| self.list.remove(at));
        let count = known.map_or(1, |notice| notice.count.saturating_add(1));
        self.list.push_back(Notice { text, failure, at: now, count });
        if self.list.len() > KEPT {
            self.list.pop_front();
            self.fresh = self.fresh.min(KEPT);
        }
    }

    /// The newest, as long as it is worth a line of the screen.
    pub fn current(&self, now: Timestamp) -> Option<&Notice> {
        let notice = self.list.back().filter(|_| self.fresh > 0)?;
        (since(notice.at, now) < shown(notice)).then_some(notice)
    }

    /// How many failures beside the newest notice are as new as to be worth a line, and have none.
    pub fn more(&self, now: Timestamp) -> usize {
        let others = self.list.iter().rev().take(self.fresh).skip(1);
        let fresh = |notice: &&Notice| notice.failure.is_some() && since(notice.at, now) < shown(notice);
        self.current(now).map_or(0, |_| others.filter(fresh).count())
    }

    /// How long it stays like this on the screen.
    pub fn remaining(&self, now: Timestamp) -> Option<Duration> {
        self.current(now)?;
        let left =
            |notice: &Notice| Some(shown(notice).saturating_sub(since(notice.at, now))).filter(|left| !left.is_zero());
        self.list.iter().rev().take(self.fresh).filter_map(left).min()
    }

    /// Takes the newest off the screen; tells whether one was there.
    pub fn dismiss(&mut self, now: Timestamp) -> bool {
        let there = self.current(now).is_some();
        self.fresh = 0;
        there
    }

    /// All, newest first.
    pub fn newest_first(&self) -> impl ExactSizeIterator<Item = &Notice> {
        self.list.iter().rev()
    }
}

fn shown(notice: &Notice) -> Duration {
    if notice.failure.is_some() { SHOWN_FAILURE } else { SHOWN_FACT }
}
