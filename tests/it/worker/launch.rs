//! How a worker is started: what is passed on to it, and through whom.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use stackdeck::base::clock::Pace;
use stackdeck::operation::OperationId;
use stackdeck::worker::Launcher;
use stackdeck::worker::launch::Under;

const GRANT: &str = "{\"token\": \"gAAAAA-the-token\"}";

/// A folder with a worker that writes down what it was given, and a `systemd-run` that does so too.
struct Stage {
    folder: tempfile::TempDir,
    launcher: Launcher,
}

impl Stage {
    fn new(systemd_run: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = script(
            &folder.path().join("stackdeck"),
            "printf '%s\\n' \"$@\" > worker.arguments; cat > worker.input; env > worker.environment; pwd > worker.folder",
        );
        script(&folder.path().join("bin/systemd-run"), systemd_run);
        let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
        let variables = [("PATH", path.as_str()), ("OS_PASSWORD", "night-shift")];
        let launcher = Launcher {
            program,
            state: folder.path().join("state"),
            tokens: None,
            pace: Pace::REAL,
            config: None,
            variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            cwd: folder.path().to_owned(),
        };
        Self { folder, launcher }
    }

    fn launch(&self, under: Under) -> Result<(), stackdeck::base::failure::Failure> {
        self.launcher.launch(&operation(), Some(&SecretString::from(GRANT)), under)
    }

    fn read(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join(file)).ok()
    }
}

fn operation() -> OperationId {
    OperationId::new("2026-11-20T14:32:00Z".parse().unwrap(), 7)
}

fn script(path: &Path, text: &str) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_owned()
}

/// What `systemd-run --scope` does: it becomes what it was given.
const BECOMES: &str = "printf '%s\\n' \"$@\" > run.arguments\n\
                       while [ \"$1\" != -- ]; do shift; done; shift\n\
                       exec \"$@\"";

#[test]
fn under_the_service_manager_the_worker_gets_the_same_and_no_argument_holds_a_secret() {
    let stage = Stage::new(BECOMES);
    stage.launch(Under::Manager).unwrap();
    let run = stage.read("run.arguments").unwrap();
    let own = stage.launcher.program.display().to_string();
    assert!(run.starts_with(&format!("--user\n--scope\n--quiet\n--collect\n--\n{own}\nworker\n")), "{run}");
    assert!(run.ends_with("--detach\n") && run.contains(operation().as_str()), "{run}");
    assert!(!run.contains("gAAAAA") && !run.contains("night-shift"), "{run}");
    assert_eq!(stage.read("worker.input").as_deref(), Some(GRANT), "the token comes over the pipe");
    let environment = stage.read("worker.environment").unwrap();
    assert!(environment.contains("OS_PASSWORD=night-shift") && !environment.contains("gAAAAA"), "{environment}");

    let direct = Stage::new(BECOMES);
    direct.launch(Under::This).unwrap();
    assert_eq!(direct.read("run.arguments"), None, "nobody else is asked");
    let without = |text: String, stage: &Stage| text.replace(&stage.folder.path().display().to_string(), "");
    assert_eq!(
        without(direct.read("worker.arguments").unwrap(), &direct),
        without(stage.read("worker.arguments").unwrap(), &stage)
    );
    assert_eq!(direct.read("worker.input").as_deref(), Some(GRANT));
    let mode = std::fs::metadata(direct.folder.path().join("state/operations")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "the logs are for their user alone");
}

#[test]
fn a_service_manager_that_takes_nothing_is_told_and_no_worker_runs() {
    let stage = Stage::new("echo 'Failed to connect to bus' >&2; exit 1");
    let failure = stage.launch(Under::Manager).unwrap_err();
    assert!(failure.causes[0].contains("systemd-run --user --scope"), "{failure:?}");
    assert!(failure.hints[0].contains("Resume it"), "{failure:?}");
    assert_eq!(stage.read("worker.arguments"), None);
    let log = stage.read(&format!("state/operations/{}.log", operation())).unwrap();
    assert!(log.contains("Failed to connect to bus"), "what it said is in the worker's log: {log}");

    let mut stage = Stage::new(BECOMES);
    stage.launcher.variables = BTreeMap::from([("PATH".to_owned(), "/nowhere".to_owned())]);
    assert!(stage.launch(Under::Manager).is_err(), "there is none");
}

#[test]
fn our_own_program_is_named_so_that_another_process_finds_it() {
    let mut stage = Stage::new("printf '%s\\n' \"$@\" > run.arguments");
    stage.launcher.program = PathBuf::from("/proc/self/exe");
    stage.launch(Under::Manager).unwrap();
    let run = stage.read("run.arguments").unwrap();
    assert_eq!(run.lines().nth(5), Some(format!("/proc/{}/exe", std::process::id()).as_str()), "{run}");
}
