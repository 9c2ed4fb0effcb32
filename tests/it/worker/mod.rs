//! The worker's surroundings.

mod launch;
mod outlives;
