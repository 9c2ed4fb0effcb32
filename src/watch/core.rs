//! The loop that owns what is known of the cloud.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::base::clock::{Clock, Timestamp, since};
use crate::base::failure::Failure;
use crate::base::intern::Interner;
use crate::fleet::metric::Reported;
use crate::fleet::snapshot::{Keep, Snapshot};
use crate::fleet::{Fleet, Sources, group};
use crate::openstack::Reader;
use crate::openstack::compute::{self, Server, Servers};
use crate::openstack::page::Page;
use crate::watch::broken;
use crate::watch::cloud_time::CloudTime;
use crate::watch::convert;
use crate::watch::handle::Attention;
use crate::watch::inventory::{Ask, Inventory, Told};
use crate::watch::kept::Kept;
use crate::watch::news::News;
use crate::watch::schedule::Schedule;
use crate::watch::settings::Settings;
use crate::watch::silences::Silences;
use crate::watch::surroundings::{Found, Surroundings};

/// Instances in transition for longer than this do not make us poll fast.
const PATIENCE: Duration = Duration::from_secs(600);

/// A request is told of when it has had no answer for so many intervals.
const UNUSUAL: f64 = 1.5;

/// Findings depend on time too ("task state too long"): while something is under way, judge anew this often.
const REJUDGE: Duration = Duration::from_secs(10);

/// What a request that ran beside the loop has brought.
pub(super) enum Done {
    Asked { ask: Ask, sent: Timestamp, outcome: Result<Page<Server>, Failure> },
    Found(Found),
    Saved,
}

pub(super) struct Core {
    pub(super) reader: Arc<dyn Reader>,
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Clock,
    pub(super) news: mpsc::Sender<News>,
    cache: Option<Arc<dyn Keep>>,
    /// When the last run read what it left.
    cached: Option<Timestamp>,
    interner: Interner,
    inventory: Inventory,
    schedule: Schedule,
    silences: Silences,
    surroundings: Surroundings,
    fleet: Option<Arc<Fleet>>,
    /// The same for whoever measures: whose pool is what service's.
    fleets: watch::Sender<Option<Arc<Fleet>>>,
    /// The fleet that was told last was not partial.
    told_whole: bool,
    judged: Timestamp,
    as_of: Timestamp,
    /// Nothing has been answered yet: what is known is what the last run left.
    from_cache: bool,
    asking: bool,
    unsaved: bool,
    saved: Timestamp,
}

impl Core {
    pub(super) fn new(
        reader: Arc<dyn Reader>,
        settings: Arc<Settings>,
        clock: Clock,
        news: mpsc::Sender<News>,
        (cache, kept): (Option<Arc<dyn Keep>>, Option<Kept>),
    ) -> Self {
        let now = clock.now();
        let cached = kept.as_ref().map(|kept| kept.as_of);
        let (known, fleet) = kept.map(|kept| (kept.sources, kept.fleet)).unzip();
        let known: Sources = known.unwrap_or_default();
        let mut time = CloudTime::new(settings.pace, settings.intervals.overlap);
        if let Some((issued, here)) = reader.session().issued {
            time.signed_in(issued, here);
        }
        let schedule = Schedule::new(settings.intervals, now);
        let silences = Silences::new(settings.intervals.steady.mul_f64(UNUSUAL));
        let place = crate::watch::place(&*reader);
        // The services' keys have the place in them.
        let fleet = fleet.filter(|_| known.place == place);
        let mut inventory = Inventory::new(known.instances.clone(), known.unconfirmed.clone(), time);
        if (1..=usize::from(settings.first_screen)).contains(&known.instances.len()) {
            inventory.skip_screen();
        }
        let surroundings = Surroundings::new(Arc::clone(&reader), Arc::clone(&settings), Sources { place, ..known });
        Self {
            reader,
            settings,
            clock,
            news,
            cache,
            cached,
            interner: Interner::default(),
            inventory,
            schedule,
            silences,
            surroundings,
            fleet,
            fleets: watch::Sender::new(None),
            told_whole: false,
            judged: now,
            as_of: cached.unwrap_or(now),
            from_cache: cached.is_some(),
            asking: false,
            unsaved: false,
            saved: now,
        }
    }

    /// The newest fleet, as the cloud told it; none until the cloud has listed all of it.
    pub(super) fn fleets(&self) -> watch::Receiver<Option<Arc<Fleet>>> {
        self.fleets.subscribe()
    }

