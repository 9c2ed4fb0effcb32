//! Reads the cloud on a schedule and tells what changed.
