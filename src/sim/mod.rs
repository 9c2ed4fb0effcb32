//! The simulated cloud: a [`World`] with a plain method API, and a real HTTP server over it.
//!
//! The demo, the tests and the budgets run against it. It speaks what `WIRE.md` has seen a real OpenStack say, typed by
//! hand: it shares no types with the client, so that a wrong field name cannot agree with itself. Where it differs from
//! a real cloud, it is wrong.
//!
//! - [`world`]: what is, and the methods that change it. No HTTP, no wall clock: it advances to the time that it is
//!   given, when it is touched. An idle cloud costs nothing.
//! - [`world::load`]: what is asked of the applications, and how they bear it; every face that tells figures reads it.
//! - [`scenario`]: the companies that live in it, and what happens to them.
//! - [`server`]: the routes, one file per service, and what bends them: [`fault`]s, delays, the [`ledger`].
//! - [`process`]: serving it alone, and the process of its own that `--demo` attaches to.
//!
//! Figures are told by octavia's statistics, a Prometheus and its exporters, gnocchi, and nova's diagnostics; guests
//! answer probes on addresses of loopback (`server::doors`).
//!
//! Deliberately absent: cinder, heat and aodh, whose readers come with later work; anything of the client's.

pub mod clock;
pub mod fault;
pub mod ledger;
pub mod moment;
pub mod process;
pub mod scenario;
pub mod server;
pub mod uid;
pub mod world;

pub use clock::SimClock;
pub use fault::{Bend, Fault};
pub use ledger::Ledger;
pub use moment::Moment;
pub use scenario::Scenario;
pub use server::{Served, serve};
pub use uid::Uid;
pub use world::{Options, World};
