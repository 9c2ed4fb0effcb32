//! What is kept on disk between runs: tokens, and the versions that were discovered.
//!
//! Mode 0600 in a folder of mode 0700, written aside and renamed. Every file holds its whole key: the name is only a
//! hash of it. Whatever is wrong with a file means that it is not there.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::openstack::auth::grant::{Body, Grant};
use crate::openstack::clouds::CloudConfig;

/// The folder; without one nothing is kept.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    folder: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Kept<T> {
    key: String,
    value: T,
}

/// A token in the file. Serialized by hand, as a [`SecretString`] rightly cannot be.
#[derive(Serialize, Deserialize)]
struct KeptGrant {
    secret: String,
    body: Body,
    received: Timestamp,
    answered: Timestamp,
}

impl KeptGrant {
    fn of(grant: &Grant) -> Self {
        let secret = grant.secret.expose_secret().to_owned();
        Self { secret, body: grant.body.clone(), received: grant.received, answered: grant.answered }
    }

    fn grant(self) -> Grant {
        let Self { secret, body, received, answered } = self;
        Grant { secret: SecretString::from(secret), body, received, answered, generation: 0 }
    }
}

impl Grant {
    /// For another process of the same user, in the shape in which grants are kept.
    pub(crate) fn hand_over(&self) -> SecretString {
        // Plain data becomes JSON whatever it holds.
        serde_json::to_string(&KeptGrant::of(self)).unwrap_or_default().into()
    }

    /// What [`Grant::hand_over`] made.
    pub(crate) fn taken_over(text: &SecretString) -> Option<Self> {
        serde_json::from_str(text.expose_secret()).ok().map(KeptGrant::grant)
    }
}

impl Cache {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// The token of an earlier run.
    pub(crate) fn grant(&self, key: &str) -> Option<Grant> {
        self.read("token", key).map(KeptGrant::grant)
    }

    /// Keeps a token for later runs.
    pub(crate) fn keep_grant(&self, key: &str, grant: &Grant) {
        self.write("token", key, &KeptGrant::of(grant));
    }

    /// A token is no good any more.
    pub(crate) fn forget_grant(&self, key: &str) {
        if let Some(path) = self.path("token", key) {
            let _ = fs::remove_file(path);
        }
    }

    /// What was kept of that kind under that key.
    pub(crate) fn read<T: DeserializeOwned>(&self, kind: &str, key: &str) -> Option<T> {
        let bytes = fs::read(self.path(kind, key)?).ok()?;
        let kept: Kept<T> = serde_json::from_slice(&bytes).ok()?;
        (kept.key == key).then_some(kept.value)
    }

    /// Keeps a value. A failure costs a request later, and is only logged.
    pub(crate) fn write<T: Serialize>(&self, kind: &str, key: &str, value: &T) {
        let (Some(folder), Some(path)) = (&self.folder, self.path(kind, key)) else { return };
        if let Err(error) = replace(folder, &path, &Kept { key: key.to_owned(), value }) {
            let kind_of = error.kind();
            tracing::warn!(target: "stackdeck::openstack", folder = %folder.display(), %kind_of, "the {kind} cache cannot be written");
        }
    }

    fn path(&self, kind: &str, key: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{kind}-{:016x}.json", hash(key))))
    }
}

/// What a token hangs on, without secrets.
pub(crate) fn key(config: &CloudConfig) -> String {
    let method = config.method.sign_in();
    format!("{} {} {} {:?}", config.auth_url, method.kind(), method.whom(), config.scope)
}

fn replace<T: Serialize>(folder: &Path, path: &Path, kept: &T) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let aside = path.with_extension(format!("{:08x}", fastrand::u32(..)));
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
        file.write_all(&serde_json::to_vec(kept)?)?;
        fs::rename(&aside, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written
}

/// FNV-1a: the same in every run and version. Collisions are harmless, as files hold their key.
fn hash(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
