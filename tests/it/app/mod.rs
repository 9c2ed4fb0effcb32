//! The console's mind: keys and news in; rows, notices and effects out.

mod changes;
mod commands;
mod consent;
mod console;
mod drawn;
mod filter;
mod freshness;
mod header;
mod keymap;
mod looking;
mod measured;
mod operations;
mod overlays;
mod reading;
mod removal;
mod rollback;
mod rollout;
mod selection;
mod tables;
mod timeline;
mod views;
