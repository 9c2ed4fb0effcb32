//! The desk: who comes second is told of the first.

use std::path::PathBuf;

use stackdeck::base::clock::{Clock, Pace, Timestamp};
use stackdeck::base::failure::FailureKind;
use stackdeck::operation::freeze::{Freeze, Window};
use stackdeck::operation::record::{Pause, Verdict};
use stackdeck::operation::{Actor, Draft, Event, OperationId, Verb};
use stackdeck::store::{Entry, Journal, Lease};
use stackdeck::worker::{Desk, Launcher};

use crate::operation::plan;
use crate::support::folder::Folder;

/// A desk whose workers do nothing.
fn desk(folder: &Folder) -> Desk {
    let state = folder.path().join("state");
    let launcher = Launcher {
        program: PathBuf::from("/bin/true"),
        state: state.clone(),
        tokens: None,
        pace: Pace::REAL,
        config: None,
        variables: [].into(),
        cwd: folder.path().to_owned(),
    };
    Desk { state, actor: Actor::default(), launcher, clock: Clock::system(), pace: Pace::REAL, freezes: Vec::new() }
}

fn write(desk: &Desk, operation: &OperationId, event: &Event) -> u64 {
    let mut journal = Journal::open(&desk.state).unwrap();
    journal.append(Entry { operation, at: desk.now(), by: &desk.actor, event }, None).unwrap().sequence
}

fn approve(desk: &Desk, number: u128) -> OperationId {
    let operation = OperationId::new(desk.now(), number);
    write(desk, &operation, &Event::Approved { plan: Box::new(plan(1)) });
    operation
}

#[tokio::test]
async fn one_that_is_driven_already_is_not_waited_for() {
    let folder = Folder::new();
    let desk = desk(&folder);
    let operation = approve(&desk, 1);
    let _held = Lease::take(&desk.state, &operation).unwrap().unwrap();
    let claimed = write(&desk, &operation, &Event::Claimed { pid: std::process::id() });
    assert_eq!(desk.start(&operation, None).await.unwrap().sequence, claimed);
    assert!(!desk.log(&operation).exists(), "no second worker was started");
}

#[tokio::test]
async fn one_that_was_brought_to_its_end_meanwhile_needs_no_worker() {
    let folder = Folder::new();
    let desk = desk(&folder);
    let operation = approve(&desk, 1);
    let claimed = write(&desk, &operation, &Event::Claimed { pid: 1 });
    write(&desk, &operation, &Event::Finished { verdict: Verdict::Expired });
    assert_eq!(desk.start(&operation, None).await.unwrap().sequence, claimed);
    assert!(!desk.log(&operation).exists());
}

#[tokio::test]
async fn one_that_is_leaving_is_followed_by_a_worker_of_its_own() {
    let folder = Folder::new();
    let desk = desk(&folder);
    let operation = approve(&desk, 1);
    let held = Lease::take(&desk.state, &operation).unwrap().unwrap();
    write(&desk, &operation, &Event::Claimed { pid: std::process::id() });
    write(&desk, &operation, &Event::Paused { pause: Pause::Credentials, why: "refused".to_owned() });
    let mut starting = Box::pin(desk.start(&operation, None));
    assert!(first_look(&mut starting).await.is_none(), "the lease is held: nobody is started yet");
    drop(held);
    let claim = async {
        while !desk.log(&operation).exists() {
            tokio::task::yield_now().await;
        }
        write(&desk, &operation, &Event::Claimed { pid: 2 })
    };
    let (started, claimed) = tokio::join!(starting, claim);
    assert_eq!(started.unwrap().sequence, claimed);
}

#[tokio::test]
async fn what_would_begin_in_a_freeze_is_neither_approved_nor_started() {
    let folder = Folder::new();
    let usual = desk(&folder);
    let operation = approve(&usual, 1);
    let window = Window::Once { from: Timestamp::MIN, to: Timestamp::MAX, zone: jiff::tz::TimeZone::UTC };
    let (name, reason) = ("year end".to_owned(), String::new());
    let freeze = Freeze { name, reason, window, pass: [Verb::Lock].into(), clouds: Vec::new() };
    let frozen = Desk { freezes: vec![freeze], ..usual };
    let refused = frozen.start(&operation, None).await.unwrap_err();
    assert!(refused.kind == FailureKind::Conflict && refused.message.contains("lock alone passes"), "{refused}");
    assert!(!frozen.log(&operation).exists(), "no worker was started");
    write(&frozen, &operation, &Event::Finished { verdict: Verdict::Aborted });
    let (objections, notes) = (Vec::new(), Vec::new());
    let (pattern, unapproved) = (None, None);
    let mut draft = Draft { plan: plan(1), objections, notes, typed: None, ticket: false, pattern, unapproved };
    assert_eq!(frozen.approve(&draft, None).unwrap_err().kind, FailureKind::Conflict);
    draft.plan.intent.break_glass = Some("fire".to_owned());
    assert!(frozen.approve(&draft, None).is_ok());
}

/// What a future gives at its first look.
async fn first_look<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}
