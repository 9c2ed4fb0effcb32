//! The simulated cloud against what `WIRE.md` says.

mod client;
mod lists;
mod shapes;
