//! The real binary as a process that sees nothing of this machine: no variables, its own home, no terminal.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::secrets;

/// Between two looks at what is waited for.
const LOOK: Duration = Duration::from_millis(250);

/// A home that goes away at the end, and the processes in it.
pub struct Home {
    folder: Folder,
}

/// How a process has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: Folder::new() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the home, with its folders.
    pub fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Puts another program in the place of this one, or nothing: as an update of the machine does.
    pub fn supplant(&self, program: &Path, replaced: bool) {
        if replaced {
            let other = self.write("newer", "#!/bin/sh\nexit 99\n");
            std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o755)).unwrap();
            std::fs::rename(other, program).unwrap();
        } else {
            std::fs::remove_file(program).unwrap();
        }
    }

    /// `~/.config/openstack/clouds.yaml`.
    pub fn clouds(&self, text: &str) -> PathBuf {
        secrets::learn(text);
        self.write(".config/openstack/clouds.yaml", text)
    }

    /// The binary, ready to be given arguments. Nothing of the tester's environment is left.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stackdeck"));
        command
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
        end(self.command().args(arguments))
    }
}

/// Runs a command to its end, which comes within a minute.
pub fn end(command: &mut Command) -> Ended {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let readers = [reader(out), reader(err)];
    let id = child.id();
    let waiter = std::thread::spawn(move || sender.send(child.wait().unwrap()));
    let deadline = Instant::now() + Duration::from_mins(1);
    let status = loop {
        secrets::none_in_arguments();
        match receiver.recv_timeout(LOOK) {
            Ok(status) => break Some(status),
            Err(_) if Instant::now() > deadline => break None,
            Err(_) => {}
        }
    };
    let Some(status) = status else {
        let pid = rustix::process::Pid::from_raw(id.cast_signed()).unwrap();
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        let [out, err] = readers.map(|reader| reader.join().unwrap());
        panic!("{command:?} did not end within a minute\n{out}\n{err}");
    };
    waiter.join().unwrap().unwrap();
    let [out, err] = readers.map(|reader| reader.join().unwrap());
    for (what, said) in [("standard output", &out), ("standard error", &err)] {
        secrets::none_in(&format!("the {what} of {command:?}"), said.as_bytes());
    }
    Ended { code: status.code(), out, err }
}

fn reader(mut from: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Ended {
    /// Asserts the exit code; a difference shows all that was said.
    #[track_caller]
    pub fn with_code(self, code: i32) -> Self {
        let Ended { out, err, .. } = &self;
        assert_eq!(self.code, Some(code), "\nstandard output:\n{out}\nstandard error:\n{err}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}:\n{}\n{}", self.out, self.err))
    }
}

/// Waits until `level` has a value, looking again and again.
#[track_caller]
pub fn until<T>(what: &str, level: impl FnMut() -> Option<T>) -> T {
    until_within(Duration::from_secs(30), what, level)
}

/// The same, for so long.
#[track_caller]
pub fn until_within<T>(patience: Duration, what: &str, mut level: impl FnMut() -> Option<T>) -> T {
    let (_keep, never) = std::sync::mpsc::channel::<()>();
    let deadline = Instant::now() + patience;
    loop {
        if let Some(value) = level() {
            return value;
        }
        secrets::none_in_arguments();
        assert!(Instant::now() < deadline, "waited {patience:?} for {what}");
        let _ = never.recv_timeout(Duration::from_millis(10));
    }
}
