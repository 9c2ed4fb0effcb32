//! The demo's process: found if it lives and fits, else started, in a session of its own, so that it survives its console.
//!
//! A demo's folder holds `clouds.yaml`, a lock beside it, `sim.json` (who and where it is) and a log.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};

use super::{Card, files};
use crate::base::clock::Pace;
use crate::base::failure::{Failure, FailureKind};
use crate::sim::scenario::Scenario;

pub(super) const CARD: &str = "sim.json";
pub(super) const CLOUDS: &str = "clouds.yaml";
const LOG: &str = "sim.log";
/// Ten thousand servers are made in a fraction of it.
const START: Duration = Duration::from_secs(20);
/// On loopback; a process that takes longer is stuck.
const ANSWER: Duration = Duration::from_secs(2);

/// Which demo is wanted.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The program that is started with `sim`: this one.
    pub program: PathBuf,
    /// The folder of this scenario at this size.
    pub folder: PathBuf,
    /// Which company, and what happens to it.
    pub scenario: Scenario,
    /// How many servers.
    pub instances: usize,
    /// How many seconds pass in the cloud while one passes on the wall.
    pub rate: f64,
    /// It ends when no client has asked for so long.
    pub idle: Duration,
}

/// A demo that answers.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The file that tells of its one cloud, `sim`.
    pub clouds: PathBuf,
    /// Where it is.
    pub address: SocketAddr,
    /// How its clock follows from the wall's.
    pub pace: Pace,
    /// The port at which its guests answer; `None` where they do not.
    pub guests: Option<u16>,
    /// It was started just now.
    pub started: bool,
}

/// Attaches to the demo's process, or starts it. Waits until it answers.
pub fn start_or_attach(demo: &Demo) -> Result<Attached, Failure> {
    let home = &demo.folder;
    files::make_folder(home)?;
    // Two consoles that start at once: the second waits, then attaches.
    let gate = files::lock_file(&home.join("start.lock"))?;
    gate.lock().map_err(|error| broken("The demo's lock cannot be taken").cause(error.to_string()))?;
    if let Some(card) = living(demo, home) {
        return Ok(attached(home, &card, false));
    }
    start(demo, home)?;
    match living(demo, home) {
        Some(card) => Ok(attached(home, &card, true)),
        None => Err(broken("The demo's cloud has started and does not answer").hint(see_log(home))),
    }
}

fn broken(message: &str) -> Failure {
    Failure::new(FailureKind::Bug, message)
}

fn see_log(home: &Path) -> String {
    format!("Its log is {}", home.join(LOG).display())
}

fn attached(home: &Path, card: &Card, started: bool) -> Attached {
    let pace = Pace::scaled(card.origin, card.origin, card.rate);
    Attached { clouds: home.join(CLOUDS), address: card.address, pace, guests: card.guests, started }
}

/// The card of a process that lives, fits and answers.
fn living(demo: &Demo, home: &Path) -> Option<Card> {
    let card: Card = serde_json::from_slice(&std::fs::read(home.join(CARD)).ok()?).ok()?;
    let answer = ask(card.address, "GET", "/sim/health").ok()?;
    if !answer.contains(&format!("\"pid\":{}", card.pid)) {
        return None;
    }
    let fits = card.build == build(&demo.program) && (card.scenario, card.instances) == (demo.scenario, demo.instances);
    (fits && card.rate.to_bits() == demo.rate.to_bits()).then_some(card)
}

/// Ends a process that lives there and does not fit or does not answer: asked first, killed if it does not listen.
fn clear_away(home: &Path) -> Result<(), Failure> {
    let refused = |error: std::io::Error| broken("An old demo cannot be ended").cause(error.to_string());
    let alive = files::lock_beside(&home.join(CLOUDS))?;
    if alive.try_lock().is_err() {
        let card = std::fs::read(home.join(CARD)).ok().and_then(|bytes| serde_json::from_slice::<Card>(&bytes).ok());
        let Some(card) = card else {
            let folder = home.display();
            return Err(broken(&format!("A demo lives in {folder} and does not say who it is")).hint(see_log(home)));
        };
        let listens = ask(card.address, "POST", "/sim/end").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"));
        // The lock proves that the process of that card lives, so the number is still its own.
        if !listens && let Some(pid) = i32::try_from(card.pid).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::KILL).map_err(|error| refused(error.into()))?;
        }
        // It gives the lock back when it is gone.
        alive.lock().map_err(refused)?;
    }
    alive.unlock().map_err(refused)
}

/// One request without a client library: this runs before anything else does.
fn ask(address: SocketAddr, method: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(ANSWER))?;
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(1 << 16).read_to_string(&mut answer)?;
    Ok(answer)
}

fn start(demo: &Demo, home: &Path) -> Result<(), Failure> {
    let refused = |error: std::io::Error| broken("The demo's cloud cannot be started").cause(error.to_string());
    clear_away(home)?;
    let log = File::create(home.join(LOG)).map_err(refused)?;
    let mut child = Command::new(&demo.program)
        .args(["sim", "--listen", "127.0.0.1:0", "--scenario", demo.scenario.name()])
        .args(["--instances", &demo.instances.to_string(), "--rate", &demo.rate.to_string()])
        .args(["--until-idle", &demo.idle.as_secs_f64().to_string()])
        .arg("--clouds")
        .arg(home.join(CLOUDS))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(refused)?;
    let ready = child.stdout.take().is_some_and(|mut out| first_line(&mut out).is_some());
    if ready {
        return Ok(());
    }
    let said = std::fs::read_to_string(home.join(LOG)).unwrap_or_default();
    // It has not come up: whether it died or hangs, it shall not linger.
    let _gone_already = child.kill();
    let _not_ours = child.wait();
    let last = said.lines().last().unwrap_or("it said nothing").to_owned();
    Err(broken("The demo's cloud did not come up").cause(last).hint(see_log(home)))
}

/// The line that says where it listens, or nothing once patience ends.
fn first_line(out: &mut std::process::ChildStdout) -> Option<String> {
    let patience = Timespec { tv_sec: i64::try_from(START.as_secs()).ok()?, tv_nsec: 0 };
    let mut wanted = [PollFd::new(out, PollFlags::IN)];
    if poll(&mut wanted, Some(&patience)).ok()? == 0 {
        return None;
    }
    let mut bytes = [0; 256];
    let read = out.read(&mut bytes).ok()?;
    let line = String::from_utf8_lossy(&bytes[..read]).trim().to_owned();
    line.starts_with("Serving ").then_some(line)
}

/// Tells builds apart: the version, and the program's size and time, for those who build it anew at the same version.
pub(super) fn build(program: &Path) -> String {
    let facts = std::fs::metadata(program).ok();
    let changed = facts.as_ref().and_then(|facts| facts.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    let (length, seconds) = (facts.map_or(0, |facts| facts.len()), changed.map_or(0, |age| age.as_secs()));
    format!("{}-{length:x}-{seconds:x}", env!("CARGO_PKG_VERSION"))
}