    /// Runs until it is stopped, or nobody listens any more.
    pub(super) async fn run(
        mut self,
        mut attention: watch::Receiver<Attention>,
        mut reported: mpsc::Receiver<Vec<Reported>>,
        stop: CancellationToken,
    ) {
        let mut under_way: JoinSet<Done> = JoinSet::new();
        let mut seen = Attention::default();
        self.tell_cached().await;
        loop {
            let wait = self.begin_what_is_due(&mut under_way).min(self.tell_awaited().await);
            let done = tokio::select! {
                () = stop.cancelled() => break,
                () = self.news.closed() => break,
                changed = attention.changed() => {
                    if changed.is_err() { break }
                    let now = attention.borrow_and_update().clone();
                    self.heed(&seen, &now);
                    seen = now;
                    continue;
                }
                Some(done) = under_way.join_next() => done,
                Some(reported) = reported.recv() => Ok(Done::Found(Found::Reported(reported))),
                () = tokio::time::sleep(wait) => { self.save_if_due(&mut under_way); continue }
            };
            match done {
                Ok(Done::Asked { ask, sent, outcome }) => self.answered(&ask, sent, outcome).await,
                Ok(Done::Found(found)) => self.found(found).await,
                Ok(Done::Saved) => {}
                Err(read) => broken::with(read),
            }
        }
        under_way.abort_all();
        self.save();
    }

    fn heed(&mut self, before: &Attention, now: &Attention) {
        if now.refreshes != before.refreshes {
            self.schedule.refresh();
            self.surroundings.refresh();
        }
        if now.away != before.away {
            self.schedule.presence(!now.away);
        }
    }

    /// Starts the requests that are due; tells how long until the next could be.
    fn begin_what_is_due(&mut self, under_way: &mut JoinSet<Done>) -> Duration {
        let now = self.clock.now();
        if !self.asking
            && let Some(ask) = self.next_ask(now)
        {
            self.asking = true;
            under_way.spawn(carry_out(Arc::clone(&self.reader), Arc::clone(&self.settings), ask, now));
        }
        let mut wait = self.schedule.until_poll(now);
        if self.asking {
            wait = self.settings.intervals.steady;
        }
        if self.inventory.screened() {
            wait = wait.min(self.surroundings.begin(now, under_way));
        }
        wait.max(Duration::from_millis(1))
    }

    fn next_ask(&mut self, now: Timestamp) -> Option<Ask> {
        if self.schedule.backing_off(now) {
            return None;
        }
        if self.schedule.until_poll(now).is_zero() {
            self.inventory.want_poll();
        }
        if !self.inventory.complete() || self.schedule.sweep_due(now) {
            self.inventory.want_sweep();
        }
        self.inventory.next()
    }

    async fn answered(&mut self, ask: &Ask, sent: Timestamp, outcome: Result<Page<Server>, Failure>) {
        self.asking = false;
        let now = self.clock.now();
        let sweeping = self.inventory.sweeping();
        let learnt = match outcome {
            Ok(page) => {
                let told = self.told(page, sent);
                self.inventory.learn(ask, told)
            }
            Err(failure) => {
                let changed = self.inventory.failed(ask, &failure);
                if matches!(ask, Ask::One(_)) { Ok(changed) } else { Err(failure) }
            }
        };
        if sweeping && !self.inventory.sweeping() {
            self.schedule.swept(now);
        }
        match learnt {
            Ok(changed) => self.went_well(ask, changed, now).await,
            Err(failure) => {
                tracing::warn!(place = failure.place.as_deref(), "reading the instances failed: {failure}");
                self.schedule.failed(now, fastrand::f64());
                self.tell_poll(now, Some(failure)).await;
            }
        }
    }

    async fn went_well(&mut self, ask: &Ask, changed: bool, now: Timestamp) {
        self.as_of = now;
        self.from_cache = false;
        self.schedule.recovered();
        if changed {
            self.surroundings.note(self.inventory.rows());
        }
        if changed || self.fleet.is_none() {
            self.tell_fleet(now).await;
        } else if !self.told_whole {
            self.tell_again().await;
        }
        let poll_ended = matches!(ask, Ask::Changes(..)) && !self.inventory.polling();
        let sweep_ended = matches!(ask, Ask::Sweep(_)) && !self.inventory.sweeping();
        if poll_ended || sweep_ended {
            let busy = self.inventory.in_transition(self.settings.pace.cloud(now), PATIENCE);
            self.schedule.succeeded(now, busy);
            if busy && since(self.judged, now) >= REJUDGE {
                self.tell_fleet(now).await;
            }
            self.tell_poll(now, None).await;
        }
    }

    fn told(&mut self, page: Page<Server>, sent: Timestamp) -> Told {
        let interner = &mut self.interner;
        let flavors = self.surroundings.flavors();
        let rows = page.rows.into_iter().filter_map(|server| {
            let mut row = convert::instance(server, interner)?;
            if let Some(told) = row.flavor.id.as_ref().and_then(|id| flavors.get(id)) {
                convert::fill_flavor(&mut row.flavor, told);
            }
            Some(row)
        });
        Told { rows: rows.collect(), next: page.next, date: page.date, sent, took: page.took }
    }

    async fn found(&mut self, found: Found) {
        let now = self.clock.now();
        let has_flavors = matches!(found, Found::Flavors(..));
        let mut changed = self.surroundings.learn(found, now, &mut self.interner);
        if has_flavors {
            changed |= self.fill_flavors();
        }
        if changed {
            self.tell_fleet(now).await;
        }
    }

