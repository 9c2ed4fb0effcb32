//! The instance that somebody looks into, and the wishes that are granted once.
//!
//! Each part is a request of its own: it ages and fails by itself, and a slow one keeps no other back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::base::clock::{Clock, Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{InstanceId, RequestId};
use crate::base::intern::Interner;
use crate::fleet::detail::{ConsoleLog, Detail, DetailOf, HistoryEntry, HistoryEvent, Interest, Port};
use crate::fleet::instance::{Instance, VolumeRef};
use crate::openstack::network::Whose;
use crate::openstack::{Reader, compute, identity, network};
use crate::watch::broken;
use crate::watch::convert;
use crate::watch::handle::{Attention, Wish};
use crate::watch::mould::moulds;
use crate::watch::news::News;
use crate::watch::releases::{one, releases};
use crate::watch::settings::Settings;

/// The longest wait for a console log that is refused.
const MUTE: Duration = Duration::from_secs(60);

/// Which part of a detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Instance,
    Ports,
    Volumes,
    History,
    Console,
    Raw,
}

const PARTS: [Part; 6] = [Part::Instance, Part::Ports, Part::Volumes, Part::History, Part::Console, Part::Raw];

/// What a request has brought.
enum Brought {
    Instance(Result<Arc<Instance>, Failure>),
    Ports(Result<Vec<Port>, Failure>),
    Volumes(Result<Vec<VolumeRef>, Failure>),
    History(Result<Vec<HistoryEntry>, Failure>),
    Console(Result<ConsoleLog, Failure>),
    Raw(Result<Arc<str>, Failure>),
    Events(RequestId, Result<Vec<HistoryEvent>, Failure>),
}

/// An instance that is followed.
struct Followed {
    id: InstanceId,
    interest: Interest,
    detail: Detail,
    /// When each part was asked for; a part that is under way has no time to be asked at.
    asked: HashMap<Part, Timestamp>,
    under_way: JoinSet<(Option<Part>, Brought)>,
    waiting: Vec<Part>,
    /// How often in a row the console log was refused.
    mute: u32,
}

pub(super) struct Look {
    pub(super) reader: Arc<dyn Reader>,
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Clock,
    pub(super) news: mpsc::Sender<News>,
    pub(super) wishes: mpsc::Receiver<Wish>,
}

