//! How long an operation waits for what. Every one is frozen into its plan.

use std::time::Duration;

use serde::{Deserialize, Serialize};

macro_rules! limits {
    ($($(#[$doc:meta])+ $name:ident = $default:expr;)+) => {
        /// How long an operation waits for what.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        // A plan of an older program does not have them all.
        #[serde(default)]
        pub struct Limits {$(
            $(#[$doc])+
            #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
            pub $name: Duration,
        )+}

        impl Default for Limits {
            fn default() -> Self {
                Self {$($name: Duration::from_millis($default),)+}
            }
        }
    };
}

limits! {
    /// Between two looks at a target.
    poll = 2_000;
    /// For another's task state to pass, and between the tries meanwhile at least `poll`.
    busy = 300_000;
    /// From an accepted call to its end state. Nova gives a guest 60 s to shut down and reboots it hard after 120 s.
    settle = 600_000;
    /// How long an instance may show ERROR on its way: one that is sent to a host that is just starting does.
    error = 30_000;
    /// From the end state until its pool members take requests again.
    healthy = 300_000;
    /// How long a member must be out of rotation before its instance is touched: what it had begun to answer may end. Above
    /// Octavia's 50 s that it waits for a member's data (`timeout_member_data`), and 10 s.
    drain = 60_000;
    /// How long the checks of a drained member must not fail before it is put back: a monitor's delay 5 s × fall 3.
    answering = 15_000;
    /// How long an instance that is removed stays switched off before it is deleted: so long it can be put back.
    keep = 300_000;
    /// The same of who is replaced in a rollout: the next one waits for it. Twice a monitor's delay 5 s × fall 3, and 30 s.
    bake = 60_000;
    /// How long the first that a rollout has made is compared with the others, where a balancer tells figures.
    /// Source: `reference/rollouts-and-healing.md`, 13 (b) 14 and 15.
    analysis = 300_000;
    /// How long all must stay well before the next begins: above a monitor's delay 5 s × rise 3 and a heartbeat of 10 s.
    min_ready = 30_000;
    /// After a lost answer: how long it is looked for before it counts as not executed. Longer than a request lives.
    lost = 90_000;
    /// How long a cloud may not answer before the operation pauses. Deadlines and holds stand still meanwhile.
    blind = 900_000;
    /// How long an approval holds: what was read an hour ago is not what would be approved now.
    approval = 3_600_000;
}

impl Limits {
    /// How often a call is made at most, for one step.
    pub const ATTEMPTS: u32 = 5;
}
