//! Whether a worker outlives the login that starts it.
//!
//! It has a session of its own, so a hang-up does not reach it. But where `KillUserProcesses=yes`, logind ends all that
//! a login has left in its control group; and what runs under the user's service manager ends with that, unless the
//! user lingers. Asked are the system's own answers ([`Said`]); what they mean is decided without them ([`judge`]).
//!
//! Where it would die, and the user's service manager lingers, it is started under that ([`Outlives::Through`]): that is
//! tried beforehand, so that a plan promises nothing that its start cannot keep. Else it is said that it dies.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::worker::launch;

/// Longer than a bus takes that works.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether it does, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlives {
    /// It goes on when the login ends.
    Yes(String),
    /// It goes on, since it is started under the user's service manager: by `systemd-run`.
    Through(String),
    /// It dies with the login.
    No(String),
    /// It cannot be told.
    Untold(String),
}

/// What the system says, in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The user.
    pub user: String,
    /// systemd runs this system.
    pub systemd: bool,
    /// `/proc/self/cgroup`.
    pub cgroup: Option<String>,
    /// `KillUserProcesses`, `KillOnlyUsers` and `KillExcludeUsers` of logind, a line each, as `busctl` prints them.
    pub logind: Option<String>,
    /// The user's service manager stays when nobody is logged in.
    pub lingers: bool,
    /// The user's service manager takes what it is given: it was tried.
    pub takes: bool,
}

impl Outlives {
    /// In a sentence.
    pub fn text(&self) -> String {
        match self {
            Outlives::Yes(why) | Outlives::Through(why) => format!("outlives this login: {why}"),
            Outlives::No(why) => format!("dies with this login: {why}"),
            Outlives::Untold(why) => format!("may die with this login: {why}"),
        }
    }

    /// For programs: `yes`, `no` or `unknown`.
    pub fn word(&self) -> &'static str {
        match self {
            Outlives::Yes(_) | Outlives::Through(_) => "yes",
            Outlives::No(_) => "no",
            Outlives::Untold(_) => "unknown",
        }
    }
}

/// Asks this system.
pub async fn outlives(user: &str) -> Outlives {
    judge(&ask(user).await)
}

async fn ask(user: &str) -> Said {
    let systemd = Path::new("/run/systemd/system").is_dir();
    let lingers = Path::new("/var/lib/systemd/linger").join(user).exists();
    Said {
        user: user.to_owned(),
        systemd,
        cgroup: std::fs::read_to_string("/proc/self/cgroup").ok(),
        logind: if systemd { logind().await } else { None },
        lingers,
        takes: systemd && lingers && takes().await,
    }
}

/// Whether the user's service manager takes a process that does nothing.
async fn takes() -> bool {
    let mut trial = tokio::process::Command::new(launch::SYSTEMD_RUN);
    trial
        .args(launch::UNDER_THE_MANAGER)
        .arg("true")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(PATIENCE, trial.status()).await;
    matches!(ended, Ok(Ok(status)) if status.success())
}

async fn logind() -> Option<String> {
    let mut busctl = tokio::process::Command::new("busctl");
    busctl
        .args(["get-property", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"])
        .args(["KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers"])
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let answer = tokio::time::timeout(PATIENCE, busctl.output()).await.ok()?.ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// What the answers mean.
pub fn judge(said: &Said) -> Outlives {
    if !said.systemd {
        return Outlives::Yes("no login manager runs here".to_owned());
    }
    let cgroup = said.cgroup.as_deref().unwrap_or_default();
    if cgroup.contains("/user@") {
        return if said.lingers {
            Outlives::Yes(format!("{}'s service manager lingers", said.user))
        } else {
            let why =
                format!("{0}'s service manager ends with the last login (`loginctl enable-linger {0}`)", said.user);
            Outlives::No(why)
        };
    }
    let in_a_session = cgroup.split('/').any(|part| part.trim_end().starts_with("session-"));
    if said.cgroup.is_some() && !in_a_session {
        return Outlives::Yes("this is no session of logind's".to_owned());
    }
    let Some(mut answers) = said.logind.as_deref().map(str::lines) else {
        return Outlives::Untold("logind does not answer".to_owned());
    };
    match answers.next().map(str::trim) {
        Some("b false") => Outlives::Yes("logind leaves its processes alone (KillUserProcesses=no)".to_owned()),
        Some("b true") => killed(said, &names(answers.next()), &names(answers.next())),
        _ => Outlives::Untold("logind does not say whether it kills what a login leaves".to_owned()),
    }
}

fn killed(said: &Said, only: &[&str], except: &[&str]) -> Outlives {
    let user = &said.user;
    if except.contains(&user.as_str()) {
        return Outlives::Yes(format!("logind leaves {user}'s processes alone (KillExcludeUsers)"));
    }
    if !only.is_empty() && !only.contains(&user.as_str()) {
        return Outlives::Yes(format!("logind leaves {user}'s processes alone (KillOnlyUsers)"));
    }
    match (said.lingers, said.takes) {
        (true, true) => Outlives::Through(format!("it is started under {user}'s service manager, which lingers")),
        (true, false) => Outlives::No(format!(
            "logind kills what it leaves (KillUserProcesses=yes), and {user}'s service manager takes nothing"
        )),
        (false, _) => Outlives::No("logind kills what it leaves (KillUserProcesses=yes)".to_owned()),
    }
}

/// The names of a bus's list of texts: `as 2 "root" "admin"`.
fn names(line: Option<&str>) -> Vec<&str> {
    line.unwrap_or_default().split('"').skip(1).step_by(2).collect()
}
