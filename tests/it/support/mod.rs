//! What several rooms' tests need.

pub mod instance;
pub mod operations;
#[allow(dead_code, reason = "a shelf: each room takes what it needs")]
pub mod process;
