//! What several rooms' tests need.

pub mod console;
pub mod folder;
pub mod instance;
pub mod operations;
pub mod orphaned;
pub mod permits;
#[allow(dead_code, reason = "a shelf: each room takes what it needs")]
pub mod process;
pub mod secrets;
