//! What the shell is told at the end.
//!
//! | code | means |
//! | --- | --- |
//! | 0 | done |
//! | 1 | a failure that no other code names: ours, or the cloud broke its own contract |
//! | 2 | wrong usage: a flag, a file, a name that cannot be right |
//! | 3 | sign-in refused, or a password is missing |
//! | 4 | not found |
//! | 5 | forbidden to this role or by `read_only`, or not supported by this cloud |
//! | 6 | the cloud cannot be reached, or is too busy: another try may help |
//! | 7 | refused in the target's present state, or by a quota |
//! | 8 | the operation has failed: one of its targets did not come to its end, or does not answer with its version |
//! | 9 | the operation has not come to its end: aborted, expired, paused, interrupted, or not begun |
//! | 10 | the journal does not verify |
//!
//! This table is the only one; the README and `--help` repeat it and a test compares them.

use std::process::ExitCode;

use crate::base::failure::FailureKind;
use crate::operation::fold::Stage;
use crate::operation::record::Verdict;

/// Somebody was asked and did not say yes.
pub const NOT_STARTED: u8 = 9;

/// The journal does not verify.
pub const TAMPERED: u8 = 10;

/// The exit code of an operation, as it stands when nobody drives it.
pub fn of_stage(stage: Stage) -> ExitCode {
    ExitCode::from(match stage {
        Stage::Finished(Verdict::Done) => 0,
        Stage::Finished(Verdict::Failed | Verdict::Incomplete) => 8,
        Stage::Finished(Verdict::Aborted | Verdict::Expired) | Stage::Approved | Stage::Running | Stage::Paused(_) => 9,
    })
}

/// The exit code of a failure.
pub fn code(kind: FailureKind) -> u8 {
    match kind {
        FailureKind::Bug => 1,
        FailureKind::Usage => 2,
        FailureKind::Auth => 3,
        FailureKind::NotFound => 4,
        FailureKind::Forbidden | FailureKind::Unsupported => 5,
        FailureKind::Retry => 6,
        FailureKind::Conflict | FailureKind::Quota => 7,
    }
}

/// The same for [`std::process`].
pub fn of(kind: FailureKind) -> ExitCode {
    ExitCode::from(code(kind))
}
