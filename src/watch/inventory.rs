//! Which instances there are: a pure state machine, driven by answers.
//!
//! A full listing (a *sweep*) once, then `changes-since` polls, and a sweep now and then for what those do not tell
//! (tags; rows that were archived). Three rules keep anything from being lost:
//!
//! - A poll begins where the *first page* of the one before was answered, less that request's duration, less an
//!   overlap; and rows are compared whole, because `updated` has whole seconds of several clocks.
//! - A row that a sweep does not show is *unconfirmed* until a GET says that it is gone: pages shift, and the rows of a
//!   cell that is down hide.
//! - A sweep begins with a bare list, as only that shows those rows, and they do not erase what was known.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::fleet::instance::{Instance, Status};
use crate::openstack::page::Trail;
use crate::watch::cloud_time::CloudTime;

/// What to ask Nova.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The newest rows, as many as a screen shows.
    FirstScreen,
    /// A page of the full listing; the first has no marker, and is bare.
    Sweep(Option<String>),
    /// A page of what changed at or after a time.
    Changes(Timestamp, Option<String>),
    /// One instance that a sweep did not show.
    One(InstanceId),
}

/// A page of instances as it was answered.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Its rows.
    pub rows: Vec<Instance>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// The cloud's clock at the end of the answer, where it says.
    pub date: Option<Timestamp>,
    /// When the request was sent, wall time.
    pub sent: Timestamp,
    /// How long it took.
    pub took: Duration,
}

/// A list that is being walked, page by page.
#[derive(Clone, Debug, Default)]
struct Walk {
    marker: Option<String>,
    trail: Trail,
    /// Where the poll after this one begins.
    since: Option<Timestamp>,
    /// What a sweep has shown.
    seen: HashSet<InstanceId>,
    tries: u8,
}

/// A page is tried so often before the walk is given up.
const TRIES: u8 = 3;

/// Which instances there are, and how far we know.
#[derive(Clone, Debug)]
pub struct Inventory {
    rows: BTreeMap<InstanceId, Arc<Instance>>,
    /// Rows that say that something is under way: few, where all are many.
    moving: BTreeSet<InstanceId>,
    unconfirmed: BTreeSet<InstanceId>,
    confirm: VecDeque<InstanceId>,
    /// How many confirming GETs in a row brought neither the instance nor a 404.
    unanswered: u8,
    screen: bool,
    /// Something was answered, well or not.
    tried: bool,
    sweep: Option<Walk>,
    poll: Option<Walk>,
    since: Option<Timestamp>,
    time: CloudTime,
    complete: bool,
}

impl Inventory {
    /// Begins with what the last run knew, and wants the first screen and a sweep.
    pub fn new(rows: BTreeMap<InstanceId, Arc<Instance>>, unconfirmed: BTreeSet<InstanceId>, time: CloudTime) -> Self {
        Self {
            moving: rows.values().filter(|row| is_moving(row)).map(|row| row.id.clone()).collect(),
            rows,
            unconfirmed,
            confirm: VecDeque::new(),
            unanswered: 0,
            screen: true,
            tried: false,
            sweep: Some(Walk::default()),
            poll: None,
            since: None,
            time,
            complete: false,
        }
    }

    /// Begins with the bare list: where all fits on a screen, asking for a screen first would be asking twice.
    pub fn skip_screen(&mut self) {
        self.screen = false;
    }

    /// All instances.
    pub fn rows(&self) -> &BTreeMap<InstanceId, Arc<Instance>> {
        &self.rows
    }

    /// Instances that the last sweep did not show, and that no GET has called gone.
    pub fn unconfirmed(&self) -> &BTreeSet<InstanceId> {
        &self.unconfirmed
    }

    /// Whether a full listing has ended.
    pub fn complete(&self) -> bool {
        self.complete
    }

    /// Whether the first screen was answered, well or not; or the first page, where no screen was asked for.
    pub fn screened(&self) -> bool {
        self.tried
    }

    /// Whether a poll is under way.
    pub fn polling(&self) -> bool {
        self.poll.is_some()
    }

    /// Whether a full listing is under way.
    pub fn sweeping(&self) -> bool {
        self.sweep.is_some()
    }

    /// Begins a poll, unless one is under way or there is nothing to begin from.
    pub fn want_poll(&mut self) {
        if self.poll.is_none() && self.since.is_some() {
            self.poll = Some(Walk::default());
        }
    }

    /// Begins a sweep, unless one is under way.
    pub fn want_sweep(&mut self) {
        self.sweep.get_or_insert_default();
    }

    /// What to ask now; `None` when there is nothing to do. Polls go between the pages of a sweep.
    pub fn next(&self) -> Option<Ask> {
        if self.screen {
            return Some(Ask::FirstScreen);
        }
        if let (Some(poll), Some(since)) = (&self.poll, self.since) {
            return Some(Ask::Changes(since, poll.marker.clone()));
        }
        if let Some(sweep) = &self.sweep {
            return Some(Ask::Sweep(sweep.marker.clone()));
        }
        self.confirm.front().cloned().map(Ask::One)
    }

    /// Takes an answer; tells whether anything is different now.
    pub fn learn(&mut self, ask: &Ask, told: Told) -> Result<bool, Failure> {
        self.time.learn(told.rows.iter().filter_map(|row| row.updated).max(), told.sent, told.took);
        self.tried = true;
        match ask {
            Ask::FirstScreen => {
                self.screen = false;
                Ok(self.take(told.rows))
            }
            Ask::Sweep(marker) => self.learn_sweep(marker.is_none(), told),
            Ask::Changes(_, marker) => self.learn_changes(marker.is_none(), told),
            Ask::One(id) => {
                self.unanswered = 0;
                self.confirm.retain(|waiting| waiting != id);
                Ok(self.take(told.rows))
            }
        }
    }

