//! One look at everything: what is noted on the way.

use super::conclusion::{About, Conclusion, Trouble};
use super::memory::{Memory, Sight};
use super::scene::Scene;

/// A look under way.
pub(crate) struct Round<'a> {
    pub(crate) scene: &'a Scene<'a>,
    pub(crate) memory: Memory,
    pub(crate) conclusions: Vec<Conclusion>,
}

impl Round<'_> {
    /// Notes what was seen of a possible trouble. Most looks find nothing.
    pub(crate) fn note(&mut self, trouble: Trouble, about: impl FnOnce() -> About, sight: Sight) {
        if sight == Sight::Not && self.memory.is_calm() {
            return;
        }
        self.conclusions.extend(self.memory.note(trouble, &about(), sight, self.scene.now));
    }
}
