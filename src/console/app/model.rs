//! The console's state. Only `update` changes it; `view` draws it from a shared reference.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::base::awaited::Awaited;
use crate::base::clock::{Pace, Timestamp};
use crate::base::failure::Failure;
use crate::base::id::{InstanceId, ProjectId};
use crate::base::key::Key;
use crate::config::ViewSettings;
use crate::config::keys::Binding;
use crate::console::app::alerts::Alerts;
use crate::console::app::cell::Cell;
use crate::console::app::changes::Changes;
use crate::console::app::column::{Moment, RowId};
use crate::console::app::commands::{changes, scope};
use crate::console::app::drawn::Drawn;
use crate::console::app::followed::Followed;
use crate::console::app::freshness::Freshness;
use crate::console::app::graphs::{Drawing, Look};
use crate::console::app::keymap::Keymap;
use crate::console::app::layout::Size;
use crate::console::app::log::LogLine;
use crate::console::app::notice::Notices;
use crate::console::app::overlay::Overlay;
use crate::console::app::pane::{PaneId, Scroll};
pub use crate::console::app::scope::{CloudChoice, Scope, Session, SignIn};
use crate::console::app::table::Table;
use crate::console::app::tables::views;
use crate::console::app::trail::{CloudTab, InstanceTab, Trail, View};
use crate::fleet::control_plane::ControlPlane;
use crate::fleet::detail::{Detail, DetailOf, Interest};
use crate::fleet::health::{Thresholds, Wanted};
use crate::fleet::instance::Instance;
use crate::fleet::service::Member;
use crate::fleet::{Condition, Fleet, ServiceKey};
use crate::operation::rollback::Previous;
use crate::operation::{Credentials, Freeze, Intent, Limits, OperationId, Strategy};

/// What the console is started with: values of settings and flags.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where to go first; without a cloud one is to be chosen.
    pub scope: Scope,
    /// The clouds that one can go to.
    pub clouds: Vec<CloudChoice>,
    /// Nothing may be changed, whatever the cloud's own setting.
    pub read_only: bool,
    /// Columns and order for each table, by the table's name.
    pub views: BTreeMap<String, ViewSettings>,
    /// The user's keys.
    pub keys: Vec<Binding>,
    /// How often the cloud view's data is read.
    pub control_plane_interval: Option<Duration>,
    /// How often the instance that is looked into is read.
    pub detail_interval: Option<Duration>,
    /// How often its console log is read.
    pub console_interval: Option<Duration>,
    /// Size of the terminal.
    pub size: Size,
    /// Without a key for this long nobody is there, and the watch may slow down.
    pub absence: Duration,
    /// Said in the header all the time: `demo ×20`.
    pub banner: Option<String>,
    /// How graphs are drawn.
    pub drawing: Drawing,
    /// How long an operation waits for what.
    pub limits: Limits,
    /// How a rollout brings instances to its release, where nobody says so.
    pub strategy: Strategy,
    /// When most changes are refused.
    pub freezes: Vec<Freeze>,
    /// Instances are asked for their version.
    pub asks: bool,
    /// What is wanted of services.
    pub wanted: BTreeMap<String, Wanted>,
    /// From where on something is worth a word.
    pub thresholds: Thresholds,
    /// How the cloud's clock follows from ours, until signing in has told.
    pub pace: Pace,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            scope: Scope::default(),
            clouds: Vec::new(),
            read_only: false,
            views: BTreeMap::new(),
            keys: Vec::new(),
            control_plane_interval: None,
            detail_interval: None,
            console_interval: None,
            size: Size::default(),
            absence: Duration::from_secs(5 * 60),
            banner: None,
            drawing: Drawing::default(),
            limits: Limits::default(),
            strategy: Strategy::default(),
            freezes: Vec::new(),
            asks: false,
            wanted: BTreeMap::new(),
            thresholds: Thresholds::default(),
            pace: Pace::REAL,
        }
    }
}

/// A wish that makes instances, until it was read what they are made like.
#[derive(Debug)]
pub struct Moulding {
    /// Whom they are made like.
    pub likes: Vec<InstanceId>,
    /// What was wished.
    pub intent: Intent,
    /// Which of the targets the list does not show.
    pub hidden: Vec<InstanceId>,
}

/// A rollback, until the image was read that it goes to.
#[derive(Debug)]
pub struct Returning {
    /// What it goes to.
    pub previous: Previous,
    /// What was wished.
    pub intent: Intent,
}

