//! `stackdeck sim`: serves a simulated cloud until it is told to end, or until nobody needs it any more.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Sim;
use crate::sim::{self, Scenario, Served, World, world};

/// How often it is asked whether anybody was there.
const GLANCE: Duration = Duration::from_secs(1);

/// Serves until SIGTERM, SIGINT, or, where it was asked to, until no client came for a while.
pub async fn serve(arguments: &Sim, instances: Option<u32>) -> Result<ExitCode, Failure> {
    if arguments.until_idle.is_some() {
        // Whoever started us may go, and the terminal with it. A refusal means that we lead a group already.
        let _ = rustix::process::setsid();
    }
    let mut options = world::Options::new(scenario(&arguments.scenario)?);
    options.instances = instances.map_or(options.instances, |instances| instances as usize);
    options.pace = Duration::try_from_secs_f64(arguments.pace / 1000.0)
        .map_err(|error| Failure::new(FailureKind::Usage, format!("--pace {}: {error}", arguments.pace)))?;
    let clouds = arguments.clouds.as_deref().map(CloudsFile::claim).transpose()?;
    let failed = |error: io::Error| {
        Failure::new(FailureKind::Usage, format!("Nothing can listen on {}", arguments.listen)).cause(error.to_string())
    };
    let listener = TcpListener::bind(arguments.listen).await.map_err(failed)?;
    let served = sim::serve(listener, World::new(options)).map_err(failed)?;
    if let Some(clouds) = &clouds {
        clouds.write(&served.clouds_yaml())?;
    }
    // Nobody may be reading; whoever started us waits for this line.
    let _ = writeln!(io::stdout(), "Serving {} at {}", arguments.scenario, served.auth_url());
    end(&served, arguments.until_idle.map(Duration::from_secs)).await;
    Ok(ExitCode::SUCCESS)
}

/// The scenario of that name.
pub(super) fn scenario(name: &str) -> Result<Scenario, Failure> {
    name.parse().map_err(|message: String| Failure::new(FailureKind::Usage, message))
}

/// Waits for a reason to end.
async fn end(served: &Served, until_idle: Option<Duration>) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    let idle = async {
        let Some(enough) = until_idle else { return std::future::pending().await };
        while served.idle() < enough {
            tokio::time::sleep(GLANCE).await;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = idle => {}
    }
}

/// The `clouds.yaml` that leads here: there only while somebody serves, and written by one process alone.
struct CloudsFile {
    path: PathBuf,
    _lock: File,
}

impl CloudsFile {
    /// Claims the file. The lock stands beside it and goes with this process, however it ends.
    fn claim(path: &Path) -> Result<Self, Failure> {
        let lock = lock_beside(path)?;
        match lock.try_lock() {
            Ok(()) => {
                // For whoever wants to end it.
                let number = rustix::process::getpid().as_raw_nonzero();
                lock.set_len(0).and_then(|()| writeln!(&lock, "{number}")).map_err(|error| unwritable(path, &error))?;
                Ok(Self { path: path.to_owned(), _lock: lock })
            }
            Err(TryLockError::WouldBlock) => {
                let message = format!("Another simulated cloud serves {}", path.display());
                Err(Failure::new(FailureKind::Conflict, message))
            }
            Err(TryLockError::Error(error)) => Err(unwritable(path, &error)),
        }
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        let aside = self.path.with_extension("new");
        std::fs::write(&aside, text)
            .and_then(|()| std::fs::rename(&aside, &self.path))
            .map_err(|error| unwritable(&self.path, &error))
    }
}

impl Drop for CloudsFile {
    fn drop(&mut self) {
        // Who finds no file starts a cloud; who finds an old one sees by the lock that nobody serves.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The lock that tells whether somebody serves.
pub(super) fn lock_beside(path: &Path) -> Result<File, Failure> {
    let lock = path.with_extension("lock");
    File::options().create(true).append(true).open(&lock).map_err(|error| unwritable(&lock, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(FailureKind::Usage, format!("{} cannot be written", path.display())).cause(error.to_string())
}
