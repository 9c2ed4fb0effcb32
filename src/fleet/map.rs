//! Maps for the many short texts of one grouping: foldhash takes a fifth of what the standard library's hash does.
//!
//! Seeded at random like the standard one, though more weakly; and what is put in are ids and names that the cloud
//! made, not what a stranger sends.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// A map that hashes quickly.
pub(crate) type Map<K, V> = HashMap<K, V, RandomState>;

/// A set that hashes quickly.
pub(crate) type Set<T> = HashSet<T, RandomState>;
