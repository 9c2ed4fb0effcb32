//! From settings to a running console, and from its end to an exit code.

use std::collections::BTreeMap;
use std::iter::once;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::base::clock::{Clock, Pace};
use crate::base::failure::{Failure, FailureKind};
use crate::config::{ColourMode, Settings};
use crate::console::app::graphs::Drawing;
use crate::console::app::layout::Size;
use crate::console::app::model::{self, CloudChoice, Scope};
use crate::console::app::msg::Msg;
use crate::console::app::{Model, update};
use crate::console::view::theme::{self, ColourDepth, ColourWish, Shelf, TerminalSays, Theme};
use crate::openstack::Clouds;
use crate::watch;
use crate::worker::{self, Desk, Launcher, launch};

use super::event_loop::{End, Parts, refused};
use super::interpret::{Interpreter, Means};
use super::log_file::LogFile;
use super::signals::Signals;
use super::terminal::Terminal;
use super::writer::Writer;
use super::{breakdown, event_loop, input, logging, terminal};

/// The number of SIGHUP: what a lost terminal means, signal or not.
const HANGUP: i32 = 1;

/// How long leaving waits for what still runs on the runtime.
const LEAVING: Duration = Duration::from_millis(200);

/// What the console is started with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The clouds that one can go to.
    pub clouds: Clouds,
    /// Where to go first; without a cloud one is chosen on the screen.
    pub scope: Scope,
    /// Stackdeck's own settings.
    pub settings: Settings,
    /// What was wrong with them; told as notices.
    pub warnings: Vec<Failure>,
    /// The environment: `TERM`, `COLORTERM`, `NO_COLOR`, `TMUX`.
    pub environment: BTreeMap<String, String>,
    /// The working folder: a worker finds the cloud's configuration as we did.
    pub cwd: PathBuf,
    /// Where the journal of operations is.
    pub state: PathBuf,
    /// Where the user's themes are.
    pub themes: Option<PathBuf>,
    /// Tells the time.
    pub clock: Clock,
    /// How the cloud's clock follows from ours.
    pub pace: Pace,
    /// Said in the header all the time: that this is a demo.
    pub banner: Option<String>,
}

/// Opens the console; comes back when it is left. The terminal is then as it was found.
///
/// # Errors
/// When there is no terminal to draw on, a setting cannot be followed, or Stackdeck itself breaks.
pub fn console(mut start: Start) -> Result<ExitCode, Failure> {
    let terminal = Terminal::find(start.environment.get("TERM").map(String::as_str))?;
    let (log, unlogged) = log_file(&start.settings)?;
    let lines = logging::start(&start.settings.log_level, log)?;
    let (theme, warnings) = theme(&start)?;
    start.warnings.extend(unlogged);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("runtime")
        .enable_all()
        .build()
        .map_err(|error| refused("start the runtime", &error))?;
    breakdown::expect_none();
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| {
        // Behind a pointer: the whole console would be compiled several times over otherwise.
        let opened: Pin<Box<dyn Future<Output = Result<End, Failure>>>> = Box::pin(async {
            let parts = assemble(start, terminal, lines, theme, warnings)?;
            Ok(event_loop::run(parts).await)
        });
        runtime.block_on(opened)
    }));
    terminal::restore();
    runtime.shutdown_timeout(LEAVING);
    if let Some(failure) = breakdown::take() {
        return Err(failure);
    }
    match ended {
        Ok(Ok(End::Left)) => Ok(ExitCode::SUCCESS),
        Ok(Ok(End::Signal(number))) => Ok(by_signal(number)),
        Ok(Ok(End::Lost | End::Broke)) | Err(_) => Ok(by_signal(HANGUP)),
        Ok(Err(failure)) => Err(failure),
    }
}

/// The open log file. One that was asked for must be there; without the usual one, that is told and nothing else.
fn log_file(settings: &Settings) -> Result<(Option<LogFile>, Option<Failure>), Failure> {
    let Some(path) = settings.log_path() else { return Ok((None, None)) };
    match LogFile::open(path) {
        Ok(file) => Ok((Some(file), None)),
        Err(failure) if settings.log_file.is_some() => Err(failure),
        Err(failure) => Ok((None, Some(failure.hint("log_file names another, or none")))),
    }
}

fn by_signal(number: i32) -> ExitCode {
    ExitCode::from(u8::try_from(128 + number).unwrap_or(u8::MAX))
}

/// Within the runtime, since signals and work need one.
fn assemble(
    start: Start,
    terminal: Terminal,
    lines: logging::Lines,
    theme: Theme,
    warnings: Vec<String>,
) -> Result<Parts, Failure> {
    let refuse = |what: &'static str| move |error: std::io::Error| refused(what, &error);
    let signals = Signals::take().map_err(refuse("listen to signals"))?;
    let colour = theme.depth() != ColourDepth::None;
    let model = model(&start, terminal.size(), warnings);
    let in_tmux = start.environment.get("TMUX").is_some_and(|name| !name.is_empty());
    let (interpreter, arrivals) = Interpreter::start(means(&start), start.scope.clone());
    let guard = terminal.enter(start.settings.mouse).map_err(refuse("take the terminal over"))?;
    let inputs = terminal::keyboard().and_then(input::start).map_err(refuse("read the keyboard"))?;
    let (tell, lost) = oneshot::channel();
    let writer = terminal
        .output()
        .and_then(|output| Writer::start(output, colour, terminal::is_ours, move || tell.send(()).unwrap_or_default()))
        .map_err(refuse("write to the terminal"))?;
    Ok(Parts {
        model,
        theme,
        clock: start.clock,
        terminal,
        guard,
        writer,
        lost,
        inputs,
        signals,
        lines,
        interpreter,
        arrivals,
        in_tmux,
        synchronize: start.settings.synchronized_output,
        alarm: start.settings.alarm.clone(),
    })
}

