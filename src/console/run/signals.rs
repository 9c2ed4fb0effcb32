//! Signals as events. All that would end or stop the process are taken, so that the terminal is put back first.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Suspend, as ctrl-z sends it to a program that has not taken the keyboard.
const TSTP: i32 = rustix::process::Signal::TSTP.as_raw();
/// Going on after a stop.
const CONT: i32 = rustix::process::Signal::CONT.as_raw();

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Leave; the exit code is 128 and the signal's number.
    Leave(i32),
    /// Stop until continued.
    Suspend,
    /// We have been stopped and go on.
    Continued,
    /// The terminal's size has changed.
    Resize,
}

/// The signals that we take.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
    suspend: Signal,
    continued: Signal,
    resize: Signal,
}

impl Signals {
    /// From now on none of them ends the process by itself.
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            suspend: signal(SignalKind::from_raw(TSTP))?,
            continued: signal(SignalKind::from_raw(CONT))?,
            resize: signal(SignalKind::window_change())?,
        })
    }

    /// The next one. Those that end come first.
    pub(super) async fn next(&mut self) -> Asked {
        let leave = |kind: SignalKind| Asked::Leave(kind.as_raw_value());
        tokio::select! {
            biased;
            _ = self.terminate.recv() => leave(SignalKind::terminate()),
            _ = self.hangup.recv() => leave(SignalKind::hangup()),
            _ = self.interrupt.recv() => leave(SignalKind::interrupt()),
            _ = self.quit.recv() => leave(SignalKind::quit()),
            _ = self.continued.recv() => Asked::Continued,
            _ = self.suspend.recv() => Asked::Suspend,
            _ = self.resize.recv() => Asked::Resize,
        }
    }
}
