//! A simulated cloud as a process: serving alone until it is told to end, or until nobody has asked for a while.

pub mod demo;
mod files;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::base::clock::{Clock, Pace};
use crate::base::failure::{Failure, FailureKind};
use crate::sim::clock::SimClock;
use crate::sim::scenario::Scenario;
use crate::sim::server::{Served, doors, serve};
use crate::sim::world::{Options, World};

pub use demo::{Attached, Demo, start_or_attach};

/// How a simulated cloud is served alone.
#[derive(Clone, Debug)]
pub struct Solo {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Which company, and what happens to it.
    pub scenario: Scenario,
    /// How many servers.
    pub instances: usize,
    /// Where a `clouds.yaml` is written; removed at the end.
    pub clouds: Option<PathBuf>,
    /// How long nova takes for each server that it lists.
    pub pace: Duration,
    /// How many seconds pass in the cloud while one passes on the wall.
    pub rate: f64,
    /// How long a token lives, by the wall's clock.
    pub token_lifetime: Duration,
    /// Everything follows from it.
    pub seed: u64,
    /// A demo's process: in a session of its own, it ends when no client has asked anything for so long.
    pub until_idle: Option<Duration>,
}

impl Solo {
    /// A scenario at its own defaults, on a free port of loopback.
    pub fn new(scenario: Scenario) -> Self {
        let defaults = Options::new(scenario);
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            scenario,
            instances: defaults.instances,
            clouds: None,
            pace: defaults.pace,
            rate: 1.0,
            token_lifetime: defaults.token_lifetime,
            seed: defaults.seed,
            until_idle: None,
        }
    }
}

/// Who and where a demo's process is: `sim.json` beside its `clouds.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
    /// Which build of Stackdeck serves it.
    pub build: String,
    /// What is simulated.
    pub scenario: Scenario,
    /// How many servers.
    pub instances: usize,
    /// How fast the cloud's clock runs.
    pub rate: f64,
    /// When both clocks showed the same.
    pub origin: Timestamp,
    /// The port at which its guests answer; `None` where they do not.
    pub guests: Option<u16>,
}

/// Serves a simulated cloud until SIGINT, SIGTERM, or idleness. Says the address on `out`.
pub fn run(solo: &Solo, out: &mut dyn Write) -> Result<(), Failure> {
    if !solo.listen.ip().is_loopback() {
        let failure = Failure::new(FailureKind::Usage, format!("{} is no address of loopback", solo.listen));
        return Err(failure.hint("The simulated cloud has no secrets; listen on 127.0.0.1"));
    }
    if !(solo.rate > 0.0 && solo.rate <= 10_000.0) {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("A rate of {} is not above 0 and at most 10000", solo.rate),
        ));
    }
    if solo.until_idle.is_some() {
        // In a session of its own: what hangs up the console does not reach it. Refused only to a group's leader,
        // which a process started by hand with this flag may be; it serves all the same.
        let _already_leader = rustix::process::setsid();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(FailureKind::Bug, "The operating system gives no event loop").cause(error.to_string())
    })?;
    // Behind a pointer: the whole simulator would be compiled several times over otherwise.
    let served: Pin<Box<dyn Future<Output = Result<(), Failure>> + '_>> = Box::pin(serve_alone(solo, out));
    runtime.block_on(served)
}

