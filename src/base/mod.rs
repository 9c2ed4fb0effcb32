//! Typed ids, the clock, observations, failures, safe text and shared texts: what every room speaks of, with no product
//! knowledge.
//!
//! Deliberately absent: anything that knows what a service, an instance or a cloud is.

pub mod awaited;
pub mod clock;
pub mod failure;
pub mod id;
pub mod intern;
pub mod key;
pub mod nearest;
pub mod observation;
pub mod text;
pub mod texts;
