//! The verbs that tell what is measured.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::Listing;
use crate::base::clock::read_duration;
use crate::base::nearest::nearest;
use crate::fleet::metric::Metric;

/// Load and health, again and again.
#[derive(Clone, Debug, Args)]
pub struct Top {
    /// One service, with its instances; without it all services
    #[arg(value_name = "SERVICE")]
    pub service: Option<String>,
    /// Print once, and end
    #[arg(long)]
    pub once: bool,
    /// Between two tables
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = pause)]
    pub every: Duration,
    /// How it is printed.
    #[command(flatten)]
    pub listing: Listing,
}

/// What one metric was.
#[derive(Clone, Debug, Args)]
pub struct Graph {
    /// The service, by name
    #[arg(value_name = "SERVICE")]
    pub service: String,
    /// What is drawn: requests, errors, connections, active, response-mean, response-p50, response-p95, response-p99,
    /// cpu, memory, received, sent, disk-read, disk-written, saturation, probe-time, probe-p50, probe-p95,
    /// probe-p99 or probe-up
    #[arg(value_name = "METRIC", value_parser = metric)]
    pub metric: Metric,
    /// One of its instances instead, by id or name
    #[arg(long, value_name = "ID")]
    pub instance: Option<String>,
    /// How far back: 15m, 1h, 6h, 24h
    #[arg(long, default_value = "6h", value_name = "TIME", value_parser = range)]
    pub range: Duration,
    /// ascii for people; json or csv for programs
    #[arg(short, long, value_enum, default_value_t = Drawn::Ascii, value_name = "FORMAT", hide_possible_values = true)]
    pub output: Drawn,
}

/// What has changed.
#[derive(Clone, Debug, Args)]
pub struct Changes {
    /// One service, by name; without it everything
    #[arg(value_name = "SERVICE")]
    pub service: Option<String>,
    /// How far back: 15m, 6h, 24h
    #[arg(long, default_value = "24h", value_name = "TIME", value_parser = range)]
    pub since: Duration,
    /// How it is printed.
    #[command(flatten)]
    pub listing: Listing,
}

/// How a graph is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Drawn {
    /// A chart of 7-bit characters.
    Ascii,
    /// Documented fields that stay.
    Json,
    /// A line for each step of time.
    Csv,
}

fn metric(text: &str) -> Result<Metric, String> {
    let wanted = text.to_ascii_lowercase().replace('_', "-");
    let known = || Metric::ALL.into_iter().map(Metric::id);
    Metric::ALL.into_iter().find(|metric| metric.id() == wanted).ok_or_else(|| {
        let near = nearest(&wanted, known()).map(|near| format!("did you mean {near}? "));
        format!("{}there are {}", near.unwrap_or_default(), known().collect::<Vec<_>>().join(", "))
    })
}

fn time(text: &str) -> Result<Duration, String> {
    read_duration(text).ok_or_else(|| "write it as 90s, 15m or 6h".into())
}

fn within(text: &str, least: Duration, most: Duration, said: &str) -> Result<Duration, String> {
    let read = time(text)?;
    if (least..=most).contains(&read) { Ok(read) } else { Err(said.to_owned()) }
}

fn range(text: &str) -> Result<Duration, String> {
    let (minute, day) = (Duration::from_secs(60), Duration::from_secs(24 * 3600));
    within(text, minute, day, "a day is kept: from 1m to 24h")
}

fn pause(text: &str) -> Result<Duration, String> {
    within(text, Duration::from_millis(200), Duration::from_secs(3600), "from 200ms to 1h")
}
