//! A plan held against the freezes of this moment.

use crate::operation::draft::drawing::Drawing;
use crate::operation::draft::{Frozen, Objection};

impl Drawing<'_> {
    /// Objects for each freeze that holds, or notes that the wish lifts it; the names of those.
    pub(super) fn freezes(&mut self, frozen: &[Frozen]) -> Vec<String> {
        let mut lifted = Vec::new();
        if self.steps.is_empty() {
            return lifted;
        }
        for one in frozen {
            let Some(text) = one.speaks_against(self.intent.verb) else { continue };
            match &self.intent.break_glass {
                None => self.object(None, text),
                Some(reason) => {
                    let text = format!("the freeze {} is lifted by break-glass: {reason}", one.name());
                    self.notes.push(Objection { target: None, text });
                    lifted.push(one.name().to_owned());
                }
            }
        }
        lifted
    }
}
