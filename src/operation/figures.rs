//! What balancers count of their members, and what that says of one who is new among them. Pure.
//!
//! A version may pass every check and still answer with errors. So the first that a rollout has made is held against the
//! others of its pools, while all of them answer the same requests: the share of answers that failed, and the mean time.
//!
//! The thresholds are those of `reference/rollouts-and-healing.md`, 13 (b) 15 and 16: five times, and it is worse that is
//! found so twice; with at least a hundred requests; by more than one point in a hundred *and* twice as many errors; by a
//! quarter in time. There it is the 95th percentile; balancers tell means alone, so it is the mean here.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::id::MemberId;

/// So often figures are read after the first time.
pub const INTERVALS: u32 = 5;

/// With fewer requests nothing is said.
const LEAST: u64 = 100;

/// So often it has to be found worse.
const TWICE: usize = 2;

/// By how much the share of failed answers has to be larger, and how many times.
const POINT: f64 = 0.01;
const TIMES: f64 = 2.0;

/// How many times longer answers have to take, and by how many seconds: balancers tell whole milliseconds.
const LONGER: f64 = 1.25;
const SECONDS: f64 = 0.005;

/// What a balancer has counted of a member since it began to count. A balancer that begins anew counts from zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Of which.
    pub member: MemberId,
    /// Answers that it gave.
    pub answered: u64,
    /// Those of them with a status of 500 and above.
    pub failed: u64,
    /// What the latest took on average, in seconds; `None` where too few are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
}

/// Figures of several members, and when they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// Of whom what.
    pub figures: Vec<Figures>,
}

/// What the figures of a new member say, held against those of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing yet.
    Open,
    /// It does not do worse.
    Fine(String),
    /// It does worse.
    Worse(String),
    /// There was not enough to tell.
    Unsure(String),
}

/// Holds the members that are `new` against all others, over the points so far.
pub fn judge(points: &[Point], new: &[MemberId]) -> Finding {
    let compared: Vec<Compared> = (2..=points.len()).map(|until| Compared::over(&points[..until], new)).collect();
    let worse: Vec<&Compared> = compared.iter().filter(|one| one.is_worse()).collect();
    match (worse.last(), compared.last()) {
        (Some(last), _) if worse.len() >= TWICE => Finding::Worse(last.text()),
        (_, Some(last)) if compared.len() >= INTERVALS as usize => match last.is_telling() && !last.is_worse() {
            true => Finding::Fine(last.text()),
            false => Finding::Unsure(last.text()),
        },
        _ => Finding::Open,
    }
}

/// The new ones beside the others, over a while.
struct Compared {
    new: Sum,
    others: Sum,
}

/// What several members did over a while.
#[derive(Default)]
struct Sum {
    answered: u64,
    failed: u64,
    /// Seconds times answers, and the answers whose time is known.
    took: (f64, u64),
}

impl Compared {
    fn over(points: &[Point], new: &[MemberId]) -> Self {
        let (mut own, mut others) = (Sum::default(), Sum::default());
        for pair in points.windows(2) {
            let [before, after] = pair else { continue };
            for now in &after.figures {
                // Who was not counted before has nothing to be counted from.
                let Some(was) = before.figures.iter().find(|was| was.member == now.member) else { continue };
                let sum = if new.contains(&now.member) { &mut own } else { &mut others };
                sum.add(was, now);
            }
        }
        Self { new: own, others }
    }

    fn is_telling(&self) -> bool {
        self.new.answered >= LEAST && self.others.answered >= LEAST
    }

    fn is_worse(&self) -> bool {
        let (new, others) = (self.new.share(), self.others.share());
        let errs = new > others + POINT && new > others * TIMES;
        let times = self.new.mean().zip(self.others.mean());
        let slow = times.is_some_and(|(new, others)| new > others * LONGER && new > others + SECONDS);
        self.is_telling() && (errs || slow)
    }

    fn text(&self) -> String {
        let Self { new, others } = self;
        let (answered, own, theirs) = (new.answered, 100.0 * new.share(), 100.0 * others.share());
        let mut text =
            format!("of {answered} requests {own:.1} % failed, of {} of the others {theirs:.1} %", others.answered);
        if let Some((own, theirs)) = new.mean().zip(others.mean()) {
            let _ = write!(text, "; {:.0} ms, the others {:.0} ms", own * 1000.0, theirs * 1000.0);
        }
        text
    }
}

