//! What an HAProxy tells, under its own names or Octavia's: requests, errors and times of services and members. Pure.
//!
//! Counted is at the back end, which is one pool as one listener uses it: also what HAProxy itself answered (503) when
//! no member would. Times are means of the latest requests: of a pool without requests they are old, and not told.
//!
//! HAProxy's mean begins at zero and each request moves it by a 512th, so soon after a reload it tells too little: a
//! third of the truth after 200 requests. How many there were is known, and the mean is set right by it ([`full`]). In
//! the first requests its rounding to whole milliseconds is more than what it tells: then nothing is told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::fleet::metric::{Meter, Metric, Sample, Subject};
use crate::fleet::{Fleet, ServiceKey};
use crate::watch::metrics::counter::Sums;
use crate::watch::metrics::exporter::exposition::Line;

/// Of so many requests a mean is, as HAProxy reckons it.
const SAMPLES: f64 = 512.0;

/// Each mean is rounded up to a whole millisecond: by half of one, as a rule.
const ROUNDED: f64 = 0.000_5;

/// A mean is told from that part of its true value on: after 148 requests.
const ENOUGH: f64 = 0.25;

/// A row of HAProxy's: a pool, or a member of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    pool: String,
    member: Option<String>,
}

/// What one answer tells of a row.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    requests: Option<f64>,
    responses: f64,
    failed: f64,
    sessions: f64,
    received: f64,
    sent: f64,
    active: Option<f64>,
    times: [Option<f64>; 3],
}

impl Told {
    /// What the latest answers took on average, in seconds.
    fn mean(&self) -> Option<f64> {
        let full = full(self.responses);
        let took = || self.times.iter().flatten().map(|time| (time - ROUNDED).max(0.0)).sum::<f64>();
        (self.times[2].is_some() && full >= ENOUGH).then(|| took() / full)
    }
}

/// What an exporter has counted of one member, over all its pools.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// As the balancer calls it: Octavia's id of it.
    pub member: String,
    /// Answers that it gave.
    pub answered: f64,
    /// Those of them with a status of 500 and above.
    pub failed: f64,
    /// What the latest took on average, in seconds, by the pool with the most answers; `None` where too few are known.
    pub mean: Option<f64>,
}

/// What one answer tells of each member.
pub fn counted<'a>(lines: impl Iterator<Item = Line<'a>>) -> Vec<Counted> {
    let mut rows: BTreeMap<Row, Told> = BTreeMap::new();
    lines.for_each(|line| note(&line, &mut rows));
    let mut members: BTreeMap<String, (Counted, f64)> = BTreeMap::new();
    for (row, told) in rows {
        let Some(member) = row.member else { continue };
        let (sum, most) = members.entry(member.clone()).or_default();
        sum.member = member;
        sum.answered += told.responses;
        sum.failed += told.failed;
        if told.responses >= *most {
            (sum.mean, *most) = (told.mean(), told.responses);
        }
    }
    members.into_values().map(|(sum, _)| sum).collect()
}

/// What one exporter has told so far.
#[derive(Clone, Debug, Default)]
pub struct Balancing {
    rows: BTreeMap<Row, Sums<5>>,
}

/// What is known of a row now.
struct Known {
    rates: Option<[f64; 5]>,
    told: Told,
}

impl Balancing {
    /// Takes an answer. Where `service` is given, all pools are that service's; else Octavia's pools say whose.
    pub fn learn<'a>(
        &mut self,
        lines: impl Iterator<Item = Line<'a>>,
        service: Option<&ServiceKey>,
        fleet: &Fleet,
        at: Timestamp,
    ) -> Vec<Sample> {
        let mut rows: BTreeMap<Row, Told> = BTreeMap::new();
        lines.for_each(|line| note(&line, &mut rows));
        self.rows.retain(|row, _| rows.contains_key(row));
        let mut known = BTreeMap::new();
        for (row, told) in rows {
            let sums = self.rows.entry(row.clone()).or_insert_with(|| Sums::new(Duration::ZERO));
            // A member counts its answers only; a pool its requests too.
            let requests = told.requests.unwrap_or(told.responses);
            let rates = sums.learn(at, [requests, told.failed, told.sessions, told.received, told.sent]);
            known.insert(row, Known { rates, told });
        }
        let mut samples = Vec::new();
        for (service, rows) in services(&known, service, fleet) {
            tell(&Subject::Service(service), &rows, at, &mut samples);
        }
        for (subject, rows) in instances(&known, fleet) {
            tell(&subject, &rows, at, &mut samples);
        }
        samples
    }
}

fn note(line: &Line<'_>, rows: &mut BTreeMap<Row, Told>) {
    let Some((row, what)) = place(line) else { return };
    if !line.value.is_finite() {
        return;
    }
    let (told, value) = (rows.entry(row).or_default(), line.value);
    match what {
        "http_requests_total" => told.requests = Some(value),
        "http_responses_total" => {
            told.responses += value;
            if line.label("code") == Some("5xx") {
                told.failed += value;
            }
        }
        "sessions_total" => told.sessions = value,
        "bytes_in_total" => told.received = value,
        "bytes_out_total" => told.sent = value,
        "current_sessions" => told.active = Some(value),
        "queue_time_average_seconds" => told.times[0] = Some(value),
        "connect_time_average_seconds" => told.times[1] = Some(value),
        "response_time_average_seconds" => told.times[2] = Some(value),
        _ => {}
    }
}