    /// Completes rows that named their flavor by its id; tells whether there were any.
    fn fill_flavors(&mut self) -> bool {
        let flavors = self.surroundings.flavors();
        self.inventory.amend(|row| {
            let told = flavors.get(row.flavor.id.as_ref()?)?;
            let mut flavor = row.flavor.clone();
            convert::fill_flavor(&mut flavor, told);
            (flavor != row.flavor).then(|| crate::fleet::Instance { flavor, ..row.clone() })
        })
    }

    /// Tells what the last run knew: something to look at until the cloud has answered.
    async fn tell_cached(&mut self) {
        let Some(as_of) = self.cached.filter(|_| !self.inventory.rows().is_empty()) else { return };
        self.surroundings.note(self.inventory.rows());
        let fleet = match &self.fleet {
            Some(fleet) => Arc::clone(fleet),
            None => {
                let now = self.settings.pace.cloud(self.clock.now());
                Arc::new(group(&self.sources(), &self.settings.rules, None, now))
            }
        };
        self.fleet = Some(Arc::clone(&fleet));
        self.tell(News::Fleet { fleet, as_of, from_cache: true, partial: false }).await;
    }

    /// Groups and judges what is known; tells it if that made a difference.
    async fn tell_fleet(&mut self, now: Timestamp) {
        self.unsaved = true;
        self.judged = now;
        let sources = self.sources();
        let fleet = group(&sources, &self.settings.rules, self.fleet.as_deref(), self.settings.pace.cloud(now));
        if self.fleet.as_deref() != Some(&fleet) {
            self.fleet = Some(Arc::new(fleet));
        } else if self.inventory.complete() && self.told_whole {
            return;
        }
        self.tell_again().await;
    }

    /// Tells the same fleet: the cloud has confirmed it, or more of the listing has come.
    async fn tell_again(&mut self) {
        let Some(fleet) = self.fleet.clone() else { return };
        self.unsaved = true;
        let from_cache = self.from_cache;
        let partial = !self.inventory.complete() && !from_cache;
        self.told_whole = !partial && !from_cache;
        // While the list is under way each page would be measured anew, with its past.
        if self.told_whole {
            self.fleets.send_replace(Some(Arc::clone(&fleet)));
        }
        self.tell(News::Fleet { fleet, as_of: self.as_of, from_cache, partial }).await;
    }

    fn sources(&self) -> Sources {
        Sources {
            instances: self.inventory.rows().clone(),
            unconfirmed: self.inventory.unconfirmed().clone(),
            ..self.surroundings.known().clone()
        }
    }

    async fn tell_poll(&self, at: Timestamp, failure: Option<Failure>) {
        let interval = self.schedule.interval();
        self.tell(News::Polled { at, interval, failure, missing: self.surroundings.missing() }).await;
    }

    /// Tells who lets us wait, where that has changed; and how long until it may change by itself.
    async fn tell_awaited(&mut self) -> Duration {
        let now = self.clock.now();
        let (awaited, again) = self.silences.look(self.reader.silences(), self.schedule.next_try(now), now);
        if let Some(awaited) = awaited {
            self.tell(News::Awaited(awaited)).await;
        }
        again.map_or(Duration::MAX, |again| again.max(Duration::from_millis(1)))
    }

    async fn tell(&self, news: News) {
        // Nobody listens any more: the loop ends at its next turn.
        let _ = self.news.send(news).await;
    }

    fn snapshot(&mut self) -> Option<(Arc<dyn Keep>, Snapshot)> {
        let keeper = self.cache.clone().filter(|_| self.unsaved && self.inventory.complete())?;
        self.unsaved = false;
        self.saved = self.clock.now();
        Some((keeper, Snapshot { as_of: self.as_of, sources: self.sources() }))
    }

    fn save_if_due(&mut self, under_way: &mut JoinSet<Done>) {
        if since(self.saved, self.clock.now()) < self.settings.intervals.cache {
            return;
        }
        if let Some((keeper, snapshot)) = self.snapshot() {
            // On a thread of its own: a slow disk must not delay a poll.
            under_way.spawn_blocking(move || {
                keeper.keep(&snapshot);
                Done::Saved
            });
        }
    }

    fn save(&mut self) {
        if let Some((keeper, snapshot)) = self.snapshot() {
            keeper.keep(&snapshot);
        }
    }
}

async fn carry_out(reader: Arc<dyn Reader>, settings: Arc<Settings>, ask: Ask, sent: Timestamp) -> Done {
    let mut which = Servers { all_projects: settings.all_projects, ..Servers::default() };
    match &ask {
        Ask::FirstScreen => which.limit = Some(settings.first_screen),
        Ask::Sweep(marker) => which.marker.clone_from(marker),
        Ask::Changes(since, marker) => {
            which.changes_since = Some(*since);
            which.marker.clone_from(marker);
        }
        Ask::One(id) => {
            let outcome = compute::server(&*reader, id).await.map(Page::of_one);
            return Done::Asked { ask, sent, outcome };
        }
    }
    let outcome = compute::servers(&*reader, &which).await;
    Done::Asked { ask, sent, outcome }
}
