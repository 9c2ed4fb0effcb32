//! `stackdeck operations clean ID`: removes what an operation has left behind, and nothing else.
//!
//! It is a removal like any other: shown, agreed to, held against freezes and guard rails, and journalled as an operation
//! of its own.

use std::process::ExitCode;
use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::changes::OfOne;
use crate::cli::args::{Format, Options};
use crate::cli::change::apply::{is_there, there};
use crate::cli::change::{Course, consent, look};
use crate::cli::operations::book::Book;
use crate::cli::remains::Remains;
use crate::cli::report;
use crate::cli::surroundings::Surroundings;
use crate::openstack::Reader;
use crate::operation::orphans::Left;
use crate::operation::{Approved, Intent, Operation, Verb};

/// Looks for it, plans, asks, starts, and follows where that is wished.
pub async fn clean(
    clean: &OfOne,
    format: Format,
    options: &Options,
    around: &Surroundings,
) -> Result<ExitCode, Failure> {
    let change = &clean.change(format);
    let somebody = consent::somebody();
    consent::possible(change, somebody.is_some())?;
    let book = Book::open(&report::settings(options, around)?.state_dir)?;
    let operation = over(&book, &clean.id, around)?;
    let options = &there(&operation.plan, options)?;
    let settings = &report::settings(options, around)?;
    let seen = look(Verb::Remove, options, settings, around).await?;
    is_there(&operation.plan, &seen)?;
    let reader: Arc<dyn Reader> = Arc::new(seen.cloud.clone());
    let remains = Remains::find(&seen.fleet, &reader, seen.facts.project_id.as_ref(), &book).await?;
    let wish = Left::wish(&operation, &remains.found, &remains.fates);
    let intent = Intent { break_glass: change.break_glass.clone(), ..wish };
    let approved = Approved::Nobody;
    Course { change, options, settings, around, seen: &seen, saved: None, approved }.run(&intent, somebody).await
}

/// The operation that is meant, if it is over: what another has made is still in its hands.
fn over(book: &Book, text: &str, around: &Surroundings) -> Result<Operation, Failure> {
    let id = book
        .find(text)
        .map_err(|failure| failure.hint("What was made from another host's journal is cleaned up from there"))?;
    let standing = book.story(&id)?.standing;
    if standing.operation.is_over() {
        return Ok(standing.operation);
    }
    let message = format!("Operation {id} is not over: {}; what it has made is in use", standing.word());
    let hint =
        format!("`{} operations abort {}` ends it, and takes away what is not whole", around.invocation(), id.short());
    Err(Failure::new(FailureKind::Conflict, message).hint(hint))
}
