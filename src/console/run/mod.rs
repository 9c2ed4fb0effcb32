//! The only place where terminal, network, disk and time meet the pure parts.
//!
//! - [`event_loop`]: the one owner of the model. Events in, frames out.
//! - [`interpret`]: effects become work in slots; what comes of it arrives as messages.
//! - [`hand_in`], [`follow`]: what was agreed to goes to the desk; what the journal says of it comes back.
//! - [`terminal`], [`input`] with [`keys`] and [`burst`], [`signals`]: what a terminal and its user do.
//! - [`screen`], [`writer`] with [`encoder`]: frames on their way out, the newest only, one write each.
//! - [`logging`] with [`log_file`], [`breakdown`], [`clipboard`]: lines, panics, copies.
//!
//! Two threads of our own stand beside the runtime, one that reads the terminal and one that writes to it, so that
//! neither a silent nor a stalled terminal holds up anything else. Exit codes: 0 when the user left, 128 and the
//! signal's number after a signal, 129 (as a hang-up) when the terminal was lost, and what `cli` makes of a
//! [`Failure`](crate::base::failure::Failure) otherwise; after a panic that is the code of a fault of ours.

mod alarm;
mod breakdown;
mod burst;
mod clipboard;
mod encoder;
mod event_loop;
mod follow;
mod hand_in;
mod input;
mod interpret;
mod keeping;
mod keys;
mod log_file;
mod logging;
mod screen;
mod signals;
mod start;
mod terminal;
mod writer;

pub use keeping::snapshot_file;
pub use start::{Start, console};
