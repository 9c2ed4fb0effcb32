//! Where the user is and how they got there: the path (breadcrumbs) and its history.

use crate::base::id::InstanceId;
use crate::fleet::ServiceKey;
use crate::operation::OperationId;

/// Histories are for people: more than this nobody walks back.
const HISTORY: usize = 50;

/// A view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    /// The services: home.
    Services,
    /// The instances of one service, or all.
    Instances(Option<ServiceKey>),
    /// The graphs of one service.
    Graphs(ServiceKey),
    /// The instances of one service as strips of heat.
    Heat(ServiceKey),
    /// One instance, on the tab that the model holds.
    Instance(InstanceId),
    /// What has changed, at one service or anywhere.
    Changes(Option<ServiceKey>),
    /// The operations: what was changed, by whom, and how it went.
    Operations,
    /// One operation.
    Operation(OperationId),
    /// The cloud itself.
    Cloud,
    /// The console's own log.
    Log,
}

/// The tabs of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceTab {
    /// What it is, how it does, why.
    #[default]
    Overview,
    /// What is measured of it.
    Graphs,
    /// Addresses and ports.
    Network,
    /// Volumes.
    Volumes,
    /// Metadata and tags.
    Metadata,
    /// Image and flavor.
    Image,
    /// Its memberships in pools.
    Pools,
    /// What was done to it.
    History,
    /// Its faults.
    Faults,
    /// Its console log.
    Console,
    /// As the cloud sends it.
    Raw,
}

impl InstanceTab {
    /// All, as the tab bar shows them.
    pub const ALL: [Self; 11] = [
        Self::Overview,
        Self::Graphs,
        Self::Network,
        Self::Volumes,
        Self::Metadata,
        Self::Image,
        Self::Pools,
        Self::History,
        Self::Faults,
        Self::Console,
        Self::Raw,
    ];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Graphs => "Graphs",
            Self::Network => "Network",
            Self::Volumes => "Volumes",
            Self::Metadata => "Metadata",
            Self::Image => "Image",
            Self::Pools => "Pools",
            Self::History => "History",
            Self::Faults => "Faults",
            Self::Console => "Console",
            Self::Raw => "Raw",
        }
    }
}

/// The tabs of the cloud view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloudTab {
    /// Every endpoint and how it answers us.
    #[default]
    Endpoints,
    /// nova's services.
    Compute,
    /// The hosts.
    Hypervisors,
    /// neutron's agents.
    Agents,
    /// Quotas.
    Quotas,
}

impl CloudTab {
    /// All, as the tab bar shows them.
    pub const ALL: [Self; 5] = [Self::Endpoints, Self::Compute, Self::Hypervisors, Self::Agents, Self::Quotas];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Endpoints => "Endpoints",
            Self::Compute => "Compute services",
            Self::Hypervisors => "Hypervisors",
            Self::Agents => "Network agents",
            Self::Quotas => "Quotas",
        }
    }
}

/// The path to the present view, and the paths before and after it.
#[derive(Clone, Debug)]
pub struct Trail {
    path: Vec<View>,
    past: Vec<Vec<View>>,
    future: Vec<Vec<View>>,
}

impl Default for Trail {
    fn default() -> Self {
        Self { path: vec![View::Services], past: Vec::new(), future: Vec::new() }
    }
}

impl Trail {
    /// The present view.
    pub fn here(&self) -> &View {
        self.path.last().unwrap_or(&View::Services)
    }

    /// The path to it, from the outermost.
    pub fn path(&self) -> &[View] {
        &self.path
    }

    /// Goes to a view at the top.
    pub fn go(&mut self, view: View) {
        self.move_to(vec![view]);
    }

    /// Goes deeper.
    pub fn open(&mut self, view: View) {
        if *self.here() != view {
            let mut path = self.path.clone();
            path.push(view);
            self.move_to(path);
        }
    }

    /// One step out; from the top of another view, home. Tells whether there was a step.
    pub fn out(&mut self) -> bool {
        let mut path = self.path.clone();
        path.pop();
        if path.is_empty() {
            path.push(View::Services);
        }
        self.move_to(path)
    }

    /// Whether there is a place before this one.
    pub fn has_past(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether one has gone back.
    pub fn has_future(&self) -> bool {
        !self.future.is_empty()
    }

    /// To where we were before.
    pub fn back(&mut self) -> bool {
        let Some(path) = self.past.pop() else { return false };
        self.future.push(std::mem::replace(&mut self.path, path));
        true
    }

    /// To where we were before going back.
    pub fn forward(&mut self) -> bool {
        let Some(path) = self.future.pop() else { return false };
        self.past.push(std::mem::replace(&mut self.path, path));
        true
    }

    /// To and fro between the last two places.
    pub fn swap(&mut self) -> bool {
        let Some(path) = self.past.pop() else { return false };
        self.move_to(path)
    }

    /// Home, with no history: another cloud's places mean nothing here.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// At this view, with no history.
    pub fn begin(&mut self, view: View) {
        *self = Self { path: vec![view], past: Vec::new(), future: Vec::new() };
    }

    fn move_to(&mut self, path: Vec<View>) -> bool {
        if path == self.path {
            return false;
        }
        self.past.push(std::mem::replace(&mut self.path, path));
        if self.past.len() > HISTORY {
            self.past.remove(0);
        }
        self.future.clear();
        true
    }
}