/// Of which row a line is, and what it tells.
fn place<'a>(line: &'a Line<'_>) -> Option<(Row, &'a str)> {
    let label = |name| line.label(name).map(str::to_owned);
    let (what, pool, member) = if let Some(what) = line.name.strip_prefix("octavia_pool_") {
        (what, label("pool")?, None)
    } else if let Some(what) = line.name.strip_prefix("octavia_member_") {
        (what, label("pool")?, Some(label("member")?))
    } else if let Some(what) = line.name.strip_prefix("haproxy_backend_") {
        (what, label("proxy")?, None)
    } else if let Some(what) = line.name.strip_prefix("haproxy_server_") {
        (what, label("proxy")?, Some(label("server")?))
    } else {
        return None;
    };
    Some((Row { pool, member }, what))
}

/// Octavia's id of a pool: before it comes to its listener's.
fn pool_id(row: &Row) -> &str {
    row.pool.split_once(':').map_or(row.pool.as_str(), |(pool, _)| pool)
}

type Rows<'a> = Vec<&'a Known>;

fn services<'a>(
    known: &'a BTreeMap<Row, Known>,
    given: Option<&ServiceKey>,
    fleet: &Fleet,
) -> BTreeMap<ServiceKey, Rows<'a>> {
    let mut services: BTreeMap<ServiceKey, Rows<'a>> = BTreeMap::new();
    for (row, known) in known.iter().filter(|(row, _)| row.member.is_none()) {
        let own = given.cloned().or_else(|| of_pool(pool_id(row), fleet));
        if let Some(service) = own {
            services.entry(service).or_default().push(known);
        }
    }
    services
}

/// The one service behind a pool.
fn of_pool(pool: &str, fleet: &Fleet) -> Option<ServiceKey> {
    let members = fleet.members.iter();
    let behind = members.filter(|member| fleet.memberships(member).any(|(own, _)| own.id.as_str() == pool));
    let services: BTreeSet<usize> = behind.map(|member| member.service).collect();
    match services.iter().collect::<Vec<_>>()[..] {
        [one] => fleet.services.get(*one).map(|service| service.key.clone()),
        _ => None,
    }
}

/// Members by the instances that they are: by Octavia's id of the member, or by the server's name.
fn instances<'a>(known: &'a BTreeMap<Row, Known>, fleet: &Fleet) -> BTreeMap<Subject, Rows<'a>> {
    let mut by_member = BTreeMap::new();
    for member in &fleet.members {
        let id = &member.instance.id;
        by_member.extend(fleet.memberships(member).map(|(_, own)| (own.id.as_str(), id)));
    }
    let named = |name: &str| {
        let mut named = fleet.members.iter().filter(|member| member.instance.name == name);
        named.next().filter(|_| named.next().is_none()).map(|member| &member.instance.id)
    };
    let mut instances: BTreeMap<Subject, Rows<'a>> = BTreeMap::new();
    for (row, known) in known {
        let Some(member) = &row.member else { continue };
        let id = by_member.get(member.as_str()).copied().or_else(|| named(member));
        if let Some(id) = id {
            instances.entry(Subject::Instance(id.clone())).or_default().push(known);
        }
    }
    instances
}

/// Adds rows up. One of them without a rate would make the sum too small: then there is none.
fn tell(subject: &Subject, rows: &[&Known], at: Timestamp, samples: &mut Vec<Sample>) {
    let mut add = |metric, value: f64| {
        samples.push(Sample { subject: subject.clone(), metric, meter: Meter::Balancer, at, value });
    };
    let active: Option<f64> = rows.iter().map(|row| row.told.active).sum();
    active.into_iter().for_each(|active| add(Metric::Active, active));
    let rates: Option<Vec<[f64; 5]>> = rows.iter().map(|row| row.rates).collect();
    let Some(rates) = rates else { return };
    let sum = |which: usize| rates.iter().map(|rates| rates[which]).sum::<f64>();
    let speaks_http = rows.iter().any(|row| row.told.requests.unwrap_or(row.told.responses) > 0.0);
    if speaks_http {
        add(Metric::Requests, sum(0));
        add(Metric::Errors, sum(1));
    }
    add(Metric::Connections, sum(2));
    add(Metric::Received, sum(3));
    add(Metric::Sent, sum(4));
    let (mut weighed, mut weight) = (0.0, 0.0);
    for (row, rates) in rows.iter().zip(&rates) {
        if let Some(mean) = row.told.mean() {
            weighed += mean * rates[0];
            weight += rates[0];
        }
    }
    if weight > 0.0 {
        add(Metric::ResponseMean, weighed / weight);
    }
}

/// Which part of the true mean HAProxy tells after so many requests.
fn full(requests: f64) -> f64 {
    1.0 - (1.0 - 1.0 / SAMPLES).powf(requests)
}
