//! The rig around the real cloud: its folder, Nova's own log, and the delays by which it holds a server in a task state.

use std::fs::{File, TryLockError};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stackdeck::base::id::RequestId;

use super::bench::DEADLINE;
use crate::support::folder::Folder;
use crate::support::process::until;

/// The folder that the clouds.yaml of the test lies in.
#[derive(Clone)]
pub(super) struct Rig(PathBuf);

impl Rig {
    pub fn here() -> Option<Self> {
        let clouds = PathBuf::from(std::env::var_os("STACKDECK_REAL_CLOUDS")?);
        Some(Self(clouds.parent().expect("a folder").to_owned()))
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Its clouds.yaml.
    pub fn clouds(&self) -> String {
        std::fs::read_to_string(self.path("clouds.yaml")).expect("the rig's clouds.yaml")
    }

    /// How often Nova's API was asked that with this request id.
    pub fn asked(&self, request: &RequestId, what: &str) -> usize {
        asked(&self.path("log/nova-api.log"), request, what)
    }

    /// From now on each reboot stays in its task state for so long, until the guard goes.
    pub async fn hold_reboots(&self, long: Duration) -> Held {
        Held::new(&self.path("delay"), "reboot", long).await
    }
}

/// How often a log of Nova's API has that request, with this call. It is written right after the answer has left.
pub(super) fn asked(log: &Path, request: &RequestId, what: &str) -> usize {
    let count = || {
        let text = String::from_utf8_lossy(&std::fs::read(log).expect("Nova's log")).into_owned();
        text.lines().filter(|line| line.contains(request.as_str()) && line.contains(what)).count()
    };
    until(&format!("{request} in Nova's log"), || Some(count()).filter(|count| *count > 0))
}

/// While this lives, a step of every hypervisor takes so long.
///
/// What the rig reads is a link to a file that only this process has open: it ends with the process, however that ends.
pub(super) struct Held {
    link: PathBuf,
    seconds: File,
    _own: Folder,
    /// One test at a time, of all that use this rig.
    _turn: File,
}

impl Held {
    async fn new(folder: &Path, step: &str, long: Duration) -> Self {
        let turn = turn(&folder.join(format!(".{step}.lock"))).await;
        let own = Folder::new();
        let seconds = File::create(own.join("seconds")).expect("a file");
        seconds.write_all_at(text(long).as_bytes(), 0).expect("written");
        let link = folder.join(step);
        let _stale = std::fs::remove_file(&link);
        let open = format!("/proc/{}/fd/{}", std::process::id(), seconds.as_raw_fd());
        std::os::unix::fs::symlink(open, &link).expect("a link");
        Self { link, seconds, _own: own, _turn: turn }
    }

    /// What begins from now on takes so long; what has begun stays as it was.
    pub fn change(&self, long: Duration) {
        self.seconds.write_all_at(text(long).as_bytes(), 0).expect("written");
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.link);
    }
}

/// Always of one length, so that one stands where another stood.
fn text(long: Duration) -> String {
    format!("{:08.2}", long.as_secs_f64())
}

async fn turn(path: &Path) -> File {
    let file = File::create(path).expect("a lock file");
    let began = tokio::time::Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return file,
            Err(TryLockError::WouldBlock) => assert!(began.elapsed() < 2 * DEADLINE, "somebody else holds the rig"),
            Err(TryLockError::Error(error)) => panic!("{}: {error}", path.display()),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
