//! The keyboard's thread: waits for the terminal, reads what fingers and pastes sent, and notices when it is gone.
//!
//! It polls before each read, so a dead terminal is an event here and not an endless loop.

use std::io;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use tokio::sync::mpsc;

use super::burst::{Bursts, Verdict, WINDOW};
use super::keys::{Parser, Typed};
use super::terminal::wait_for;
use crate::base::key::Key;

/// A sequence that was cut in half by the network goes on within this time; else a lone escape is the key.
const SEQUENCE: Duration = Duration::from_millis(20);

/// A paste that pauses longer than this has lost its end.
const PASTE: Duration = Duration::from_secs(3);

/// Inputs that wait to be taken. When it is full the thread waits, and the terminal's own queue fills.
const WAITING: usize = 1024;

/// The private mode "synchronized output".
const SYNCHRONIZED: u16 = 2026;

/// What the terminal told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A key, and whether it is part of a burst.
    Key(Key, bool),
    /// A paste.
    Paste(String),
    /// The terminal knows synchronized updates.
    Synchronizes,
    /// The terminal is gone.
    Gone,
}

/// Starts the thread. It ends with the terminal, or when nobody listens any more.
pub(super) fn start(keyboard: OwnedFd) -> io::Result<mpsc::Receiver<Input>> {
    let (send, inputs) = mpsc::channel(WAITING);
    thread::Builder::new().name("input".into()).spawn(move || {
        let mut reader = Reader { send, parser: Parser::default(), bursts: Bursts::default(), held: Vec::new() };
        // Whatever ended it, the keyboard is no longer there.
        let _ = reader.run(&keyboard);
        let _ = reader.send.blocking_send(Input::Gone);
    })?;
    Ok(inputs)
}

/// Nobody listens, or the terminal is gone.
struct Over;

struct Reader {
    send: mpsc::Sender<Input>,
    parser: Parser,
    bursts: Bursts,
    held: Vec<Input>,
}

impl Reader {
    fn run(&mut self, keyboard: &OwnedFd) -> Result<(), Over> {
        let mut bytes = [0; 4096];
        loop {
            let state = wait_for(keyboard, PollFlags::IN, self.patience()).map_err(|_| Over)?;
            if state.contains(PollFlags::IN) {
                match rustix::io::read(keyboard, &mut bytes) {
                    Ok(0) => return Err(Over),
                    Ok(count) => self.take(&bytes[..count])?,
                    Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                    Err(_) => return Err(Over),
                }
            } else if state.is_empty() {
                self.silence()?;
            }
            // After the read: what was typed before the end still counts.
            if state.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                return Err(Over);
            }
        }
    }

    /// How long to wait for what is half there; for ever if nothing is.
    fn patience(&self) -> Option<Duration> {
        match (self.parser.pastes(), self.parser.waits(), self.held.is_empty()) {
            (true, ..) => Some(PASTE),
            (false, true, _) => Some(SEQUENCE),
            (false, false, false) => Some(WINDOW),
            (false, false, true) => None,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Over> {
        let mut typed = Vec::new();
        self.parser.feed(bytes, &mut typed);
        self.judge(typed)
    }

    /// Nothing came in time.
    fn silence(&mut self) -> Result<(), Over> {
        if self.parser.waits() {
            let mut typed = Vec::new();
            self.parser.give_up(&mut typed);
            self.judge(typed)?;
        }
        self.release(false)
    }

    fn judge(&mut self, typed: Vec<Typed>) -> Result<(), Over> {
        let keys = typed.iter().filter(|one| matches!(one, Typed::Key(_))).count();
        for one in typed {
            match one {
                Typed::Key(key) => self.held.push(Input::Key(key, false)),
                Typed::Paste(text) => self.held.push(Input::Paste(text)),
                Typed::Mode(SYNCHRONIZED, true) => self.send(Input::Synchronizes)?,
                Typed::Mode(..) => {}
            }
        }
        if keys == 0 && self.held.iter().all(|one| !matches!(one, Input::Key(..))) {
            return self.release(false);
        }
        let before = self.held.len().saturating_sub(keys);
        match self.bursts.judge(keys, before, Instant::now()) {
            Verdict::Pass { burst } => self.release(burst),
            Verdict::Hold => Ok(()),
        }
    }

    fn release(&mut self, burst: bool) -> Result<(), Over> {
        for one in std::mem::take(&mut self.held) {
            self.send(match one {
                Input::Key(key, _) => Input::Key(key, burst),
                other => other,
            })?;
        }
        Ok(())
    }

    fn send(&self, input: Input) -> Result<(), Over> {
        self.send.blocking_send(input).map_err(|_| Over)
    }
}
