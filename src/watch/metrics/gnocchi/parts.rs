//! Which instances are asked for together.

use crate::base::clock::Timestamp;
use crate::base::id::InstanceId;

/// So many are asked for in one request, more or less.
const PART: usize = 1000;

/// The parts, and when each was asked for last, in the cloud's time.
#[derive(Debug, Default)]
pub(super) struct Parts {
    asked: Vec<Option<Timestamp>>,
}

impl Parts {
    /// The instances of each part, in their order. They are named even where one part is all that we know of: as long
    /// as the list is under way, Gnocchi knows more.
    pub(super) fn of<'a>(&mut self, all: &[&'a InstanceId]) -> Vec<Vec<&'a InstanceId>> {
        let count = all.len().div_ceil(PART);
        if self.asked.len() != count {
            // Each of the new parts may have some of any old one.
            let earliest = self.asked.iter().copied().min().flatten();
            self.asked = vec![earliest; count];
        }
        all.chunks(all.len().div_ceil(count.max(1)).max(1)).map(<[_]>::to_vec).collect()
    }

    /// When a part was last asked for and answered.
    pub(super) fn asked(&self, part: usize) -> Option<Timestamp> {
        self.asked.get(part).copied().flatten()
    }

    /// A part that was asked for then has been answered.
    pub(super) fn answered(&mut self, part: usize, at: Timestamp) {
        if let Some(asked) = self.asked.get_mut(part) {
            *asked = Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: usize) -> Vec<InstanceId> {
        (0..count).map(|number| format!("id-{number}").as_str().into()).collect()
    }

    /// How many are in each part.
    fn sizes(parts: &mut Parts, count: usize) -> Vec<usize> {
        let all = ids(count);
        let all: Vec<&InstanceId> = all.iter().collect();
        let of = parts.of(&all);
        assert_eq!(of.concat(), all, "each is in one part");
        of.iter().map(Vec::len).collect()
    }

    #[test]
    fn a_thousand_are_asked_for_at_once_and_more_in_equal_parts_of_at_most_as_many() {
        let mut parts = Parts::default();
        assert_eq!(sizes(&mut parts, 0), [0; 0]);
        assert_eq!(sizes(&mut parts, PART), [PART]);
        assert_eq!(sizes(&mut parts, PART + 1), [501, 500]);
        assert_eq!(sizes(&mut parts, 10 * PART), [PART; 10]);
    }

    #[test]
    fn a_part_is_asked_for_what_has_come_since_it_was_asked() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut parts = Parts::default();
        sizes(&mut parts, 3 * PART - 1);
        assert_eq!(parts.asked(0), None);
        for part in 0..3 {
            parts.answered(part, at(100 + part as i64));
        }
        sizes(&mut parts, 3 * PART);
        assert_eq!(parts.asked(2), Some(at(102)));
        sizes(&mut parts, 4 * PART);
        assert_eq!((0..4).map(|part| parts.asked(part)).max(), Some(Some(at(100))), "nothing is left out");
    }
}
