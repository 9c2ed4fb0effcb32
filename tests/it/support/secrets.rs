//! No secret is left anywhere: what the whole suite leaves on disk, prints, draws and passes as arguments is searched.
//!
//! It needs no test to think of it. Every folder of a test is a [`Folder`](super::folder::Folder), which is searched
//! when it goes away; every process of a test is run by [`super::process`] or in a pseudo-terminal, which search what was
//! printed; and whoever waits there for something looks at the arguments of our own processes meanwhile.
//!
//! Looked for is what begins like a token, every password and secret of the simulated cloud, and what stands as a
//! secret in a `clouds.yaml` of the folder or in the one of the real cloud. Allowed are two places: the files in which
//! people keep secrets themselves, keys of SSH among them, and the kept tokens.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use regex::bytes::Regex;
use stackdeck::sim::{Options, Scenario, World};

/// What every token of Keystone and of the simulated cloud begins with.
const TOKEN: &str = "gAAAAA";
/// Where SSH keeps keys: their base64 is full of zeros too.
const KEYS: &str = ".ssh";
/// What is shorter may be a word by chance.
const SHORTEST: usize = 8;
/// Between two looks at the arguments of all processes.
const PAUSE: Duration = Duration::from_millis(200);

/// Secrets that are known wherever they turn up.
static KNOWN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(|| Mutex::new(known()));

/// What stands behind a key that names a secret, in YAML and JSON.
static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?m)\b(?:password|passcode|token|secret|application_credential_secret)["']?:\s*["']?([^\s"',}]+)"#;
    Regex::new(pattern).unwrap()
});

fn known() -> BTreeSet<String> {
    let world = World::new(Options { instances: 1, ..Options::new(Scenario::Quiet) });
    let passwords = world.identity.users.iter().map(|user| user.password.clone());
    let credentials = world.identity.credentials.iter().map(|credential| credential.secret.clone());
    let real = std::env::var("STACKDECK_REAL_CLOUDS").ok().and_then(|file| fs::read(file).ok()).unwrap_or_default();
    passwords.chain(credentials).chain(written(&real)).filter(|secret| secret.len() >= SHORTEST).collect()
}

/// The secrets that a file of clouds holds.
fn written(text: &[u8]) -> BTreeSet<String> {
    let found = WRITTEN.captures_iter(text).map(|found| String::from_utf8_lossy(&found[1]).into_owned());
    found.filter(|secret| secret.len() >= SHORTEST).collect()
}

/// A file of clouds is written: from now on what it holds is looked for everywhere.
pub fn learn(text: &str) {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).extend(written(text.as_bytes()));
}

/// Which secrets stand in a text; named by their length, as a failing test's report is no place for them either.
fn found_in(text: &[u8], more: &BTreeSet<String>) -> Option<String> {
    let contains = |secret: &str| text.windows(secret.len()).any(|part| part == secret.as_bytes());
    if contains(TOKEN) {
        return Some("a token".to_owned());
    }
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known.iter().chain(more).find(|secret| contains(secret))?;
    Some(format!("a secret of {} characters, {}…", found.len(), found.chars().take(2).collect::<String>()))
}

/// Fails if there is a secret in what was printed or drawn.
#[track_caller]
pub fn none_in(what: &str, text: &[u8]) {
    if let Some(found) = found_in(text, &BTreeSet::new()) {
        panic!("{found} is in {what}");
    }
}

/// Where secrets are at home: what people write, and the kept tokens.
fn may_hold_secrets(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let theirs = ["clouds", "secure"].iter().any(|begins| name.starts_with(begins));
    (theirs && ["yaml", "yml", "json"].iter().any(|ends| name.ends_with(ends)))
        || (name.starts_with("token-") && name.ends_with(".json"))
}

/// Every place in a folder at which there is a secret that ought not to be there.
pub fn left_in(folder: &Path) -> Vec<String> {
    let files = || {
        let all = walkdir::WalkDir::new(folder).into_iter().flatten();
        let is_key = |file: &walkdir::DirEntry| file.path().components().any(|part| part.as_os_str() == KEYS);
        all.filter(|entry| entry.file_type().is_file())
            .filter(move |file| !is_key(file))
            .map(walkdir::DirEntry::into_path)
    };
    // What goes away meanwhile, or may not be read, is no place where anything is left.
    let read = |file: &PathBuf| fs::read(file).unwrap_or_default();
    let of_clouds: BTreeSet<String> =
        files().filter(|file| may_hold_secrets(file)).flat_map(|file| written(&read(&file))).collect();
    let searched = files().filter(|file| !may_hold_secrets(file));
    searched
        .filter_map(|file| {
            let name = file.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
            let found = found_in(&read(&file), &of_clouds).or_else(|| found_in(&name, &of_clouds))?;
            Some(format!("{found} is in {}", file.display()))
        })
        .collect()
}

/// Our own processes whose arguments hold a secret. Looked at a few times a second at most, by whoever waits.
pub fn in_arguments() -> Vec<String> {
    static LOOKED: Mutex<Option<Instant>> = Mutex::new(None);
    let Ok(mut looked) = LOOKED.try_lock() else { return Vec::new() };
    if looked.is_some_and(|at| at.elapsed() < PAUSE) {
        return Vec::new();
    }
    *looked = Some(Instant::now());
    arguments()
        .filter_map(|(pid, line)| Some(format!("{} is in the arguments of {pid}", found_in(&line, &BTreeSet::new())?)))
        .collect()
}

/// The arguments of every process that runs the binary under test, also when it has been replaced since.
pub fn arguments() -> impl Iterator<Item = (u32, Vec<u8>)> {
    let ours = env!("CARGO_BIN_EXE_stackdeck");
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(move |pid| {
        let program = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
        let runs = program.to_string_lossy().starts_with(ours);
        let line = runs.then(|| fs::read(format!("/proc/{pid}/cmdline")).ok()).flatten()?;
        Some((pid, line))
    })
}

/// Fails if an argument of our own processes is a secret.
#[track_caller]
pub fn none_in_arguments() {
    let found = in_arguments();
    assert!(found.is_empty(), "{found:?}");
}
