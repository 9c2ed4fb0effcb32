//! What must be said before a plan is carried out: a ticket, a typed name, yes.
//!
//! A flag says it, or somebody at the terminal. Where there is neither, nothing is done.

use std::io::{self, BufRead as _, IsTerminal, Write as _};

use rustix::termios::{QueueSelector, tcflush};

use crate::base::failure::{Failure, FailureKind};
use crate::base::text::sanitise;
use crate::cli::args::changes::Change;
use crate::operation::Draft;
use crate::worker::Outlives;

/// Who can be asked.
pub trait Asked {
    /// What was typed on one line; `None` when nobody answers any more.
    fn ask(&mut self, question: &str) -> Option<String>;
}

/// Somebody at this terminal; nobody where standard input is none.
pub fn somebody() -> Option<Terminal> {
    (io::stdin().is_terminal() && io::stderr().is_terminal()).then_some(Terminal)
}

/// The terminal on standard input, asked on standard error.
#[derive(Clone, Copy, Debug)]
pub struct Terminal;

impl Asked for Terminal {
    fn ask(&mut self, question: &str) -> Option<String> {
        // What was typed or pasted before the question is no answer to it.
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        let mut out = io::stderr().lock();
        let _ = write!(out, "{}", sanitise(question)).and_then(|()| out.flush());
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }
}

/// Refuses early what nobody could say yes to.
pub fn possible(change: &Change, asked: bool) -> Result<(), Failure> {
    if change.plan.is_some() || change.consent.yes || change.consent.confirm.is_some() || asked {
        return Ok(());
    }
    Err(nobody())
}

fn nobody() -> Failure {
    Failure::new(FailureKind::Usage, "There is no terminal here to ask on, so nothing is started")
        .hint("Read the plan with --plan, then say --yes")
}

/// The ticket, if one was named; an error where one is wanted and nobody names it.
pub fn ticket(draft: &Draft, change: &Change, asked: Option<&mut dyn Asked>) -> Result<Option<String>, Failure> {
    let given = change.consent.ticket.as_deref().map(str::trim).filter(|ticket| !ticket.is_empty()).map(str::to_owned);
    if given.is_some() || !draft.ticket {
        return fitting(draft, given);
    }
    let typed = asked.and_then(|asked| asked.ask("Ticket: ")).filter(|ticket| !ticket.is_empty());
    fitting(draft, typed)
}

fn fitting(draft: &Draft, ticket: Option<String>) -> Result<Option<String>, Failure> {
    match draft.ticket_fault(ticket.as_deref()) {
        None => Ok(ticket),
        Some(fault) => Err(Failure::new(FailureKind::Usage, fault).hint("--ticket TICKET")),
    }
}

/// Whether it shall be done. Without an explicit yes: no.
pub fn consent(
    draft: &Draft,
    outlives: &Outlives,
    change: &Change,
    asked: Option<&mut dyn Asked>,
) -> Result<bool, Failure> {
    if let Some(confirmed) = &change.consent.confirm {
        right_name(draft, confirmed)?;
    }
    let name = draft.typed.as_deref().filter(|_| change.consent.confirm.is_none());
    // One word is enough: a typed name, or yes on the terminal, is said below the plan, which tells of the login too.
    let unsaid_death = matches!(outlives, Outlives::No(_)) && !change.consent.dies_with_session;
    let silent = (change.consent.yes || change.consent.confirm.is_some() && draft.typed.is_some())
        && name.is_none()
        && !unsaid_death;
    if silent {
        return Ok(true);
    }
    match (name, asked) {
        (Some(name), Some(asked)) => {
            let question = format!("Type {name} to start; anything else starts nothing: ");
            Ok(asked.ask(&question).as_deref() == Some(name))
        }
        (None, Some(asked)) => {
            let dies = if unsaid_death { "It dies with this login. " } else { "" };
            let answer = asked.ask(&format!("{dies}Start? [y/N] "));
            Ok(answer.is_some_and(|answer| matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes")))
        }
        (Some(name), None) => Err(Failure::new(FailureKind::Usage, format!("This wants a name typed: {name}"))
            .hint(format!("--confirm {name}; --yes alone does not suffice here"))),
        (None, None) if unsaid_death => {
            Err(Failure::new(FailureKind::Usage, format!("The worker {}", outlives.text()))
                .hint("Say --dies-with-session if that is all right; what is not done then can be resumed"))
        }
        (None, None) => Err(nobody()),
    }
}

/// A name that is wanted must be the right one.
fn right_name(draft: &Draft, confirmed: &str) -> Result<(), Failure> {
    match &draft.typed {
        Some(name) if name == confirmed => Ok(()),
        Some(name) => Err(Failure::new(FailureKind::Usage, format!("The name to confirm is {name}, not {confirmed}"))),
        None => Ok(()),
    }
}
