//! Which past is asked for, and how finely: no finer than series keep it, and never too much at once. Pure.

use std::time::Duration;

use crate::series::Tier;

/// So many points are asked for at once, at most.
const POINTS: u64 = 200_000;
/// Finer than that is never asked: a rate is over more.
const STEP: u64 = 60;
/// What is older than the near past is asked for in so many requests at most.
const PIECES: u64 = 4;

/// What is asked for in one request: from so many seconds ago until so many, by steps of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Seconds ago.
    pub from: u64,
    /// Seconds ago.
    pub until: u64,
    /// Seconds.
    pub step: u64,
}

/// What most look at: the hours for which more than a value each quarter of an hour is kept. The newest step is left
/// out, as the query for the present tells it.
pub fn near(past: Duration, series: usize) -> Span {
    let from = past.as_secs().min(Tier::FiveMinutes.span().unsigned_abs());
    Span { from, until: STEP, step: (from * series as u64 / POINTS).max(STEP) }
}

/// What was before, the nearest first: a value each quarter of an hour, or fewer of very many instances. Every piece
/// goes on at the steps of the one before.
pub fn older(past: Duration, series: usize) -> Vec<Span> {
    let near = near(past, series).from;
    let (past, series, quarter) = (past.as_secs(), series.max(1) as u64, Tier::Quarter.step().unsigned_abs());
    let step = ((past - near) * series / (POINTS * PIECES)).max(quarter);
    let most = (POINTS / series).max(1) * step;
    let mut spans = Vec::new();
    let mut until = near;
    while until < past {
        let from = (until + most).min(past);
        spans.push(Span { from, until, step });
        until = from;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    fn spans(hours: u64, series: usize) -> (Span, Vec<Span>) {
        let past = Duration::from_secs(hours * HOUR);
        (near(past, series), older(past, series))
    }

    #[test]
    fn a_day_of_few_instances_is_two_requests() {
        let near = Span { from: 6 * HOUR, until: 60, step: 60 };
        assert_eq!(spans(26, 360), (near, vec![Span { from: 26 * HOUR, until: 6 * HOUR, step: 900 }]));
    }

    #[test]
    fn what_is_short_is_one_request() {
        assert_eq!(spans(2, 360), (Span { from: 2 * HOUR, until: 60, step: 60 }, vec![]));
        assert_eq!(spans(6, 6).1, []);
    }

    #[test]
    fn many_instances_are_asked_for_piece_by_piece_at_the_same_steps() {
        for instances in [1000, 10_000, 100_000] {
            let (_, older) = spans(26, instances * 6);
            assert!(older.len() <= 5, "{older:?}");
            assert_eq!((older[0].until, older[older.len() - 1].from), (6 * HOUR, 26 * HOUR));
            for (at, span) in older.iter().enumerate() {
                let points = (span.from - span.until) / span.step * instances as u64 * 6;
                assert!(points <= POINTS.max(instances as u64 * 6), "{span:?}: {points}");
                assert_eq!((span.until - 6 * HOUR) % span.step, 0, "{span:?}");
                assert!(at == 0 || older[at - 1].from == span.until);
            }
        }
        assert_eq!(spans(26, 6000).1[0].step, 900, "a thousand instances lose nothing");
    }
}
