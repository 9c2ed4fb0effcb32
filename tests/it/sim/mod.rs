//! The simulated cloud against what `WIRE.md` says.

mod aetos;
mod client;
mod faces;
mod faults;
mod life;
mod lists;
mod load;
mod oblivion;
mod processes;
mod replaced;
mod shapes;