impl Look {
    /// Runs until it is stopped.
    pub(super) async fn run(mut self, mut attention: watch::Receiver<Attention>, stop: CancellationToken) {
        let mut followed: Option<Followed> = None;
        let mut granting: JoinSet<News> = JoinSet::new();
        if self.settings.all_projects {
            let reader = Arc::clone(&self.reader);
            granting.spawn(async move { News::ProjectNames(project_names(&reader).await) });
        }
        loop {
            let wait = followed.as_mut().map_or(Duration::from_secs(3600), |followed| self.ask_what_is_due(followed));
            tokio::select! {
                () = stop.cancelled() => break,
                changed = attention.changed() => {
                    if changed.is_err() { break }
                    let now = attention.borrow_and_update().clone();
                    heed(&mut followed, now.follow);
                }
                Some(wish) = self.wishes.recv() => self.grant(wish, followed.as_mut(), &mut granting),
                Some(granted) = granting.join_next() => match granted {
                    Ok(news) => self.tell(news).await,
                    Err(read) => broken::with(read),
                },
                brought = next_of(&mut followed) => self.take(followed.as_mut(), brought).await,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn tell(&self, news: News) {
        // Nobody listens any more: the loop is about to be stopped.
        let _ = self.news.send(news).await;
    }

    fn grant(&self, wish: Wish, followed: Option<&mut Followed>, granting: &mut JoinSet<News>) {
        let reader = Arc::clone(&self.reader);
        match wish {
            Wish::Projects => {
                granting.spawn(async move { News::Projects(projects(&reader).await) });
            }
            Wish::Releases(service) => {
                granting.spawn(async move {
                    let found = releases(&reader, &service).await;
                    News::Releases(service, found)
                });
            }
            Wish::Release(service, image) => {
                granting.spawn(async move {
                    let read = one(&reader, &image, &service).await;
                    News::Release(image, read)
                });
            }
            Wish::Moulds(likes) => {
                granting.spawn(async move {
                    let ids = likes.iter().map(|like| like.id.clone()).collect();
                    News::Moulds(ids, moulds(&reader, &likes).await)
                });
            }
            Wish::Events(id, request) => {
                if let Some(followed) = followed.filter(|followed| followed.id == id) {
                    followed.under_way.spawn(async move {
                        let events = compute::events(&*reader, &id, &request).await;
                        let events = events.map(|events| events.into_iter().map(convert::event).collect());
                        (None, Brought::Events(request, events))
                    });
                }
            }
        }
    }

    fn ask_what_is_due(&self, followed: &mut Followed) -> Duration {
        let now = self.clock.now();
        let mut wait = self.settings.intervals.detail;
        for part in PARTS {
            if !followed.wants(part) || followed.waiting.contains(&part) {
                continue;
            }
            let left = followed
                .asked
                .get(&part)
                .map_or(Duration::ZERO, |asked| self.every(part, followed.mute).saturating_sub(since(*asked, now)));
            if left.is_zero() {
                followed.asked.insert(part, now);
                followed.waiting.push(part);
                let read = read(Arc::clone(&self.reader), part, followed.id.clone(), self.settings.console_lines);
                followed.under_way.spawn(async move { (Some(part), read.await) });
            } else {
                wait = wait.min(left);
            }
        }
        wait
    }

    fn every(&self, part: Part, mute: u32) -> Duration {
        match part {
            Part::Console => backed_off(self.settings.intervals.console, mute),
            _ => self.settings.intervals.detail,
        }
    }

    async fn take(&self, followed: Option<&mut Followed>, (part, brought): (Option<Part>, Brought)) {
        let Some(followed) = followed else { return };
        followed.waiting.retain(|waiting| Some(*waiting) != part);
        if let Brought::Console(outcome) = &brought {
            followed.mute = if outcome.is_ok() { 0 } else { followed.mute.saturating_add(1) };
        }
        followed.detail.learn(brought, self.clock.now());
        let detail = Arc::new(with_ports(&followed.detail));
        self.tell(News::Detail(DetailOf { id: followed.id.clone(), detail })).await;
    }
}

/// How long to wait for a console log that was refused so often in a row: a host that is down answers none, and each
/// try costs Nova a call that times out.
fn backed_off(interval: Duration, refused: u32) -> Duration {
    interval.saturating_mul(1 << refused.min(10)).min(MUTE.max(interval))
}

impl Followed {
    fn wants(&self, part: Part) -> bool {
        match part {
            Part::Console => self.interest.console,
            Part::Raw => self.interest.raw,
            _ => true,
        }
    }
}

/// The next part of the followed instance; never, if there is none.
async fn next_of(followed: &mut Option<Followed>) -> (Option<Part>, Brought) {
    if let Some(followed) = followed {
        while let Some(done) = followed.under_way.join_next().await {
            match done {
                Ok(brought) => return brought,
                Err(read) => broken::with(read),
            }
        }
    }
    std::future::pending().await
}

fn heed(followed: &mut Option<Followed>, wanted: Option<(InstanceId, Interest)>) {
    match (&mut *followed, wanted) {
        (_, None) => *followed = None,
        (Some(before), Some((id, interest))) if before.id == id => before.interest = interest,
        (_, Some((id, interest))) => {
            // Dropping the one before ends its requests.
            *followed = Some(Followed {
                id,
                interest,
                detail: Detail::default(),
                asked: HashMap::new(),
                under_way: JoinSet::new(),
                waiting: Vec::new(),
                mute: 0,
            });
        }
    }
}

trait Learn {
    fn learn(&mut self, brought: Brought, now: Timestamp);
}

impl Learn for Detail {
    fn learn(&mut self, brought: Brought, now: Timestamp) {
        match brought {
            Brought::Instance(outcome) => self.instance.learn(outcome, now),
            Brought::Ports(outcome) => self.ports.learn(outcome, now),
            Brought::Volumes(outcome) => self.volumes.learn(outcome, now),
            Brought::Console(outcome) => self.console.learn(outcome, now),
            Brought::Raw(outcome) => self.raw.learn(outcome, now),
            Brought::History(outcome) => {
                let known = self.history.value().cloned().unwrap_or_default();
                self.history.learn(outcome.map(|fresh| keep_events(fresh, &known)), now);
            }
            Brought::Events(request, Ok(events)) => {
                let entries = self.history.known.iter_mut().flat_map(|(entries, _)| entries);
                entries.filter(|entry| entry.request_id.as_ref() == Some(&request)).for_each(|entry| {
                    entry.events.clone_from(&events);
                });
            }
            Brought::Events(_, Err(failure)) => self.history.failure = Some(failure),
        }
    }
}

/// The list of a history has no events: those that were fetched stay.
fn keep_events(mut fresh: Vec<HistoryEntry>, known: &[HistoryEntry]) -> Vec<HistoryEntry> {
    for entry in fresh.iter_mut().filter(|entry| entry.events.is_empty()) {
        if let Some(before) = known.iter().find(|known| known.request_id == entry.request_id) {
            entry.events.clone_from(&before.events);
        }
    }
    fresh
}

/// The detail with the port of each address, where Neutron has told: a port and its addresses share the MAC.
fn with_ports(detail: &Detail) -> Detail {
    let mut detail = detail.clone();
    if let (Some((instance, _)), Some(ports)) = (&mut detail.instance.known, detail.ports.known.as_ref()) {
        let mut row = Instance::clone(instance);
        for address in &mut row.addresses {
            let port = ports.0.iter().find(|port| address.mac.as_ref().is_some_and(|mac| *mac == port.mac));
            address.port = port.map(|port| port.id.clone());
        }
        *instance = Arc::new(row);
    }
    detail
}

async fn read(reader: Arc<dyn Reader>, part: Part, id: InstanceId, lines: u16) -> Brought {
    match part {
        Part::Instance => Brought::Instance(instance(&*reader, &id).await),
        Part::Ports => {
            let ports = network::ports(&reader, Whose::Instances(std::slice::from_ref(&id)), network::WHOLE).await;
            Brought::Ports(ports.map(|rows| rows.into_iter().filter_map(convert::port).collect()))
        }
        Part::Volumes => {
            let rows = compute::attachments(&reader, &id).await;
            Brought::Volumes(rows.map(|rows| rows.into_iter().filter_map(convert::attachment).collect()))
        }
        Part::History => {
            let rows = compute::history(&*reader, &id).await;
            Brought::History(rows.map(|rows| rows.into_iter().map(convert::history_entry).collect()))
        }
        Part::Console => {
            let output = compute::console_log(&*reader, &id, lines).await;
            Brought::Console(output.map(|output| convert::console_lines(&output, usize::from(lines))))
        }
        Part::Raw => {
            let raw = compute::server_raw(&*reader, &id).await;
            // Printing a value that was just parsed cannot fail; the alternate form indents.
            Brought::Raw(raw.map(|value| format!("{value:#}").into()))
        }
    }
}

async fn instance(reader: &dyn Reader, id: &InstanceId) -> Result<Arc<Instance>, Failure> {
    let mut interner = Interner::default();
    let server = compute::server(reader, id).await?;
    let nothing = || Failure::new(FailureKind::Bug, "The cloud's answer about the server has no id");
    let mut row = convert::instance(server, &mut interner).ok_or_else(nothing)?;
    if let (Some(flavor), None) = (&row.flavor.id, &row.flavor.name) {
        // Below 2.47 a row has the flavor's id alone. The flavor may be gone; then the id is all there is.
        if let Ok(told) = compute::flavor(reader, flavor).await {
            convert::fill_flavor(&mut row.flavor, &convert::flavor(told, &mut interner));
        }
    }
    Ok(Arc::new(row))
}

async fn projects(reader: &Arc<dyn Reader>) -> Result<Vec<(String, String)>, Failure> {
    let mut projects = named(identity::projects(reader).await?);
    projects.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(projects)
}

/// Names are a nicety: where the role may not know them, ids have to do.
async fn project_names(reader: &Arc<dyn Reader>) -> Vec<(String, String)> {
    identity::all_projects(reader).await.map(named).unwrap_or_default()
}

fn named(rows: Vec<identity::Project>) -> Vec<(String, String)> {
    rows.into_iter().filter_map(|row| Some((row.id.filled()?, row.name.or_empty()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_console_log_is_asked_for_ever_less_often() {
        let waits: Vec<u64> = (0..8).map(|refused| backed_off(Duration::from_secs(2), refused).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backed_off(Duration::from_secs(90), 3), Duration::from_secs(90), "never below what was set");
    }
}
