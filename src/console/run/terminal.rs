//! The terminal as we found it, and as we need it: raw, on its alternate screen, with bracketed paste.
//!
//! Raw mode and commands are crossterm's. Not its writing, which waits for a terminal that takes nothing, nor its reader
//! (see [`keys`](super::keys)), nor its size, which starts `tput` where there is no terminal any more.
//!
//! [`Guard`] puts it back on drop; the panic hook does so before anything else happens. What was found is kept in one
//! place for both. Our end is opened anew and does not block: a terminal that stalls must not hold up leaving, and the
//! shell's own descriptor must not become non-blocking.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossterm::Command;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{QueueSelector, tcflush, tcgetwinsize};

use crate::base::failure::{Failure, FailureKind};

/// "Do you know synchronized output?", answered among the keys or never.
const ASKS: &str = "\x1b[?2026$p";

/// The mouse's buttons and wheel, in the form that has no limit of columns. Crossterm's own command would have every
/// motion sent as well, over a slow link.
const MOUSE: (&str, &str) = ("\x1b[?1000h\x1b[?1006h", "\x1b[?1006l\x1b[?1000l");

/// How long leaving waits for a terminal that takes nothing.
const LEAVING: Duration = Duration::from_millis(300);

/// What to put back; `None` while the terminal is as we found it.
static FOUND: Mutex<Option<Found>> = Mutex::new(None);

struct Found {
    output: File,
    mouse: bool,
}

/// A terminal that we may use.
pub(super) struct Terminal {
    output: File,
}

impl Terminal {
    /// The process's own terminal; refuses when there is none, or one that cannot address its cells.
    pub(super) fn find(term: Option<&str>) -> Result<Self, Failure> {
        let (stdin, stdout) = (io::stdin(), io::stdout());
        if !rustix::termios::isatty(&stdin) || !rustix::termios::isatty(&stdout) {
            return Err(Failure::new(FailureKind::Usage, "the console needs a terminal, and this is none")
                .hint("the same from a script or a pipe: stackdeck services -o json"));
        }
        if matches!(term, None | Some("" | "dumb")) {
            let named = term.map_or_else(|| "TERM is not set".to_owned(), |term| format!("TERM is `{term}`"));
            return Err(Failure::new(FailureKind::Usage, format!("the console cannot draw on this terminal: {named}"))
                .hint("set TERM to what the terminal is, such as xterm-256color")
                .hint("the same as plain text: stackdeck services"));
        }
        let output = reopen(stdout.as_fd())
            .map_err(|error| Failure::new(FailureKind::Bug, format!("cannot open the terminal: {error}")))?;
        Ok(Self { output })
    }

    /// Columns and rows. Some terminals tell nothing: then the smallest common size.
    pub(super) fn size(&self) -> (u16, u16) {
        match tcgetwinsize(&self.output) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => (80, 24),
        }
    }

    /// Another handle to write with.
    pub(super) fn output(&self) -> io::Result<File> {
        self.output.try_clone()
    }

    /// Takes the terminal over, until the guard is dropped.
    pub(super) fn enter(&self, mouse: bool) -> io::Result<Guard> {
        let guard = Guard { mouse };
        guard.renew(self)?;
        Ok(guard)
    }
}

/// While this lives the terminal is ours, and afterwards as it was.
pub(super) struct Guard {
    mouse: bool,
}

impl Guard {
    /// Puts the terminal back, for a while.
    pub(super) fn leave(&self) {
        restore();
    }

    /// Takes the terminal over again: after [`Guard::leave`], or when somebody else may have changed it.
    pub(super) fn renew(&self, terminal: &Terminal) -> io::Result<()> {
        *found() = Some(Found { output: terminal.output()?, mouse: self.mouse });
        // Crossterm believes that it is raw still; whoever stopped us may have changed that.
        disable_raw_mode()?;
        enable_raw_mode()?;
        send(&terminal.output, enter(self.mouse).as_bytes(), LEAVING)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Puts the terminal back as it was found. Does nothing if it is so already; a terminal that is gone or takes nothing
/// is left alone.
pub(super) fn restore() {
    let Some(Found { output, mouse }) = found().take() else { return };
    // Each step is worth trying alone, and there is nobody left to tell.
    let _ = send(&output, leave(mouse).as_bytes(), LEAVING);
    // Not "once drained", which would wait for a stalled terminal. Keys typed for us are not for the shell.
    let _ = tcflush(&output, QueueSelector::IFlush);
    let _ = disable_raw_mode();
}

/// Alternate screen, no cursor, bracketed paste, and what is asked.
fn enter(mouse: bool) -> String {
    let commands: [&dyn Ansi; 3] = [&EnterAlternateScreen, &Hide, &EnableBracketedPaste];
    written(&commands) + if mouse { MOUSE.0 } else { "" } + ASKS
}

/// The way back. The end of a synchronized update first: one may have been cut.
fn leave(mouse: bool) -> String {
    let commands: [&dyn Ansi; 4] =
        [&DisableBracketedPaste, &SetAttribute(Attribute::Reset), &Show, &LeaveAlternateScreen];
    written(&[&EndSynchronizedUpdate]) + if mouse { MOUSE.1 } else { "" } + &written(&commands)
}

/// Crossterm's commands in a form that one can make a list of.
trait Ansi {
    fn write(&self, to: &mut String) -> fmt::Result;
}

impl<C: Command> Ansi for C {
    fn write(&self, to: &mut String) -> fmt::Result {
        self.write_ansi(to)
    }
}

fn written(commands: &[&dyn Ansi]) -> String {
    let mut bytes = String::new();
    for command in commands {
        // Writing to memory cannot fail.
        command.write(&mut bytes).unwrap_or_default();
    }
    bytes
}

/// Is the terminal ours at present? The writer asks before each frame, so that none follows a restore.
pub(super) fn is_ours() -> bool {
    found().is_some()
}

fn found() -> std::sync::MutexGuard<'static, Option<Found>> {
    FOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same terminal by its name, as an open file of its own.
fn reopen(stdout: impl AsFd) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let by_name = rustix::termios::ttyname(stdout, Vec::new())
        .and_then(|name| rustix::fs::open(name.as_c_str(), flags, Mode::empty()))
        .or_else(|_| rustix::fs::open(Path::new("/dev/tty"), flags, Mode::empty()))?;
    Ok(File::from(by_name))
}

/// Writes all of it to a descriptor that does not block, or fails when `patience` is over.
pub(super) fn send(output: &File, bytes: &[u8], patience: Duration) -> io::Result<()> {
    let deadline = Instant::now() + patience;
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(output, rest) {
            Ok(count) => rest = &rest[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() || !wait_for(output, PollFlags::OUT, Some(left))?.contains(PollFlags::OUT) {
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until the descriptor is ready, is broken, or time is over; tells what it is.
pub(super) fn wait_for(fd: impl AsFd, flags: PollFlags, patience: Option<Duration>) -> io::Result<PollFlags> {
    let mut fds = [PollFd::new(&fd, flags)];
    let patience = patience.map(|time| Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(time.subsec_nanos()),
    });
    match poll(&mut fds, patience.as_ref()) {
        Ok(_) => Ok(fds[0].revents()),
        Err(rustix::io::Errno::INTR) => Ok(PollFlags::empty()),
        Err(error) => Err(error.into()),
    }
}

/// Standard input as a descriptor of our own.
pub(super) fn keyboard() -> io::Result<OwnedFd> {
    io::stdin().as_fd().try_clone_to_owned()
}
