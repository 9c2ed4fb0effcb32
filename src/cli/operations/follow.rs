//! Follows an operation in the journal, until it is over or nobody drives it.

use std::io::{self, Write};
use std::time::Duration;

use crate::base::failure::{Failure, FailureKind};
use crate::base::text::{sanitise, width};
use crate::cli::operations::book::{Book, Story};
use crate::operation::words;
use crate::operation::{OperationId, Plan, Record};

/// Between two looks into the journal.
const LOOK: Duration = Duration::from_millis(100);
/// After so many looks at which nothing was new, it is looked whether anybody still drives it.
const UNTIL_LEASE: u32 = 5;

/// Follows it, and tells each record after `told` as it comes, if `out` wants any. Returns how it then stands.
pub async fn follow(
    book: &Book,
    operation: &OperationId,
    mut told: u64,
    mut out: Option<&mut dyn Write>,
) -> Result<Story, Failure> {
    let mut quiet = 0;
    let mut version = None;
    loop {
        // Whether anybody drives it is looked at now and then, what is written only when something was.
        let now = book.version()?;
        if version == Some(now) && quiet < UNTIL_LEASE {
            quiet += 1;
            tokio::time::sleep(LOOK).await;
            continue;
        }
        (version, quiet) = (Some(now), 0);
        let story = book.story(operation)?;
        if let Some(out) = &mut out {
            let new = story.records.iter().filter(|record| record.sequence > told);
            for record in new {
                tell(record, &story.standing.operation.plan, *out).map_err(|error| unwritten(&error))?;
            }
        }
        told = story.standing.operation.last;
        if story.standing.operation.is_over() || story.standing.holder.is_none() {
            return Ok(story);
        }
    }
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Bug, "The records could not be printed; the operation goes on").cause(error.to_string())
}

/// One record in a line: time, step, target, what, request.
pub fn tell(record: &Record, plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let widest = plan.steps.iter().map(|step| width(&sanitise(&step.target.name))).max().unwrap_or_default();
    let (number, name) = match record.event.step().and_then(|at| plan.steps.get(at)) {
        Some(step) => (format!("{}/{}", step.slot + 1, plan.slots()), sanitise(&step.target.name).into_owned()),
        None => ("-".to_owned(), "-".to_owned()),
    };
    let fill = " ".repeat(widest.max(1).saturating_sub(width(&name)));
    let digits = format!("{0}/{0}", plan.slots()).len();
    let request = record.event.request_id().map(|id| format!("  {}", sanitise(id.as_str()))).unwrap_or_default();
    let what = words::telling(&record.event, &record.by);
    let at = words::when(record.at);
    writeln!(out, "{at}  {number:<digits$}  {name}{fill}  {}{request}", sanitise(&what))?;
    out.flush()
}