fn means(start: &Start) -> Means {
    let Settings { cache_dir, token_cache, watch, .. } = &start.settings;
    let folder = |name: &str| (!cache_dir.as_os_str().is_empty()).then(|| cache_dir.join(name));
    let intervals = watch::Intervals {
        steady: watch.normal,
        transition: watch.busy,
        away: watch.idle,
        reconcile: watch.reconcile,
        overlap: watch.overlap,
        console: watch.console_log,
        ..watch::Intervals::default()
    };
    let tokens = folder("tokens").filter(|_| *token_cache);
    Means {
        desk: desk(start, tokens.clone()),
        clouds: start.clouds.clone(),
        watch: watch::Settings {
            intervals,
            pace: start.pace,
            rules: start.settings.grouping.clone(),
            metrics: start.settings.metrics.enabled.then(|| start.settings.metrics.clone()),
            ..watch::Settings::default()
        },
        pace: start.pace,
        clock: start.clock.clone(),
        tokens,
        snapshots: folder("snapshots"),
    }
}

fn desk(start: &Start, tokens: Option<PathBuf>) -> Desk {
    let launcher = Launcher {
        program: launch::this_program(),
        state: start.state.clone(),
        tokens,
        pace: start.pace,
        config: start.settings.file.clone(),
        variables: start.environment.clone(),
        cwd: start.cwd.clone(),
    };
    let actor = worker::actor(&start.environment);
    let freezes = start.settings.operations.freezes.clone();
    Desk { state: start.state.clone(), actor, launcher, clock: start.clock.clone(), pace: start.pace, freezes }
}

/// The console of a Linux machine has no Braille in its font.
fn drawing(start: &Start) -> Drawing {
    let term = start.environment.get("TERM").map_or("", String::as_str);
    match (start.settings.ascii, term) {
        (true, _) => Drawing::Ascii,
        (false, "linux") => Drawing::Block,
        (false, _) => Drawing::Braille,
    }
}

fn model(start: &Start, (width, height): (u16, u16), warnings: Vec<String>) -> Model {
    let settings = &start.settings;
    let now = start.clock.now();
    let mut model = Model::new(
        model::Start {
            scope: start.scope.clone(),
            clouds: start.clouds.entries.keys().map(|name| choice(name, start)).collect(),
            read_only: settings.read_only,
            views: settings.views.clone(),
            keys: settings.bindings.clone(),
            control_plane_interval: Some(watch::Intervals::default().control_plane),
            detail_interval: Some(watch::Intervals::default().detail),
            console_interval: Some(settings.watch.console_log),
            size: Size { width, height },
            absence: settings.watch.idle_after,
            banner: start.banner.clone(),
            drawing: drawing(start),
            limits: settings.operations.limits,
            strategy: settings.operations.strategy,
            freezes: settings.operations.freezes.clone(),
            asks: settings.metrics.probes.asks_versions(),
            wanted: settings.services.clone(),
            thresholds: settings.health.clone(),
            pace: start.pace,
        },
        now,
    );
    let of_theme = warnings.into_iter().map(|text| Failure::new(FailureKind::Usage, text));
    for warning in start.warnings.iter().cloned().chain(of_theme) {
        update(&mut model, Msg::Trouble(warning), now);
    }
    // The screen has a line for one of them.
    for failure in told(&model) {
        let place = failure.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        tracing::warn!(
            "{place}{}",
            once(failure.message.as_str())
                .chain(failure.hints.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(". ")
        );
    }
    model
}

/// What was told so far, in its order.
fn told(model: &Model) -> Vec<&Failure> {
    let mut told: Vec<&Failure> = model.notices.newest_first().filter_map(|notice| notice.failure.as_ref()).collect();
    told.reverse();
    told
}

fn choice(name: &str, start: &Start) -> CloudChoice {
    let settings = start.settings.cloud(name);
    CloudChoice {
        name: name.to_owned(),
        broken: start.clouds.get(Some(name)).err(),
        protected: settings.protected,
        read_only: settings.read_only,
        ticket: start.settings.wants_ticket(name),
        rails: start.settings.rails(name),
        accent: settings.accent,
    }
}

/// The theme for this terminal, and what was wrong with its file.
fn theme(start: &Start) -> Result<(Theme, Vec<String>), Failure> {
    let variable = |name: &str| start.environment.get(name).map(String::as_str);
    let wish = match start.settings.color {
        ColourMode::Auto => ColourWish::Auto,
        ColourMode::TrueColour => ColourWish::Depth(ColourDepth::True),
        ColourMode::Indexed => ColourWish::Depth(ColourDepth::Ansi256),
        ColourMode::Ansi => ColourWish::Depth(ColourDepth::Ansi16),
        ColourMode::None => ColourWish::Depth(ColourDepth::None),
    };
    let says =
        TerminalSays { no_color: variable("NO_COLOR"), colorterm: variable("COLORTERM"), term: variable("TERM") };
    let depth = ColourDepth::detect(wish, says);
    let shelf = Shelf { folder: start.themes.as_deref(), read: &|path: &Path| std::fs::read_to_string(path) };
    let loaded = theme::load(&start.settings.theme, &shelf, depth)?;
    Ok((loaded.theme.ascii(start.settings.ascii), loaded.warnings))
}

#[cfg(test)]
mod tests;
