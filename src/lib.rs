//! Stackdeck: an on-call console for OpenStack, in the terminal.

pub mod base;
pub mod cli;
pub mod config;
pub mod console;
pub mod fleet;
pub mod openstack;
pub mod sim;
pub mod store;
pub mod watch;
