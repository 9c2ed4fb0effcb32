//! The one integration binary.

#![allow(unreachable_pub, reason = "nothing reaches into a test")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod app;
mod cli;
mod config;
mod contract;
mod fleet;
mod freeze;
mod openstack;
mod operation;
mod readme;
mod real;
mod screens;
mod secrets;
mod series;
mod sim;
mod simulation;
mod store;
mod support;
mod terminal;
mod text;
mod tidy;
mod watch;
mod worker;
