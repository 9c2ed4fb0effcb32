//! Wishes of the console become work: signing in, watching, going elsewhere. What comes of it arrives as messages.
//!
//! There is one slot for the connection and one for the watch. Something new in a slot ends what was there, and each
//! change of place has a number: what arrives from a place that we have left is dropped.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

use crate::base::awaited::{Awaited, Silence};
use crate::base::clock::{Clock, Pace};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::console::app::effect::Effect;
use crate::console::app::model::{Scope, Session};
use crate::console::app::msg::{FleetNews, Msg, PollNews};
use crate::fleet::detail::Interest;
use crate::fleet::snapshot::Keep;
use crate::openstack::{Cloud, Clouds, ConnectError, ConnectOptions, SessionFacts};
use crate::operation::OperationId;
use crate::operation::record::Wish;
use crate::store::cache::SnapshotFile;
use crate::watch::{self, Kept, News};
use crate::worker::{self, Desk};

use super::follow::Follow;
use super::hand_in::{self, Keys, Offer};
use super::keeping;

/// Arrivals that wait for the event loop. When it is full the senders wait; none is dropped.
const WAITING: usize = 64;

/// The first pause before signing in again when the cloud does not answer; it doubles up to the second.
const AGAIN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));

/// Signing in is told of when it takes so many intervals, as the watch does with reads.
const UNUSUAL: f64 = 1.5;

/// How long leaving waits for the watch to write its cache.
const WRITING: Duration = Duration::from_millis(500);

/// How long leaving waits for workers to begin. The terminal is the user's again by then.
const HANDING_IN: Duration = Duration::from_secs(10);

/// With what clouds are reached.
pub(super) struct Means {
    pub(super) clouds: Clouds,
    pub(super) watch: watch::Settings,
    pub(super) pace: Pace,
    pub(super) clock: Clock,
    /// Where tokens are kept; `None` keeps none.
    pub(super) tokens: Option<PathBuf>,
    /// Where snapshots are kept; `None` keeps none.
    pub(super) snapshots: Option<PathBuf>,
    /// Where operations are handed in.
    pub(super) desk: Desk,
}

/// Something came of an effect.
pub(super) struct Arrival {
    place: u64,
    what: What,
}

enum What {
    Msg(Msg),
    /// It counts wherever we are.
    Anywhere(Msg),
    /// The journal has changed.
    Look,
    Kept(Box<Kept>),
    Connected(Cloud),
}

/// Turns effects into work.
pub(super) struct Interpreter {
    means: Means,
    send: mpsc::Sender<Arrival>,
    /// Which place this is, counted.
    place: u64,
    scope: Scope,
    connecting: Option<Ends>,
    /// What the last run left of this place, until the watch goes on from it.
    kept: Option<Kept>,
    watching: Option<Watching>,
    attention: Attention,
    passwords: BTreeMap<String, SecretString>,
    /// The cloud that we are signed in to here.
    cloud: Option<Cloud>,
    follow: Follow,
    /// What is being handed in: it is not left half done.
    handing_in: JoinSet<()>,
    /// What is being written beside the snapshot.
    keeping: JoinSet<()>,
}

/// What was asked for before there was a watch to ask.
#[derive(Default)]
struct Attention {
    follow: Option<(InstanceId, Interest)>,
    measured: Vec<InstanceId>,
    control_plane: bool,
    away: bool,
}

struct Watching {
    handle: watch::Handle,
    _news: Ends,
}

/// Work that ends when this is dropped.
struct Ends(AbortHandle);

