//! Numbers over time, in fixed memory: series with explicit gaps, rates of counters, histograms, one grid for several
//! series, and how far one is from its peers. Pure, and with no idea of what is measured.
//!
//! A [`Series`] keeps a day in four tiers, each of fixed length:
//!
//! | tier | step | holds | bytes when full |
//! | --- | --- | --- | --- |
//! | [`Tier::Full`] | 10 s | 15 min | 360 |
//! | [`Tier::Minute`] | 1 min | 1 h | 360 |
//! | [`Tier::FiveMinutes`] | 5 min | 6 h | 432 |
//! | [`Tier::Quarter`] | 15 min | 26 h | 624 |
//!
//! **What is dropped.** Within 10 s only the mean stays. Beyond 15 min single values go, and mean, least and most of
//! each minute stay; and so on. After 26 h nothing is left: a day, and two hours more, so that "the same time yesterday"
//! has a before and an after. The coarser tiers keep a value within 0.1 % ([`packed`]). Nothing is allocated before it
//! is told, and a tier grows with what it holds.
//!
//! **What is odd.** See [`Series::put`]: late, out of order, twice, not a number, and clocks that jump.
//!
//! Percentiles are never averaged: whoever wants one of several instances merges their [`Histogram`]s.
//!
//! Deliberately absent: names of metrics and sources (`fleet::load`), and anything that draws.

pub mod combine;
pub mod counter;
pub mod grid;
pub mod histogram;
mod kept;
pub mod packed;
pub mod peers;
mod ring;
pub mod statistics;
mod tier;
pub mod trend;

pub use counter::Counter;
pub use grid::Grid;
pub use histogram::Histogram;
pub use kept::{Put, Series};
pub use tier::{Point, Tier};
