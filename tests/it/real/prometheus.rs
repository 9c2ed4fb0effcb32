//! A Prometheus of Debian's package, for one test, at a port of its own.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use super::generator::answers;
use crate::support::folder::Folder;

/// It ends with the test.
pub(super) struct Prometheus {
    child: Child,
    pub(super) url: String,
    address: String,
    _folder: Folder,
}

impl Prometheus {
    /// Starts one with that configuration, and what was written before in its folder; `None` where it is not installed.
    pub(super) async fn start(folder: Folder, config: &str) -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let address = format!("127.0.0.1:{port}");
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).expect("its configuration");
        let mut command = Command::new("prometheus");
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.tsdb.path={}", folder.path().join("tsdb").display()));
        command.arg(format!("--web.listen-address={address}")).arg("--log.level=error");
        let child = started(&mut command)?;
        let own = Self { child, url: format!("http://{address}"), address, _folder: folder };
        answers(&own.address, "/-/ready", "").await.expect("it is ready");
        Some(own)
    }
}

impl Prometheus {
    /// Waits until a query, written for an address, has a value.
    pub(super) async fn finds(&self, query: &str) -> Result<(), String> {
        answers(&self.address, &format!("/api/v1/query?query={query}"), "\"value\"").await
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Makes blocks of what exporters wrote, for a Prometheus in that folder; `None` where the tool is not installed.
pub(super) fn backfill(folder: &Folder, text: &str) -> Option<()> {
    let file = folder.path().join("written");
    std::fs::write(&file, text).expect("what was written");
    let mut command = Command::new("promtool");
    command.args(["tsdb", "create-blocks-from", "openmetrics", "--quiet"]).arg(file).arg(folder.path().join("tsdb"));
    let status = started(&mut command)?.wait().expect("its end");
    assert!(status.success(), "promtool takes what exporters wrote: {status}");
    Some(())
}

fn started(command: &mut Command) -> Option<Child> {
    match command.stdin(Stdio::null()).stdout(Stdio::null()).spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            let program = command.get_program().display().to_string();
            writeln!(std::io::stderr(), "left out: {program}: {error}").expect("stderr");
            None
        }
    }
}