impl Ends {
    fn with(work: &JoinHandle<()>) -> Self {
        Self(work.abort_handle())
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Interpreter {
    /// Begins to go to the scope, if it names a cloud.
    pub(super) fn start(means: Means, scope: Scope) -> (Self, mpsc::Receiver<Arrival>) {
        let (send, arrivals) = mpsc::channel(WAITING);
        let post = Post { place: 0, send: send.clone() };
        let follow = Follow::start(means.desk.state.clone(), move |found| {
            let post = post.clone();
            async move { post.send(What::Anywhere(found.map_or_else(Msg::Trouble, Msg::Operations))).await }
        });
        let mut interpreter = Self {
            means,
            send,
            place: 0,
            scope: Scope::default(),
            connecting: None,
            kept: None,
            watching: None,
            attention: Attention::default(),
            passwords: BTreeMap::new(),
            cloud: None,
            follow,
            handing_in: JoinSet::new(),
            keeping: JoinSet::new(),
        };
        interpreter.ask_the_system();
        interpreter.go_to(scope);
        (interpreter, arrivals)
    }

    /// Does what is wished. What concerns the terminal alone is the event loop's own.
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Refresh => self.refresh(),
            Effect::Follow(whom) => {
                self.attention.follow.clone_from(&whom);
                self.ask(|watch| watch.follow(whom));
            }
            Effect::Measure(whom) => {
                self.attention.measured.clone_from(&whom);
                self.ask(|watch| watch.measure(whom));
            }
            Effect::FetchEvents(instance, request) => {
                self.ask(|watch| watch.fetch_events(instance, request.into()));
            }
            Effect::WatchControlPlane(on) => {
                self.attention.control_plane = on;
                self.ask(|watch| watch.watch_control_plane(on));
            }
            Effect::Presence(there) => {
                self.attention.away = !there;
                self.ask(|watch| watch.presence(there));
            }
            Effect::ListProjects => self.list_projects(),
            Effect::ReadRelease(service, image) => self.ask(|watch| watch.read_release(service, image)),
            Effect::ListReleases(service) => self.ask(|watch| watch.list_releases(service)),
            Effect::ReadMoulds(likes) => self.ask(|watch| watch.read_moulds(likes)),
            Effect::Switch(scope) => self.go_to(scope),
            Effect::SignIn(password) => {
                self.passwords.insert(self.scope.cloud.clone(), password);
                self.connect();
            }
            Effect::TellCredentials => {
                if let Some(facts) = self.cloud.as_ref().map(Cloud::session) {
                    self.post(Msg::Credentials(worker::sign_in::credentials(&facts, self.means.pace)));
                }
            }
            Effect::Approve { draft, ticket } => {
                let (desk, offer) = (self.desk(), self.offer());
                self.hand_in(async move { Some(hand_in::approve(desk, *draft, ticket, offer).await) });
            }
            Effect::Ask(operation, Wish::Resume) => self.resume(operation),
            Effect::ResumeWith { operation, cloud, password } => {
                self.passwords.insert(cloud, password);
                self.resume(operation);
            }
            Effect::Ask(operation, wish) => {
                let (desk, offer) = (self.desk(), self.offer());
                self.hand_in(hand_in::ask(desk, operation, wish, offer));
            }
            Effect::Trace(whom) => self.ask(|watch| watch.trace(whom)),
            Effect::KeepTimeline(seen) => {
                let now = self.means.pace.cloud(self.means.clock.now());
                self.keep(|file| keeping::timeline(file, *seen, now));
            }
            Effect::KeepAnswers(given) => {
                let now = self.means.clock.now();
                self.keep(|file| keeping::answers(file, *given, now));
            }
            Effect::WatchOperations(on) => self.follow.watch(on),
            Effect::Look(_) | Effect::Copy(_) | Effect::Ring(_) | Effect::Suspend | Effect::Redraw | Effect::Quit => {}
        }
    }

    /// What an arrival means for the console; nothing if it is from a place that we have left.
    pub(super) fn arrived(&mut self, arrival: Arrival) -> Option<Msg> {
        if let What::Look = arrival.what {
            self.follow.look();
            return None;
        }
        if let What::Anywhere(msg) = arrival.what {
            if matches!(msg, Msg::Started(_) | Msg::NotStarted(_) | Msg::Trouble(_)) {
                self.follow.look();
            }
            if let Msg::PasswordToResume { cloud, refused: Some(_), .. } = &msg {
                self.passwords.remove(cloud);
            }
            return Some(msg);
        }
        if arrival.place != self.place {
            return None;
        }
        match arrival.what {
            What::Anywhere(_) | What::Look => None,
            What::Msg(msg) => {
                if matches!(msg, Msg::Polled(_)) {
                    self.follow.look();
                }
                self.ask_again(&msg);
                Some(msg)
            }
            What::Kept(kept) => {
                let news = kept.news();
                self.kept = Some(*kept);
                Some(message(news))
            }
            What::Connected(cloud) => {
                let facts = cloud.session();
                self.cloud = Some(cloud.clone());
                self.watch(cloud);
                Some(Msg::SignedIn(Box::new(self.session(facts))))
            }
        }
    }

