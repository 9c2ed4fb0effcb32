//! The settings as values.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::alarm::Alarm;
use crate::config::keys::Binding;
use crate::config::metrics::Metrics;
use crate::fleet::Rules;
use crate::fleet::health::{Thresholds, Wanted};
use crate::operation::ticket::Pattern;
use crate::operation::{Freeze, Limits, Rails, Strategy};

/// All settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How often the cloud is asked.
    pub watch: Watch,
    /// The theme, by name or as a path to its file.
    pub theme: String,
    /// How many colours.
    pub color: ColourMode,
    /// Whether the mouse is taken from the terminal.
    pub mouse: bool,
    /// How one is called to the screen when something is worse than before.
    pub alarm: Alarm,
    /// No glyph outside ASCII.
    pub ascii: bool,
    /// The key bindings' file, where it is not the usual one.
    pub keys: Option<PathBuf>,
    /// The key bindings that were read from it, in its order.
    pub bindings: Vec<Binding>,
    /// Columns and order of views, by the view's name.
    pub views: BTreeMap<String, ViewSettings>,
    /// Whether a token is kept on disk between starts.
    pub token_cache: bool,
    /// Nothing is ever changed.
    pub read_only: bool,
    /// Where state is kept.
    pub state_dir: PathBuf,
    /// Where what may be deleted at any time is kept.
    pub cache_dir: PathBuf,
    /// What is logged: a level, or a filter such as `stackdeck::openstack=debug`.
    pub log_level: String,
    /// The file that the console logs to, where it is not the usual one; `none` for none.
    pub log_file: Option<PathBuf>,
    /// Whether a frame is shown at once on terminals that can.
    pub synchronized_output: bool,
    /// What is said of clouds, by their names in `clouds.yaml`.
    pub clouds: BTreeMap<String, CloudSettings>,
    /// How instances are grouped.
    pub grouping: Rules,
    /// From where on something is worth a word.
    pub health: Thresholds,
    /// What is wanted of services, by their names: see [`crate::fleet::health::wanted`].
    pub services: BTreeMap<String, Wanted>,
    /// How changes are made.
    pub operations: Operations,
    /// Who measures load.
    pub metrics: Metrics,
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
    /// Where values are from that are not the built-in ones, by key.
    pub origins: BTreeMap<String, Origin>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            watch: Watch::default(),
            theme: "dark".to_owned(),
            color: ColourMode::Auto,
            mouse: false,
            alarm: Alarm::default(),
            ascii: false,
            keys: None,
            bindings: Vec::new(),
            views: BTreeMap::new(),
            token_cache: true,
            read_only: false,
            state_dir: PathBuf::new(),
            cache_dir: PathBuf::new(),
            log_level: "info".to_owned(),
            log_file: None,
            synchronized_output: true,
            clouds: BTreeMap::new(),
            grouping: Rules::default(),
            health: Thresholds::default(),
            services: BTreeMap::new(),
            operations: Operations::default(),
            metrics: Metrics::default(),
            file: None,
            origins: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The file that the console logs to: `stackdeck.log` in the state folder, unless somebody said otherwise.
    pub fn log_path(&self) -> Option<PathBuf> {
        match &self.log_file {
            Some(file) if file.as_os_str() == "none" => None,
            Some(file) => Some(file.clone()),
            None => (!self.state_dir.as_os_str().is_empty()).then(|| self.state_dir.join("stackdeck.log")),
        }
    }

    /// Where the value of that option is from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::BuiltIn)
    }

    /// What is said of that cloud.
    pub fn cloud(&self, name: &str) -> CloudSettings {
        self.clouds.get(name).cloned().unwrap_or_default()
    }

    /// Whether that cloud must not be changed: by its own setting, or by the one for all.
    pub fn is_read_only(&self, cloud: &str) -> bool {
        self.read_only || self.clouds.get(cloud).is_some_and(|cloud| cloud.read_only)
    }

    /// Whether a change of that cloud wants a ticket: by its own setting, else by the one for all.
    pub fn wants_ticket(&self, cloud: &str) -> bool {
        self.clouds.get(cloud).and_then(|cloud| cloud.ticket).unwrap_or(self.operations.ticket)
    }

    /// The guard rails of that cloud: its own, else those for all.
    pub fn rails(&self, cloud: &str) -> Rails {
        let (own, all) = (self.cloud(cloud), &self.operations);
        let above = own.second_approver_above.unwrap_or(all.second_approver_above);
        let most = own.most_at_once.unwrap_or(all.most_at_once);
        Rails {
            second_above: Some(above).filter(|above| *above < 100),
            signers: self.allowed_signers(cloud).is_some(),
            ticket: own.ticket_pattern.unwrap_or_else(|| all.ticket_pattern.clone()),
            protected: own.protected_services.unwrap_or_else(|| all.protected_services.clone()),
            most: Some(most).filter(|most| *most > 0),
        }
    }

    /// The file with the keys whose approval counts in that cloud.
    pub fn allowed_signers(&self, cloud: &str) -> Option<PathBuf> {
        self.cloud(cloud).allowed_signers.or_else(|| self.operations.allowed_signers.clone())
    }
}

