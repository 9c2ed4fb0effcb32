//! A guest's console log. It is not kept: every line follows from the guest and the time, so a log that grows costs nothing.

use std::fmt::Write as _;
use std::time::Duration;

use super::Server;
use super::state::{Power, VmState};
use crate::sim::moment::Moment;
use crate::sim::world::World;

/// Nova's drivers keep a console's last 100 kB or so.
const KEPT_LINES: u64 = 1000;

const BOOT: [&str; 14] = [
    "[    0.000000] Linux version 6.1.0-26-cloud-amd64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_DYNAMIC",
    "[    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz-6.1.0-26-cloud-amd64 root=PARTUUID=bd0c ro console=ttyS0,115200",
    "[    0.004000] tsc: Detected 2593.748 MHz processor",
    "[    0.312844] Freeing SMP alternatives memory: 36K",
    "[    1.118460] virtio_blk virtio2: [vda] 41943040 512-byte logical blocks (21.5 GB/20.0 GiB)",
    "[    1.690021] EXT4-fs (vda1): mounted filesystem with ordered data mode. Quota mode: none.",
    "[    2.048571] systemd[1]: Detected virtualization kvm.",
    "[    2.049101] systemd[1]: Set hostname.",
    "[  OK  ] Reached target network.target - Network.",
    "[  OK  ] Started ssh.service - OpenBSD Secure Shell server.",
    "ci-info: +++++++++++++++++++++++++++++Net device info+++++++++++++++++++++++++++++",
    "cloud-init[512]: Cloud-init v. 22.4.2 running 'modules:final'",
    "[  OK  ] Started app.service - the application.",
    "[  OK  ] Reached target multi-user.target - Multi-User System.",
];

impl World {
    /// The last lines of a server's console; all that is kept when `length` is not given.
    pub fn console(&self, server: &Server, length: Option<usize>) -> String {
        let Some(booted) = server.booted else { return String::new() };
        let end = if server.power == Power::Running { self.now } else { server.updated };
        let every = every(server);
        let written = end.since(booted).as_secs() / every;
        let mut lines: Vec<String> = Vec::new();
        if written < KEPT_LINES {
            lines.extend(BOOT.iter().map(|line| (*line).to_owned()));
            lines.push(format!("{} login: ", server.name));
        }
        for at in written.saturating_sub(KEPT_LINES)..written {
            lines.push(app_line(server, booted, at, every));
        }
        if server.vm == VmState::Stopped {
            lines.push("[  OK  ] Reached target poweroff.target - System Power Off.".to_owned());
            lines.push("reboot: Power down".to_owned());
        }
        let skipped = length.map_or(0, |length| lines.len().saturating_sub(length));
        lines[skipped..].join("\n") + "\n"
    }
}

/// Seconds between two lines.
fn every(server: &Server) -> u64 {
    3 + u64::from(server.number % 9)
}

fn app_line(server: &Server, booted: Moment, at: u64, every: u64) -> String {
    let moment = booted.plus(Duration::from_secs((at + 1) * every));
    let mut rng = fastrand::Rng::with_seed(u64::from(server.number) << 32 ^ at);
    let mut line = format!("{} app[731]: ", moment.zulu());
    let written = match rng.u32(0..40) {
        0 => write!(line, "level=warn msg=\"slow upstream\" upstream=core-banking ms={}", rng.u32(900..4000)),
        1 => {
            write!(line, "level=error msg=\"connection reset by peer\" peer=10.20.{}.{}", rng.u8(0..9), rng.u8(1..255))
        }
        2 => write!(line, "level=info msg=\"gc\" pause_ms={} heap_mb={}", rng.u32(2..40), rng.u32(180..900)),
        _ => write!(
            line,
            "level=info msg=request method={} path=/v1/{} status={} ms={}",
            ["GET", "GET", "POST", "PUT"][rng.usize(0..4)],
            ["accounts", "transfers", "quotes", "limits", "forms"][rng.usize(0..5)],
            [200, 200, 200, 201, 204, 404][rng.usize(0..6)],
            rng.u32(4..180)
        ),
    };
    debug_assert!(written.is_ok(), "a String takes every write");
    line
}