/// The console's state.
#[derive(Debug)]
pub struct Model {
    /// What it was started with.
    pub start: Start,
    /// Wall time, as of the last message.
    pub now: Timestamp,
    /// Size of the terminal.
    pub size: Size,
    /// Where we look, or are about to.
    pub scope: Scope,
    /// As whom; `None` until signed in.
    pub session: Option<Session>,
    /// How far signing in has come.
    pub sign_in: SignIn,
    /// What is there, with what is concluded of it.
    pub fleet: Arc<Fleet>,
    /// The same as the watch told it.
    pub seen: Arc<Fleet>,
    /// How loaded it is, what is concluded from that, and who measures.
    pub condition: Arc<Condition>,
    /// How old that is.
    pub freshness: Freshness,
    /// The first listing is still under way.
    pub partial: bool,
    /// Why the last poll failed; `None` once one has succeeded.
    pub poll_failure: Option<Failure>,
    /// Who lets us wait, and when the cloud is asked again.
    pub awaited: Awaited,
    /// Sources that are missing and why.
    pub missing: Vec<(&'static str, Failure)>,
    /// The cloud itself; `None` until it was looked at.
    pub control_plane: Option<Arc<ControlPlane>>,
    /// When that was told, which is as old as what it says of the endpoints: we count our own requests.
    pub control_plane_told: Option<Timestamp>,
    /// What projects are called, as far as the cloud told.
    pub projects: Arc<BTreeMap<ProjectId, Arc<str>>>,
    /// The instance that is looked into.
    pub detail: Option<DetailOf>,
    /// The operations, newest first; `None` until the journal was read.
    pub operations: Option<Vec<Arc<Followed>>>,
    /// Whether a worker goes on when this login ends; `None` until the system was asked.
    pub outlives: Option<Cell>,
    /// It surely ends with this login.
    pub dies: bool,
    /// With what a worker signs in here; `None` until that was asked.
    pub credentials: Option<Credentials>,
    /// A wish that makes instances, and whose moulds are being read.
    pub moulding: Option<Moulding>,
    /// A rollback whose image is being read.
    pub returning: Option<Returning>,
    /// What was approved and has not begun yet, in words.
    pub starting: Option<String>,
    /// Where we are.
    pub trail: Trail,
    /// The tab of the instance view.
    pub instance_tab: InstanceTab,
    /// The tab of the cloud view.
    pub cloud_tab: CloudTab,
    /// The service in the strip under the services: the one under the cursor, once that rests.
    pub strip: Option<Arc<ServiceKey>>,
    /// State of the tables that were looked at.
    pub tables: BTreeMap<PaneId, Table>,
    /// State of the texts that were looked at.
    pub scrolls: BTreeMap<PaneId, Scroll>,
    /// Our own log: what was logged up to when one last looked at it.
    pub log: VecDeque<LogLine>,
    /// History entries whose events are shown.
    pub expanded: BTreeSet<Arc<str>>,
    /// What has changed.
    pub changes: Changes,
    /// What somebody has answered for.
    pub alerts: Alerts,
    /// How one looks at graphs.
    pub look: Look,
    /// What lies over the view.
    pub overlay: Option<Overlay>,
    /// What was told.
    pub notices: Notices,
    /// Which keys start what.
    pub keymap: Keymap,
    /// Keys that may yet become a command.
    pub pending: Vec<Key>,
    /// Lines of the command line, oldest first.
    pub command_history: Vec<String>,
    /// ctrl-c was pressed: once more leaves.
    pub leaving: bool,
    /// The service that the strip is about to show, and when.
    pub(super) strip_next: Option<(Arc<ServiceKey>, Timestamp)>,
    /// When the cloud last put another row under the cursor or took marked ones, unless a hand has moved on since.
    pub(super) list_moved: Option<Timestamp>,
    /// The present key is one of many at once.
    pub(super) burst: bool,
    pub(super) told: Told,
    pub(super) drawn: Drawn,
    pub(super) last_key: Timestamp,
    pub(super) generation: u64,
}

/// What `run` was told last; an effect goes out when it differs from what is wanted now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) follow: Option<(InstanceId, Interest)>,
    pub(super) measured: Vec<InstanceId>,
    pub(super) control_plane: bool,
    pub(super) operations: bool,
    pub(super) absent: bool,
}

