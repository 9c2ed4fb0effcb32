//! The console's mind: `update(&mut Model, Msg) -> Vec<Effect>`. Pure: it never blocks, reads no clock, does no I/O.

pub mod effect;
pub mod model;
pub mod msg;
