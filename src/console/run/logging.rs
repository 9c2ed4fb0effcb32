//! What is logged, and where to: the log view, and a file unless that is switched off.
//!
//! `tui_logger::init_logger` is not called: its thread wakes every 10 ms. Lines are moved to the log view's buffer when
//! that view is about to be drawn, and often enough that none is lost.
//!
//! Of other crates only warnings are taken, whatever the filter says: their details quote headers, and a header may be
//! a token.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, filter};

use super::log_file::LogFile;
use crate::base::failure::{Failure, FailureKind};

/// Lines between two moves; tui-logger's first buffer holds a thousand.
const MOVE_EVERY: usize = 256;

/// Tells the event loop of new lines, but only while somebody looks at them.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Inner>);

#[derive(Default)]
struct Inner {
    watched: AtomicBool,
    count: AtomicUsize,
    arrived: Notify,
}

impl Lines {
    /// Is the log view open?
    pub(super) fn watch(&self, open: bool) {
        if open && !self.0.watched.swap(true, Ordering::Relaxed) {
            tui_logger::move_events();
        }
        self.0.watched.store(open, Ordering::Relaxed);
    }

    /// Waits for a line while the log view is open, and makes it ready to be drawn.
    pub(super) async fn arrived(&self) {
        self.0.arrived.notified().await;
        tui_logger::move_events();
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, _event: &Event<'_>, _context: Context<'_, S>) {
        if self.0.watched.load(Ordering::Relaxed) {
            self.0.arrived.notify_one();
        } else if self.0.count.fetch_add(1, Ordering::Relaxed) % MOVE_EVERY == MOVE_EVERY - 1 {
            tui_logger::move_events();
        }
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
        .with(tui_logger::TuiTracingSubscriberLayer)
        .with(lines.clone())
        .try_init()
        .map_err(|error| Failure::new(FailureKind::Bug, "logging was started twice").cause(error.to_string()))?;
    Ok(lines)
}

fn may_be_kept(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("stackdeck") || *metadata.level() <= Level::WARN
}
