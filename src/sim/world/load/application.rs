//! An application: what is asked of it, who serves it, and what that was over time.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::demand::Demand;
use super::flaws::Rule;
use super::queueing::{Outcome, Work};
use super::seat::Seat;
use super::tally::Mark;
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;

/// What one request is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Business {
    /// Seconds of work.
    pub work: f64,
    /// Bytes of a request.
    pub received: f64,
    /// Bytes of an answer.
    pub sent: f64,
    /// Requests over one connection.
    pub kept_alive: f64,
}

/// An application and its history.
#[derive(Debug)]
pub struct Application {
    /// The service's name.
    pub name: String,
    /// Whose.
    pub project: Uid,
    /// The balancer before it, if there is one.
    pub balancer: Option<Uid>,
    /// What one request is like.
    pub business: Business,
    /// What is asked of it.
    pub demand: Demand,
    /// Who has ever served it; seats are counted by it.
    pub roster: Vec<Uid>,
    /// When the world began, at a full minute.
    pub(super) founded: Moment,
    pub(super) rules: Vec<Rule>,
    pub(super) marks: RefCell<Vec<Mark>>,
    epochs: VecDeque<Epoch>,
    /// How many epochs were forgotten.
    forgotten: usize,
}

/// What holds from one change to the next.
#[derive(Clone, Debug)]
pub(super) struct Epoch {
    pub(super) from: Moment,
    pub(super) seats: Vec<Seat>,
    /// How often the balancer was reloaded.
    pub(super) reloads: u32,
}

/// More epochs than this are not kept beyond the window.
const CROWDED: usize = 256;

impl Application {
    /// One that nobody serves yet.
    pub(in crate::sim) fn new(name: String, project: Uid, business: Business, demand: Demand, founded: Moment) -> Self {
        let begun = super::begun(founded);
        let nothing = Mark { at: begun, epoch: 0, seats: Vec::new(), nobody: super::Counts::default() };
        Self {
            name,
            project,
            balancer: None,
            business,
            demand,
            roster: Vec::new(),
            founded: Moment::from_millis(founded.as_millis().div_euclid(60_000) * 60_000),
            rules: Vec::new(),
            marks: RefCell::new(vec![nothing]),
            epochs: VecDeque::from([Epoch { from: begun, seats: Vec::new(), reloads: 0 }]),
            forgotten: 0,
        }
    }

    pub(super) fn epoch(&self, number: usize) -> Option<&Epoch> {
        self.epochs.get(number.checked_sub(self.forgotten)?)
    }

    /// The seats as they were at a time.
    pub fn seats(&self, at: Moment) -> &[Seat] {
        let place = self.epochs.partition_point(|epoch| epoch.from <= at);
        self.epochs.get(place.saturating_sub(1)).map_or(&[], |epoch| &epoch.seats)
    }

    /// What each seat makes of what it is sent at a time, and how many requests there is nobody for.
    pub fn outcomes_at(&self, at: Moment) -> (Vec<Outcome>, f64) {
        let mut outcomes = Vec::new();
        let unserved = self.outcomes(self.seats(at), self.middle(at), &mut outcomes);
        (outcomes, unserved)
    }

    /// When a balancer was last reloaded, as of a time.
    pub fn reloaded(&self, at: Moment) -> Moment {
        let place = self.epochs.partition_point(|epoch| epoch.from <= at).saturating_sub(1);
        let reloads = self.epochs[place].reloads;
        let since = self.epochs.iter().take(place + 1).find(|epoch| epoch.reloads == reloads);
        since.map_or(at, |epoch| epoch.from)
    }

    /// What a seat does for a request at a time.
    pub(super) fn work(&self, seat: &Seat, at: Moment) -> Work {
        let busy = self.business.work * seat.pace * seat.flaw.slow + seat.flaw.leak * seat.hours_up(at);
        Work { workers: seat.workers, busy, idle: seat.flaw.wait, error: seat.flaw.error }
    }

    /// From now on it is so, if that is new.
    pub(super) fn turn_to(&mut self, now: Moment, seats: Vec<Seat>, reloads: u32) {
        let same = self.epochs.back().is_some_and(|last| last.seats == seats && last.reloads == reloads);
        if same {
            return;
        }
        self.epochs.push_back(Epoch { from: now, seats, reloads });
        if self.epochs.len() > CROWDED {
            self.forget(now);
        }
    }

    /// Writes a history that was before the world began. Only while nobody has asked yet.
    pub(super) fn write_past(&mut self, past: Vec<(Moment, Vec<Seat>)>, counts: Vec<super::Counts>, reloads: u32) {
        self.epochs = past.into_iter().map(|(from, seats)| Epoch { from, seats, reloads }).collect();
        if let Some(first) = self.marks.get_mut().first_mut() {
            first.seats = counts;
        }
    }

    /// Drops what nobody can ask for any more.
    fn forget(&mut self, now: Moment) {
        let old = now.minus(super::WINDOW);
        // Marks up to there are made first: what follows builds on them.
        self.counts(now);
        let marks = self.marks.get_mut();
        let keep = marks.partition_point(|mark| mark.at <= old).saturating_sub(1);
        marks.drain(..keep);
        let Some(first) = marks.first().map(|mark| mark.epoch) else { return };
        while self.forgotten < first && self.epochs.len() > 1 {
            self.epochs.pop_front();
            self.forgotten += 1;
        }
    }
}