impl Sum {
    fn add(&mut self, was: &Figures, now: &Figures) {
        // It has begun anew in between: all that it counts has come since.
        let since = |was: u64, now: u64| now.checked_sub(was).unwrap_or(now);
        let answered = since(was.answered, now.answered);
        self.answered += answered;
        self.failed += since(was.failed, now.failed).min(answered);
        if let Some(mean) = now.mean {
            self.took.0 += mean * answered as f64;
            self.took.1 += answered;
        }
    }

    fn share(&self) -> f64 {
        if self.answered == 0 { 0.0 } else { self.failed as f64 / self.answered as f64 }
    }

    fn mean(&self) -> Option<f64> {
        (self.took.1 > 0).then(|| self.took.0 / self.took.1 as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each member: answers and failures of a point a minute, and the mean in milliseconds.
    fn points(count: i64, members: &[(&str, u64, u64, f64)]) -> Vec<Point> {
        let figures = |at: i64| {
            let one = |(member, answered, failed, mean): &(&str, u64, u64, f64)| Figures {
                member: (*member).into(),
                answered: answered * at as u64,
                failed: failed * at as u64,
                mean: Some(mean / 1000.0),
            };
            members.iter().map(one).collect()
        };
        let point = |at: i64| Point { at: Timestamp::from_second(60 * at).unwrap(), figures: figures(at) };
        (0..count).map(point).collect()
    }

    fn found(count: i64, new: (u64, u64, f64), old: (u64, u64, f64)) -> Finding {
        let members = [("new", new.0, new.1, new.2), ("old-1", old.0, old.1, old.2), ("old-2", old.0, old.1, old.2)];
        judge(&points(count, &members), &["new".into()])
    }

    #[test]
    fn who_errs_more_than_the_others_is_found_at_the_second_time() {
        let (errs, well) = ((1000, 121, 42.0), (1000, 2, 41.0));
        assert_eq!(found(2, errs, well), Finding::Open, "once may be chance");
        let text = "of 2000 requests 12.1 % failed, of 4000 of the others 0.2 %; 42 ms, the others 41 ms";
        assert_eq!(found(3, errs, well), Finding::Worse(text.to_owned()));
    }

    #[test]
    fn who_is_slower_by_a_quarter_is_worse_and_by_a_hair_is_not() {
        assert!(matches!(found(3, (1000, 0, 60.0), (1000, 0, 41.0)), Finding::Worse(_)));
        assert!(matches!(found(6, (1000, 0, 50.0), (1000, 0, 41.0)), Finding::Fine(_)));
        assert!(matches!(found(6, (1000, 0, 3.0), (1000, 0, 1.0)), Finding::Fine(_)), "both are rounded to 1 ms");
    }

    #[test]
    fn where_all_err_the_new_one_is_not_blamed() {
        assert!(matches!(found(6, (1000, 150, 41.0), (1000, 100, 41.0)), Finding::Fine(_)), "not twice as many");
        assert!(matches!(found(6, (1000, 8, 41.0), (1000, 0, 41.0)), Finding::Fine(_)), "not by a point");
    }

    #[test]
    fn a_handful_of_requests_tells_nothing() {
        assert!(matches!(found(6, (19, 19, 41.0), (1000, 0, 41.0)), Finding::Unsure(_)), "95 of them");
        assert!(matches!(found(6, (1000, 0, 41.0), (0, 0, 41.0)), Finding::Unsure(_)), "nobody to compare with");
        assert_eq!(found(5, (1000, 0, 41.0), (1000, 0, 41.0)), Finding::Open);
        assert_eq!(judge(&[], &[]), Finding::Open);
    }

    #[test]
    fn a_balancer_that_counts_anew_loses_what_was_before_and_nothing_else() {
        let mut told = points(6, &[("new", 1000, 0, 41.0), ("old", 1000, 0, 41.0)]);
        for point in &mut told[3..] {
            for figures in &mut point.figures {
                figures.answered -= 2500;
            }
        }
        let Finding::Fine(text) = judge(&told, &["new".into()]) else { panic!("nobody errs") };
        assert!(text.starts_with("of 4500 requests 0.0 % failed"), "{text}");
    }
}
