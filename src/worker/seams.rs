//! The four narrow traits through which the worker sees the world. In a simulation each is something that a test holds.

use std::future::Future;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::id::InstanceId;
use crate::operation::preserved::Preserved;
use crate::operation::record::Announcement;
use crate::operation::{Event, OperationId, Outcome, Question, Record, Sight};
use crate::store::Permit;
use crate::store::journal::AppendError;

/// The cloud: it can be changed with a permit, and looked at.
pub trait Cloud {
    /// Makes the permitted call, once. Whatever becomes of it is an outcome.
    fn perform(&self, permit: Permit) -> impl Future<Output = Outcome>;

    /// Looks at a target.
    fn look(&self, question: &Question) -> impl Future<Output = Result<Sight, Failure>>;

    /// Reads what it knows of an instance that will be deleted. What cannot be read is told in it.
    fn preserve(&self, server: &InstanceId) -> impl Future<Output = Preserved>;
}

/// The journal of one operation. What is appended is durable when the call returns.
pub trait Journal {
    /// Its records after that sequence.
    fn read(&mut self, operation: &OperationId, after: u64) -> Result<Vec<Record>, Failure>;

    /// Appends, if the operation has no record after `seen`.
    fn append(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        event: Event,
        seen: u64,
    ) -> Result<Record, AppendError>;

    /// The same for a call that is about to be made; the permit is the proof that this was recorded.
    fn announce(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        announcement: Announcement,
        seen: u64,
    ) -> Result<(Record, Permit), AppendError>;
}

/// The right to drive an operation.
pub trait Lease {
    /// Whether it is still ours.
    fn is_held(&self) -> bool;
}

/// The time, and its passing.
pub trait Clock {
    /// The time now. It never jumps while a worker lives.
    fn now(&self) -> Timestamp;

    /// Returns at that time, or a little earlier: who needs it exact looks at [`Clock::now`].
    fn sleep(&self, until: Timestamp) -> impl Future<Output = ()>;
}
