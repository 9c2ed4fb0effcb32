//! Who measures load: what answers mean, and the loops over a cloud in memory.

mod gnocchi;
mod loops;
mod octavia;
mod scenery;