    /// A password that was typed and refused is forgotten, and asked for again.
    fn ask_again(&mut self, msg: &Msg) {
        if let Msg::SignInFailed(Failure { kind: FailureKind::Auth, .. }) = msg
            && self.passwords.remove(&self.scope.cloud).is_some()
        {
            self.connect();
        }
    }

    /// Ends all work; the watch gets a moment to write its cache.
    pub(super) async fn end(mut self) {
        self.connecting = None;
        let handed_in = async { while self.handing_in.join_next().await.is_some() {} };
        if tokio::time::timeout(HANDING_IN, handed_in).await.is_err() {
            tracing::warn!("what was approved has not begun in time; it can be resumed");
        }
        let kept = async { while self.keeping.join_next().await.is_some() {} };
        if tokio::time::timeout(WRITING, kept).await.is_err() {
            tracing::warn!("what has changed was not written in time");
        }
        if let Some(Watching { handle, .. }) = self.watching.take()
            && tokio::time::timeout(WRITING, handle.stop()).await.is_err()
        {
            tracing::warn!("the snapshot was not written in time");
        }
    }

    fn go_to(&mut self, scope: Scope) {
        self.place += 1;
        self.scope = scope;
        self.kept = None;
        self.cloud = None;
        self.attention = Attention { away: self.attention.away, ..Attention::default() };
        if let Some(Watching { handle, .. }) = self.watching.take() {
            tokio::spawn(handle.stop());
        }
        self.connect();
    }

    /// Asks whether a worker could begin, and outlives this login: a review tells.
    fn ask_the_system(&self) {
        let (post, desk) = (self.sender(), self.means.desk.clone());
        tokio::spawn(async move { post.send(What::Anywhere(hand_in::outlives(&desk).await)).await });
    }

    /// The desk, as whoever is signed in.
    fn desk(&self) -> Desk {
        let mut desk = self.means.desk.clone();
        desk.actor.cloud_user = self.cloud.as_ref().map(Cloud::user);
        desk
    }

    /// The token for a worker: somebody may have had to type for it.
    fn offer(&self) -> Option<Offer> {
        let cloud = self.cloud.as_ref()?;
        let facts = cloud.session();
        Some(Offer { cloud: facts.cloud, project: facts.project_id, grant: cloud.grant() })
    }

    /// Lets an operation go on, signed in where it is for.
    fn resume(&mut self, operation: OperationId) {
        let keys = Keys {
            clouds: self.means.clouds.clone(),
            tokens: self.means.tokens.clone(),
            passwords: self.passwords.clone(),
            offer: self.offer(),
        };
        let desk = self.means.desk.clone();
        self.hand_in(hand_in::resume(desk, operation, keys));
    }

    fn hand_in(&mut self, work: impl Future<Output = Option<Msg>> + Send + 'static) {
        let post = self.sender();
        while self.handing_in.try_join_next().is_some() {}
        self.handing_in.spawn(async move {
            // Success has no message where the journal tells of it: then it is looked at.
            match work.await {
                Some(msg) => post.send(What::Anywhere(msg)).await,
                None => post.send(What::Look).await,
            }
        });
    }

    fn refresh(&mut self) {
        match &self.watching {
            Some(watching) => watching.handle.refresh(),
            None => self.connect(),
        }
    }

    fn ask(&self, ask: impl FnOnce(&watch::Handle)) {
        if let Some(watching) = &self.watching {
            ask(&watching.handle);
        }
    }

