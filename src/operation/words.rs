//! Records, steps and lengths of time, in words: for the shell, for programs, and for whoever takes over.

use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::operation::figures::Figures;
use crate::operation::fold::Phase;
use crate::operation::record::{Pause, Verdict, Wait, Wish};
use crate::operation::{Actor, Event, Operation, Outcome};

/// A length of time in its two largest units: `850 ms`, `7.2 s`, `4 min 10 s`, `2 h 5 min`.
pub fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// A time without its parts of a second: `2026-11-22T14:55:03Z`.
pub fn when(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// Who, as far as two people could be taken for each other: `anna (a.mueller@Default)`.
pub fn who(actor: &Actor) -> String {
    let cloud_user = actor.cloud_user.as_ref().map(|user| format!(" ({user})")).unwrap_or_default();
    format!("{}{cloud_user}", actor.user)
}

/// How long an operation that broke the glass may go without a review.
const REVIEW: Duration = Duration::from_secs(24 * 3600);

/// That an operation breaks the glass: why, what that lifts, and until when somebody else has to look at it.
pub fn exception(operation: &Operation) -> Option<String> {
    let told = operation.plan.exception()?;
    let due = operation.approved.checked_add(REVIEW).unwrap_or(operation.approved);
    Some(format!("{told}; to be reviewed by {}", when(due)))
}

/// What a record tells, in a sentence without its target.
pub fn telling(event: &Event, by: &Actor) -> String {
    match event {
        Event::Approved { plan } => {
            let exception = plan.exception().map(|text| format!(", {text}")).unwrap_or_default();
            let planned = plan.saved.as_ref().map(|saved| format!(", as planned {saved}")).unwrap_or_default();
            let second =
                plan.approval.as_ref().map(|one| format!(", with the second approval {one}")).unwrap_or_default();
            format!("{}: approved by {}{}{planned}{second}{exception}", plan.title, who(by), origin(by))
        }
        Event::Claimed { pid } => format!("worker {pid} takes it up"),
        Event::Announced(announced) => {
            let again = if announced.attempt > 1 { format!(", try {}", announced.attempt) } else { String::new() };
            let is = format!(", it is {}", announced.state.text());
            // Of what is only just made there is nothing to tell.
            let is = Some(is).filter(|_| !announced.change.makes()).unwrap_or_default();
            format!("calls {}{is}{again}", announced.change.told())
        }
        Event::Preserved { preserved, .. } => format!("preserved before it goes: {}", preserved.summary()),
        Event::Answered { outcome, .. } => answered(outcome),
        Event::Reached { address: Some(address), .. } => format!("is to be at {address}"),
        Event::Reached { state, share, .. } => format!("is {}", Event::reached_text(state, *share)),
        Event::Measured { figures, .. } => measured(figures),
        Event::Passed { evidence, .. } => format!("done: {evidence}"),
        Event::Skipped { why, .. } => format!("left as it is: {why}"),
        Event::Failed { why, .. } => format!("failed: {why}"),
        Event::Waiting { wait, why, .. } => format!("{}: {why}", waits(*wait)),
        Event::Paused { pause, why } => format!("paused ({}): {why}", pause_word(*pause)),
        Event::Resumed => "goes on".to_owned(),
        Event::Asked { wish: Wish::Resume } => format!("{} asks to go on{}", who(by), origin(by)),
        Event::Asked { wish: Wish::Abort } => format!("{} asks to abort{}", who(by), origin(by)),
        Event::Finished { verdict } => verdict_word(*verdict).to_owned(),
        Event::Unknown(kind) => format!("{kind}, written by a newer Stackdeck"),
    }
}

fn origin(by: &Actor) -> String {
    let origin = by.origin.as_ref().map(|origin| format!(" from {origin}")).unwrap_or_default();
    let ticket = by.ticket.as_ref().map(|ticket| format!(", ticket {ticket}")).unwrap_or_default();
    format!("{origin}{ticket}")
}

/// That balancers have told figures.
pub fn measured(figures: &[Figures]) -> String {
    let sum = |of: fn(&Figures) -> u64| figures.iter().map(of).sum::<u64>();
    let (answered, failed) = (sum(|one| one.answered), sum(|one| one.failed));
    format!("{} members have given {answered} answers so far, {failed} of them errors", figures.len())
}

fn answered(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { status, took, .. } => format!("accepted: {status} in {}", spoken(*took)),
        Outcome::Refused { failure, .. } => format!("refused: {failure}"),
        Outcome::Unsent { failure, .. } => format!("not executed: {failure}"),
        Outcome::Lost { failure } => format!("the answer was lost: {failure}"),
        Outcome::Found { evidence, .. } => format!("it was executed: {evidence}"),
        Outcome::Absent => "it was not executed".to_owned(),
    }
}

fn waits(wait: Wait) -> &'static str {
    match wait {
        Wait::Busy => "waits for somebody else's change",
        Wait::Retry | Wait::Lost | Wait::Settling | Wait::Error => "waits",
        Wait::Unwell => "not well yet",
        Wait::Holding => "well, and must stay so for a while",
        Wait::Comparing => "well, and is compared",
        Wait::Blind => "the cloud does not answer",
    }
}

/// In words, also for programs: where a step stands.
pub fn step_word(operation: &Operation, number: usize) -> &'static str {
    match &operation.steps[number].phase {
        _ if operation.is_passed_over(number) => "unneeded",
        Phase::Pending(None) => "pending",
        Phase::Pending(Some(_)) => "retrying",
        Phase::Announced => "calling",
        Phase::Lost => "lost",
        Phase::Refused(..) => "refused",
        Phase::Accepted => "accepted",
        Phase::Reached => "reached",
        Phase::Passed => "done",
        Phase::Skipped => "skipped",
        Phase::Failed => "failed",
    }
}

/// For programs: what is waited for.
pub fn wait_word(wait: Wait) -> &'static str {
    match wait {
        Wait::Busy => "busy",
        Wait::Retry => "retry",
        Wait::Lost => "lost",
        Wait::Settling => "settling",
        Wait::Error => "error",
        Wait::Unwell => "unwell",
        Wait::Holding => "holding",
        Wait::Comparing => "comparing",
        Wait::Blind => "blind",
    }
}

/// For programs: why it is paused.
pub fn pause_word(pause: Pause) -> &'static str {
    match pause {
        Pause::Credentials => "credentials",
        Pause::Unreachable => "unreachable",
        Pause::Checkpoint => "checkpoint",
    }
}

/// How it has ended.
pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Done => "done",
        Verdict::Incomplete => "incomplete",
        Verdict::Failed => "failed",
        Verdict::Aborted => "aborted",
        Verdict::Expired => "expired",
    }
}
