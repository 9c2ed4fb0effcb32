//! Users' own configuration: `clouds.yaml` and its kin, and the `OS_*` variables.
//!
//! Environment and paths are arguments. One broken entry disables that cloud only. An error names file, line and key,
//! and never quotes a line: it may hold a password. Deliberately absent: the vendor profiles that openstacksdk ships,
//! profiles by URL, and a key for proxies: openstacksdk has none either, and takes them from the environment alone.
//! `*_api_version` chooses a major version, as in keystoneauth; of each service we speak one alone, so only a wish for
//! Keystone's version 2 is heard, and refused.
//!
//! As in openstacksdk the `OS_*` variables are a cloud of their own and change no other. One exception, as people know
//! it from the `openstack` command: with `OS_CLOUD`, a password that the entry lacks is taken from `OS_PASSWORD`. It is
//! never laid over one that is there: what an old `openrc` left in a shell must not make good entries fail.

pub mod config;
mod credentials;
mod entry;
mod environment;
mod fields;
mod files;
pub mod sources;
mod yaml;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use config::{CloudConfig, Interface, Proxies, Tls};
pub use sources::Sources;

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use files::Files;
use yaml::Node;

/// All clouds that the user has configured.
#[derive(Clone, Debug, Default)]
pub struct Clouds {
    /// By name: usable, or why not.
    pub entries: BTreeMap<String, Result<CloudConfig, Failure>>,
    /// The cloud to take when none is named: `OS_CLOUD`, that of the `OS_*` variables, or the only one.
    pub default: Option<String>,
    /// The files that were read, for `doctor`.
    pub files: Vec<PathBuf>,
    /// Files that could not be read at all.
    pub failures: Vec<Failure>,
}

impl Clouds {
    /// The cloud of that name, or the default one.
    pub fn get(&self, name: Option<&str>) -> Result<&CloudConfig, Failure> {
        let Some(name) = name.or(self.default.as_deref()) else { return Err(self.none_named()) };
        match self.entries.get(name) {
            Some(Ok(config)) => Ok(config),
            Some(Err(failure)) => Err(failure.clone()),
            None => Err(self.unknown(name)),
        }
    }

    fn none_named(&self) -> Failure {
        if let Some(failure) = self.failures.first() {
            return failure.clone();
        }
        if self.entries.is_empty() {
            return Failure::new(FailureKind::Usage, "No cloud is configured")
                .hint("Write ~/.config/openstack/clouds.yaml, or set the OS_* variables")
                .hint("stackdeck --demo shows a simulated cloud");
        }
        Failure::new(FailureKind::Usage, "No cloud is chosen")
            .hint(format!("Choose one with --cloud or OS_CLOUD: {}", self.names()))
    }

    fn unknown(&self, name: &str) -> Failure {
        let failure = Failure::new(FailureKind::Usage, format!("There is no cloud named {name}"));
        let failure = self.failures.iter().fold(failure, |failure, broken| failure.cause(broken.message.clone()));
        match nearest(name, self.entries.keys().map(String::as_str)) {
            Some(meant) => failure.hint(format!("{meant} may be meant")),
            None if self.entries.is_empty() => failure.hint("No cloud is configured"),
            None => failure.hint(format!("There are {}", self.names())),
        }
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.entries.keys().take(20).map(String::as_str).collect();
        names.join(", ")
    }
}

/// Reads all that the user has configured.
pub fn load(sources: &Sources) -> Clouds {
    let files = Files::read(sources);
    let mut entries = BTreeMap::new();
    for (name, entry) in named(files.clouds.as_ref(), "clouds") {
        let entry = with_profile(entry, files.public.as_ref());
        let secure = files.secure.as_ref().and_then(|file| file.get("clouds")).and_then(|clouds| clouds.get(name));
        let entry = secure.map_or(entry.clone(), |secure| entry.overlaid(secure));
        let beneath = environment::password(name, &entry, sources);
        let entry = beneath.map_or(entry.clone(), |beneath| beneath.overlaid(&entry));
        entries.insert(name.to_owned(), entry::read(name, &entry, sources));
    }
    let described = environment::cloud(sources);
    let alone = (entries.len() == 1).then(|| entries.keys().next().cloned()).flatten();
    let default = sources.variable("OS_CLOUD").map(str::to_owned);
    let default = default.or(described.as_ref().map(|(name, _)| name.clone())).or(alone);
    if let Some((name, node)) = described {
        let read = entry::read(&name, &node, sources);
        entries.insert(name, read);
    }
    let mut failures = files.failures;
    failures.extend(files.clouds.as_ref().and_then(no_clouds));
    Clouds { entries, default, files: files.read, failures }
}

/// The entries beneath a file's one key.
fn named<'a>(file: Option<&'a Node>, root: &str) -> impl Iterator<Item = (&'a str, &'a Node)> {
    let entries = file.and_then(|file| file.get(root)).map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|(name, entry)| Some((name.text()?, entry)))
}

/// An entry laid over the profile that it names, where `clouds-public.yaml` has that.
fn with_profile(entry: &Node, public: Option<&Node>) -> Node {
    let profile = entry.get("profile").or(entry.get("cloud")).and_then(Node::text);
    let found = profile.and_then(|profile| named(public, "public-clouds").find(|(name, _)| *name == profile));
    found.map_or(entry.clone(), |(_, profile)| profile.overlaid(entry))
}

fn no_clouds(file: &Node) -> Option<Failure> {
    file.get("clouds").is_none().then(|| {
        Failure::new(FailureKind::Usage, format!("{} has no entry under the key clouds", file.place))
            .hint("The file begins with clouds:, and beneath it one entry per cloud")
    })
}