impl Model {
    /// The console before anything has happened. What is wrong with the user's keys is told as notices.
    pub fn new(start: Start, now: Timestamp) -> Self {
        let (keymap, failures) = Keymap::with(&start.keys);
        let mut notices = Notices::default();
        for failure in failures.into_iter().chain(views::misfits(&start.views)) {
            notices.fail(failure, now);
        }
        let mut model = Self {
            now,
            size: start.size,
            scope: start.scope.clone(),
            session: None,
            sign_in: SignIn::Connecting,
            fleet: Arc::default(),
            seen: Arc::default(),
            condition: Arc::default(),
            freshness: Freshness::default(),
            partial: false,
            poll_failure: None,
            awaited: Awaited::default(),
            missing: Vec::new(),
            control_plane: None,
            control_plane_told: None,
            projects: Arc::default(),
            detail: None,
            operations: None,
            outlives: None,
            dies: false,
            credentials: None,
            moulding: None,
            returning: None,
            starting: None,
            trail: Trail::default(),
            instance_tab: InstanceTab::default(),
            cloud_tab: CloudTab::default(),
            strip: None,
            tables: BTreeMap::new(),
            scrolls: BTreeMap::new(),
            log: VecDeque::new(),
            expanded: BTreeSet::new(),
            changes: Changes::default(),
            alerts: Alerts::default(),
            look: Look::default(),
            overlay: None,
            notices,
            keymap,
            pending: Vec::new(),
            command_history: Vec::new(),
            leaving: false,
            strip_next: None,
            list_moved: None,
            burst: false,
            told: Told::default(),
            drawn: Drawn::default(),
            last_key: now,
            generation: 0,
            start,
        };
        if model.scope.cloud.is_empty() && !model.start.clouds.is_empty() {
            scope::begin(&mut model);
        }
        model
    }

    /// Grows whenever what is on the screen may have changed: `run` draws only then.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The pane in the body.
    pub fn pane(&self) -> PaneId {
        match self.trail.here() {
            View::Services => PaneId::Services,
            View::Instances(of) => PaneId::Instances(of.clone()),
            View::Graphs(key) => PaneId::Graphs(key.clone()),
            View::Heat(key) => PaneId::Heat(key.clone()),
            View::Changes(of) => PaneId::Changes(of.clone()),
            View::Instance(id) => PaneId::Instance(id.clone(), self.instance_tab),
            View::Operations => PaneId::Operations,
            View::Operation(id) => PaneId::Operation(id.clone()),
            View::Cloud => PaneId::Cloud(self.cloud_tab),
            View::Log => PaneId::Log,
        }
    }

    /// The table in the body, if it is one.
    pub fn table(&self) -> Option<&Table> {
        self.tables.get(&self.pane())
    }

    /// How the cloud's clock follows from ours.
    pub fn pace(&self) -> Pace {
        self.session.as_ref().map_or(self.start.pace, |session| session.pace)
    }

    /// Now, by both clocks.
    pub fn moment(&self) -> Moment {
        Moment { wall: self.now, cloud: self.pace().cloud(self.now) }
    }

    /// The row of an instance.
    pub fn member(&self, id: &InstanceId) -> Option<&Member> {
        self.fleet.member(id)
    }

    /// What was fetched of the instance that is looked into.
    pub fn detail_of(&self, id: &InstanceId) -> Option<&Detail> {
        self.detail.as_ref().filter(|detail| detail.id == *id).map(|detail| &*detail.detail)
    }

    /// An instance: as fetched by itself, else as the list has it.
    pub fn instance(&self, id: &InstanceId) -> Option<&Instance> {
        let fetched = self.detail_of(id).and_then(|detail| detail.instance.value());
        fetched.or_else(|| self.member(id).map(|member| &member.instance)).map(|instance| &**instance)
    }

    /// The instance that a command is about: the one looked into, or the one under the cursor.
    pub fn current_instance(&self) -> Option<&Instance> {
        match self.trail.here() {
            View::Instance(id) => self.instance(id),
            View::Changes(_) => self.instance(changes::current(self)?.0.whom.instance.as_ref()?),
            _ => match self.table()?.cursor()? {
                RowId::Instance(id) => self.instance(id),
                _ => None,
            },
        }
    }

    /// An operation, as far as the journal was read.
    pub fn operation(&self, id: &OperationId) -> Option<&Arc<Followed>> {
        self.operations.iter().flatten().find(|followed| followed.id() == id)
    }

    /// The operation that a command is about: the one looked at, or the one under the cursor.
    pub fn current_operation(&self) -> Option<&Arc<Followed>> {
        match self.trail.here() {
            View::Operation(id) => self.operation(id),
            View::Operations => match self.table()?.cursor()? {
                RowId::Named(name) => {
                    self.operations.iter().flatten().find(|followed| followed.id().as_str() == &**name)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The settings of the cloud that we look at.
    pub fn cloud_choice(&self) -> Option<&CloudChoice> {
        self.start.clouds.iter().find(|cloud| cloud.name == self.scope.cloud)
    }

    /// Whether nothing may be changed here.
    pub fn is_read_only(&self) -> bool {
        self.start.read_only || self.cloud_choice().is_some_and(|cloud| cloud.read_only)
    }

    /// Whether the cloud is marked protected.
    pub fn is_protected(&self) -> bool {
        self.cloud_choice().is_some_and(|cloud| cloud.protected)
    }

    pub(super) fn touch(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }
}
