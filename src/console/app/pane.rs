//! What fills the body of the screen, and where one is in it.

use crate::base::id::InstanceId;
use crate::console::app::trail::{CloudTab, InstanceTab, View};
use crate::fleet::ServiceKey;
use crate::operation::OperationId;

/// Which table or text is in the body. Each keeps its own cursor, marks, sort order, filter and scroll.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaneId {
    /// The services.
    Services,
    /// All instances, or one service's.
    Instances(Option<ServiceKey>),
    /// The graphs of a service.
    Graphs(ServiceKey),
    /// Its instances as strips of heat.
    Heat(ServiceKey),
    /// What has changed, at one service or anywhere.
    Changes(Option<ServiceKey>),
    /// A tab of an instance.
    Instance(InstanceId, InstanceTab),
    /// The operations.
    Operations,
    /// One operation.
    Operation(OperationId),
    /// A tab of the cloud.
    Cloud(CloudTab),
    /// The console's own log.
    Log,
}

impl PaneId {
    /// Whether rows with a cursor fill it; text that scrolls otherwise.
    pub fn is_table(&self) -> bool {
        match self {
            Self::Services
            | Self::Instances(_)
            | Self::Heat(_)
            | Self::Changes(_)
            | Self::Operations
            | Self::Cloud(_) => true,
            Self::Instance(_, tab) => {
                matches!(tab, InstanceTab::Network | InstanceTab::Volumes | InstanceTab::Pools | InstanceTab::History)
            }
            Self::Graphs(_) | Self::Operation(_) | Self::Log => false,
        }
    }

    /// Whether graphs fill it.
    pub fn is_graphs(&self) -> bool {
        matches!(self, Self::Graphs(_) | Self::Instance(_, InstanceTab::Graphs))
    }
}

impl PaneId {
    /// Whether it shows what is measured.
    pub fn shows_load(&self) -> bool {
        match self {
            Self::Services | Self::Instances(_) | Self::Graphs(_) | Self::Heat(_) => true,
            Self::Instance(_, tab) => *tab == InstanceTab::Graphs,
            Self::Changes(_) | Self::Operations | Self::Operation(_) | Self::Cloud(_) | Self::Log => false,
        }
    }

    /// Whether lines are added at its end while one looks.
    pub fn grows(&self) -> bool {
        self.is_log() || matches!(self, Self::Operation(_))
    }

    /// Whether what grows there is all of it, so that one begins at its end.
    pub fn is_log(&self) -> bool {
        matches!(self, Self::Log | Self::Instance(_, InstanceTab::Console))
    }

    /// Whether it belongs to a view.
    pub fn is_of(&self, view: &View) -> bool {
        match (self, view) {
            (Self::Services, View::Services)
            | (Self::Operations, View::Operations)
            | (Self::Cloud(_), View::Cloud)
            | (Self::Log, View::Log) => true,
            (Self::Operation(id), View::Operation(other)) => id == other,
            (Self::Instances(of), View::Instances(other)) | (Self::Changes(of), View::Changes(other)) => of == other,
            (Self::Graphs(of), View::Graphs(other)) | (Self::Heat(of), View::Heat(other)) => of == other,
            (Self::Instance(id, _), View::Instance(other)) => id == other,
            _ => false,
        }
    }
}

/// Where one is in a text, and how one reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The line that the first row on the screen is of.
    pub top: usize,
    /// How many rows of that line are above the screen: a wrapped line has several.
    pub above: usize,
    /// How many columns are left of the screen, where lines are not wrapped.
    pub left: usize,
    /// Stays at the end while lines are added: a log, until frozen.
    pub follows: bool,
    /// Long lines go on in the next row instead of leaving the screen.
    pub wraps: bool,
    /// What is searched for; empty for nothing. With `!` before it, what is not.
    pub search: String,
    /// Only lines that match are shown.
    pub narrows: bool,
    /// The line of the present match.
    pub found: Option<usize>,
}

impl Scroll {
    /// Where one begins in a pane: at the end of a log, at the beginning of anything else. A search in a log shows
    /// the matching lines alone; what a machine has printed for a terminal is kept as it was printed.
    pub fn of(pane: &PaneId) -> Self {
        // A table of columns is of no use when it is wrapped.
        let printed = matches!(pane, PaneId::Instance(_, InstanceTab::Console) | PaneId::Operation(_));
        Self { follows: pane.is_log(), narrows: pane.is_log(), wraps: !printed, ..Self::default() }
    }
}
