//! What someone wants.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::id::InstanceId;
use crate::fleet::ServiceKey;
use crate::fleet::mould::Mould;
use crate::fleet::release::Release;
use crate::operation::orphans::Left;
use crate::operation::rollback::Back;

/// A wish: a verb, and at whom it is aimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// What shall be done.
    pub verb: Verb,
    /// To whom.
    pub aim: Aim,
    /// Why, for whoever meets the lock of a verb that [locks](Verb::locks); others leave no reason in the cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// At once: nobody is taken out of rotation first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undrained: bool,
    /// What is rolled out, or what a rebuild makes instances from; a rebuild without one takes what each was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// That nobody serves for a while is accepted: who is alone is rebuilt, or removed, all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub downtime: bool,
    /// How many instances a service shall have that is scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// Who of it leaves, where that was chosen before the plan was made; else the plan chooses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaving: Vec<InstanceId>,
    /// What new instances are made like, where there are to be some: of each that one of them is made like.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moulds: Vec<Mould>,
    /// How a rollout brings instances to its release.
    #[serde(default, skip_serializing_if = "Strategy::is_first")]
    pub strategy: Strategy,
    /// A rollout goes on behind its first instance without anybody looking at that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub straight: bool,
    /// The [orphans](crate::operation::orphans) that are removed, as they were found before the plan was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
    /// Where the release of a rollback is known from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Back>,
    /// Why it shall be done even in a [freeze](crate::operation::freeze).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
}

impl Intent {
    /// A wish without more to say of it.
    pub fn new(verb: Verb, aim: Aim) -> Self {
        let (undrained, downtime, straight) = (false, false, false);
        let (reason, release, size, leaving, moulds, break_glass) = (None, None, None, Vec::new(), Vec::new(), None);
        let (strategy, left, back) = (Strategy::default(), None, None);
        Self {
            verb,
            aim,
            reason,
            undrained,
            release,
            downtime,
            size,
            leaving,
            moulds,
            strategy,
            straight,
            left,
            back,
            break_glass,
        }
    }

    /// Whether others are made in the place of its targets.
    pub fn replaces(&self) -> bool {
        self.verb == Verb::Replace || self.verb.brings_release() && self.strategy == Strategy::Replace
    }

    /// Whether its targets are made anew as who they are.
    pub fn rebuilds(&self) -> bool {
        self.verb == Verb::Rebuild || self.verb.brings_release() && self.strategy == Strategy::Rebuild
    }

    /// Whether instances are gone afterwards.
    pub fn deletes(&self) -> bool {
        self.replaces() || matches!(self.verb, Verb::Scale | Verb::Remove)
    }

    /// What whoever meets the lock is told, of a verb that [locks](Verb::locks).
    pub fn lock_reason(&self) -> Option<String> {
        if self.verb != Verb::Quarantine {
            return self.reason.clone();
        }
        let reason = self.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        Some(format!("{QUARANTINE}{reason}").chars().take(LONGEST_REASON).collect())
    }
}

/// How the reason of a lock begins that keeps an instance aside. Whoever puts it back, unlocks it.
pub(crate) const QUARANTINE: &str = "quarantine";

/// Nova keeps no more characters of a lock's reason.
pub const LONGEST_REASON: usize = 255;

/// At whom an intent is aimed. Instances are named by id the moment the key is pressed: nothing that a list does
/// afterwards changes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// These instances, in this order.
    Instances(Vec<InstanceId>),
    /// All instances of a service.
    Service(ServiceKey),
}

/// How a rollout brings instances to its release.
///
/// Source of the two, and of which is the better one: `reference/rollouts-and-healing.md`, 13 (b) 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Each is made anew in place: it keeps its id, its addresses and its host, and is away meanwhile. Records that do not
    /// tell the strategy are of this one.
    #[default]
    Rebuild,
    /// Another is made for each, and takes its place when it serves: nobody is away.
    Replace,
}

