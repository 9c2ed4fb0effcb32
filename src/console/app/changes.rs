//! What has changed: the timeline of the place that we look at, and what is done to keep it.
//!
//! It is fed by the differences of successive fleets, by the journal's operations, by Nova's histories of instances that
//! something happened to, and by what was kept on disk. After a start the first whole fleet is compared with the last
//! snapshot: so it tells too what happened while nobody looked.
//!
//! What people read is made of it only while somebody looks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::msg::FleetNews;
use crate::console::app::pane::PaneId;
use crate::console::app::trail::InstanceTab;
use crate::fleet::detail::HistoryEntry;
use crate::fleet::timeline::{self, Compared, Entry, Sighting, Whom, Work};
use crate::fleet::{Fleet, ServiceKey, Timeline};
use crate::operation::told;

type Effects = Vec<Effect>;

/// What is new is written at most this often.
const SAVE: Duration = Duration::from_secs(30);
/// Whose history was asked for is not asked for again within this time.
const PATIENCE: Duration = Duration::from_secs(20);
/// A history that has not come by then does not come.
const FORGOTTEN: Duration = Duration::from_secs(20 * 60);
/// At once so many histories are asked for; the watch reads them one after the other.
const MOST: usize = 100;

/// What has changed, and what of it is still to be written.
#[derive(Debug, Default)]
pub struct Changes {
    seen: Timeline,
    unsaved: Timeline,
    /// When the oldest unsaved sighting was seen, on the wall.
    unsaved_since: Option<Timestamp>,
    /// The last whole fleet, and until when it is known to have been so, in the cloud's time.
    last: Option<(Arc<Fleet>, Timestamp)>,
    operations: Vec<Sighting>,
    works: Vec<Work>,
    /// Whose history was asked for, and when, on the wall.
    traced: BTreeMap<InstanceId, (Whom, Timestamp)>,
    entries: Arc<Vec<Entry>>,
    outdated: bool,
    /// Why histories cannot be read.
    pub refused: Option<Failure>,
}

impl Changes {
    /// Everything, the newest first: as of the last time that somebody looked.
    pub fn entries(&self) -> &Arc<Vec<Entry>> {
        &self.entries
    }

    /// What has changed at a service, the newest first.
    pub fn of_service<'a>(&'a self, key: &'a ServiceKey) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.whom.is_of(key))
    }

    /// Up to when something was dropped because too much has happened.
    pub fn complete_since(&self) -> Option<Timestamp> {
        self.seen.complete_since()
    }

    /// Takes what was seen; what is new is to be written.
    fn take(&mut self, seen: Vec<Sighting>, now: Timestamp) {
        let before = self.unsaved.len();
        if self.seen.extend(seen.iter().cloned()) > 0 {
            self.unsaved.extend(seen);
            self.outdated = true;
        }
        if self.unsaved.len() > before {
            self.unsaved_since = self.unsaved_since.or(Some(now));
        }
    }
}

/// The fleet is another one, or the same as known to be whole.
pub(super) fn fleet(model: &mut Model, news: &FleetNews) -> Effects {
    if news.partial {
        return Vec::new();
    }
    let (now, read) = (model.moment().cloud, model.pace().cloud(news.as_of));
    let last = model.changes.last.replace((Arc::clone(&news.fleet), read));
    if news.from_cache {
        return Vec::new();
    }
    let found = match last {
        Some((before, _)) if Arc::ptr_eq(&before, &news.fleet) => return Vec::new(),
        Some((before, known)) => timeline::compare(&before, &news.fleet, (known, now)),
        None => timeline::oldest(now).map(|oldest| timeline::first(&news.fleet, oldest)).unwrap_or_default(),
    };
    let Compared { sightings, touched } = found;
    model.changes.take(sightings, model.now);
    trace(model, &news.fleet, touched)
}

/// The cloud was asked, and nothing has changed until then.
pub(super) fn polled(model: &mut Model, at: Timestamp) {
    let at = model.pace().cloud(at);
    if let Some((_, known)) = &mut model.changes.last {
        *known = (*known).max(at);
    }
}

