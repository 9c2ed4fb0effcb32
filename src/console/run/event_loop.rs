//! The one owner of the model: what happens goes in, what is to be done comes out, what changed is drawn.
//!
//! A key is drawn at once, and so are the first rows. Everything else waits for the frame budget, unless nothing was
//! drawn for that long. There is no tick: between events the process sleeps, until something on the screen grows old
//! ([`next_wake`]).

use std::io;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::base::clock::Clock;
use crate::base::failure::{Failure, FailureKind};
use crate::config::alarm::Alarm;
use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::app::trail::View;
use crate::console::app::{Model, changes, next_wake, update};
use crate::console::view::{self, theme::Theme};
use crate::fleet::look::Found;

use super::alarm;
use super::breakdown;
use super::clipboard;
use super::input::Input;
use super::interpret::{Arrival, Interpreter};
use super::logging::Lines;
use super::screen::Screen;
use super::signals::{Asked, Signals};
use super::terminal::{Guard, Terminal};
use super::writer::Writer;

/// At most one frame in this time, keys apart: 30 a second.
const FRAME: Duration = Duration::from_millis(33);

/// Events taken in before the next frame: a flood must not stop the drawing.
const DRAIN: usize = 256;

/// However often the screen grows old, not more often than this.
const SHORTEST_WAKE: Duration = Duration::from_millis(50);

/// Why the loop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The user left.
    Left,
    /// A signal, by its number.
    Signal(i32),
    /// The terminal is gone.
    Lost,
    /// We broke; [`breakdown::take`] knows what.
    Broke,
}

/// What the loop is made of.
pub(super) struct Parts {
    pub(super) model: Model,
    pub(super) theme: Theme,
    pub(super) clock: Clock,
    pub(super) terminal: Terminal,
    pub(super) guard: Guard,
    pub(super) writer: Writer,
    /// Fires when the writer finds the terminal gone.
    pub(super) lost: oneshot::Receiver<()>,
    pub(super) inputs: mpsc::Receiver<Input>,
    pub(super) signals: Signals,
    pub(super) lines: Lines,
    pub(super) interpreter: Interpreter,
    pub(super) arrivals: mpsc::Receiver<Arrival>,
    /// The terminal is tmux's.
    pub(super) in_tmux: bool,
    /// Synchronized output is wished for, where the terminal has it.
    pub(super) synchronize: bool,
    /// How one is called to the screen.
    pub(super) alarm: Alarm,
}

/// Runs until the end; puts the terminal back before it tells.
pub(super) async fn run(parts: Parts) -> End {
    let screen = Screen::new(parts.terminal.size());
    let mut console =
        Console { parts, screen, drawn: None, last_frame: None, wake: None, look: None, urgent: true, end: None };
    while console.end.is_none() {
        console.draw_if_due();
        console.wait().await;
        console.drain();
    }
    console.leave().await
}

struct Console {
    parts: Parts,
    screen: Screen,
    /// The generation of the model that is on the screen.
    drawn: Option<u64>,
    last_frame: Option<Instant>,
    wake: Option<Instant>,
    /// A look that is being carried out. Nothing else arrives meanwhile: what it looks at stays as it is.
    look: Option<JoinHandle<Box<Found>>>,
    urgent: bool,
    end: Option<End>,
}

enum Event {
    Asked(Asked),
    Input(Option<Input>),
    Arrival(Option<Arrival>),
    Looked(Option<Box<Found>>),
    Broke,
    Lost,
    Logged,
    Due,
}

impl Console {
    async fn wait(&mut self) {
        let (due, looking) = (self.due(), self.look.is_some());
        let parts = &mut self.parts;
        let event = tokio::select! {
            biased;
            asked = parts.signals.next() => Event::Asked(asked),
            () = breakdown::happened() => Event::Broke,
            _ = &mut parts.lost => Event::Lost,
            input = parts.inputs.recv() => Event::Input(input),
            found = carried_out(&mut self.look) => Event::Looked(found),
            arrival = parts.arrivals.recv(), if !looking => Event::Arrival(arrival),
            () = parts.lines.arrived() => Event::Logged,
            () = sleep_until(due) => Event::Due,
        };
        match event {
            Event::Asked(asked) => self.asked(asked),
            Event::Broke => self.end = Some(End::Broke),
            Event::Lost | Event::Input(None | Some(Input::Gone)) => self.end = Some(End::Lost),
            Event::Input(Some(input)) => self.input(input),
            Event::Arrival(Some(arrival)) => self.arrived(arrival),
            Event::Looked(Some(found)) => self.take(Msg::Looked(found)),
            // What broke it ends the console.
            Event::Looked(None) => {}
            Event::Logged => self.take(Msg::Logged(self.parts.lines.read())),
            Event::Due if self.is_stale() => {}
            Event::Due => self.take(Msg::Tick),
            // The interpreter holds a sender: this cannot end before it.
            Event::Arrival(None) => {}
        }
    }

    /// Takes in what else has happened, up to a bound.
    fn drain(&mut self) {
        for _ in 0..DRAIN {
            match self.parts.inputs.try_recv() {
                Ok(Input::Gone) => self.end = Some(End::Lost),
                Ok(input) => self.input(input),
                Err(_) => break,
            }
        }
        for _ in 0..DRAIN {
            // Whatever comes from the cloud, a key is next.
            if self.look.is_some() || !self.parts.inputs.is_empty() {
                break;
            }
            let Ok(arrival) = self.parts.arrivals.try_recv() else { break };
            self.arrived(arrival);
        }
    }

