//! Drives one operation to its end, in a process of its own.
//!
//! The worker is the one writer of an operation's progress. [`mod@drive`] is its loop; what to do is decided by
//! [`mod@crate::operation`], what may be called is proved by a [`Permit`](crate::store::Permit). It sees the world through
//! four [`seams`], so that a simulation can drive it through thousands of bad days.
//!
//! A paused operation has no worker: whoever resumes it starts one, and with it hands over what was missing.
//!
//! Deliberately absent: any view of the fleet. The plan names its targets by id; the worker looks at them alone.

pub mod actor;
pub mod clock;
pub mod desk;
pub mod drive;
mod evidence;
pub mod eyes;
pub mod launch;
pub mod outlives;
pub mod process;
pub mod seams;
mod seek;
pub mod sign_in;

pub use actor::actor;
pub use desk::{Desk, Standing};
pub use drive::{World, drive};
pub use launch::Launcher;
pub use outlives::{Outlives, outlives};
