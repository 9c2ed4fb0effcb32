//! Hands in at the desk what was agreed to, and what is asked of an operation.
//!
//! The journal waits for the disk, so this is done where waiting holds nobody up. It is never given up half way: between
//! an approval and its worker's start there is nothing that may be lost.

use secrecy::SecretString;
use tokio::runtime::Handle;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::ProjectId;
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::msg::Msg;
use crate::operation::fold::Stage;
use crate::operation::record::Wish;
use crate::operation::{Draft, OperationId, Plan};
use crate::worker::Desk;
use crate::worker::outlives::{self, Outlives};

/// A token that a worker may need, and where it is good.
pub(super) struct Offer {
    pub(super) cloud: String,
    pub(super) project: Option<ProjectId>,
    pub(super) grant: SecretString,
}

impl Offer {
    /// The token, if the plan is for where it is good.
    fn fitting(self, plan: &Plan) -> Option<SecretString> {
        let fits = *plan.place.cloud == *self.cloud && Some(&plan.project) == self.project.as_ref();
        fits.then_some(self.grant)
    }
}

/// Writes the approval down and starts its worker. Tells of success only when the worker's first record is there.
pub(super) async fn approve(desk: Desk, draft: Draft, ticket: Option<String>, offer: Option<Offer>) -> Msg {
    let handed_in = waiting(async move {
        let operation = desk.approve(&draft, ticket)?;
        let grant = offer.and_then(|offer| offer.fitting(&draft.plan));
        let begun = desk.start(&operation, grant.as_ref()).await;
        begun.map_err(|failure| failure.hint("It is approved, and nobody has begun it: resume it in :operations"))?;
        Ok(operation)
    });
    match handed_in.await {
        Ok(operation) => Msg::Started(operation),
        Err(failure) => Msg::NotStarted(failure),
    }
}

/// Asks something of an operation, and starts a worker where nobody is there to answer.
pub(super) async fn ask(desk: Desk, operation: OperationId, wish: Wish, offer: Option<Offer>) -> Option<Msg> {
    let asked = waiting(async move {
        let before = desk.standing(&operation)?.operation;
        if before.is_over() {
            return Err(Failure::new(FailureKind::Conflict, format!("Operation {} is over", operation.short())));
        }
        // What a dead worker has left, or what was never begun, goes on with a new worker alone.
        if wish == Wish::Abort || matches!(before.stage, Stage::Paused(_)) {
            desk.ask(&operation, wish)?;
        }
        let now = desk.standing(&operation)?;
        if now.holder.is_none() && !now.operation.is_over() {
            let grant = offer.and_then(|offer| offer.fitting(&now.operation.plan));
            desk.start(&operation, grant.as_ref()).await?;
        }
        Ok(())
    });
    asked.await.err().map(Msg::Trouble)
}

/// Whether a worker goes on when this login ends.
pub(super) async fn outlives(user: &str) -> Cell {
    let answer = outlives::outlives(user).await;
    let text = format!("The worker {}", answer.text());
    match answer {
        Outlives::Yes(_) => Cell::plain(&text),
        Outlives::No(_) | Outlives::Untold(_) => Cell::new(&text, Tone::Warn).sign(Glyph::Warning),
    }
}

/// Waits on a thread that may wait.
async fn waiting<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let runtime = Handle::current();
    let ended = tokio::task::spawn_blocking(move || runtime.block_on(work)).await;
    ended.unwrap_or_else(|error| {
        Err(Failure::new(FailureKind::Bug, "The journal was left alone").cause(error.to_string()))
    })
}
