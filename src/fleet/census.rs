//! What a service's instances and pools add up to.
//!
//! Counted once, when the fleet is grouped: whoever draws a service reads a few numbers, however many instances it has.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::fleet::health::octavia;
use crate::fleet::map::Map;
use crate::fleet::pool::Pool;
use crate::fleet::service::{Member, NamedBy, Severity};

/// A health state, what it is called, and how many instances are in it.
pub type State = (Severity, &'static str, usize);

/// What a service's instances and pools add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// In which states its instances are, for each of [`versions`](super::Service::versions), the harmless first.
    pub states: Vec<Vec<State>>,
    /// Which sources named it for its instances, the strongest first.
    pub named_by: Vec<NamedBy>,
    /// When its newest instance was made.
    pub newest: Option<Timestamp>,
    /// For each of its [`pools`](super::Service::pools): how many members take requests, and of how many.
    pub taking: Vec<(usize, usize)>,
}

impl Census {
    /// Counts instances that run these versions; `taking` is what their pools say.
    pub fn of<'a>(
        versions: &[(Option<Arc<str>>, usize)],
        members: impl Iterator<Item = &'a Member>,
        taking: Vec<(usize, usize)>,
    ) -> Self {
        let mut states: Map<Option<&str>, BTreeMap<(Severity, &'static str), usize>> = Map::default();
        let mut census = Self { taking, ..Self::default() };
        for member in members {
            *states.entry(member.version.version.as_deref()).or_default().entry(state(member)).or_default() += 1;
            if !census.named_by.contains(&member.named_by) {
                census.named_by.push(member.named_by);
            }
            census.newest = census.newest.max(member.instance.created);
        }
        census.named_by.sort_unstable();
        census.states = versions
            .iter()
            .map(|(version, _)| states.remove(&version.as_deref()).unwrap_or_default())
            .map(|states| states.into_iter().map(|((severity, title), count)| (severity, title, count)).collect())
            .collect();
        census
    }
}

/// How many members of some pools take requests, and of how many.
pub fn taking<'a>(pools: impl Iterator<Item = &'a Pool>) -> (usize, usize) {
    let one = |pool: &Pool| {
        let taking = pool.members.iter().filter(|member| octavia::takes_requests(pool, member)).count();
        (taking, pool.members.len())
    };
    pools.map(one).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// The worst that was found of an instance.
fn state(member: &Member) -> (Severity, &'static str) {
    let worst = member.findings.iter().max_by_key(|finding| finding.severity);
    worst.map_or((Severity::Ok, "ok"), |finding| (finding.severity, finding.title))
}