impl Strategy {
    /// Each, and as it is written in a shell and in a configuration.
    pub const WORDS: [(&'static str, Self); 2] =
        [(Self::Replace.word(), Self::Replace), (Self::Rebuild.word(), Self::Rebuild)];

    fn is_first(&self) -> bool {
        *self == Strategy::default()
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Strategy::Rebuild => Strategy::Replace,
            Strategy::Replace => Strategy::Rebuild,
        }
    }

    /// As it is written in a shell and in a configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Strategy::Rebuild => "rebuild",
            Strategy::Replace => "replace",
        }
    }
}

/// What can be done to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Restart it.
    Restart(Reboot),
    /// Switch it off.
    Stop,
    /// Switch it on.
    Start,
    /// Make it refuse changes.
    Lock,
    /// Let it take changes again.
    Unlock,
    /// Take it out of rotation.
    Drain,
    /// Put it back into rotation.
    PutBack,
    /// Take it out of rotation and lock it, to be looked at later.
    Quarantine,
    /// Make it anew from its image, on its host, with its id and its ports.
    Rebuild,
    /// Bring a service to a release.
    RollOut,
    /// Bring it back to the release that it ran before.
    RollBack,
    /// Bring a service to so many instances.
    Scale,
    /// Take it out of its pools, and delete it.
    Remove,
    /// Make another like it, and when that serves, take it out of its pools and delete it.
    Replace,
}

/// How an instance is restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reboot {
    /// The guest is asked to restart; Nova cuts the power if it does not.
    Soft,
    /// The power is cut and put back.
    Hard,
}

impl Verb {
    /// Every verb, in the order in which they are listed.
    pub const ALL: [Verb; 15] = [
        Verb::Restart(Reboot::Soft),
        Verb::Restart(Reboot::Hard),
        Verb::Stop,
        Verb::Start,
        Verb::Lock,
        Verb::Unlock,
        Verb::Drain,
        Verb::PutBack,
        Verb::Quarantine,
        Verb::Rebuild,
        Verb::RollOut,
        Verb::RollBack,
        Verb::Scale,
        Verb::Remove,
        Verb::Replace,
    ];

    /// The verb as a sentence begins with it.
    pub fn title(self) -> &'static str {
        match self {
            Verb::Restart(Reboot::Soft) => "Restart",
            Verb::Restart(Reboot::Hard) => "Restart hard",
            Verb::Stop => "Stop",
            Verb::Start => "Start",
            Verb::Lock => "Lock",
            Verb::Unlock => "Unlock",
            Verb::Drain => "Drain",
            Verb::PutBack => "Put back",
            Verb::Quarantine => "Quarantine",
            Verb::Rebuild => "Rebuild",
            Verb::RollOut => "Roll out",
            Verb::RollBack => "Roll back",
            Verb::Scale => "Scale",
            Verb::Remove => "Remove",
            Verb::Replace => "Replace",
        }
    }

    /// The shell's verb.
    pub fn word(self) -> &'static str {
        match self {
            Verb::Restart(_) => "restart",
            Verb::Stop => "stop",
            Verb::Start => "start",
            Verb::Lock => "lock",
            Verb::Unlock => "unlock",
            Verb::Drain => "drain",
            Verb::PutBack => "put-back",
            Verb::Quarantine => "quarantine",
            Verb::Rebuild => "rebuild",
            Verb::RollOut => "rollout",
            Verb::RollBack => "rollback",
            Verb::Scale => "scale",
            Verb::Remove => "remove",
            Verb::Replace => "replace",
        }
    }

    /// Whether it brings instances to a release.
    pub fn brings_release(self) -> bool {
        matches!(self, Verb::RollOut | Verb::RollBack)
    }

    /// Whether it locks, and so leaves a reason in the cloud.
    pub fn locks(self) -> bool {
        matches!(self, Verb::Lock | Verb::Quarantine)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}
