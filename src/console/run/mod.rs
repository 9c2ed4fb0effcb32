//! The only place where terminal, network, disk and time meet the pure parts.

#![allow(dead_code, reason = "the loop that uses these parts follows")]

mod burst;
mod clipboard;
mod encoder;
mod input;
mod keys;
mod terminal;
mod writer;
