//! The companies that live in the simulated cloud, and what happens to them.

mod company;
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
}

impl Scenario {
    /// All of them, for help texts.
    pub const ALL: [Scenario; 4] = [Self::Busy, Self::Quiet, Self::SlowApi, Self::DownCell];

    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Quiet => "quiet",
            Self::SlowApi => "slow_api",
            Self::DownCell => "down_cell",
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
    trouble::befall(world);
    if scenario == Scenario::DownCell {
        world.set_cell_down(2, true);
    }
    if scenario != Scenario::Quiet {
        life::begin(world);
    }
}
