//! All that is known of the last day, from everybody who tells of it.

use std::path::Path;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Options;
use crate::cli::look::Look;
use crate::cli::operations::book::Book;
use crate::cli::surroundings::Surroundings;
use crate::config::Settings;
use crate::console::app::scope::Scope;
use crate::console::run::snapshot_file;
use crate::fleet::timeline::{self, Compared, Entry, Sighting, Whom, Work};
use crate::fleet::{Fleet, Timeline};
use crate::openstack::{CloudConfig, SessionFacts};
use crate::operation::told;
use crate::store::cache::SnapshotFile;
use crate::store::timeline::TimelineFile;
use crate::watch::{self, Kept, News};

/// More histories than these are not asked for: it would take a minute and more.
const HISTORIES: usize = 60;
/// More operations than these no day has.
const OPERATIONS: usize = 200;

/// What was left by those who looked before.
pub(super) struct Past {
    timeline: Timeline,
    /// The last snapshot, and when it was read, in the cloud's time.
    last: Option<(Arc<Fleet>, Timestamp)>,
    trouble: Option<Failure>,
}

/// What was found.
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    pub(super) complete_since: Option<Timestamp>,
    pub(super) missing: Vec<(&'static str, Failure)>,
}

/// Where a console keeps the snapshot of this place.
pub(super) fn file(config: &CloudConfig, options: &Options, settings: &Settings) -> SnapshotFile {
    let scope = Scope {
        cloud: config.name.clone(),
        region: options.region.clone(),
        project: options.project.clone(),
        all_projects: options.all_projects,
    };
    snapshot_file(&settings.cache_dir.join("snapshots"), config, &scope)
}

/// What was left there.
pub(super) fn past(file: &SnapshotFile, watched: &watch::Settings, around: &Surroundings) -> Past {
    let now = around.pace.cloud(around.clock.now());
    let (timeline, trouble) = TimelineFile::beside(file).load(now);
    let last = Kept::load(file, watched, &around.clock).and_then(|kept| match kept.news() {
        News::Fleet { fleet, as_of, .. } => Some((fleet, around.pace.cloud(as_of))),
        _ => None,
    });
    Past { timeline, last, trouble }
}

/// Holds the past against the cloud as it is, and asks who wanted what is not explained.
pub(super) async fn gather(
    look: &mut Look,
    fleet: &Fleet,
    past: Past,
    (state, facts): (&Path, &SessionFacts),
) -> Result<Found, Failure> {
    let Past { mut timeline, last, trouble } = past;
    let now = look.cloud_now();
    let oldest = timeline::oldest(now).unwrap_or(Timestamp::UNIX_EPOCH);
    let Compared { sightings, touched } = match last {
        Some((before, at)) if at < now => timeline::compare(&before, fleet, (at, now)),
        _ => timeline::first(fleet, oldest),
    };
    timeline.extend(sightings);
    let mut missing: Vec<(&'static str, Failure)> = trouble.map(|trouble| ("timeline", trouble)).into_iter().collect();
    let whom = timeline::unexplained(&timeline, fleet, touched);
    missing.extend(histories(look, whom, oldest, &mut timeline).await?);
    let (operations, works) = match operations(state, facts, fleet, oldest) {
        Ok(found) => found,
        Err(failure) => {
            missing.push(("journal", failure));
            Default::default()
        }
    };
    timeline.prune(now);
    let mut seen: Vec<&Sighting> = timeline.sightings().chain(&operations).collect();
    seen.sort();
    let entries = timeline::entries(seen, &works);
    Ok(Found { entries, complete_since: timeline.complete_since(), missing })
}

/// Asks who wanted it; a refusal is told once.
async fn histories(
    look: &mut Look,
    mut whom: Vec<Whom>,
    oldest: Timestamp,
    timeline: &mut Timeline,
) -> Result<Option<(&'static str, Failure)>, Failure> {
    whom.truncate(HISTORIES);
    let ids = whom.iter().filter_map(|whom| whom.instance.clone()).collect();
    let mut refused = None;
    for (id, told) in look.histories(ids).await? {
        let Some(whom) = whom.iter().find(|whom| whom.instance.as_ref() == Some(&id)) else { continue };
        match told {
            Ok(history) => {
                timeline.extend(timeline::deeds(whom, &history, oldest));
            }
            // It is gone for good.
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => refused = Some(("history", failure)),
        }
    }
    Ok(refused)
}

/// What the journal tells of this cloud.
fn operations(
    state: &Path,
    facts: &SessionFacts,
    fleet: &Fleet,
    oldest: Timestamp,
) -> Result<(Vec<Sighting>, Vec<Work>), Failure> {
    let book = Book::open(state)?;
    let (mut sightings, mut works) = (Vec::new(), Vec::new());
    // One that is damaged does not hide the others: `audit` names it.
    for listed in book.newest(OPERATIONS)?.into_iter().flatten() {
        let Ok(story) = book.story(&listed.id) else { continue };
        let operation = &story.standing.operation;
        if *operation.plan.place.cloud == *facts.cloud && operation.changed >= oldest {
            sightings.extend(told::sightings(operation, fleet));
            works.extend(told::works(operation));
        }
    }
    Ok((sightings, works))
}
