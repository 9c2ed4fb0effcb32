//! The real binary in a pseudo-terminal: what a terminal and its user may do to it.

mod burst;
mod colour;
mod leave;
mod pty;
mod stall;
mod world;
