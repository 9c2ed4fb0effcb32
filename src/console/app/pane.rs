//! What fills the body of the screen, and where one is in it.

use crate::base::id::InstanceId;
use crate::console::app::trail::{CloudTab, InstanceTab, View};
use crate::fleet::ServiceKey;

/// Which table or text is in the body. Each keeps its own cursor, marks, sort order, filter and scroll.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaneId {
    /// The services.
    Services,
    /// All instances, or one service's.
    Instances(Option<ServiceKey>),
    /// A tab of an instance.
    Instance(InstanceId, InstanceTab),
    /// A tab of the cloud.
    Cloud(CloudTab),
    /// The console's own log.
    Log,
}

impl PaneId {
    /// Whether rows with a cursor fill it; text that scrolls otherwise.
    pub fn is_table(&self) -> bool {
        match self {
            Self::Services | Self::Instances(_) | Self::Cloud(_) => true,
            Self::Instance(_, tab) => {
                matches!(tab, InstanceTab::Network | InstanceTab::Volumes | InstanceTab::Pools | InstanceTab::History)
            }
            Self::Log => false,
        }
    }
}

impl PaneId {
    /// Whether lines are added at its end while one looks.
    pub fn grows(&self) -> bool {
        matches!(self, Self::Log | Self::Instance(_, InstanceTab::Console))
    }

    /// Whether it belongs to a view.
    pub fn is_of(&self, view: &View) -> bool {
        match (self, view) {
            (Self::Services, View::Services) | (Self::Cloud(_), View::Cloud) | (Self::Log, View::Log) => true,
            (Self::Instances(of), View::Instances(other)) => of == other,
            (Self::Instance(id, _), View::Instance(other)) => id == other,
            _ => false,
        }
    }
}

/// Where one is in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The first line shown.
    pub top: usize,
    /// Stays at the end while lines are added: the console log, until frozen.
    pub follows: bool,
    /// What is searched for; empty for nothing.
    pub search: String,
    /// The line of the present match.
    pub found: Option<usize>,
}

impl Scroll {
    /// Where one begins in a pane: at the end of what grows, at the beginning of anything else.
    pub fn of(pane: &PaneId) -> Self {
        Self { follows: pane.grows(), ..Self::default() }
    }
}
