//! The companies that live in the simulated cloud, and what happens to them.

mod company;
mod demand;
mod founding;
mod life;
mod trouble;

use std::str::FromStr;

use crate::sim::world::World;

pub(in crate::sim) use life::{Life, live};

/// Which company, and what happens to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// A company with a few troubles, alive from the first second.
    #[default]
    Busy,
    /// The same company, and nothing ever changes by itself.
    Quiet,
    /// Busy, and every answer takes its time.
    SlowApi,
    /// Busy, and one of nova's two cells does not answer.
    DownCell,
    /// A healthy company two hours before its daily peak.
    DailyPeak,
    /// A client of the gateway repeats its calls, and repeats them again.
    Outage,
    /// A version that fails is being rolled out.
    BadRelease,
    /// One instance of the ledger leaks.
    Leak,
    /// A host dies soon, and its guests with it.
    DeadHost,
}

/// The services of which every company has one, and that requests come to.
pub fn served() -> impl Iterator<Item = &'static str> {
    company::TRADES.iter().filter(|trade| trade.balanced).map(|trade| trade.name)
}

impl Scenario {
    /// All of them, for help texts.
    pub const ALL: [Scenario; 9] = [
        Self::Busy,
        Self::Quiet,
        Self::SlowApi,
        Self::DownCell,
        Self::DailyPeak,
        Self::Outage,
        Self::BadRelease,
        Self::Leak,
        Self::DeadHost,
    ];

    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Quiet => "quiet",
            Self::SlowApi => "slow_api",
            Self::DownCell => "down_cell",
            Self::DailyPeak => "daily_peak",
            Self::Outage => "outage",
            Self::BadRelease => "bad_release",
            Self::Leak => "leak",
            Self::DeadHost => "dead_host",
        }
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.replace('-', "_");
        let names = Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|scenario| scenario.name() == wanted);
        found.ok_or_else(|| format!("no scenario is called {text}; there are {names}"))
    }
}

/// Fills an empty world.
pub(in crate::sim) fn populate(world: &mut World) {
    let scenario = world.options.scenario;
    founding::found(world);
    let eventful = matches!(scenario, Scenario::Busy | Scenario::SlowApi | Scenario::DownCell);
    if eventful || scenario == Scenario::Quiet {
        trouble::befall(world);
    }
    if scenario == Scenario::DownCell {
        world.set_cell_down(2, true);
    }
    demand::befall(world);
    if eventful || matches!(scenario, Scenario::BadRelease | Scenario::DeadHost) {
        life::begin(world);
    }
}