    /// Takes a failure; tells whether anything is different now.
    pub fn failed(&mut self, ask: &Ask, failure: &Failure) -> bool {
        self.tried = true;
        match ask {
            Ask::FirstScreen => self.screen = false,
            Ask::Sweep(_) => give_up(&mut self.sweep),
            Ask::Changes(..) => give_up(&mut self.poll),
            Ask::One(id) if failure.kind == FailureKind::NotFound => {
                self.confirm.retain(|waiting| waiting != id);
                return self.remove(id);
            }
            Ask::One(_) => {
                self.confirm.pop_front();
                self.unanswered += 1;
                if self.unanswered >= TRIES {
                    // Nova cannot tell, of any: the cell is down. The next sweep asks again.
                    self.confirm.clear();
                }
            }
        }
        false
    }

    /// Changes each row in place where `edit` has something to change; tells whether it had.
    pub fn amend(&mut self, mut edit: impl FnMut(&Instance) -> Option<Instance>) -> bool {
        let mut changed = false;
        for row in self.rows.values_mut() {
            if let Some(amended) = edit(row) {
                *row = Arc::new(amended);
                changed = true;
            }
        }
        changed
    }

    fn learn_sweep(&mut self, first: bool, told: Told) -> Result<bool, Failure> {
        let start = self.time.start_of_next(&told);
        let next = next_marker(&told);
        let mut changed = self.take(told.rows);
        let Some(sweep) = self.sweep.take() else { return Ok(changed) };
        if first && self.since.is_none() {
            self.since = Some(start);
        }
        match next {
            Some(marker) => self.sweep = Some(onward(sweep, marker)?),
            None => changed |= self.end_sweep(&sweep.seen),
        }
        Ok(changed)
    }

    fn end_sweep(&mut self, seen: &HashSet<InstanceId>) -> bool {
        let missing: BTreeSet<InstanceId> = self.rows.keys().filter(|id| !seen.contains(*id)).cloned().collect();
        self.confirm = missing.iter().cloned().collect();
        self.unanswered = 0;
        let changed = self.unconfirmed != missing || !self.complete;
        self.unconfirmed = missing;
        self.complete = true;
        changed
    }

    fn learn_changes(&mut self, first: bool, told: Told) -> Result<bool, Failure> {
        let start = self.time.start_of_next(&told);
        let next = told.next.clone();
        let changed = self.take(told.rows);
        let Some(mut poll) = self.poll.take() else { return Ok(changed) };
        if first {
            poll.since = Some(start);
        }
        match next {
            Some(marker) => self.poll = Some(onward(poll, marker)?),
            None => self.since = poll.since.or(self.since),
        }
        Ok(changed)
    }

    /// Takes rows that were just read, which is newer than anything known.
    fn take(&mut self, rows: Vec<Instance>) -> bool {
        let mut changed = false;
        for row in rows {
            if row.status == Status::Deleted {
                changed |= self.remove(&row.id);
                continue;
            }
            if let Some(sweep) = &mut self.sweep {
                sweep.seen.insert(row.id.clone());
            }
            changed |= self.unconfirmed.remove(&row.id);
            changed |= self.put(row);
        }
        changed
    }

    fn put(&mut self, row: Instance) -> bool {
        let row = match self.rows.get(&row.id) {
            Some(known) if row.status == Status::Unknown => hidden(known),
            _ => row,
        };
        if is_moving(&row) {
            self.moving.insert(row.id.clone());
        } else if !self.moving.is_empty() {
            self.moving.remove(&row.id);
        }
        match self.rows.get_mut(&row.id) {
            Some(known) if **known == row => false,
            Some(known) => {
                *known = Arc::new(row);
                true
            }
            None => {
                self.rows.insert(row.id.clone(), Arc::new(row));
                true
            }
        }
    }

    fn remove(&mut self, id: &InstanceId) -> bool {
        self.unconfirmed.remove(id);
        self.moving.remove(id);
        self.confirm.retain(|waiting| waiting != id);
        self.rows.remove(id).is_some()
    }

    /// Whether an instance is on its way somewhere, and not for longer than `patience`: one that hangs for days must
    /// not make us poll fast for days.
    pub fn in_transition(&self, now_in_the_cloud: Timestamp, patience: Duration) -> bool {
        let mut moving = self.moving.iter().filter_map(|id| self.rows.get(id));
        moving.any(|row| row.updated.is_none_or(|updated| since(updated, now_in_the_cloud) < patience))
    }
}

fn is_moving(row: &Instance) -> bool {
    row.status.is_transition() || row.task_state.is_some()
}

/// A row of a cell that is down has few keys: only the status is news.
fn hidden(known: &Instance) -> Instance {
    Instance { status: Status::Unknown, task_state: None, ..known.clone() }
}

/// A marker that lies in a cell that is down is answered with 500: go on from the last row that does not.
fn next_marker(told: &Told) -> Option<String> {
    let next = told.next.clone()?;
    let last = told.rows.iter().rev().find(|row| row.status != Status::Unknown);
    match told.rows.last() {
        Some(row) if row.status == Status::Unknown => last.map_or(Some(next), |row| Some(row.id.as_str().to_owned())),
        _ => Some(next),
    }
}

fn onward(mut walk: Walk, marker: String) -> Result<Walk, Failure> {
    walk.trail.step("servers", &marker)?;
    Ok(Walk { marker: Some(marker), tries: 0, ..walk })
}

fn give_up(walk: &mut Option<Walk>) {
    if let Some(under_way) = walk {
        under_way.tries += 1;
        if under_way.tries >= TRIES {
            *walk = None;
        }
    }
}
