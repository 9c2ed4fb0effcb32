//! What is logged, and where to: the log view, and a file unless that is switched off.
//!
//! `tui_logger::init_logger` is not called: its thread wakes every 10 ms. Lines are moved to the log view's buffer when
//! that view is about to be drawn, and often enough that none is lost.
//!
//! Of other crates only warnings are taken, whatever the filter says: their details quote headers, and a header may be
//! a token.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, filter};
use tui_logger::{ExtLogRecord, LogFormatter, TuiLoggerWidget};

use super::log_file::LogFile;
use crate::base::failure::{Failure, FailureKind};
use crate::console::app::log::LogLine;

/// Lines between two moves; tui-logger's first buffer holds a thousand.
const MOVE_EVERY: usize = 256;

/// As many of the newest lines are read when the log view is opened.
const READ: usize = 2_000;

/// Tells the event loop of new lines, but only while somebody looks at them.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Inner>);

#[derive(Default)]
struct Inner {
    watched: AtomicBool,
    count: AtomicUsize,
    /// How many had been counted when the lines were read last, and the last of these.
    read: Mutex<(usize, Option<LogLine>)>,
    arrived: Notify,
}

impl Lines {
    /// Is the log view open? Tells whether it has just been opened.
    pub(super) fn watch(&self, open: bool) -> bool {
        open & !self.0.watched.swap(open, Ordering::Relaxed)
    }

    /// Waits for a line while the log view is open.
    pub(super) async fn arrived(&self) {
        self.0.arrived.notified().await;
    }

    /// The lines that were logged since they were read last.
    pub(super) fn read(&self) -> Vec<LogLine> {
        let mut read = self.0.read.lock().unwrap_or_else(PoisonError::into_inner);
        // A line is in the buffer before it is counted: what is not counted yet is read again and known then.
        let counted = self.0.count.load(Ordering::Acquire);
        tui_logger::move_events();
        let mut lines = newest((counted - read.0 + 1).min(READ));
        if let Some(known) = lines.iter().rposition(|line| Some(line) == read.1.as_ref()) {
            lines.drain(..=known);
        }
        *read = (counted, lines.last().cloned().or_else(|| read.1.take()));
        lines
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let mut record = log::Record::builder();
        record.level(level(event.metadata().level())).target(event.metadata().target());
        tui_logger::Drain::new().log(&record.args(format_args!("{}{}", text.message, text.fields)).build());
        let count = self.0.count.fetch_add(1, Ordering::AcqRel);
        if count % MOVE_EVERY == MOVE_EVERY - 1 {
            tui_logger::move_events();
        }
        if self.0.watched.load(Ordering::Relaxed) {
            self.0.arrived.notify_one();
        }
    }
}

fn level(level: &Level) -> log::Level {
    match *level {
        Level::ERROR => log::Level::Error,
        Level::WARN => log::Level::Warn,
        Level::INFO => log::Level::Info,
        Level::DEBUG => log::Level::Debug,
        Level::TRACE => log::Level::Trace,
    }
}

/// An event in writing: first what happened, then its fields as they were given. tui-logger's own layer sorts them all
/// by name, so that a line would begin with `global_request_id`.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// The newest lines, oldest first. Only its widget gives out what tui-logger keeps: so it draws them, one row each,
/// where nobody looks.
fn newest(count: usize) -> Vec<LogLine> {
    let rows = Rect { x: 0, y: 0, width: 1, height: u16::try_from(count).unwrap_or(u16::MAX) };
    let taken = Taken::default();
    TuiLoggerWidget::default().formatter(Box::new(taken.clone())).render(rows, &mut Buffer::empty(rows));
    let mut lines = std::mem::take(&mut *taken.0.lock().unwrap_or_else(PoisonError::into_inner));
    lines.reverse();
    lines
}

/// What the widget shows, from the newest back.
#[derive(Clone, Default)]
struct Taken(Arc<Mutex<Vec<LogLine>>>);

impl LogFormatter for Taken {
    fn min_width(&self) -> u16 {
        1
    }

    fn format(&self, _width: usize, event: &ExtLogRecord) -> Vec<Line<'_>> {
        let line = LogLine {
            at: event.timestamp.timestamp(),
            level: event.level.as_str(),
            text: event.msg().to_owned(),
            target: event.target().to_owned(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        vec![Line::default()]
    }
}

/// Starts logging. `wish` is a level, or a filter such as `stackdeck::openstack=debug`.
pub(super) fn start(wish: &str, file: Option<LogFile>) -> Result<Lines, Failure> {
    let directives = match wish.parse::<Level>() {
        Ok(level) => format!("warn,stackdeck={level}"),
        Err(_) => format!("warn,{wish}"),
    };
    let wanted = EnvFilter::try_new(&directives).map_err(|error| {
        Failure::new(FailureKind::Usage, format!("the log level `{wish}` cannot be read"))
            .cause(error.to_string())
            .hint("error, warn, info, debug, trace, or a filter such as stackdeck::openstack=debug")
    })?;
    let lines = Lines::default();
    // The filter is the registry's; tui-logger's own must let all through.
    tui_logger::set_default_level(tui_logger::LevelFilter::Trace);
    let to_file = file.map(|file| tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file)));
    tracing_subscriber::registry()
        .with(wanted)
        .with(filter::filter_fn(may_be_kept))
        .with(to_file)
        .with(lines.clone())
        .try_init()
        .map_err(|error| Failure::new(FailureKind::Bug, "logging was started twice").cause(error.to_string()))?;
    Ok(lines)
}

fn may_be_kept(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("stackdeck") || *metadata.level() <= Level::WARN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_read_once_and_in_its_order() {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::registry().with(lines.clone());
        let texts =
            || lines.read().into_iter().map(|line| (line.level, line.text.trim().to_owned())).collect::<Vec<_>>();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("one");
            tracing::warn!(method = "GET", a = 2, "two");
            assert_eq!(texts(), [("INFO", "one".to_owned()), ("WARN", "two method=GET a=2".to_owned())]);
            assert_eq!(texts(), []);
            tracing::error!("three");
            assert_eq!(texts(), [("ERROR", "three".to_owned())]);
        });
        assert!(lines.watch(true) && !lines.watch(true) && !lines.watch(false), "opened once");
    }
}
