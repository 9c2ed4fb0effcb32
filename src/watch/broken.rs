//! What happens when one of the watch's loops breaks: it is told, and the others end too.
//!
//! A panic is our own fault, and a watch with half of its parts would show old things as if they were all. So nothing
//! is begun anew here; whoever listens ends, or starts another watch.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use crate::base::failure::{Failure, FailureKind};
use crate::watch::news::News;

/// Runs a loop to its end. An end that nobody has asked for is told.
pub(super) async fn told(
    what: &'static str,
    run: impl Future<Output = ()> + Send,
    news: mpsc::Sender<News>,
    stop: CancellationToken,
) {
    let why = match AssertUnwindSafe(run).catch_unwind().await {
        Ok(()) if stop.is_cancelled() || news.is_closed() => return,
        Ok(()) => "it has ended by itself".to_owned(),
        Err(panic) => said(&*panic),
    };
    let failure = Failure::new(FailureKind::Bug, format!("Stackdeck's own part that reads {what} broke"));
    let failure = failure.cause(why).hint("Start Stackdeck again; operations under way go on without it");
    tracing::error!("{failure}: {}", failure.causes.join(": "));
    // Nobody listens any more: nobody needs to know.
    let _ = news.send(News::Broken(failure)).await;
    stop.cancel();
}

/// A read that ran beside a loop broke: so does the loop, or what it waits for would never come.
pub(super) fn with(read: JoinError) {
    if read.is_panic() {
        std::panic::resume_unwind(read.into_panic());
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