/// How changes are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operations {
    /// How long an operation waits for what.
    pub limits: Limits,
    /// How a rollout brings instances to its release, where nobody says so.
    pub strategy: Strategy,
    /// Every change wants a ticket named.
    pub ticket: bool,
    /// When most of them are refused.
    pub freezes: Vec<Freeze>,
    /// Above which share of a service, in per cent, a change wants a second person's approval; at 100 none does.
    pub second_approver_above: u8,
    /// Whose approval counts: a file as OpenSSH's `allowed_signers`.
    pub allowed_signers: Option<PathBuf>,
    /// What a ticket has to look like.
    pub ticket_pattern: Option<Pattern>,
    /// Services whose changes want their name typed; `*` is each.
    pub protected_services: Vec<String>,
    /// How many instances one operation may change; none for any number.
    pub most_at_once: u32,
}

impl Default for Operations {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            strategy: Strategy::Replace,
            ticket: false,
            freezes: Vec::new(),
            second_approver_above: 100,
            allowed_signers: None,
            ticket_pattern: None,
            protected_services: Vec::new(),
            most_at_once: 0,
        }
    }
}

/// How often the cloud is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Usually.
    pub normal: Duration,
    /// While something is in transition.
    pub busy: Duration,
    /// While nobody is at the keyboard.
    pub idle: Duration,
    /// How long without a key counts as nobody.
    pub idle_after: Duration,
    /// Between full lists.
    pub reconcile: Duration,
    /// How far one delta reaches back into the one before.
    pub overlap: Duration,
    /// Between looks at a console log that somebody follows.
    pub console_log: Duration,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            normal: Duration::from_secs(5),
            busy: Duration::from_secs(2),
            idle: Duration::from_secs(15),
            idle_after: Duration::from_secs(5 * 60),
            reconcile: Duration::from_secs(10 * 60),
            overlap: Duration::from_secs(30),
            console_log: Duration::from_secs(2),
        }
    }
}

/// How many colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourMode {
    /// As many as the terminal has; none with NO_COLOR.
    #[default]
    Auto,
    /// All of them.
    TrueColour,
    /// 256.
    Indexed,
    /// 16.
    Ansi,
    /// None: bold, reverse and underline only.
    None,
}

impl ColourMode {
    pub(crate) const WORDS: [(&'static str, Self); 5] = [
        ("auto", Self::Auto),
        ("truecolor", Self::TrueColour),
        ("256", Self::Indexed),
        ("16", Self::Ansi),
        ("none", Self::None),
    ];

    /// As it is written in files and flags.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, mode)| *mode == self).map_or("auto", |(word, _)| word)
    }
}

/// How one view is shown; what is not said is the view's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewSettings {
    /// Its columns, in their order.
    pub columns: Option<Vec<String>>,
    /// What it is sorted by.
    pub sort: Option<Sort>,
    /// Where the columns are named, for whoever finds one that does not exist.
    pub columns_at: Option<String>,
    /// Where the sort is named.
    pub sort_at: Option<String>,
}

/// A column to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: String,
    /// Largest first: written with a `-` before it.
    pub descending: bool,
}

/// What is said of one cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudSettings {
    /// Its colour in the header.
    pub accent: Option<String>,
    /// Changes want the service's name typed.
    pub protected: bool,
    /// It is never changed.
    pub read_only: bool,
    /// Whether its changes want a ticket named, where that differs from the other clouds'.
    pub ticket: Option<bool>,
    /// Above which share of a service its changes want a second person, where that differs.
    pub second_approver_above: Option<u8>,
    /// Whose approval counts there, where that differs.
    pub allowed_signers: Option<PathBuf>,
    /// What a ticket has to look like there, where that differs; `Some(None)` is however one likes.
    pub ticket_pattern: Option<Option<Pattern>>,
    /// Services there whose changes want their name typed, where that differs.
    pub protected_services: Option<Vec<String>>,
    /// How many instances one operation may change there, where that differs.
    pub most_at_once: Option<u32>,
}

/// Where a value is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    BuiltIn,
    /// A file and its line.
    File(PathBuf, usize),
    /// A variable of the environment.
    Environment(String),
    /// A flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::BuiltIn => f.pad("built in"),
            Origin::File(file, line) => f.pad(&format!("{}:{line}", file.display())),
            Origin::Environment(variable) => f.pad(variable),
            Origin::Flag(flag) => f.pad(flag),
        }
    }
}
