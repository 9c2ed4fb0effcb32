//! The console's mind: `update(&mut Model, Msg) -> Vec<Effect>`. Pure: it never blocks, reads no clock, does no I/O.
//!
//! A [`Msg`](msg::Msg) goes in, the [`Model`] changes, [`Effect`](effect::Effect)s come out. Everything
//! that a key can do is one row of [`command::COMMANDS`]; dispatch, hint bar, help, palette, key list and the check of
//! the user's keys are derived from it. [`screen`] tells the view what to draw: texts with their meaning, only for what
//! is on the screen.
//!
//! To add a command: one row in `command`, one function in `commands/`. To add a view: a `View`, its pane, its table.
//!
//! Deliberately absent: colours and widgets (`view`), terminal, network and time (`run`).

pub mod alerts;
pub mod cell;
pub mod changes;
pub mod column;
pub mod command;
pub mod commands;
mod drawn;
pub mod effect;
pub mod filter;
pub mod followed;
pub mod freshness;
pub mod graphs;
pub mod keymap;
pub mod layout;
pub mod log;
pub mod model;
pub mod msg;
pub mod notation;
pub mod notice;
pub mod overlay;
pub mod pane;
pub mod prompt;
pub mod review;
pub mod scope;
pub mod screen;
pub mod table;
pub mod tables;
pub mod trail;
pub mod update;
pub mod wake;
pub mod wrap;

pub use model::Model;
pub use update::update;
pub use wake::next_wake;
