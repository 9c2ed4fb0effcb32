//! Who lets us wait: told once, soon, and no longer than it is true.

use std::time::Duration;

use stackdeck::base::awaited::{Awaited, Silence};
use stackdeck::base::clock::{Clock, Timestamp};
use stackdeck::base::failure::FailureKind;
use stackdeck::watch::silences::Silences;
use stackdeck::watch::{self, Intervals, News, Settings};

use super::cloud::{MemoryCloud, server};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn asked(service: &str, since: i64) -> Silence {
    Silence { service: service.to_owned(), place: format!("GET {service} /"), since: at(since) }
}

#[test]
fn only_what_takes_longer_than_usual_is_told_and_once() {
    let mut silences = Silences::new(Duration::from_secs(7));
    let under_way = || vec![asked("network", 2), asked("compute", 0)];
    assert_eq!(silences.look(Vec::new(), None, at(0)), (None, None));
    assert_eq!(silences.look(under_way(), None, at(4)), (None, Some(Duration::from_secs(3))));
    let (told, again) = silences.look(under_way(), None, at(7));
    assert_eq!(told, Some(Awaited { silences: vec![asked("compute", 0)], next_try: None }));
    assert_eq!(again, Some(Duration::from_secs(2)));
    let (told, again) = silences.look(under_way(), None, at(9));
    let both = vec![asked("compute", 0), asked("network", 2)];
    assert_eq!((told, again), (Some(Awaited { silences: both, next_try: None }), None));
    assert_eq!(silences.look(under_way(), None, at(30)), (None, None), "the same silence is no news");
    assert_eq!(silences.look(Vec::new(), None, at(31)), (Some(Awaited::default()), None));
}

#[test]
fn the_next_try_is_told_when_it_is_another() {
    let mut silences = Silences::new(Duration::from_secs(7));
    let awaited = |next_try| Some(Awaited { silences: Vec::new(), next_try });
    assert_eq!(silences.look(Vec::new(), Some(at(9)), at(0)).0, awaited(Some(at(9))));
    assert_eq!(silences.look(Vec::new(), Some(at(9)), at(5)).0, None);
    assert_eq!(silences.look(Vec::new(), None, at(9)).0, awaited(None));
}

#[tokio::test]
async fn the_watch_tells_of_a_silence_and_of_its_end_and_of_the_next_try() {
    let cloud = MemoryCloud::with([server("a", "ACTIVE", "2026-11-22T08:00:00Z")]);
    let silent = Silence { since: Timestamp::UNIX_EPOCH, ..asked("compute", 0) };
    cloud.0.lock().unwrap().silences = vec![silent.clone()];
    let often = Duration::from_millis(20);
    let intervals = Intervals { steady: often, transition: often, backoff_cap: often * 3, ..Intervals::default() };
    let settings = Settings { intervals, ..Settings::default() };
    let (_handle, mut news) = watch::start(cloud.clone(), settings, Clock::system(), None);
    let mut next = async |wanted: fn(&Awaited) -> bool| {
        let search = async {
            loop {
                match news.recv().await.expect("the watch goes on") {
                    News::Awaited(awaited) if wanted(&awaited) => return awaited,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), search).await.expect("it comes in time")
    };
    assert_eq!(next(|awaited| !awaited.silences.is_empty()).await.silences, [silent]);
    cloud.0.lock().unwrap().silences.clear();
    next(|awaited| awaited.silences.is_empty()).await;
    cloud.0.lock().unwrap().down = Some(FailureKind::Retry);
    next(|awaited| awaited.next_try.is_some()).await;
    cloud.0.lock().unwrap().down = None;
    next(|awaited| awaited.next_try.is_none()).await;
}
