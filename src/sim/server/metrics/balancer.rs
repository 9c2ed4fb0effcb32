//! The values of one balancer, by family: its listener, its pool, its members.

use super::{Dialect, Labels, Sample, Scope};
use crate::sim::moment::Moment;
use crate::sim::world::balancer::{Balancer, Member};
use crate::sim::world::load::queueing::Outcome;
use crate::sim::world::load::{Application, Counts, Mark, Seat, Serving, Tally};

/// Connecting to a member takes so long.
const CONNECT: f64 = 0.0004;

/// What is known of a balancer at a time.
pub(super) struct Sight<'a> {
    pub(super) balancer: &'a Balancer,
    app: &'a Application,
    mark: &'a Mark,
    outcomes: Vec<Outcome>,
    seats: &'a [Seat],
    unserved: f64,
}

impl<'a> Sight<'a> {
    pub(super) fn new(balancer: &'a Balancer, app: &'a Application, at: Moment, mark: &'a Mark) -> Self {
        let (outcomes, unserved) = app.outcomes_at(at);
        Self { balancer, app, mark, outcomes, seats: app.seats(at), unserved }
    }

    pub(super) fn values(&self, dialect: Dialect, scope: Scope, name: &str) -> Vec<Sample> {
        let (listener, pool) = (self.balancer.listener.id.to_string(), self.balancer.pool.id.to_string());
        let pool = format!("{pool}:{listener}");
        match (scope, dialect) {
            (Scope::Listener, Dialect::Octavia) => with(&[("listener", &listener)], self.listener(name)),
            (Scope::Listener, Dialect::Haproxy) => with(&[("proxy", &listener)], self.listener(name)),
            (Scope::Pool, Dialect::Octavia) => with(&[("pool", &pool)], self.pool(name)),
            (Scope::Pool, Dialect::Haproxy) => with(&[("proxy", &pool)], self.pool(name)),
            _ => {
                let (first, second) =
                    if dialect == Dialect::Octavia { ("pool", "member") } else { ("proxy", "server") };
                let of = |member: &Member| {
                    with(&[(first, &pool), (second, &member.id.to_string())], self.member(member, name))
                };
                self.balancer.pool.members.iter().flat_map(of).collect()
            }
        }
    }

    /// Connections that so many requests came over.
    fn connections(&self, tally: &Tally) -> f64 {
        (tally.sent / self.app.business.kept_alive).floor()
    }

    fn inside(&self) -> f64 {
        self.outcomes.iter().map(|outcome| outcome.inside).sum()
    }

    fn listener(&self, name: &str) -> Vec<Sample> {
        let total = self.mark.total(Counts::since_reload);
        match name {
            "current_sessions" => plain(self.inside().round()),
            "sessions_total" | "connections_total" => plain(self.connections(&total)),
            "bytes_in_total" => plain(self.app.bytes_in(&total).floor()),
            "bytes_out_total" => plain(self.app.bytes_out(&total).floor()),
            "request_errors_total" => plain((total.sent / 40_000.0).floor()),
            "status" => status(&["DOWN", "UP"], "UP"),
            "http_responses_total" => codes(total.ok, total.errors()),
            "http_requests_total" => plain(total.sent.floor()),
            _ => Vec::new(),
        }
    }

    fn pool(&self, name: &str) -> Vec<Sample> {
        let total = self.mark.total(Counts::since_reload);
        let (answered, took) = self.outcomes.iter().fold((0.0, 0.0), |(answered, took), outcome| {
            let rate = outcome.ok + outcome.failed + outcome.shed;
            (answered + rate, took + (outcome.ok + outcome.failed) * outcome.mean)
        });
        let mean = if answered > 0.0 { took / answered } else { 0.0 };
        match name {
            "current_queue" => plain(0.0),
            "current_sessions" => plain(self.inside().round()),
            "sessions_total" | "http_requests_total" => plain(total.sent.floor()),
            "bytes_in_total" => plain(self.app.bytes_in(&total).floor()),
            "bytes_out_total" => plain(self.app.bytes_out(&total).floor()),
            "connection_errors_total" => plain(total.refused.floor()),
            "response_errors_total" => plain(0.0),
            "status" => status(&["DOWN", "UP"], if self.unserved > 0.0 { "DOWN" } else { "UP" }),
            "active_members" => plain(self.seats.iter().filter(|seat| seat.share > 0.0).count() as f64),
            "http_responses_total" => codes(total.ok, total.errors()),
            _ => times(name, mean, answered > 0.0),
        }
    }

