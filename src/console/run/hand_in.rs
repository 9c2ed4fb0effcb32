//! Hands in at the desk what was agreed to, and what is asked of an operation.
//!
//! The journal waits for the disk, so this is done where waiting holds nobody up. It is never given up half way: between
//! an approval and its worker's start there is nothing that may be lost.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use tokio::runtime::Handle;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::ProjectId;
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::msg::Msg;
use crate::openstack::{Cloud, Clouds, ConnectError, ConnectOptions};
use crate::operation::fold::Stage;
use crate::operation::record::{Pause, Wish};
use crate::operation::{Draft, Operation, OperationId, Plan};
use crate::worker::outlives::{self, Outlives};
use crate::worker::{self, Desk};

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
        let before = still_open(&desk, &operation)?;
        let grant = offer.and_then(|offer| offer.fitting(&before.plan));
        go_on(&desk, &operation, wish, grant.as_ref()).await
    });
    asked.await.err().map(Msg::Trouble)
}

/// With what one signs in where an operation is for.
pub(super) struct Keys {
    pub(super) clouds: Clouds,
    /// Where tokens are kept; `None` keeps none.
    pub(super) tokens: Option<PathBuf>,
    /// What was typed, by cloud.
    pub(super) passwords: BTreeMap<String, SecretString>,
    /// What we have at hand, should keystone be silent.
    pub(super) offer: Option<Offer>,
}

/// Lets an operation go on. Before that we sign in where it is for: so a password that is wanted is asked for here, and
/// not by a worker that has nobody to ask.
pub(super) async fn resume(desk: Desk, operation: OperationId, keys: Keys) -> Option<Msg> {
    let resumed = waiting(async move {
        let before = still_open(&desk, &operation)?;
        let cloud = before.plan.place.cloud.to_string();
        let typed = keys.passwords.get(&cloud);
        match sign_in(&desk, &before, &keys, typed).await {
            Ok(signed) => {
                let mut desk = desk;
                desk.actor.cloud_user = Some(signed.user());
                go_on(&desk, &operation, Wish::Resume, Some(&signed.grant())).await.map(|()| None)
            }
            Err(ConnectError::PasswordWanted { whom }) => {
                Ok(Some(Msg::PasswordToResume { operation, cloud, whom, refused: None }))
            }
            Err(ConnectError::Failed(failure)) if typed.is_some() && failure.kind == FailureKind::Auth => {
                match sign_in(&desk, &before, &keys, None).await {
                    Err(ConnectError::PasswordWanted { whom }) => {
                        Ok(Some(Msg::PasswordToResume { operation, cloud, whom, refused: Some(*failure) }))
                    }
                    Ok(_) | Err(ConnectError::Failed(_)) => Err(*failure),
                }
            }
            // The worker waits for a cloud that is away; whoever looks on need not.
            Err(ConnectError::Failed(failure)) if failure.kind == FailureKind::Retry => {
                let grant = keys.offer.and_then(|offer| offer.fitting(&before.plan));
                go_on(&desk, &operation, Wish::Resume, grant.as_ref()).await.map(|()| None)
            }
            Err(ConnectError::Failed(failure)) => {
                Err(failure.hint(format!("Operation {} was not resumed", operation.short())))
            }
        }
    });
    resumed.await.unwrap_or_else(|failure| Some(Msg::Trouble(failure)))
}

async fn sign_in(
    desk: &Desk,
    operation: &Operation,
    keys: &Keys,
    typed: Option<&SecretString>,
) -> Result<Cloud, ConnectError> {
    let plan = &operation.plan;
    let config = keys.clouds.get(Some(&plan.place.cloud)).map_err(|failure| ConnectError::Failed(Box::new(failure)))?;
    let way = worker::sign_in::way_to(plan, keys.tokens.clone(), desk.clock.clone());
    // Where a token was refused, the kept one is none that helps.
    let anew = operation.stage == Stage::Paused(Pause::Credentials);
    Cloud::connect(config, ConnectOptions { password: typed.cloned(), anew, ..way }).await
}

fn still_open(desk: &Desk, operation: &OperationId) -> Result<Operation, Failure> {
    let known = desk.standing(operation)?.operation;
    if known.is_over() {
        return Err(Failure::new(FailureKind::Conflict, format!("Operation {} is over", operation.short())));
    }
    Ok(known)
}

/// Writes the wish down where somebody is to answer it, and starts a worker where nobody drives the operation.
async fn go_on(desk: &Desk, operation: &OperationId, wish: Wish, grant: Option<&SecretString>) -> Result<(), Failure> {
    let before = still_open(desk, operation)?;
    if wish == Wish::Resume {
        desk.may_begin(&before)?;
    }
    // What a dead worker has left, or what was never begun, goes on with a new worker alone.
    if wish == Wish::Abort || matches!(before.stage, Stage::Paused(_)) {
        desk.ask(operation, wish)?;
    }
    let now = desk.standing(operation)?;
    if now.holder.is_none() && !now.operation.is_over() {
        desk.start(operation, grant).await?;
    }
    Ok(())
}

/// Whether a worker could begin, and goes on when this login ends.
pub(super) async fn outlives(desk: &Desk) -> Msg {
    if let Err(failure) = desk.ready() {
        let told = Cell::new(&format!("Nothing can be started: {failure}"), Tone::Warn).sign(Glyph::Warning);
        return Msg::Outlives { told, dies: false };
    }
    let answer = outlives::outlives(&desk.actor.user).await;
    let text = format!("The worker {}", answer.text());
    let told = match answer {
        Outlives::Yes(_) | Outlives::Through(_) => Cell::plain(&text),
        Outlives::No(_) | Outlives::Untold(_) => Cell::new(&text, Tone::Warn).sign(Glyph::Warning),
    };
    Msg::Outlives { told, dies: matches!(answer, Outlives::No(_)) }
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
