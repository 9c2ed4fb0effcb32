//! What SQLite says, for a person.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::base::failure::{Failure, FailureKind};

pub(super) fn failure(path: &Path, what: &str, error: &rusqlite::Error) -> Failure {
    let shown = path.display();
    let (kind, message, hint) = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (
            FailureKind::Quota,
            format!("{shown} cannot be {what}: the disk is full"),
            "Make room there, then try again; nothing was half written",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => (
            FailureKind::Usage,
            format!("{shown} cannot be {what}: it, or its folder, is read-only for you"),
            "Give yourself access, or name another folder with `state_dir`",
        ),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => (
            FailureKind::Bug,
            format!("{shown} cannot be {what}: it is damaged, or no journal"),
            "Keep a copy, move it away to begin a new one, and restore it from a backup to read it",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            FailureKind::Retry,
            format!("{shown} cannot be {what}: another process has held it for too long"),
            "Try again; `fuser` names who has it open",
        ),
        Some(ErrorCode::SystemIoFailure) => (
            FailureKind::Retry,
            format!("{shown} cannot be {what}: the disk, or a limit on it, refuses"),
            "Look at the system's log for errors of the disk, at quotas and at `ulimit -f`",
        ),
        _ => (FailureKind::Bug, format!("{shown} cannot be {what}"), "`stackdeck doctor` looks at the state folder"),
    };
    Failure::new(kind, message).cause(error.to_string()).hint(hint)
}
