//! A second Nova API or keystone beside the rig's own, over the same databases and with another setting. So what is
//! tried there disturbs nobody else.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::bench::DEADLINE;
use super::rig::Rig;
use crate::support::folder::Folder;
use crate::support::process::until_within;

/// One service on a port of its own. It ends with this.
pub(super) struct Daemon {
    child: Child,
    pub port: u16,
    pub log: PathBuf,
    _folder: Folder,
}

const NOVA: &str = "import sys; sys.argv[0] = 'nova-api'; from nova.cmd.api import main; sys.exit(main())";
const UWSGI: [&str; 12] = [
    "--plugin",
    "python3",
    "--master",
    "--no-orphans",
    "--need-app",
    "--die-on-term",
    "--lazy-apps",
    "--buffer-size",
    "65535",
    "--add-header",
    "Connection: close",
    "--wsgi-file=/usr/bin/keystone-wsgi-public",
];

impl Daemon {
    /// A Nova whose policies are those that `RIG_STRICT` switches on: a reader may only read.
    pub fn strict_nova(rig: &Rig) -> Self {
        let port = free_port();
        let setting = format!(
            "[DEFAULT]\nosapi_compute_listen_port = {port}\nosapi_compute_workers = 1\n\
             [oslo_policy]\nenforce_new_defaults = true\nenforce_scope = true\n"
        );
        Self::start(rig, port, &setting, |command, setting| {
            command.args(["/usr/bin/python3", "-c", NOVA]);
            command.args(["--config-file".into(), rig.path("etc/nova.conf"), "--config-file".into(), setting]);
        })
    }

    /// A keystone whose tokens live for so many seconds.
    pub fn brief_keystone(rig: &Rig, seconds: u64) -> Self {
        let port = free_port();
        Self::start(rig, port, &format!("[token]\nexpiration = {seconds}\n"), |command, setting| {
            let files = format!("{};{}", rig.path("etc/keystone.conf").display(), setting.display());
            command.env("OS_KEYSTONE_CONFIG_FILES", files);
            command.arg("/usr/bin/uwsgi").args(UWSGI).arg(format!("--http-socket=127.0.0.1:{port}"));
        })
    }

    fn start(rig: &Rig, port: u16, setting: &str, how: impl FnOnce(&mut Command, PathBuf)) -> Self {
        let folder = Folder::new();
        let file = folder.path().join("setting.conf");
        std::fs::write(&file, setting).expect("written");
        let log = folder.path().join("log");
        let out = File::create(&log).expect("a log");
        // If this test is killed, its daemon ends too.
        let mut command = Command::new("/usr/bin/setpriv");
        command.args(["--pdeathsig", "TERM"]).env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        command.env("PYTHONPATH", rig.path("py")).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(folder.path());
        how(&mut command, file);
        command.stdin(Stdio::null()).stdout(out.try_clone().expect("a log")).stderr(out);
        let child = command.spawn().expect("a daemon");
        Self { child, port, log, _folder: folder }
    }

    /// Waits until it answers, which is not when it listens. Its imports take some ten seconds of a processor's time.
    pub fn ready(&mut self) {
        until_within(DEADLINE, "the daemon to answer", || {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "{}", std::fs::read_to_string(&self.log).unwrap_or_default());
            answers(self.port).ok()
        });
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let pid = Pid::from_raw(self.child.id().cast_signed()).expect("a process");
        let _ended = kill_process(pid, Signal::TERM);
        let _status = self.child.wait();
    }
}

/// Asks for its versions, without waiting long for them.
fn answers(port: u16) -> std::io::Result<()> {
    let mut daemon = TcpStream::connect(("127.0.0.1", port))?;
    daemon.set_read_timeout(Some(Duration::from_secs(5)))?;
    daemon.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    daemon.read_exact(&mut [0; "HTTP/1.1 ".len()])
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}
