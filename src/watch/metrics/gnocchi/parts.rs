//! Which instances are asked for together.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
    /// The instances of each part. One part alone names none: it is all of them.
    pub(super) fn of<'a>(&mut self, all: impl ExactSizeIterator<Item = &'a InstanceId>) -> Vec<Vec<InstanceId>> {
        let count = all.len().div_ceil(PART).max(1);
        if self.asked.len() != count {
            // Each of the new parts has some of every old one.
            let earliest = self.asked.iter().copied().min().flatten();
            self.asked = vec![earliest; count];
        }
        let mut parts = vec![Vec::new(); count];
        for id in all.filter(|_| count > 1) {
            parts[place(id, count)].push(id.clone());
        }
        parts
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

/// An instance stays in its part, whoever else comes or goes.
fn place(id: &InstanceId, count: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    id.as_str().hash(&mut hasher);
    (hasher.finish() % count as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: usize) -> Vec<InstanceId> {
        (0..count).map(|number| format!("id-{number}").as_str().into()).collect()
    }

    #[test]
    fn a_thousand_are_asked_for_at_once_and_more_in_parts_of_about_as_many() {
        let mut parts = Parts::default();
        assert_eq!(parts.of(ids(0).iter()), [Vec::new()]);
        assert_eq!(parts.of(ids(PART).iter()), [Vec::new()], "all are not named one by one");
        let many = ids(10 * PART);
        let of_many = parts.of(many.iter());
        assert_eq!(of_many.len(), 10);
        assert!(of_many.iter().all(|part| (PART * 8 / 10..PART * 12 / 10).contains(&part.len())));
        let mut all: Vec<InstanceId> = of_many.concat();
        all.sort();
        let mut wanted = many;
        wanted.sort();
        assert_eq!(all, wanted, "each is in one part");
    }

    #[test]
    fn a_part_is_known_by_its_place_until_there_are_more_parts() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut parts = Parts::default();
        let before = parts.of(ids(3 * PART - 1).iter());
        assert_eq!(parts.asked(0), None);
        for part in 0..3 {
            parts.answered(part, at(100 + part as i64));
        }
        let after = parts.of(ids(3 * PART).iter());
        assert!(before.iter().zip(&after).all(|(before, after)| before.iter().all(|id| after.contains(id))));
        assert_eq!(parts.asked(2), Some(at(102)));
        parts.of(ids(4 * PART).iter());
        assert_eq!((0..4).map(|part| parts.asked(part)).max(), Some(Some(at(100))), "nothing is left out");
    }
}
