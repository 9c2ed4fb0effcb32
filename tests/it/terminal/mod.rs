//! The real binary in a pseudo-terminal: what a terminal and its user may do to it.

mod adversity;
mod asking;
mod burst;
mod changes;
mod choose;
mod colour;
mod demo;
mod leave;
pub(crate) mod pty;
mod resume;
mod secret;
mod settings;
mod stall;
mod timeline;
mod trouble;
mod world;
