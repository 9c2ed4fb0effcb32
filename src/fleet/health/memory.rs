//! What is remembered from one look to the next, so that a word that is said is not taken back a second later.
//!
//! Something is told once it has been so for a while, and withdrawn once it has clearly not been so for a while: between
//! the two thresholds everything stays as it is. While it cannot be told, what was told stays, and says that.

use std::collections::BTreeMap;
use std::time::Duration;

use super::calm::{Anew, Calm};
use super::conclusion::{About, Conclusion, Evidence, Trouble};
use super::scene::Scene;
use super::truth::Truth;
use crate::base::clock::{Timestamp, since};
use crate::base::id::InstanceId;
use crate::fleet::Began;
use crate::fleet::map::Set;
use crate::fleet::metric::Subject;
use crate::fleet::service::{ServiceKey, Severity};

/// What was so and nobody can tell any more is let go after this.
const LONGEST_UNKNOWN: Duration = Duration::from_secs(15 * 60);

/// What was so for longer than any look goes back, and then for as long as is waited, had been told by whoever looked.
const LONGEST_LOOK: Duration = Duration::from_secs(super::quality::FULLNESS);

/// One look at one possible trouble.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sight {
    /// It is clearly so.
    So(Seen),
    /// It is not so clearly any more, but not clearly over.
    Wavering(Seen),
    /// It is clearly not so.
    Not,
    /// It cannot be told.
    Dark,
}

/// What was seen of a trouble.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) severity: Severity,
    pub(crate) text: String,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) advice: String,
    /// Since when, where somebody tells of the time before this look.
    pub(crate) began: Option<Began>,
    /// Whoever had looked in all that time had seen the same.
    pub(crate) lasts: bool,
}

/// What is remembered: handed to [`super::conclude()`] and handed back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// When everybody who says what belongs to which service was first there.
    first: Option<Timestamp>,
    held: BTreeMap<(About, Trouble), Held>,
    /// The instances of which something was held when this look began.
    suspects: Set<InstanceId>,
    /// Whether something was of anybody else.
    others: bool,
    pub(crate) ups: BTreeMap<InstanceId, Ups>,
    pub(super) calm: Calm,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Held {
    /// Since which look it is so, without a break.
    begun: Option<Timestamp>,
    /// And since when it really is.
    began: Option<Began>,
    /// It was told.
    told: bool,
    /// Since when it is clearly not so.
    over: Option<Timestamp>,
    /// Since when it cannot be told.
    dark: Option<Timestamp>,
    last: Option<Seen>,
    /// Looked at in this round.
    fresh: bool,
}

/// Whether an instance answered, and when that changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ups {
    pub(crate) last: Option<bool>,
    pub(crate) changes: Vec<Timestamp>,
}

impl Memory {
    pub(crate) fn begin(&mut self, scene: &Scene<'_>) {
        if scene.fleet.is_settled() {
            self.first.get_or_insert(scene.now);
        }
        self.held.values_mut().for_each(|held| held.fresh = false);
        self.suspects = self.held.keys().filter_map(|(about, _)| about.instance.clone()).collect();
        self.others = self.held.keys().any(|(about, _)| about.instance.is_none());
    }

    /// Of which services the instances must be looked at again, in the same fleet, if those were heard since.
    pub(crate) fn anew(&self, scene: &Scene<'_>, heard: &Set<Subject>) -> Anew {
        self.calm.anew(scene, heard)
    }

    /// The services of whose instances any is under suspicion.
    pub(super) fn services_with_suspects(&self) -> Set<ServiceKey> {
        let of_instances = self.held.keys().filter(|(about, _)| about.instance.is_some());
        of_instances.filter_map(|(about, _)| about.service.clone()).collect()
    }

    /// Forgets what nobody looked at, and instances that are not there any more.
    pub(crate) fn end(&mut self, is_there: impl Fn(&InstanceId) -> bool) {
        self.held.retain(|_, held| held.fresh && (held.begun.is_some() || held.told));
        self.ups.retain(|id, _| is_there(id));
        (self.suspects, self.others) = Default::default();
    }

    /// Whether an instance, or anybody who is none, is under suspicion.
    pub(crate) fn suspects(&self, whom: Option<&InstanceId>) -> bool {
        whom.map_or(self.others, |id| !self.suspects.is_empty() && self.suspects.contains(id))
    }

    /// What follows from a look, and from those before.
    pub(crate) fn note(&mut self, trouble: Trouble, about: &About, sight: Sight, now: Timestamp) -> Option<Conclusion> {
        let key = (about.clone(), trouble);
        if sight == Sight::Not && !self.held.contains_key(&key) {
            return None;
        }
        let held = self.held.entry(key).or_default();
        held.fresh = true;
        let (raise, release) = trouble.patience();
        // What was looked for and not found before is new; of the time before the first look nothing is known.
        let new = Began { at: now, maybe_earlier: self.first.is_none_or(|first| first >= now) };
        let truth = held.look(sight, (raise, release), new);
        if !held.told {
            return None;
        }
        let seen = held.last.clone()?;
        Some(Conclusion {
            trouble,
            about: about.clone(),
            truth,
            severity: if truth == Truth::Unknown { Severity::Unknown } else { seen.severity },
            since: held.began.unwrap_or(new),
            text: seen.text,
            evidence: seen.evidence,
            advice: seen.advice,
        })
    }
}

impl Held {
    /// `new` is when it began if nothing is known of the time before.
    fn look(&mut self, sight: Sight, (raise, release): (Duration, Duration), new: Began) -> Truth {
        let now = new.at;
        match sight {
            Sight::So(seen) => {
                let begun = *self.begun.get_or_insert(now);
                (self.over, self.dark) = (None, None);
                let told =
                    seen.began.filter(|_| seen.lasts).is_some_and(|began| since(began.at, now) >= raise + LONGEST_LOOK);
                self.told |= told || since(begun, now) >= raise;
                self.began = Some(self.began.map_or(seen.began.unwrap_or(new), |began| earlier(began, seen.began)));
                self.last = Some(seen);
                Truth::True
            }
            Sight::Wavering(seen) => {
                (self.over, self.dark) = (None, None);
                if self.told {
                    self.last = Some(seen);
                } else {
                    (self.begun, self.began) = (None, None);
                }
                Truth::True
            }
            Sight::Not => {
                self.dark = None;
                if since(*self.over.get_or_insert(now), now) >= release || !self.told {
                    (self.begun, self.began, self.told) = (None, None, false);
                }
                Truth::True
            }
            Sight::Dark => {
                if since(*self.dark.get_or_insert(now), now) >= LONGEST_UNKNOWN {
                    (self.begun, self.began, self.told) = (None, None, false);
                }
                Truth::Unknown
            }
        }
    }
}

/// A past may come late: then what was known only by when it began is known better. What is known exactly stays, also
/// when its time is kept in coarser steps.
fn earlier(known: Began, told: Option<Began>) -> Began {
    told.filter(|told| known.maybe_earlier && told.at <= known.at).unwrap_or(known)
}
