//! The watch: what it concludes from answers, when it asks, and what it tells.

mod cache;
pub mod cloud;
mod driver;
mod inventory;
mod inventory_world;
pub mod metrics;
mod schedule;
mod silences;
