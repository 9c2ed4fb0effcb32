//! The worker's surroundings.

mod outlives;
