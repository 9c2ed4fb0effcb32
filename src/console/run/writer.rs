//! The one writer: a thread that holds only the newest frame.
//!
//! Frames are differences. So the thread keeps what the terminal got last and compares the newest frame with that;
//! frames in between are never made into bytes, and a terminal that stalls blocks this thread alone. One frame leaves
//! with one `write`, between the marks of a synchronized update where the terminal has them.

use std::fs::File;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossterm::Command;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::event::PollFlags;

use super::encoder::Encoder;
use super::terminal::wait_for;

/// How often a stalled write looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// Hands frames to the writing thread. Dropping it ends the thread; what is not yet written is lost.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
    may_write: fn() -> bool,
}

#[derive(Default)]
struct Slot {
    newest: Option<Buffer>,
    /// A frame that has been written, to be filled again.
    spare: Option<Buffer>,
    /// A command that is no cell, such as one for the clipboard. Only the newest counts.
    command: Option<Vec<u8>>,
    repaint: bool,
    synchronized: bool,
    writing: bool,
    phase: Phase,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Writes,
    Paused,
    Ends,
}

impl Writer {
    /// Starts the thread. `output` does not block. `lost` is called once if the terminal is gone.
    pub(super) fn start(
        output: File,
        colour: bool,
        may_write: fn() -> bool,
        lost: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared { slot: Mutex::default(), changed: Condvar::new(), may_write });
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new().name("writer".into()).spawn(move || {
            if write_frames(&theirs, &output, Encoder::new(colour)).is_err() {
                lost();
            }
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// This is the newest frame. It is taken, and an old one left in its place: nothing is copied.
    pub(super) fn show(&self, frame: &mut Buffer) {
        let mut slot = self.shared.lock();
        let old = slot.newest.take().or_else(|| slot.spare.take()).unwrap_or_else(|| Buffer::empty(Rect::ZERO));
        slot.newest = Some(std::mem::replace(frame, old));
        self.shared.changed.notify_all();
    }

    /// Sends a command that is no cell, after the frame that is under way.
    pub(super) fn command(&self, bytes: Vec<u8>) {
        self.shared.lock().command = Some(bytes);
        self.shared.changed.notify_all();
    }

    /// The next frame is painted whole.
    pub(super) fn repaint(&self) {
        self.shared.lock().repaint = true;
    }

    /// The terminal knows synchronized updates.
    pub(super) fn synchronize(&self) {
        self.shared.lock().synchronized = true;
    }

    /// Writes nothing any more until [`Writer::resume`]. Waits for a write under way; one that stalls is given up.
    pub(super) fn pause(&self) {
        self.halt(Phase::Paused);
    }

    /// Goes on, with a whole frame.
    pub(super) fn resume(&self) {
        let mut slot = self.shared.lock();
        (slot.phase, slot.repaint) = (Phase::Writes, true);
        self.shared.changed.notify_all();
    }

    fn halt(&self, phase: Phase) {
        let mut slot = self.shared.lock();
        slot.phase = phase;
        self.shared.changed.notify_all();
        while slot.writing {
            // Bounded: a stalled write looks at the phase.
            slot = self.shared.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.halt(Phase::Ends);
        if let Some(thread) = self.thread.take() {
            // It has no more to tell than its end.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wanted(&self) -> bool {
        self.lock().phase == Phase::Writes && (self.may_write)()
    }
}

/// Clears `writing` however the write ends.
struct Writing<'a>(&'a Shared);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.lock().writing = false;
        self.0.changed.notify_all();
    }
}

/// An error says that the terminal is gone.
fn write_frames(shared: &Shared, output: &File, mut encoder: Encoder) -> io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let mut slot = shared.lock();
        while slot.phase == Phase::Paused
            || (slot.phase == Phase::Writes && slot.newest.is_none() && slot.command.is_none())
        {
            slot = shared.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
        if slot.phase == Phase::Ends {
            return Ok(());
        }
        if std::mem::take(&mut slot.repaint) {
            encoder.forget();
        }
        let (frame, command, synchronized) = (slot.newest.take(), slot.command.take(), slot.synchronized);
        slot.writing = true;
        drop(slot);
        let _writing = Writing(shared);
        bytes.clear();
        if let Some(mut frame) = frame {
            compose(&mut encoder, &mut frame, synchronized, &mut bytes);
            shared.lock().spare = Some(frame);
        }
        bytes.extend(command.unwrap_or_default());
        if !write(shared, output, &bytes)? {
            encoder.forget();
        }
    }
}

fn compose(encoder: &mut Encoder, frame: &mut Buffer, synchronized: bool, bytes: &mut Vec<u8>) {
    if synchronized {
        put(BeginSynchronizedUpdate, bytes);
    }
    let empty = bytes.len();
    encoder.frame(frame, bytes);
    if bytes.len() == empty {
        bytes.clear();
    } else if synchronized {
        put(EndSynchronizedUpdate, bytes);
    }
}

fn put(command: impl Command, bytes: &mut Vec<u8>) {
    let mut text = String::new();
    // Writing to memory cannot fail.
    command.write_ansi(&mut text).unwrap_or_default();
    bytes.extend_from_slice(text.as_bytes());
}

/// Writes all of it, however long the terminal takes; false if it was no longer wanted half way.
fn write(shared: &Shared, output: &File, bytes: &[u8]) -> io::Result<bool> {
    let mut rest = bytes;
    while !rest.is_empty() {
        if !shared.wanted() {
            return Ok(false);
        }
        match rustix::io::write(output, rest) {
            Ok(count) => rest = &rest[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                let state = wait_for(output, PollFlags::OUT, Some(LOOK))?;
                if state.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
