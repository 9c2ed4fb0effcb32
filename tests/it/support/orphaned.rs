//! What the journal tells of an operation that has made something.

use std::time::Duration;

use stackdeck::operation::change::Made;
use stackdeck::operation::record::{Announcement, Newest, Pause, Verdict, Wish};
use stackdeck::operation::{Change, Event, Outcome, Plan};

/// A step from its call until its end was seen.
pub fn step(plan: &Plan, step: usize, made: Option<Made>) -> Vec<Event> {
    let Plan { steps, .. } = plan;
    let (change, state) = (steps[step].change.clone(), steps[step].before.clone());
    let (newest, failing) = (Newest::Nothing, Vec::new());
    let address = matches!(change, Change::CreatePort(_)).then(|| "10.0.0.9".to_owned());
    let accepted =
        Outcome::Accepted { status: 202, request_id: None, took: Duration::from_millis(3), made: made.clone() };
    vec![
        Event::Announced(Announcement { step, attempt: 1, change, state: state.clone(), newest, failing }),
        Event::Answered { step, outcome: accepted },
        Event::Reached { step, state, share: None, made, address, request_id: None },
        Event::Passed { step, evidence: "it is so".to_owned(), version: None },
    ]
}

/// It has made its first port and its first server, and perhaps a place in a pool that gets nothing. Then nobody could look
/// any more, and it was aborted: all of it stays.
pub fn given_up(plan: &Plan, port: &str, server: &str, member: Option<&str>) -> Vec<Event> {
    let mut events = vec![Event::Claimed { pid: 4242 }];
    events.extend(step(plan, 0, Some(Made::Port(port.into()))));
    let served = if member.is_some() { 4 } else { 2 };
    events.extend(step(plan, 1, Some(Made::Server(server.into()))).into_iter().take(served));
    events.extend(member.into_iter().flat_map(|member| step(plan, 2, Some(Made::Member(member.into())))));
    events.push(Event::Paused { pause: Pause::Unreachable, why: "nova has not answered".to_owned() });
    events.push(Event::Asked { wish: Wish::Abort });
    events.push(Event::Finished { verdict: Verdict::Aborted });
    events
}