    fn list_projects(&self) {
        match &self.watching {
            Some(watching) => watching.handle.list_projects(),
            None => {
                let failure = Failure::new(FailureKind::Auth, "projects are listed once we are signed in");
                self.post(Msg::Projects(Err(failure)));
            }
        }
    }

    /// Signs in, in place of any sign-in under way. What is kept of the place is shown meanwhile.
    fn connect(&mut self) {
        if self.scope.cloud.is_empty() {
            return;
        }
        let config = match self.means.clouds.get(Some(&self.scope.cloud)) {
            Ok(config) => config.clone(),
            Err(failure) => return self.post(Msg::SignInFailed(failure)),
        };
        let options = ConnectOptions {
            password: self.passwords.get(&self.scope.cloud).cloned(),
            token_cache: self.means.tokens.clone(),
            region: self.scope.region.clone(),
            project: self.scope.project.clone(),
            clock: self.means.clock.clone(),
            ..ConnectOptions::default()
        };
        let snapshot = self.snapshot().filter(|_| self.kept.is_none());
        self.load_kept();
        let (settings, clock) = (self.watch_settings(), self.means.clock.clone());
        let usual = self.means.watch.intervals.steady.mul_f64(UNUSUAL);
        let post = self.sender();
        let work = tokio::spawn(async move {
            // First what is kept, then the network: so an old snapshot can never follow a live one.
            if let Some(file) = snapshot
                && let Ok(Some(kept)) = tokio::task::spawn_blocking(move || Kept::load(&*file, &settings, &clock)).await
            {
                post.send(What::Kept(Box::new(kept))).await;
            }
            sign_in(&config, &options, usual, &post).await;
        });
        self.connecting = Some(Ends::with(&work));
    }

    fn watch(&mut self, cloud: Cloud) {
        let settings = self.watch_settings();
        let (clock, kept) = (self.means.clock.clone(), self.kept.take());
        let (handle, mut news) = watch::go_on(cloud, settings, clock, self.snapshot(), kept);
        let Attention { follow, measured, control_plane, away } = &self.attention;
        handle.follow(follow.clone());
        handle.measure(measured.clone());
        handle.watch_control_plane(*control_plane);
        handle.presence(!away);
        let post = self.sender();
        let work = tokio::spawn(async move {
            while let Some(news) = news.recv().await {
                post.send(What::Msg(message(news))).await;
            }
        });
        self.watching = Some(Watching { handle, _news: Ends::with(&work) });
    }

    fn watch_settings(&self) -> watch::Settings {
        watch::Settings { all_projects: self.scope.all_projects, pace: self.means.pace, ..self.means.watch.clone() }
    }

    fn snapshot(&self) -> Option<Arc<dyn Keep>> {
        self.snapshot_file().map(|file| Arc::new(file) as Arc<dyn Keep>)
    }

    fn snapshot_file(&self) -> Option<SnapshotFile> {
        let config = self.means.clouds.get(Some(&self.scope.cloud)).ok()?;
        Some(keeping::snapshot_file(self.means.snapshots.as_ref()?, config, &self.scope))
    }

    /// What was kept of this place comes beside everything else: nothing waits for it.
    fn load_kept(&mut self) {
        let wall = self.means.clock.now();
        let cloud = self.means.pace.cloud(wall);
        self.keep(|file| keeping::load(file, wall, cloud));
    }

    /// Reads or writes beside the snapshot of this place, if there is one; what comes of it is told.
    fn keep<F>(&mut self, work: impl FnOnce(SnapshotFile) -> F)
    where
        F: Future<Output = Vec<Msg>> + Send + 'static,
    {
        let Some(file) = self.snapshot_file() else { return };
        let (post, work) = (self.sender(), work(file));
        while self.keeping.try_join_next().is_some() {}
        self.keeping.spawn(async move {
            for msg in work.await {
                post.send(What::Msg(msg)).await;
            }
        });
    }

