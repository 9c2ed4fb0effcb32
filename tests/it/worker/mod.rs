//! The worker's surroundings.

mod desk;
mod launch;
mod outlives;
