//! What happened to one instance, each event once and with its cause.
//!
//! The same event may have been seen twice: by two consoles, or before and after a restart. A change of state has a
//! cause if somebody asked Nova for something right before. And what an operation does is told as the operation's.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::fleet::instance::Status;
use crate::fleet::timeline::entry::Entry;
use crate::fleet::timeline::sighting::{Deed, Sighting, What, Work};

/// Clocks and polls differ by so much.
const SLACK: Duration = Duration::from_secs(3);
/// What was asked for shows within this time.
const EFFECT: Duration = Duration::from_secs(15 * 60);
/// After an operation let go of an instance, its balancer takes so long to see it.
const AFTERMATH: Duration = Duration::from_secs(60);
/// Two sightings of one event have no more others between them.
const NEAR: usize = 6;

/// What happened to one instance; `seen` is in the order of time.
pub(super) fn told(seen: &[&Sighting], works: &[&Work]) -> Vec<Entry> {
    let mut causes: Vec<(Arc<str>, Entry)> = Vec::new();
    let mut rest: Vec<Entry> = Vec::new();
    let known = distinct(seen);
    for one in &known {
        if let What::Deed(deed) = &one.what
            && !is_ours(deed, works)
        {
            causes.push((Arc::clone(&deed.verb), Entry::of(one)));
        }
    }
    for one in known.iter().filter(|one| !matches!(one.what, What::Deed(_)) && !is_of_work(one, works)) {
        match cause(&mut causes, one) {
            Some(entry) => explain(entry, one, &mut rest),
            None => go_on(&mut rest, one),
        }
    }
    rest.extend(causes.into_iter().map(|(_, entry)| entry));
    rest
}

/// Each event once.
fn distinct(seen: &[&Sighting]) -> Vec<Sighting> {
    let mut found: Vec<Sighting> = Vec::new();
    for one in seen {
        let known = found.iter_mut().rev().enumerate().find(|(place, known)| match (&known.what, &one.what) {
            (What::Deed(a), What::Deed(b)) => is_same_deed(a, b) && (a.request.is_some() || known.at == one.at),
            (a, b) => *place < NEAR && a == b && overlap(known, one, if *place == 0 { SLACK } else { Duration::ZERO }),
        });
        match known {
            Some((_, known)) => absorb(known, one),
            None => found.push((*one).clone()),
        }
    }
    found
}

fn is_same_deed(a: &Deed, b: &Deed) -> bool {
    a.verb == b.verb && a.request == b.request
}

/// Whether both may be of one moment: the later one may have happened when the earlier one was seen.
fn overlap(earlier: &Sighting, later: &Sighting, slack: Duration) -> bool {
    let from = later.after.unwrap_or(later.at);
    from < earlier.at || since(earlier.at, from) <= slack && slack > Duration::ZERO || later.at == earlier.at
}

/// Another sighting of the same: the times that tell more, and what it adds.
fn absorb(known: &mut Sighting, one: &Sighting) {
    if one.stamped && !known.stamped {
        (known.at, known.stamped) = (one.at, true);
    }
    known.after = known.after.max(one.after);
    if known.whom.service.is_none() {
        known.whom.service.clone_from(&one.whom.service);
    }
    if let (What::Deed(deed), What::Deed(more)) = (&mut known.what, &one.what) {
        deed.failed |= more.failed;
        deed.user = deed.user.take().or_else(|| more.user.clone());
    }
}

fn is_ours(deed: &Deed, works: &[&Work]) -> bool {
    deed.request.as_ref().is_some_and(|request| works.iter().any(|work| work.requests.contains(request)))
}

/// Whether an operation has brought it about. What ends badly is told all the same.
fn is_of_work(one: &Sighting, works: &[&Work]) -> bool {
    let meant = match &one.what {
        What::Status(_, to) => *to != Status::Error,
        What::Operating(_, _, to) => &**to != "ERROR",
        _ => false,
    };
    let from = one.after.filter(|_| !one.stamped).unwrap_or(one.at);
    meant
        && works
            .iter()
            .any(|work| since(one.at, work.from) <= SLACK && work.to.is_none_or(|to| since(to, from) <= AFTERMATH))
}

/// The last thing that somebody asked for before it, if that does such a thing.
fn cause<'a>(causes: &'a mut [(Arc<str>, Entry)], one: &Sighting) -> Option<&'a mut Entry> {
    let from = one.after.filter(|_| !one.stamped).unwrap_or(one.at);
    let explains = |verb: &str, asked: Timestamp| {
        let before = since(one.at, asked) <= SLACK;
        before && since(asked, from) <= EFFECT && does(verb, &one.what)
    };
    causes.iter_mut().rev().find(|(verb, entry)| explains(verb, entry.at)).map(|(_, entry)| entry)
}

/// Whether Nova's verb does such a thing.
fn does(verb: &str, what: &What) -> bool {
    let aside = ["lock", "unlock", "attach", "detach"].iter().any(|word| verb.starts_with(word));
    match what {
        What::Created => verb == "create",
        What::Gone => verb.to_lowercase().ends_with("delete"),
        What::Status(..) | What::Version(..) => !aside,
        _ => false,
    }
}

/// Takes an effect up into what caused it.
fn explain(cause: &mut Entry, one: &Sighting, rest: &mut Vec<Entry>) {
    match &one.what {
        What::Status(from, to) => pass(cause, from, to, one.at),
        What::Created => (cause.what, cause.at) = (What::Created, one.at.min(cause.at)),
        // Nova's history knows when; the list only that it is no longer there.
        What::Gone => (cause.what, cause.until) = (What::Gone, one.at),
        _ => rest.push(Entry { who: cause.who.clone(), ..Entry::of(one) }),
    }
}

fn pass(entry: &mut Entry, from: &Status, to: &Status, at: Timestamp) {
    if entry.course.last() != Some(from) {
        entry.course.push(from.clone());
    }
    entry.course.push(to.clone());
    entry.until = entry.until.max(at);
}

/// A state that goes on from the one before is the same event; so is what becomes of an instance that was just made.
fn go_on(rest: &mut Vec<Entry>, one: &Sighting) {
    if let What::Status(from, to) = &one.what {
        let goes_on = |entry: &&mut Entry| {
            let fits = match &entry.what {
                What::Created => entry.course.last().is_none_or(|last| last == from) && from.is_transition(),
                What::Status(..) => entry.course.last() == Some(from) && from.is_transition(),
                _ => false,
            };
            fits && since(entry.until, one.at) <= EFFECT
        };
        if let Some(entry) = rest.iter_mut().rev().find(goes_on) {
            return pass(entry, from, to, one.at);
        }
    }
    rest.push(Entry::of(one));
}
