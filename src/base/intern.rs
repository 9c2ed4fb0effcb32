//! One copy of each text that many rows repeat: projects, users, images, zones, services, versions.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// Hands out shared texts.
#[derive(Debug, Default)]
pub struct Interner(HashSet<Arc<str>, RandomState>);

/// Above this, a cloud is feeding us texts that do not repeat: forget them rather than grow.
const MOST: usize = 100_000;

impl Interner {
    /// The shared copy of `text`.
    pub fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let shared: Arc<str> = text.into();
        self.0.insert(Arc::clone(&shared));
        shared
    }
}