    fn asked(&mut self, asked: Asked) {
        match asked {
            Asked::Leave(signal) => self.end = Some(End::Signal(signal)),
            Asked::Suspend => self.suspend(),
            Asked::Continued => self.take_over(),
            Asked::Resize => self.measure(),
        }
    }

    fn input(&mut self, input: Input) {
        self.urgent = true;
        match input {
            Input::Key(key, burst) => self.take(Msg::Key { key, burst }),
            Input::Paste(text) => self.take(Msg::Paste(text)),
            Input::Synchronizes if self.parts.synchronize => self.parts.writer.synchronize(),
            Input::Synchronizes => {}
            Input::Gone => self.end = Some(End::Lost),
        }
    }

    fn arrived(&mut self, arrival: Arrival) {
        if let Some(msg) = self.parts.interpreter.arrived(arrival) {
            // They are waited for like what a key does; what came before them has just been drawn.
            self.urgent |= matches!(msg, Msg::Fleet(_)) && self.parts.model.fleet.members.is_empty();
            self.take(msg);
        }
    }

    fn take(&mut self, msg: Msg) {
        let now = self.parts.clock.now();
        for effect in update(&mut self.parts.model, msg, now) {
            self.perform(effect);
        }
        if self.parts.lines.watch(matches!(self.parts.model.trail.here(), View::Log)) {
            self.take(Msg::Logged(self.parts.lines.read()));
        }
        self.wake = next_wake(&self.parts.model, now).map(|left| Instant::now() + left.max(SHORTEST_WAKE));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.end = Some(End::Left),
            Effect::Suspend => self.suspend(),
            Effect::Redraw => self.repaint(),
            Effect::Copy(text) => self.copy(&text),
            Effect::Ring(text) => self.ring(&text),
            Effect::Look(look) => self.look = Some(tokio::task::spawn_blocking(move || Box::new(look.carry_out()))),
            other => self.parts.interpreter.perform(other),
        }
    }

    /// Something needs a look, whoever looks elsewhere.
    fn ring(&mut self, text: &str) {
        let (bell, notice) = alarm::sounds(&self.parts.alarm, text);
        for command in bell.into_iter().chain(notice) {
            self.parts.writer.command(command);
        }
        alarm::call(&self.parts.alarm, text);
    }

    fn copy(&mut self, text: &str) {
        match clipboard::command(text, self.parts.in_tmux) {
            Some(command) => self.parts.writer.command(command),
            None => self.trouble("the text is too long for a terminal's clipboard", "save it to a file instead"),
        }
    }

    /// Stops the process until it is continued.
    fn suspend(&mut self) {
        let ourselves = rustix::process::getpid();
        if rustix::process::getsid(None).is_ok_and(|session| session == ourselves) {
            return self.trouble("there is no shell to go back to", "leave with :quit");
        }
        self.parts.writer.pause();
        self.parts.guard.leave();
        // The whole group, as the terminal itself would: a wrapper script is to stop too. Whoever continues us tells by
        // a signal, and the terminal is taken over then: twice would be once for a moment not.
        if let Err(error) = rustix::process::kill_current_process_group(rustix::process::Signal::STOP) {
            tracing::warn!("cannot stop: {error}");
            self.take_over();
        }
    }

    /// Takes the terminal over again, whoever had it meanwhile.
    fn take_over(&mut self) {
        if let Err(error) = self.parts.guard.renew(&self.parts.terminal) {
            tracing::warn!("the terminal could not be taken over again: {error}");
        }
        self.parts.writer.resume();
        self.measure();
    }

    fn trouble(&mut self, message: &str, hint: &str) {
        self.take(Msg::Trouble(Failure::new(FailureKind::Unsupported, message).hint(hint)));
    }

    fn measure(&mut self) {
        let (width, height) = self.parts.terminal.size();
        self.screen.resize((width, height));
        self.take(Msg::Resize { width, height });
        self.repaint();
    }

    fn repaint(&mut self) {
        self.parts.writer.repaint();
        (self.drawn, self.urgent) = (None, true);
    }

    /// Is there something to draw?
    fn is_stale(&self) -> bool {
        self.drawn != Some(self.parts.model.generation())
    }

    /// When the loop must go on if nothing happens.
    fn due(&self) -> Option<Instant> {
        if self.is_stale() { self.last_frame.map(|at| at + FRAME) } else { self.wake }
    }

    fn draw_if_due(&mut self) {
        let rested = self.last_frame.is_none_or(|at| at.elapsed() >= FRAME);
        if self.is_stale() && (self.urgent || rested) {
            let Parts { model, theme, writer, .. } = &self.parts;
            self.screen.draw(|frame| view::draw(model, theme, frame), |frame| writer.show(frame));
            self.drawn = Some(self.parts.model.generation());
            self.last_frame = Some(Instant::now());
        }
        self.urgent = false;
    }

    async fn leave(self) -> End {
        let end = self.end.unwrap_or(End::Left);
        let Parts { writer, guard, mut interpreter, mut model, .. } = self.parts;
        // The user gets the terminal back before anything that may take a moment.
        drop(writer);
        drop(guard);
        changes::leave(&mut model).into_iter().for_each(|effect| interpreter.perform(effect));
        interpreter.end().await;
        end
    }
}

/// What a look has found, once that is known.
async fn carried_out(look: &mut Option<JoinHandle<Box<Found>>>) -> Option<Box<Found>> {
    let Some(under_way) = look else { return std::future::pending().await };
    let found = under_way.await.ok();
    *look = None;
    found
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Cannot go on for want of the system's help.
pub(super) fn refused(what: &str, error: &io::Error) -> Failure {
    Failure::new(FailureKind::Bug, format!("cannot {what}")).cause(error.to_string())
}
