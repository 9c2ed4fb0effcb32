//! What is kept on disk: the [`journal`] of all operations, their [leases](lease), the [`cache`], and beside it the
//! [`timeline`] and the [`answers`] to alerts.
//!
//! The cache may be deleted at any time. The journal is the truth: an operation is what its records say. Only this room
//! can make a [`Permit`], after the announcement of its call is durable, and the client layer changes nothing without
//! one.
//!
//! # What the hash chain proves, and what not
//!
//! Every record carries the hash of the one before it, and a hash over that and all its own fields. So a record that was
//! changed, removed from the middle or put in later breaks the chain, and [`journal::Journal::verify`] names the first
//! one that is wrong.
//!
//! The chain alone does not prove that nobody has rewritten it. There is no secret in it: whoever can write the file can
//! change a record and recompute every hash after it, or cut off the tail, and it verifies. What catches that is an
//! anchor out of reach of that person: the head, `SEQUENCE:HASH`, which is printed at the end of each operation and sent
//! to the system's log ([`notify`]). Verified against it, everything up to that record is as it was when the head was
//! told. Of what came after the newest anchor, and of whether the records told the truth when they were written, a chain
//! says nothing. Nova's own log, by the request ids in the records, does.
//!
//! Deliberately absent: deletion, and any edit of a record.

pub mod answers;
pub mod cache;
mod folder;
pub mod journal;
pub mod lease;
mod lines;
pub mod memory;
pub mod notify;
mod permit;
pub mod timeline;

pub use folder::make as make_folder;
pub use journal::{AppendError, Entry, Head, Journal};
pub use lease::Lease;
pub use memory::MemoryJournal;
pub use permit::Permit;