/// Wants the histories of those to whom something happened that nothing explains. What an operation does needs no
/// other cause.
fn trace(model: &mut Model, fleet: &Fleet, touched: Vec<Whom>) -> Effects {
    if touched.is_empty() || model.changes.refused.is_some() {
        return Vec::new();
    }
    let (now, changes) = (model.now, &mut model.changes);
    changes.traced.retain(|_, (_, asked)| since(*asked, now) < FORGOTTEN);
    let mut wanted = Vec::new();
    for whom in timeline::unexplained(&changes.seen, fleet, touched).into_iter().take(MOST) {
        let Some(id) = whom.instance.clone() else { continue };
        let ours = changes.works.iter().any(|work| work.instance == id && work.to.is_none());
        let asked = changes.traced.get(&id).is_some_and(|(_, asked)| since(*asked, now) < PATIENCE);
        if !ours && !asked {
            changes.traced.insert(id.clone(), (whom, now));
            wanted.push(id);
        }
    }
    if wanted.is_empty() { Vec::new() } else { vec![Effect::Trace(wanted)] }
}

/// A history has come, or cannot be read.
pub(super) fn history(model: &mut Model, id: &InstanceId, told: Result<Vec<HistoryEntry>, Failure>) -> Effects {
    let Some((whom, _)) = model.changes.traced.get(id).cloned() else { return Vec::new() };
    match told {
        Ok(history) => {
            let oldest = timeline::oldest(model.moment().cloud).unwrap_or(Timestamp::UNIX_EPOCH);
            model.changes.take(timeline::deeds(&whom, &history, oldest), model.now);
        }
        Err(failure) if matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unsupported) => {
            model.changes.refused = Some(failure);
            model.touch();
        }
        // It is gone for good, or the cloud has a bad moment: the change is told without its cause.
        Err(failure) => tracing::debug!("the history of {id} cannot be read: {failure}"),
    }
    Vec::new()
}

/// What was kept: by the last run, or by another console meanwhile.
pub(super) fn kept(model: &mut Model, kept: &Timeline) -> Effects {
    if model.changes.seen.merge(kept) > 0 {
        model.changes.outdated = true;
    }
    Vec::new()
}

/// The operations of this place, as the journal tells them now.
pub(super) fn operations(model: &mut Model) {
    let oldest = timeline::oldest(model.moment().cloud);
    let here = model.operations.iter().flatten().map(|followed| &followed.operation);
    let here = here.filter(|one| *one.plan.place.cloud == model.scope.cloud && Some(one.changed) >= oldest);
    let (mut sightings, mut works) = (Vec::new(), Vec::new());
    for operation in here {
        sightings.extend(told::sightings(operation, &model.seen));
        works.extend(told::works(operation));
    }
    let changes = &mut model.changes;
    if changes.operations != sightings || changes.works != works {
        (changes.operations, changes.works, changes.outdated) = (sightings, works, true);
    }
}

/// Whether a pane shows what has changed.
fn is_shown(pane: &PaneId) -> bool {
    matches!(pane, PaneId::Changes(_) | PaneId::Graphs(_) | PaneId::Instance(_, InstanceTab::Graphs))
}

/// Makes what people read, where somebody looks and something is new.
pub(super) fn settle(model: &mut Model) {
    let pane = model.pane();
    if !model.changes.outdated || !is_shown(&pane) {
        return;
    }
    let now = model.moment().cloud;
    let changes = &mut model.changes;
    changes.outdated = false;
    changes.seen.prune(now);
    let mut seen: Vec<&Sighting> = changes.seen.sightings().chain(&changes.operations).collect();
    seen.sort();
    changes.entries = Arc::new(timeline::entries(seen, &changes.works));
    for (_, table) in model.tables.iter_mut().filter(|(pane, _)| matches!(pane, PaneId::Changes(_))) {
        table.outdate();
    }
    model.touch();
}

/// Hands out what is to be written, once it is due.
pub(super) fn save(model: &mut Model) -> Option<Effect> {
    let due = next_save(model)?.is_zero();
    due.then(|| take_unsaved(model)).flatten()
}

/// How long until something is to be written.
pub(super) fn next_save(model: &Model) -> Option<Duration> {
    model.changes.unsaved_since.map(|began| SAVE.saturating_sub(since(began, model.now)))
}

/// What is still to be written, at once: we leave the place.
pub(super) fn take_unsaved(model: &mut Model) -> Option<Effect> {
    model.changes.unsaved_since = None;
    let unsaved = std::mem::take(&mut model.changes.unsaved);
    (!unsaved.is_empty()).then(|| Effect::KeepTimeline(Box::new(unsaved)))
}

/// What is to be kept before the console ends.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    take_unsaved(model).into_iter().collect()
}
