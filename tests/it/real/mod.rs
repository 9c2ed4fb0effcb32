//! Against a real OpenStack, when `STACKDECK_REAL_CLOUDS` names its `clouds.yaml`; a line on stderr otherwise, as plain
//! `cargo test` needs nothing but itself.
//!
//! Cloud names are those of the shared test bed: `rig-demo` (member), `rig-reader`, `rig-admin`, `rig-system`.

mod backfilled;
mod balanced;
mod bench;
mod changing;
mod console;
mod contract;
mod daemon;
mod drained;
mod expiring;
mod generator;
mod grown;
mod held;
mod keys;
mod locked;
mod made;
mod measuring;
mod operations;
mod orphaned;
mod other;
mod prometheus;
mod refused;
mod removed;
mod rig;
mod rolled_out;
mod scraped;
mod sign_in;
mod silenced;
mod succeeded;
mod traffic;
mod watching;

use std::io::Write;
use std::path::PathBuf;

use stackdeck::openstack::clouds::{self, Sources};
use stackdeck::openstack::{Cloud, CloudConfig, ConnectOptions, Limits};

/// The configuration of a real cloud, or `None` where there is none to test against.
pub(crate) fn config(name: &str) -> Option<CloudConfig> {
    let Ok(file) = std::env::var("STACKDECK_REAL_CLOUDS") else {
        writeln!(std::io::stderr(), "no real cloud: STACKDECK_REAL_CLOUDS is not set").expect("stderr");
        return None;
    };
    let variables = [("OS_CLIENT_CONFIG_FILE".to_owned(), file)].into();
    let sources = Sources { variables, cwd: PathBuf::from("/nonexistent"), home: None, system: "/nonexistent".into() };
    Some(clouds::load(&sources).get(Some(name)).expect("the real clouds.yaml").clone())
}

/// Signed in by the configuration's own credentials, keeping nothing.
pub(crate) async fn connect(name: &str) -> Option<Cloud> {
    let config = config(name)?;
    Some(Cloud::connect(&config, options()).await.expect("sign-in"))
}

/// The defaults, with patience for a busy machine.
pub(crate) fn options() -> ConnectOptions {
    let read = std::time::Duration::from_secs(60);
    ConnectOptions { limits: Limits { read, total: 2 * read, ..Limits::default() }, ..ConnectOptions::default() }
}
