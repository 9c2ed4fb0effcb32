//! What changed between two fleets.
//!
//! Pure comparison by identity: the log tells it, and a review that was made for one fleet is held against the next.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::base::id::InstanceId;
use crate::fleet::instance::Status;
use crate::fleet::service::{Finding, Fleet, Member, Service, ServiceKey};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The service: the one that it is in now, or was in at last.
    pub service: ServiceKey,
    /// The instance and its name; `None` for the service itself.
    pub instance: Option<(InstanceId, String)>,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It was not there before.
    Appeared,
    /// It is no longer there.
    Gone,
    /// Nova's status is another: before and after.
    Status(Status, Status),
    /// Nova's task state is another: before and after.
    TaskState(Option<String>, Option<String>),
    /// It runs another version: before and after.
    Version(Option<Arc<str>>, Option<Arc<str>>),
    /// It belongs to another service than this one before.
    Moved(ServiceKey),
    /// A finding is new.
    Found(Finding),
    /// A finding is no longer there.
    Cleared(Finding),
}

/// Everything that differs: services first, then instances, each in their order.
pub fn diff(before: &Fleet, after: &Fleet) -> Vec<Difference> {
    let mut found = Vec::new();
    merge(&before.services, &after.services, |a, b| a.key.cmp(&b.key), |pair| services(&pair, &mut found));
    let order = |a: &Member, b: &Member| a.instance.id.cmp(&b.instance.id);
    merge(&before.members, &after.members, order, |pair| members(before, after, &pair, &mut found));
    found
}

/// For each member afterwards, where it stood before if nothing that is said of it has changed.
pub fn unchanged(before: &Fleet, after: &Fleet) -> Vec<Option<usize>> {
    if before.images != after.images {
        return vec![None; after.members.len()];
    }
    let key = |fleet: &'_ Fleet, at: usize| fleet.services.get(at).map(|service| service.key.clone());
    let moved: Vec<bool> =
        (0..before.services.len().max(after.services.len())).map(|at| key(before, at) != key(after, at)).collect();
    let same = |old: &Member, new: &Member| {
        let stays = old.service == new.service && !moved.get(new.service).copied().unwrap_or(true);
        let service = stays || key(before, old.service) == key(after, new.service);
        service && old.instance == new.instance && old.version == new.version && old.findings == new.findings
    };
    let mut at = 0;
    let former = |new: &Member| {
        while before.members.get(at).is_some_and(|old| old.instance.id < new.instance.id) {
            at += 1;
        }
        before.members.get(at).filter(|old| same(old, new)).map(|_| at)
    };
    after.members.iter().map(former).collect()
}

/// What stands at one place of two sorted lists.
pub(in crate::fleet) enum Pair<'a, T> {
    /// Only in the first.
    Before(&'a T),
    /// Only in the second.
    After(&'a T),
    /// In both.
    Both(&'a T, &'a T),
}

/// Walks two sorted lists side by side.
pub(in crate::fleet) fn merge<'a, T>(
    before: &'a [T],
    after: &'a [T],
    order: impl Fn(&T, &T) -> Ordering,
    mut take: impl FnMut(Pair<'a, T>),
) {
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let next = match (before.peek(), after.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => order(a, b),
        };
        let old = if next == Ordering::Greater { None } else { before.next() };
        let new = if next == Ordering::Less { None } else { after.next() };
        match (old, new) {
            (Some(a), Some(b)) => take(Pair::Both(a, b)),
            (Some(a), None) => take(Pair::Before(a)),
            (None, Some(b)) => take(Pair::After(b)),
            (None, None) => return,
        }
    }
}

fn services(pair: &Pair<'_, Service>, found: &mut Vec<Difference>) {
    let (service, changes) = match *pair {
        Pair::Before(service) => (service, vec![What::Gone]),
        Pair::After(service) => {
            let own = own(service).cloned().map(What::Found);
            (service, std::iter::once(What::Appeared).chain(own).collect())
        }
        Pair::Both(before, after) => (after, findings(&own(before), &own(after))),
    };
    found.extend(changes.into_iter().map(|what| Difference { service: service.key.clone(), instance: None, what }));
}

/// Without those that are repeated from instances.
fn own(service: &Service) -> impl Iterator<Item = &Finding> + Clone {
    service.findings.iter().filter(|finding| finding.instance.is_none())
}

fn members(before: &Fleet, after: &Fleet, pair: &Pair<'_, Member>, found: &mut Vec<Difference>) {
    let (fleet, member, changes) = match *pair {
        Pair::Before(member) => (before, member, vec![What::Gone]),
        Pair::After(member) => {
            let findings = member.findings.iter().cloned().map(What::Found);
            (after, member, std::iter::once(What::Appeared).chain(findings).collect())
        }
        Pair::Both(old, new) => (after, new, changes((before, old), (after, new))),
    };
    let Some(service) = fleet.services.get(member.service) else { return };
    found.extend(changes.into_iter().map(|what| Difference {
        service: service.key.clone(),
        instance: Some((member.instance.id.clone(), member.instance.name.clone())),
        what,
    }));
}

fn changes((before, old): (&Fleet, &Member), (after, new): (&Fleet, &Member)) -> Vec<What> {
    let mut changes = Vec::new();
    if let (Some(a), Some(b)) = (before.services.get(old.service), after.services.get(new.service))
        && a.key != b.key
    {
        changes.push(What::Moved(a.key.clone()));
    }
    // The same row, shared: nothing that Nova says can differ.
    if !Arc::ptr_eq(&old.instance, &new.instance) {
        let (a, b) = (&old.instance, &new.instance);
        if a.status != b.status {
            changes.push(What::Status(a.status.clone(), b.status.clone()));
        }
        if a.task_state != b.task_state {
            changes.push(What::TaskState(a.task_state.clone(), b.task_state.clone()));
        }
    }
    if old.version.version != new.version.version {
        changes.push(What::Version(old.version.version.clone(), new.version.version.clone()));
    }
    changes.extend(findings(&old.findings.iter(), &new.findings.iter()));
    changes
}

/// Findings are the same when they say the same; since when does not matter.
fn findings<'a>(
    before: &(impl Iterator<Item = &'a Finding> + Clone),
    after: &(impl Iterator<Item = &'a Finding> + Clone),
) -> Vec<What> {
    let same = |a: &Finding, b: &Finding| (a.severity, a.title, &a.evidence) == (b.severity, b.title, &b.evidence);
    let new = after.clone().filter(|found| !before.clone().any(|old| same(old, found)));
    let gone = before.clone().filter(|old| !after.clone().any(|found| same(old, found)));
    new.cloned().map(What::Found).chain(gone.cloned().map(What::Cleared)).collect()
}
