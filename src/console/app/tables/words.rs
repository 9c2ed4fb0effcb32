//! How states, sizes and ages are worded in cells.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::freshness::long;
use crate::fleet::instance::Status;
use crate::fleet::service::{Finding, Severity};

/// How a severity looks.
pub(crate) fn look(severity: Severity) -> (Tone, Glyph) {
    match severity {
        Severity::Ok => (Tone::Good, Glyph::Ok),
        Severity::Busy => (Tone::Busy, Glyph::Busy),
        Severity::Unknown => (Tone::Unknown, Glyph::Unknown),
        Severity::Warning => (Tone::Warn, Glyph::Warning),
        Severity::Critical => (Tone::Bad, Glyph::Down),
    }
}

/// The worst finding in a word or two.
pub(crate) fn health(findings: &[Finding]) -> Cell {
    let worst = findings.iter().max_by_key(|finding| finding.severity);
    let severity = worst.map_or(Severity::Ok, |finding| finding.severity);
    let text = worst.filter(|_| severity > Severity::Ok).map_or("ok", |finding| finding.title);
    let (tone, glyph) = look(severity);
    Cell::new(text, tone).sign(glyph)
}

/// Sorts health: the worst is the greatest.
pub(crate) fn severity_number(findings: &[Finding]) -> i64 {
    match crate::fleet::service::worst(findings) {
        Severity::Ok => 0,
        Severity::Busy => 1,
        Severity::Unknown => 2,
        Severity::Warning => 3,
        Severity::Critical => 4,
    }
}

/// Nova's status.
pub(crate) fn status(status: &Status) -> Cell {
    let (tone, glyph) = match status {
        Status::Active => (Tone::Good, Glyph::Ok),
        Status::Error => (Tone::Bad, Glyph::Down),
        Status::Unknown | Status::Other(_) => (Tone::Unknown, Glyph::Unknown),
        Status::VerifyResize | Status::Rescue => (Tone::Warn, Glyph::Warning),
        status if status.is_transition() => (Tone::Busy, Glyph::Busy),
        _ => (Tone::Dim, Glyph::Off),
    };
    Cell::new(status.as_str(), tone).sign(glyph)
}

/// A moment as short as it is plain: the hour today, with the day this year, else the day alone.
pub(crate) fn when(then: Timestamp, now: Timestamp) -> String {
    let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
    let (then_day, today) = (day(then), day(now));
    let pattern = match () {
        () if then_day == today => "%H:%M",
        () if then_day.get(..4) == today.get(..4) => "%m-%d %H:%M",
        () => return then_day,
    };
    then.strftime(pattern).to_string()
}

/// The age of something, in one unit.
pub(crate) fn age(then: Option<Timestamp>, now: Timestamp) -> Cell {
    then.map_or_else(Cell::missing, |then| Cell::plain(&long(since(then, now))))
}

/// How long something took, in steps that grow with it.
pub(crate) fn took(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..100 => format!("{seconds} s"),
        100..7200 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => long(time),
    }
}

/// A word that is good or bad news.
pub(crate) fn flag(good: bool, yes: &str, no: &str) -> Cell {
    match good {
        true => Cell::new(yes, Tone::Good).sign(Glyph::Ok),
        false => Cell::new(no, Tone::Bad).sign(Glyph::Down),
    }
}

/// MiB in the unit that fits.
pub(crate) fn mib(mib: u64) -> String {
    match (mib / 1024, mib % 1024) {
        (0, mib) => format!("{mib} MiB"),
        (gib, 0) => format!("{gib} GiB"),
        // Whoever asks for the size of a flavor wants it exactly, of a host roughly.
        (gib, _) if gib >= 100 => format!("{gib} GiB"),
        _ => format!("{mib} MiB"),
    }
}
