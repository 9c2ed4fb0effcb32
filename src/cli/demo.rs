//! `--demo`: a simulated cloud in a process of its own, started or found.
//!
//! The process outlives the console that started it, and ends ten minutes after its last client. It has a folder of its
//! own below the state folder: its `clouds.yaml`, a lock that it holds while it serves, and state and cache of whoever
//! looks at it. So nothing of a demo mixes with a real cloud, and nothing of the user's `OS_*` variables reaches it.

use std::path::Path;
use std::time::Duration;

use crate::base::clock::Pace;
use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Options;
use crate::cli::sim;
use crate::cli::surroundings::{Inside, Surroundings};
use crate::config::metrics::{Metrics, OwnQueries, Prometheus};
use crate::sim::Scenario;
use crate::sim::process::{Demo, Solo, start_or_attach};
use crate::sim::scenario::served;

/// How long after its last client a demo's cloud ends.
const LINGERS: Duration = Duration::from_secs(600);
/// A demo's cloud runs so much faster than the wall that slow things can be watched.
const RATE: f64 = 20.0;
/// What is measured there beside what needs no configuration: its balancers tell their figures, and its instances answer
/// for themselves, at 127.A.B.C for an address of 10.A.B.C. It is our own cloud: nobody is spared by asking it less often.
const MEASURED: [(&str, &str); 4] = [
    ("STACKDECK_METRICS_REQUESTS", "60"),
    ("STACKDECK_METRICS_BALANCERS_ENABLED", "true"),
    ("STACKDECK_METRICS_BALANCERS_ADDRESS", "127.{2}.{3}.{4}"),
    ("STACKDECK_METRICS_PROBES_ADDRESS", "127.{2}.{3}.{4}"),
];

/// What the header says all the time.
pub fn banner(scenario: &str, pace: Pace) -> String {
    let scenario = if scenario == Scenario::default().name() { String::new() } else { format!("{scenario} ") };
    format!("demo {scenario}×{}", pace.rate())
}

/// Starts the simulated cloud, or finds the one that runs. Returns what leads to it.
pub fn enter(name: &str, options: &Options, around: &Surroundings) -> Result<(Options, Surroundings), Failure> {
    let scenario = sim::scenario(name)?;
    let size = options.instances.map(|instances| format!("-{instances}")).unwrap_or_default();
    let folder = around.paths.state.join("demo").join(format!("{}{size}", scenario.name()));
    let program = std::env::current_exe().map_err(|error| {
        Failure::new(FailureKind::Bug, "This program cannot be found again").cause(error.to_string())
    })?;
    let instances = options.instances.map_or(Solo::new(scenario).instances, |instances| instances as usize);
    let demo = Demo { program, folder, scenario, instances, rate: RATE, idle: LINGERS };
    let attached = start_or_attach(&demo)?;
    let options = Options { cloud: Some("sim".to_owned()), ..options.clone() };
    let size = options.instances.map(|instances| format!(" --instances {instances}")).unwrap_or_default();
    let demo_flags = format!("--demo={}{size}", scenario.name());
    let here = Inside { flags: demo_flags, prometheus: format!("http://{}/prometheus", attached.address) };
    let mut inside = inside(around, &demo.folder, &attached.clouds);
    let mut set = |name: &str, value: String| {
        inside.sources.variables.entry(name.to_owned()).or_insert(value);
    };
    set("STACKDECK_METRICS_PROBES_ENABLED", attached.guests.is_some().to_string());
    attached.guests.into_iter().for_each(|port| set("STACKDECK_METRICS_PROBES_PORT", port.to_string()));
    Ok((options, Surroundings { pace: attached.pace, demo: Some(here), ..inside }))
}

/// For whoever draws graphs: measures through a demo's own Prometheus too. It has scraped balancers and instances all
/// day, so it alone knows how requests and response times got where they are, and percentiles of these. To tell that
/// takes the simulated cloud some seconds of work, so whoever only wants to know how things are does without, and
/// whoever draws one service asks for the percentiles of that one.
pub(super) fn measure_the_past(metrics: &mut Metrics, of: Option<&str>, around: &Surroundings) {
    if let Some(here) = around.demo.as_ref().filter(|_| metrics.balancers.enabled) {
        let queries = vec!["octavia".to_owned()];
        let own = Prometheus { url: here.prometheus.clone(), queries, ..Prometheus::default() };
        metrics.prometheus.insert("demo".to_owned(), own);
        for service in served().filter(|service| of.is_none_or(|of| of == *service)) {
            metrics.services.entry(service.to_owned()).or_insert_with(|| latency(service));
        }
    }
}

/// The histogram of response times that a demo's Prometheus has of a service.
fn latency(service: &str) -> OwnQueries {
    let buckets =
        format!("service:http_request_duration_seconds_bucket:sum{{project_name=\"bank-prod\",service=\"{service}\"}}");
    let latency = format!("sum by (le) (rate({buckets}[1m]))");
    OwnQueries { prometheus: "demo".to_owned(), latency, ..OwnQueries::default() }
}

/// Surroundings in which there is only the simulated cloud.
fn inside(around: &Surroundings, folder: &Path, clouds: &Path) -> Surroundings {
    let mut inside = around.clone();
    inside.sources.variables.retain(|name, _| !name.starts_with("OS_"));
    let file = clouds.to_string_lossy().into_owned();
    inside.sources.variables.insert("OS_CLIENT_CONFIG_FILE".to_owned(), file);
    for (name, value) in MEASURED {
        inside.sources.variables.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    inside.sources.home = None;
    folder.clone_into(&mut inside.sources.cwd);
    folder.clone_into(&mut inside.sources.system);
    folder.clone_into(&mut inside.paths.state);
    inside.paths.cache = folder.join("cache");
    inside
}
