//! Permits for calls outside of an operation: announced in a journal that nobody reads again.

use stackdeck::fleet::instance::Status;
use stackdeck::operation::record::{Announcement, Newest};
use stackdeck::operation::{Change, OperationId, State};
use stackdeck::store::{AppendError, MemoryJournal, Permit};

use super::operations::anna;

/// A permit for a change that carries nothing besides.
pub fn permit(change: Change) -> Permit {
    enclosing(change, None).expect("announced")
}

/// A permit for a change that carries this user data.
pub fn enclosing(change: Change, text: Option<&str>) -> Result<Permit, AppendError> {
    let at = "2026-11-22T08:00:00Z".parse().expect("a time");
    let state = State {
        status: Status::from("ACTIVE"),
        task_state: None,
        locked: Some(false),
        lock_reason: None,
        updated: Some(at),
        image: None,
        stamp: None,
    };
    let announcement =
        Announcement { step: 0, attempt: 1, change, state, newest: Newest::Nothing, failing: Vec::new() };
    let enclosed = text.map(|text| text.to_owned().into());
    let operation = OperationId::new(at, 7);
    let announced = MemoryJournal::new().announce_enclosing(&operation, at, &anna(), announcement, enclosed, None);
    announced.map(|(_, permit)| permit)
}