    fn member(&self, member: &Member, name: &str) -> Vec<Sample> {
        let Some(seat) = self.app.roster.iter().position(|id| *id == member.server) else { return Vec::new() };
        let counts = self.mark.seats.get(seat).map(Counts::since_reload).unwrap_or_default();
        let outcome = self.outcomes.get(seat).copied().unwrap_or_default();
        let Some(state) = self.seats.get(seat) else { return Vec::new() };
        match name {
            "status" => status(&["DOWN", "UP", "MAINT", "DRAIN", "NOLB"], word(member, state)),
            "current_queue" => plain(0.0),
            "current_sessions" => plain(outcome.inside.round()),
            "sessions_total" => plain(counts.sent.floor()),
            "bytes_in_total" => plain(self.app.bytes_in(&counts).floor()),
            "bytes_out_total" => plain(self.app.bytes_out(&counts).floor()),
            "http_responses_total" => codes(counts.ok, counts.failed + counts.shed),
            "connection_errors_total" => plain(counts.refused.floor()),
            "response_errors_total" => plain(0.0),
            "weight" => plain(f64::from(member.weight)),
            _ => times(name, outcome.mean, outcome.sent > 0.0),
        }
    }
}

/// What HAProxy calls a member's state.
fn word(member: &Member, seat: &Seat) -> &'static str {
    match (member.enabled, member.weight, seat.share > 0.0) {
        (false, ..) => "MAINT",
        (_, 0, _) => "DRAIN",
        (_, _, true) => "UP",
        // Of the past only the share is known: one that answers and gets nothing was taken out.
        _ if seat.serving == Serving::Serves && member.operating == "ONLINE" => "UP",
        _ => "DOWN",
    }
}

fn with(own: &[(&'static str, &str)], samples: Vec<Sample>) -> Vec<Sample> {
    let add = |(more, value): Sample| {
        let labels: Labels = own.iter().map(|(name, label)| (*name, (*label).to_owned())).chain(more).collect();
        (labels, value)
    };
    samples.into_iter().map(add).collect()
}

fn plain(value: f64) -> Vec<Sample> {
    vec![(Vec::new(), value)]
}

fn status(states: &[&str], is: &str) -> Vec<Sample> {
    let of = |state: &&str| (vec![("state", (*state).to_owned())], f64::from(u8::from(*state == is)));
    states.iter().map(of).collect()
}

/// No redirects and no client's errors here.
fn codes(ok: f64, errors: f64) -> Vec<Sample> {
    let counts = [("1xx", 0.0), ("2xx", ok), ("3xx", 0.0), ("4xx", 0.0), ("5xx", errors), ("other", 0.0)];
    counts.into_iter().map(|(code, count)| (vec![("code", code.to_owned())], count.floor())).collect()
}

/// HAProxy's averages are of the last 1024 requests, which is hardly a moment; in whole milliseconds.
fn times(name: &str, mean: f64, any: bool) -> Vec<Sample> {
    let millis = |seconds: f64| if any { (seconds * 1000.0).round() / 1000.0 } else { 0.0 };
    match name {
        "queue_time_average_seconds" => plain(0.0),
        "connect_time_average_seconds" => plain(millis(CONNECT)),
        "response_time_average_seconds" => plain(millis(mean)),
        "total_time_average_seconds" => plain(millis(mean + 0.001)),
        _ => Vec::new(),
    }
}
