//! Starts Stackdeck.

fn main() {}
