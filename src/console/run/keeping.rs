//! What outlives the console beside the snapshot: what has changed, and what somebody has answered for.
//!
//! Files are read and written on a thread of their own. What comes of it is a message; a file that was put aside is
//! told like any trouble.

use std::path::Path;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::console::app::model::Scope;
use crate::console::app::msg::Msg;
use crate::fleet::Timeline;
use crate::fleet::answer::Answers;
use crate::openstack::CloudConfig;
use crate::store::answers::AnswersFile;
use crate::store::cache::SnapshotFile;
use crate::store::timeline::TimelineFile;

/// Where the snapshot of a place is kept.
pub fn snapshot_file(folder: &Path, config: &CloudConfig, scope: &Scope) -> SnapshotFile {
    let region = scope.region.as_deref().or(config.region.as_deref());
    // The same name may mean another cloud, user or project tomorrow.
    let project = format!("{} {:?} {:?}", config.auth_url, config.scope, scope.project);
    SnapshotFile::of(folder, &scope.cloud, region, Some(&project), scope.all_projects)
}

/// What was kept of a place. Answers count by the wall's time, changes are told in the cloud's.
pub(super) async fn load(file: SnapshotFile, wall: Timestamp, cloud: Timestamp) -> Vec<Msg> {
    aside(move || {
        let (timeline, trouble) = TimelineFile::beside(&file).load(cloud);
        let (answers, other) = AnswersFile::beside(&file).load(wall);
        let troubles = trouble.into_iter().chain(other).map(Msg::Trouble);
        [Msg::Timeline(Box::new(timeline)), Msg::Answers(Box::new(answers))].into_iter().chain(troubles).collect()
    })
    .await
}

/// Adds to what is kept of the last day.
pub(super) async fn timeline(file: SnapshotFile, seen: Timeline, now: Timestamp) -> Vec<Msg> {
    aside(move || told(TimelineFile::beside(&file).keep(&seen, now), |kept| Msg::Timeline(Box::new(kept)))).await
}

/// Keeps what somebody has answered for.
pub(super) async fn answers(file: SnapshotFile, given: Answers, now: Timestamp) -> Vec<Msg> {
    aside(move || told(AnswersFile::beside(&file).keep(&given, now), |kept| Msg::Answers(Box::new(kept)))).await
}

fn told<T>(kept: Result<(T, Option<Failure>), Failure>, msg: impl FnOnce(T) -> Msg) -> Vec<Msg> {
    match kept {
        Ok((kept, trouble)) => [msg(kept)].into_iter().chain(trouble.map(Msg::Trouble)).collect(),
        Err(failure) => vec![Msg::Trouble(failure)],
    }
}

async fn aside(work: impl FnOnce() -> Vec<Msg> + Send + 'static) -> Vec<Msg> {
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}
