//! What leads to a change of the cloud: the wish, its review, consent.
//!
//! What may be done is decided by the plan ([`mod@crate::operation::draft`]) and nowhere else. Here it is only decided
//! who is meant, the moment the key is pressed.

use std::time::Duration;

use crate::base::clock::since;
use crate::base::id::InstanceId;
use crate::base::nearest::nearest;
use crate::console::app::column::RowId;
use crate::console::app::commands::{look, mould};
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::review::{Focus, Review};
use crate::console::app::table::Table;
use crate::console::app::trail::View;
use crate::fleet::service::Standing;
use crate::operation::record::Wish;
use crate::operation::{Aim, Intent, Reboot, Verb};

type Effects = Vec<Effect>;

/// Whoever presses a key this soon after the cursor was moved by the cloud has looked at another row.
const LOOKED: Duration = Duration::from_secs(1);

/// Who is meant, and which of them the list does not show.
pub(super) struct Meant {
    pub(super) aim: Aim,
    pub(super) hidden: Vec<InstanceId>,
}

/// Restarts.
pub fn restart(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Restart(Reboot::Soft), named)
}

/// Restarts by cutting the power.
pub fn restart_hard(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Restart(Reboot::Hard), named)
}

/// Switches off.
pub fn stop(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Stop, named)
}

/// Switches on.
pub fn start(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Start, named)
}

/// Makes it refuse changes.
pub fn lock(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Lock, named)
}

/// Lets it take changes again.
pub fn unlock(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Unlock, named)
}

/// Takes out of rotation.
pub fn drain(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Drain, named)
}

/// Puts back into rotation.
pub fn put_back(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::PutBack, named)
}

/// Takes out of rotation and locks.
pub fn quarantine(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Quarantine, named)
}

/// Makes anew from its image.
pub fn rebuild(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Rebuild, named)
}

/// Makes another in its place, and deletes it.
pub fn replace(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Replace, named)
}

/// Takes out of its pools and deletes.
pub fn remove(model: &mut Model, named: &str) -> Effects {
    review(model, Verb::Remove, named)
}