    fn session(&self, facts: SessionFacts) -> Session {
        Session {
            scope: self.scope.clone(),
            region: facts.region,
            regions: facts.regions,
            project: facts.project,
            project_domain: facts.project_domain,
            project_id: facts.project_id,
            user: facts.user,
            roles: facts.roles,
            insecure: facts.insecure,
            pace: self.means.pace,
        }
    }

    fn sender(&self) -> Post {
        Post { place: self.place, send: self.send.clone() }
    }

    fn post(&self, msg: Msg) {
        let post = self.sender();
        tokio::spawn(async move { post.send(What::Msg(msg)).await });
    }
}

/// Sends from one place.
#[derive(Clone)]
struct Post {
    place: u64,
    send: mpsc::Sender<Arrival>,
}

impl Post {
    async fn send(&self, what: What) {
        // Nobody listens any more only when the program ends.
        let _ = self.send.send(Arrival { place: self.place, what }).await;
    }

    async fn awaited(&self, awaited: Awaited) {
        self.send(What::Msg(Msg::Awaited(awaited))).await;
    }
}

/// Connects; tells if keystone lets us wait for longer than is usual.
async fn connect(
    config: &crate::openstack::CloudConfig,
    options: &ConnectOptions,
    usual: Duration,
    post: &Post,
) -> Result<Cloud, ConnectError> {
    let since = options.clock.now();
    let mut connecting = std::pin::pin!(Cloud::connect(config, options.clone()));
    if let Ok(outcome) = tokio::time::timeout(usual, &mut connecting).await {
        return outcome;
    }
    let silence = Silence { service: "identity".to_owned(), place: format!("sign-in at {}", config.auth_url), since };
    post.awaited(Awaited { silences: vec![silence], next_try: None }).await;
    let outcome = connecting.await;
    post.awaited(Awaited::default()).await;
    outcome
}

/// Signs in; tries again, ever more slowly, for as long as the cloud does not answer.
async fn sign_in(config: &crate::openstack::CloudConfig, options: &ConnectOptions, usual: Duration, post: &Post) {
    let mut pause = AGAIN.0;
    loop {
        match connect(config, options, usual, post).await {
            Ok(cloud) => return post.send(What::Connected(cloud)).await,
            Err(ConnectError::PasswordWanted { whom }) => {
                return post.send(What::Msg(Msg::PasswordWanted { whom })).await;
            }
            Err(ConnectError::Failed(failure)) => {
                let again = failure.kind == FailureKind::Retry;
                tracing::warn!(kind = ?failure.kind, "cannot sign in: {failure}");
                post.send(What::Msg(Msg::SignInFailed(*failure))).await;
                if !again {
                    return;
                }
            }
        }
        let next_try = options.clock.now().checked_add(jiff::SignedDuration::try_from(pause).unwrap_or_default()).ok();
        post.awaited(Awaited { silences: Vec::new(), next_try }).await;
        tokio::time::sleep(pause).await;
        post.awaited(Awaited::default()).await;
        pause = (pause * 2).min(AGAIN.1);
    }
}

/// The message that mirrors it.
fn message(news: News) -> Msg {
    match news {
        News::Fleet { fleet, as_of, from_cache, partial } => {
            Msg::Fleet(FleetNews { fleet, as_of, from_cache, partial })
        }
        News::Polled { at, interval, failure, missing } => Msg::Polled(PollNews { at, interval, failure, missing }),
        News::Broken(failure) => Msg::Trouble(failure),
        News::Awaited(awaited) => Msg::Awaited(awaited),
        News::Detail(detail) => Msg::Detail(detail),
        News::History(id, told) => Msg::History(id, told),
        News::ControlPlane(seen) => Msg::ControlPlane(Arc::clone(&seen)),
        News::ProjectNames(named) => Msg::ProjectNames(named),
        News::Projects(projects) => Msg::Projects(projects),
        News::Release(image, read) => Msg::Release(image, read),
        News::Releases(service, found) => Msg::Releases(service, found),
        News::Moulds(likes, read) => Msg::Moulds(likes, read),
        News::Samples(samples) => Msg::Samples(samples),
        News::Meters(meters) => Msg::Meters(meters),
    }
}
