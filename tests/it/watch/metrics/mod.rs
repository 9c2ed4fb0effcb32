//! Who measures load: what answers mean, and the loops over a cloud in memory.

mod diagnostics;
mod exporters;
mod gnocchi;
mod loops;
mod octavia;
mod probes;
mod prometheus;
pub mod scenery;
mod server;