/// What a change would be aimed at, before anything is put together: it is asked for each frame.
enum Pointed<'a> {
    Row(&'a RowId),
    Instance(&'a InstanceId),
    Marks(&'a Table),
}

/// Whether anything here can be changed now.
pub fn can_change(model: &Model) -> Result<(), String> {
    is_ready(model)?;
    let Pointed::Row(RowId::Service(key)) = pointed(model)? else { return Ok(()) };
    match model.fleet.service(key).map(|service| &service.standing) {
        Some(Standing::Provisional(waiting)) => {
            Err(format!("{} is provisional: {} has not answered", key.name, waiting.join(", ")))
        }
        Some(Standing::Ambiguous(_)) => Err(format!("{} is ambiguous: it is in several pools", key.name)),
        Some(Standing::Empty) => Err(format!("{} has no instances", key.name)),
        Some(Standing::Settled) | None => Ok(()),
    }
}

/// Whether a plan can be made at all. What is opened read-only is told by the plan: it can be rehearsed.
pub(super) fn is_ready(model: &Model) -> Result<(), String> {
    match () {
        () if model.session.is_none() => Err("not signed in yet".to_owned()),
        () if model.freshness.from_cache => Err("the cloud has not answered yet".to_owned()),
        () => Ok(()),
    }
}

fn review(model: &mut Model, verb: Verb, named: &str) -> Effects {
    let meant = if named.is_empty() { looked_at(model) } else { is_ready(model).and_then(|()| by_name(model, named)) };
    let Meant { aim, hidden } = match meant {
        Ok(meant) => meant,
        Err(reason) => {
            model.notices.tell(format!("{verb}: {reason}"), model.now);
            return Vec::new();
        }
    };
    let user = model.session.as_ref().map_or("", |session| &session.user);
    let reason = match verb {
        Verb::Lock => Some(format!("locked by {user} with Stackdeck")),
        Verb::Quarantine => Some(format!("set aside by {user} with Stackdeck")),
        _ => None,
    };
    mould::open(model, Intent { reason, ..Intent::new(verb, aim) }, hidden)
}

/// Opens the review of a wish.
pub(super) fn open(model: &mut Model, intent: Intent, hidden: Vec<InstanceId>) -> Effects {
    let review = Review::of(model, intent, hidden);
    model.overlay = Some(Overlay::Review(Box::new(review)));
    model.touch();
    // Its token may have been renewed since another plan was read.
    model.credentials = None;
    vec![Effect::TellCredentials]
}

/// Who is meant, unless the cloud has just put another row under the cursor than the one that was looked at.
pub(super) fn looked_at(model: &Model) -> Result<Meant, String> {
    let by_cursor = model.table().is_some_and(|table| table.marks().is_empty());
    if by_cursor && model.list_moved.is_some_and(|at| since(at, model.now) < LOOKED) {
        return Err("the list has just changed under the cursor: look again".to_owned());
    }
    meant(model)
}

/// The marked rows, else the one under the cursor, else what one looks into.
fn pointed(model: &Model) -> Result<Pointed<'_>, String> {
    if let View::Instance(id) = model.trail.here() {
        return Ok(Pointed::Instance(id));
    }
    let table = model.table().ok_or("there is nothing here")?;
    // The rows of a table are of one kind: one mark tells for all.
    match table.marks().first() {
        None => match table.cursor().ok_or("there is nothing here")? {
            RowId::Named(_) => Err("there is nothing here that could be changed".to_owned()),
            row => Ok(Pointed::Row(row)),
        },
        Some(RowId::Instance(_)) => Ok(Pointed::Marks(table)),
        Some(row @ RowId::Service(_)) if table.marks().len() == 1 => Ok(Pointed::Row(row)),
        Some(_) => Err("one service at a time: unmark the others".to_owned()),
    }
}

fn meant(model: &Model) -> Result<Meant, String> {
    let one = |id: &InstanceId| Meant { aim: Aim::Instances(vec![id.clone()]), hidden: Vec::new() };
    Ok(match pointed(model)? {
        Pointed::Instance(id) | Pointed::Row(RowId::Instance(id)) => one(id),
        Pointed::Row(RowId::Service(key)) => Meant { aim: Aim::Service((**key).clone()), hidden: Vec::new() },
        Pointed::Row(RowId::Named(_)) => return Err("there is nothing here that could be changed".to_owned()),
        Pointed::Marks(table) => {
            let (shown, hidden) = table.marked();
            let ids = |rows: Vec<&RowId>| rows.into_iter().filter_map(instance).collect::<Vec<InstanceId>>();
            let (shown, hidden) = (ids(shown), ids(hidden));
            Meant { aim: Aim::Instances(shown.into_iter().chain(hidden.iter().cloned()).collect()), hidden }
        }
    })
}

fn instance(row: &RowId) -> Option<InstanceId> {
    match row {
        RowId::Instance(id) => Some(id.clone()),
        RowId::Service(_) | RowId::Named(_) => None,
    }
}

/// Instances by name or id, or one service by name.
fn by_name(model: &Model, named: &str) -> Result<Meant, String> {
    let mut ids = Vec::new();
    let words: Vec<&str> = named.split_whitespace().collect();
    for word in &words {
        let known = model.fleet.members.iter().map(|member| &*member.instance);
        let found: Vec<_> = known.filter(|instance| instance.name == *word || instance.id.as_str() == *word).collect();
        match found.as_slice() {
            [one] if ids.contains(&one.id) => {}
            [one] => ids.push(one.id.clone()),
            [] if words.len() == 1 => return service_by_name(model, word),
            [] => return Err(unknown(model, word)),
            several => return Err(format!("{} instances are called {word}: mark those that you mean", several.len())),
        }
    }
    Ok(Meant { aim: Aim::Instances(ids), hidden: Vec::new() })
}

pub(super) fn service_by_name(model: &Model, name: &str) -> Result<Meant, String> {
    let found: Vec<_> = model.fleet.services.iter().filter(|service| &*service.key.name == name).collect();
    match found.as_slice() {
        [one] => Ok(Meant { aim: Aim::Service(one.key.clone()), hidden: Vec::new() }),
        [] => Err(unknown(model, name)),
        several => Err(format!("{} services are called {name}: choose one in the list", several.len())),
    }
}

fn unknown(model: &Model, name: &str) -> String {
    let instances = model.fleet.members.iter().map(|member| member.instance.name.as_str());
    let services = model.fleet.services.iter().map(|service| &*service.key.name);
    match nearest(name, instances.chain(services)) {
        Some(near) => format!("there is no instance or service {name}. Did you mean {near}?"),
        None => format!("there is no instance or service {name} here"),
    }
}

/// Lets the next button or line take the keys.
pub fn next_field(model: &mut Model, _: &str) -> Effects {
    turn(model, 1)
}

/// Lets the button or line before take the keys.
pub fn previous_field(model: &mut Model, _: &str) -> Effects {
    turn(model, -1)
}

fn turn(model: &mut Model, by: isize) -> Effects {
    let (foci, focus) = match &mut model.overlay {
        Some(Overlay::Review(review)) => (review.foci(), &mut review.focus),
        Some(Overlay::Abort(question)) => (vec![Focus::Cancel, Focus::Start], &mut question.focus),
        _ => return Vec::new(),
    };
    let at = foci.iter().position(|other| other == focus).unwrap_or(0);
    let count = isize::try_from(foci.len()).unwrap_or(1);
    let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
    *focus = foci.get(next.unsigned_abs()).copied().unwrap_or_default();
    model.touch();
    Vec::new()
}

/// Presses the button; in a line, goes on to what comes next.
pub fn press(model: &mut Model, _: &str) -> Effects {
    model.touch();
    match model.overlay.take() {
        Some(Overlay::Review(mut review)) => match review.focus {
            Focus::Cancel => Vec::new(),
            Focus::Start => consent(model, review),
            Focus::Dies => {
                review.may_die = !review.may_die;
                model.overlay = Some(Overlay::Review(review));
                Vec::new()
            }
            Focus::Typed | Focus::Ticket | Focus::Reason => {
                model.overlay = Some(Overlay::Review(review));
                turn(model, 1)
            }
        },
        Some(Overlay::Abort(question)) if question.focus == Focus::Start => {
            model.notices.tell("It is asked to begin nothing more", model.now);
            vec![Effect::Ask(question.operation, Wish::Abort)]
        }
        Some(Overlay::Abort(_)) | None => Vec::new(),
        other => {
            model.overlay = other;
            Vec::new()
        }
    }
}

/// Start was pressed.
fn consent(model: &mut Model, mut review: Box<Review>) -> Effects {
    if let Some((focus, why)) = review.lacks() {
        model.notices.tell(format!("Nothing was started: {why}"), model.now);
        review.focus = focus;
        model.overlay = Some(Overlay::Review(review));
        return Vec::new();
    }
    let ticket = review.ticket();
    model.starting = Some(review.draft.plan.title.clone());
    vec![Effect::Approve { draft: Box::new(review.draft), ticket }]
}

/// Restarts softly instead of hard, rolls out in place instead of by others in their place; or the other way round.
pub fn other_way(model: &mut Model, _: &str) -> Effects {
    let Some(review) = open_review(model) else { return Vec::new() };
    let (hidden, Some(intent)) = (review.hidden.clone(), review.other_way()) else { return Vec::new() };
    if intent.replaces() && intent.moulds.is_empty() {
        model.overlay = None;
        return mould::open(model, intent, hidden);
    }
    redraw(model, intent)
}

/// Whether there are two ways.
pub fn has_other_way(model: &Model) -> Result<(), String> {
    let there = open_review(model)
        .is_some_and(|review| matches!(review.intent.verb, Verb::Restart(_) | Verb::RollOut | Verb::RollBack));
    if !there {
        return Err("there is one way to do this".to_owned());
    }
    hears_letters(model)
}

/// Restarts at once instead of draining first, or the other way round.
pub fn other_haste(model: &mut Model, _: &str) -> Effects {
    let Some(intent) = open_review(model).and_then(Review::other_haste) else { return Vec::new() };
    redraw(model, intent)
}

/// Whether anything is drained, or would be.
pub fn has_other_haste(model: &Model) -> Result<(), String> {
    if open_review(model).and_then(Review::other_haste).is_none() {
        return Err("there is nothing to drain".to_owned());
    }
    hears_letters(model)
}

/// Makes anew, or removes, also who serves alone, or not.
pub fn other_downtime(model: &mut Model, _: &str) -> Effects {
    let Some(intent) = open_review(model).and_then(Review::other_downtime) else { return Vec::new() };
    redraw(model, intent)
}

/// Whether anybody may be left without who serves.
pub fn has_other_downtime(model: &Model) -> Result<(), String> {
    if open_review(model).and_then(Review::other_downtime).is_none() {
        return Err("there is no downtime to accept".to_owned());
    }
    hears_letters(model)
}

/// Stops behind the first to be looked at, or not.
pub fn other_pace(model: &mut Model, _: &str) -> Effects {
    let Some(intent) = open_review(model).and_then(Review::other_pace) else { return Vec::new() };
    redraw(model, intent)
}

/// Whether there is a first and others.
pub fn has_other_pace(model: &Model) -> Result<(), String> {
    if open_review(model).and_then(Review::other_pace).is_none() {
        return Err("there is no stop here".to_owned());
    }
    hears_letters(model)
}

/// Leaves out the targets that something speaks against.
pub fn leave_out(model: &mut Model, _: &str) -> Effects {
    let Some(intent) = open_review(model).and_then(|review| review.draft.without_refused()) else { return Vec::new() };
    redraw(model, intent)
}

/// Whether that would change anything.
pub fn can_leave_out(model: &Model) -> Result<(), String> {
    if !open_review(model).is_some_and(Review::can_leave_out) {
        return Err("there is nothing to leave out".to_owned());
    }
    hears_letters(model)
}

/// Whether a letter means a command here, and not the name.
fn hears_letters(model: &Model) -> Result<(), String> {
    match open_review(model).and_then(Review::unsaid) {
        Some(name) => Err(format!("type {name} first")),
        None => Ok(()),
    }
}

fn redraw(model: &mut Model, intent: Intent) -> Effects {
    if let Some(Overlay::Review(mut review)) = model.overlay.take() {
        review.replace(model, intent);
        model.overlay = Some(Overlay::Review(review));
    }
    model.touch();
    Vec::new()
}

/// Copies what does the same in a shell.
pub fn copy_shell_line(model: &mut Model, _: &str) -> Effects {
    let Some(line) = open_review(model).map(Review::shell_line) else { return Vec::new() };
    look::copy_text(model, "the line for a shell", line)
}

/// Whether a plan is open.
pub fn has_review(model: &Model) -> Result<(), String> {
    open_review(model).ok_or("there is no plan here")?;
    hears_letters(model)
}

fn open_review(model: &Model) -> Option<&Review> {
    match &model.overlay {
        Some(Overlay::Review(review)) => Some(review),
        _ => None,
    }
}
