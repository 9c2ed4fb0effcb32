//! How long it takes from the start of the binary to the first live rows, beside a bare client on the same cloud.
//!
//! ```text
//! OS_CLIENT_CONFIG_FILE=clouds.yaml OS_CLOUD=rig-demo cargo bench --bench start -- ROW
//! ```
//!
//! `ROW` is a text that the first live rows show, such as a service's name. The bare client does what no client can
//! do without: one connection to keystone for a token, one to nova for the first hundred servers. Rounds are
//! interleaved, so that a busy moment of the machine meets all; medians of seven are told. Password sign-in only.

use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::{Value, json};

const ROUNDS: usize = 7;
const ROWS: NonZeroU16 = NonZeroU16::MIN.saturating_add(39);
const COLUMNS: NonZeroU16 = NonZeroU16::MIN.saturating_add(119);
/// So long without a byte is rest.
const REST: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(60);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let (Ok(file), Ok(cloud)) = (std::env::var("OS_CLIENT_CONFIG_FILE"), std::env::var("OS_CLOUD")) else {
        return say("start: skipped; OS_CLIENT_CONFIG_FILE and OS_CLOUD name the cloud to measure");
    };
    let row = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_else(|| "payments".to_owned());
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "a TLS provider is installed already")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let clouds: Value = serde_saphyr::from_str(&std::fs::read_to_string(&file)?)?;
    let entry = clouds["clouds"].get(&cloud).ok_or("no such cloud")?.clone();

    let mut took: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let (token, page) = runtime.block_on(bare(&entry))?;
        took.entry("1 bare: token and page").or_default().push(token + page);
        took.entry("2 bare: page alone").or_default().push(page);
        let home = tempfile::tempdir()?;
        took.entry("3 stackdeck: nothing kept, first live rows").or_default().push(start(home.path(), &row)?);
        took.entry("4 stackdeck: all kept, last known rows").or_default().push(start(home.path(), &row)?);
        forget_snapshots(home.path())?;
        took.entry("5 stackdeck: token kept, first live rows").or_default().push(start(home.path(), &row)?);
    }
    for (what, times) in &mut took {
        times.sort();
        let [least, median, most] =
            [times[0], times[ROUNDS / 2], times[ROUNDS - 1]].map(|time| time.as_secs_f64() * 1e3);
        say(&format!("{what:45} median {median:7.1} ms  ({least:.1} to {most:.1})"))?;
    }
    Ok(())
}

fn say(line: &str) -> Result<(), Failure> {
    use std::io::Write;
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// A token and the first hundred servers, with no discovery, no retries, no parsing beyond the token's catalog.
async fn bare(entry: &Value) -> Result<(Duration, Duration), Failure> {
    let client = reqwest::Client::builder().build()?;
    let auth = &entry["auth"];
    let body = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": auth["username"], "domain": {"name": auth["user_domain_name"]}, "password": auth["password"]}}},
        "scope": {"project": {"name": auth["project_name"], "domain": {"name": auth["project_domain_name"]}}}}});
    let began = Instant::now();
    let url = format!("{}/auth/tokens", auth["auth_url"].as_str().ok_or("no auth_url")?.trim_end_matches('/'));
    let answer = client.post(url).json(&body).send().await?.error_for_status()?;
    let token = answer.headers().get("X-Subject-Token").ok_or("no token")?.clone();
    let catalog: Value = answer.json().await?;
    let signed_in = began.elapsed();
    let public = |endpoint: &&Value| endpoint["interface"] == "public";
    let compute = catalog["token"]["catalog"]
        .as_array()
        .and_then(|services| services.iter().find(|service| service["type"] == "compute"))
        .and_then(|service| service["endpoints"].as_array()?.iter().find(public)?["url"].as_str())
        .ok_or("no compute endpoint")?;
    let began = Instant::now();
    let page = client
        .get(format!("{compute}/servers/detail?limit=100"))
        .header("X-Auth-Token", token)
        .header("OpenStack-API-Version", "compute 2.90")
        .send()
        .await?
        .error_for_status()?;
    page.bytes().await?;
    Ok((signed_in, began.elapsed()))
}

/// From `execve` until `row` stands on a screen of 120x40. The program is killed then.
fn start(home: &Path, row: &str) -> Result<Duration, Failure> {
    let pair = native_pty_system().openpty(PtySize {
        rows: ROWS.get(),
        cols: COLUMNS.get(),
        pixel_width: 0,
        pixel_height: 0,
    })?;
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_stackdeck"));
    command.env("HOME", home);
    command.env("TERM", "xterm-256color");
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
        command.env_remove(name);
    }
    let mut reader = pair.master.try_clone_reader()?;
    let (sender, receiver) = mpsc::channel();
    let began = Instant::now();
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    std::thread::spawn(move || {
        let mut chunk = [0; 65536];
        while let Ok(length @ 1..) = reader.read(&mut chunk) {
            if sender.send((began.elapsed(), chunk[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    let mut screen = vt100::Parser::new(ROWS, COLUMNS, 0);
    let at = loop {
        let (at, bytes) = receiver.recv_timeout(PATIENCE).map_err(|_| format!("never showed {row}"))?;
        screen.process(&bytes);
        if screen.screen().contents().contains(row) {
            break at;
        }
    };
    // Only a whole list is kept: it is there when the screen has come to rest.
    while let Ok((_, bytes)) = receiver.recv_timeout(REST) {
        screen.process(&bytes);
    }
    leave(&mut *child, pair.master.take_writer()?)?;
    Ok(at)
}

/// Leaves as a person does, so that what is kept between runs is written.
fn leave(child: &mut dyn portable_pty::Child, mut keys: Box<dyn std::io::Write + Send>) -> Result<(), Failure> {
    keys.write_all(b":q\r")?;
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            child.kill()?;
            return Err("did not leave".into());
        }
        std::thread::yield_now();
    }
    Ok(())
}

/// Deletes the snapshots and leaves the token.
fn forget_snapshots(home: &Path) -> Result<(), Failure> {
    let folder = home.join(".cache/stackdeck/snapshots");
    if folder.exists() { Ok(std::fs::remove_dir_all(folder)?) } else { Ok(()) }
}