async fn serve_alone(solo: &Solo, out: &mut dyn Write) -> Result<(), Failure> {
    // Held to the end: who wants to know whether this process lives asks the lock, not a number that may be another's.
    let _alive = solo.clouds.as_deref().map(files::lock_alive).transpose()?;
    let listener = TcpListener::bind(solo.listen).await.map_err(|error| {
        Failure::new(FailureKind::Usage, format!("Cannot listen on {}", solo.listen)).cause(error.to_string())
    })?;
    let origin = Clock::system().now();
    let mut world = World::new(options(solo, origin));
    let claim = if solo.instances > most_doors() { None } else { doors::claim_port(&world).await };
    let port = claim.as_ref().map(|claim| claim.port);
    if let Some(port) = port {
        world.move_guests_to(port);
    }
    let served = serve(listener, world).map_err(|error| {
        Failure::new(FailureKind::Bug, "The address that was bound cannot be told").cause(error.to_string())
    })?;
    let card = Card {
        address: served.address(),
        pid: std::process::id(),
        build: demo::build(&std::env::current_exe().unwrap_or_default()),
        scenario: solo.scenario,
        instances: solo.instances,
        rate: solo.rate,
        origin,
        guests: port,
    };
    if port.is_some() {
        served.open_doors();
    }
    let mut written = Written::default();
    if let Some(file) = &solo.clouds {
        let told = format!("{}{}", served.clouds_yaml(), where_figures_are(&served, port));
        written.write(file, told.as_bytes())?;
        if solo.until_idle.is_some() {
            written.write(&file.with_file_name(demo::CARD), &serde_json::to_vec_pretty(&card).unwrap_or_default())?;
        }
    }
    // The one line that a parent waits for. Nobody reading it is no reason not to serve.
    let line = format!("Serving {} at {}", solo.scenario.name(), served.auth_url());
    let _nobody_reads = writeln!(out, "{line}").and_then(|()| out.flush());
    until_told(solo, &served).await
}

fn options(solo: &Solo, origin: Timestamp) -> Options {
    let clock = SimClock::paced(Clock::system(), Pace::scaled(origin, origin, solo.rate));
    Options {
        instances: solo.instances,
        seed: solo.seed,
        clock,
        pace: solo.pace,
        token_lifetime: solo.token_lifetime,
        ..Options::new(solo.scenario)
    }
}

/// So many guests can answer probes: each takes a descriptor, and half of them stay free for those who ask.
fn most_doors() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|limit| usize::try_from(limit / 2).ok()).unwrap_or(doors::MOST).min(doors::MOST)
}

/// Where guests and figures are to be had, for whoever reads the file.
fn where_figures_are(served: &Served, port: Option<u16>) -> String {
    let address = served.address();
    let doors = match port {
        Some(port) => format!(
            "# Guests answer probes: 10.A.B.C at http://127.A.B.C:{port}/ (health, version, metrics).\n\
             # Balancers tell their figures: http://127.A.B.C:{}/metrics at their VIP.\n",
            port + 8
        ),
        None => format!(
            "# Guests answer no probes: more than {} instances, or another simulated cloud has their addresses.\n",
            most_doors()
        ),
    };
    format!(
        "# Prometheus: http://{address}/prometheus, and behind Keystone (Aetos) as the catalog has it; \
         Gnocchi: http://{address}/metric\n{doors}"
    )
}

async fn until_told(solo: &Solo, served: &Served) -> Result<(), Failure> {
    let no_signal = |error: std::io::Error| {
        Failure::new(FailureKind::Bug, "The operating system tells of no signals").cause(error.to_string())
    };
    let mut end = signal(SignalKind::terminate()).map_err(no_signal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signal)?;
    tokio::select! {
        _ = end.recv() => {}
        _ = interrupt.recv() => {}
        () = served.ended() => {}
        () = nobody(solo.until_idle, served) => {}
    }
    Ok(())
}

/// Returns once no client has asked for that long. Sleeps exactly until that may be so: idling costs nothing.
async fn nobody(patience: Option<Duration>, served: &Served) {
    let Some(patience) = patience else { return std::future::pending().await };
    loop {
        let left = patience.saturating_sub(served.idle());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

/// Files that go when the process ends, if they are still its own.
#[derive(Debug, Default)]
struct Written(Vec<(PathBuf, Vec<u8>)>);

impl Written {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        files::write_aside(path, bytes)?;
        self.0.push((path.to_owned(), bytes.to_vec()));
        Ok(())
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for (path, bytes) in &self.0 {
            if std::fs::read(path).is_ok_and(|found| found == *bytes) {
                // Left behind it does no harm: whoever reads it asks whether the address still answers.
                let _left_behind = std::fs::remove_file(path);
            }
        }
    }
}
