//! Starts a worker that outlives whoever starts it.
//!
//! Two processes in a row. The first is in a process group of its own from its first instruction on, so that a terminal
//! that is closed this very moment does not hit it; but the leader of a group may not leave its session. So it starts
//! the second, which may, and ends. Nothing is passed on but three streams: the token on standard input, nothing, a log.
//!
//! Where the login manager would end them both with the login, the first is started by `systemd-run --scope`, which
//! moves itself under the user's service manager and then becomes it: arguments, environment and streams are the same.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use secrecy::{ExposeSecret as _, SecretString};

use crate::base::clock::Pace;
use crate::base::failure::{Failure, FailureKind};
use crate::operation::OperationId;
use crate::store::make_folder;
use crate::worker::outlives::Outlives;

/// What starts a process under the user's service manager; looked for on the PATH.
pub const SYSTEMD_RUN: &str = "systemd-run";
/// As a scope: it inherits our streams and our environment, and nothing of either is in an argument.
pub const UNDER_THE_MANAGER: [&str; 5] = ["--user", "--scope", "--quiet", "--collect", "--"];

/// The first descriptor behind the three streams.
const FIRST_OF_OTHERS: std::os::fd::RawFd = 3;

/// Under whom a worker lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// Under whoever starts it.
    This,
    /// Under the user's service manager.
    Manager,
}

impl Under {
    /// What is right for what the system says.
    pub fn of(outlives: &Outlives) -> Self {
        match outlives {
            Outlives::Through(_) => Under::Manager,
            Outlives::Yes(_) | Outlives::No(_) | Outlives::Untold(_) => Under::This,
        }
    }
}

/// How workers are started from here.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// This program.
    pub program: PathBuf,
    /// The folder of the journal.
    pub state: PathBuf,
    /// The folder of the kept tokens; `None` keeps none.
    pub tokens: Option<PathBuf>,
    /// How the cloud's clock follows from the wall's.
    pub pace: Pace,
    /// The file of our settings: it may be another than the usual one.
    pub config: Option<PathBuf>,
    /// The whole environment: the worker finds the cloud's configuration as we did.
    pub variables: BTreeMap<String, String>,
    /// The working folder, for the same reason.
    pub cwd: PathBuf,
}

/// This program, even if its file has been replaced since.
pub fn this_program() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() { running.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}

/// The same program for a process that is another one: to that, `/proc/self` is itself.
fn seen_by_others(program: &Path) -> PathBuf {
    match program.strip_prefix("/proc/self") {
        Ok(rest) => Path::new("/proc").join(std::process::id().to_string()).join(rest),
        Err(_) => program.to_owned(),
    }
}

/// Where a worker's log is.
pub fn log_path(state: &Path, operation: &OperationId) -> PathBuf {
    state.join("operations").join(format!("{operation}.log"))
}

impl Launcher {
    /// Starts a worker for an operation. `grant` is handed over on its standard input. That it runs is not known before
    /// its first record is in the journal.
    pub fn launch(&self, operation: &OperationId, grant: Option<&SecretString>, under: Under) -> Result<(), Failure> {
        let refused = |error: std::io::Error| {
            Failure::new(FailureKind::Bug, "The worker cannot be started").cause(error.to_string())
        };
        let log = log_path(&self.state, operation);
        make_folder(log.parent().unwrap_or(&self.state))?;
        let log = OpenOptions::new().append(true).create(true).mode(0o600).open(log).map_err(refused)?;
        let mut command = self.command(under);
        command
            .args(self.arguments(operation))
            .arg("--detach")
            .env_clear()
            .envs(&self.variables)
            .current_dir(&self.cwd)
            .stdin(if grant.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0);
        let mut first = command.spawn().map_err(refused)?;
        if let (Some(grant), Some(mut input)) = (grant, first.stdin.take()) {
            // A pipe holds a token whole; if the worker is gone already, the journal tells.
            let _gone = input.write_all(grant.expose_secret().as_bytes());
        }
        let status = first.wait().map_err(refused)?;
        if status.success() { Ok(()) } else { Err(Self::refusal(under)) }
    }

    fn command(&self, under: Under) -> Command {
        match under {
            Under::This => Command::new(&self.program),
            Under::Manager => {
                let mut command = Command::new(SYSTEMD_RUN);
                command.args(UNDER_THE_MANAGER).arg(seen_by_others(&self.program));
                command
            }
        }
    }

    fn refusal(under: Under) -> Failure {
        let failure = Failure::new(FailureKind::Bug, "The worker cannot be started");
        match under {
            Under::This => failure,
            Under::Manager => failure
                .cause(format!("`{SYSTEMD_RUN} {}` has failed", UNDER_THE_MANAGER.join(" ")))
                .hint("Resume it: whether the service manager takes it is asked anew, and `stackdeck doctor` tells"),
        }
    }

    fn arguments(&self, operation: &OperationId) -> Vec<String> {
        let mut arguments = vec!["worker".to_owned(), operation.to_string()];
        arguments.extend(["--state".to_owned(), self.state.to_string_lossy().into_owned()]);
        arguments.push(format!("--pace={}", self.pace));
        arguments.extend(self.tokens.iter().map(|folder| format!("--tokens={}", folder.display())));
        arguments.extend(self.config.iter().map(|file| format!("--config={}", file.display())));
        arguments
    }
}

/// The second of the two processes: the first's own arguments without the wish to detach. What was open when the first
/// was started stays behind: a lock that a shell holds for its command is not held for as long as a worker lives.
pub fn detach(arguments: impl Iterator<Item = std::ffi::OsString>) -> std::io::Result<()> {
    close_fds::set_fds_cloexec(FIRST_OF_OTHERS, &[]);
    let rest = arguments.skip(1).filter(|argument| argument != "--detach");
    Command::new(this_program()).args(rest).spawn().map(drop)
}
