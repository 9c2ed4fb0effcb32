//! Sending and receiving: one client per cloud, deadlines, bounds, retries, redirects, and what an error body says.
//!
//! [`Http::send`] returns every HTTP answer, also the bad ones: whether a 401 means a new token or a 406 a new
//! discovery is the caller's matter. Only what brought no answer is a failure here. Deliberately absent: cookies,
//! caching, and a log of bodies or tokens.

pub(crate) mod answer;
pub(crate) mod client;
pub(crate) mod complaint;
pub(crate) mod direct;
pub(crate) mod retry;
pub(crate) mod send;
pub(crate) mod trouble;

pub(crate) use answer::Incoming;
pub(crate) use send::{Http, Outgoing};
