//! The worker dies at every point of a calm day, once at each: the end is the same, and nothing is done twice.
//! One loop for all verbs; a new verb comes in by its line in [`Verb::ALL`].

use stackdeck::operation::Verb;
use stackdeck::operation::fold::Stage;
use stackdeck::operation::record::Verdict;

use super::course::live_until;
use super::day::Day;

#[test]
fn a_worker_that_dies_at_any_point_is_taken_up_to_the_same_end() {
    for verb in Verb::ALL {
        let day = Day::calm(verb, 2);
        let (undisturbed, points) = live_until(&day, None);
        undisturbed.assert(day.seed);
        assert_eq!(undisturbed.operation.stage, Stage::Finished(Verdict::Done), "{}", undisturbed.story());
        for point in 1..=points {
            let (ended, _) = live_until(&day, Some(point));
            ended.assert(day.seed);
            assert_eq!(ended.operation.stage, Stage::Finished(Verdict::Done), "{verb} at {point}\n{}", ended.story());
            assert_eq!(ended.scene.borrow().executed.len(), 2, "{verb} at {point}\n{}", ended.story());
        }
    }
}
