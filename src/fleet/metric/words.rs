//! How what is measured is called and written: titles, units, short numbers, and where an axis ends.
//!
//! Numbers have at most three digits that matter: whoever looks wants to compare, not to compute.

use super::Metric;

/// What a number of a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things a second.
    Rate,
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// A share of a whole: 1 is all of it.
    Share,
    /// Bytes a second.
    Bytes,
}

impl Metric {
    /// All of them.
    pub const ALL: [Metric; 20] = [
        Metric::Requests,
        Metric::Errors,
        Metric::Connections,
        Metric::Active,
        Metric::ResponseMean,
        Metric::ResponseP50,
        Metric::ResponseP95,
        Metric::ResponseP99,
        Metric::Cpu,
        Metric::Memory,
        Metric::Received,
        Metric::Sent,
        Metric::DiskRead,
        Metric::DiskWritten,
        Metric::Saturation,
        Metric::ProbeTime,
        Metric::ProbeP50,
        Metric::ProbeP95,
        Metric::ProbeP99,
        Metric::ProbeUp,
    ];

    /// What it is called in a heading.
    pub fn title(self) -> &'static str {
        match self {
            Metric::Requests => "Requests",
            Metric::Errors => "Errors",
            Metric::Connections => "Connections",
            Metric::Active => "Active",
            Metric::ResponseMean => "Response, mean",
            Metric::ResponseP50 => "Response, p50",
            Metric::ResponseP95 => "Response, p95",
            Metric::ResponseP99 => "Response, p99",
            Metric::Cpu => "CPU",
            Metric::Memory => "Memory",
            Metric::Received => "Received",
            Metric::Sent => "Sent",
            Metric::DiskRead => "Disk read",
            Metric::DiskWritten => "Disk written",
            Metric::Saturation => "Saturation",
            Metric::ProbeTime => "Health check",
            Metric::ProbeP50 => "Health check, p50",
            Metric::ProbeP95 => "Health check, p95",
            Metric::ProbeP99 => "Health check, p99",
            Metric::ProbeUp => "Health check up",
        }
    }

    /// What it is called on a command line and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Metric::Requests => "requests",
            Metric::Errors => "errors",
            Metric::Connections => "connections",
            Metric::Active => "active",
            Metric::ResponseMean => "response-mean",
            Metric::ResponseP50 => "response-p50",
            Metric::ResponseP95 => "response-p95",
            Metric::ResponseP99 => "response-p99",
            Metric::Cpu => "cpu",
            Metric::Memory => "memory",
            Metric::Received => "received",
            Metric::Sent => "sent",
            Metric::DiskRead => "disk-read",
            Metric::DiskWritten => "disk-written",
            Metric::Saturation => "saturation",
            Metric::ProbeTime => "probe-time",
            Metric::ProbeP50 => "probe-p50",
            Metric::ProbeP95 => "probe-p95",
            Metric::ProbeP99 => "probe-p99",
            Metric::ProbeUp => "probe-up",
        }
    }

    /// In what it is told.
    pub fn unit(self) -> Unit {
        match self {
            Metric::Requests | Metric::Errors | Metric::Connections => Unit::Rate,
            Metric::Active => Unit::Count,
            Metric::ResponseMean
            | Metric::ResponseP50
            | Metric::ResponseP95
            | Metric::ResponseP99
            | Metric::ProbeTime
            | Metric::ProbeP50
            | Metric::ProbeP95
            | Metric::ProbeP99 => Unit::Seconds,
            Metric::Cpu | Metric::Memory | Metric::Saturation | Metric::ProbeUp => Unit::Share,
            Metric::Received | Metric::Sent | Metric::DiskRead | Metric::DiskWritten => Unit::Bytes,
        }
    }
}

/// In at most seven columns; "a second" is left to the heading.
pub fn short(metric: Metric, value: f64) -> String {
    match metric.unit() {
        Unit::Rate | Unit::Count => count(value),
        Unit::Seconds => seconds(value),
        Unit::Share => share(value),
        Unit::Bytes => bytes(value),
    }
}

/// The same with the whole unit.
pub fn whole(metric: Metric, value: f64) -> String {
    match metric.unit() {
        Unit::Rate | Unit::Bytes => format!("{}/s", short(metric, value)),
        Unit::Count | Unit::Seconds | Unit::Share => short(metric, value),
    }
}

/// A share in percent.
pub fn share(value: f64) -> String {
    let percent = value * 100.0;
    if percent >= 9.95 || percent == 0.0 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// Seconds as people say them.
pub fn seconds(value: f64) -> String {
    match value {
        none if none <= 0.0 => "0 ms".to_owned(),
        little if little < 0.009_95 => format!("{:.1} ms", little * 1000.0),
        some if some < 0.999_5 => format!("{:.0} ms", some * 1000.0),
        more if more < 9.95 => format!("{more:.1} s"),
        many if many < 999.5 => format!("{many:.0} s"),
        very => format!("{:.0} min", very / 60.0),
    }
}

/// Things, in thousands where they are many.
fn count(value: f64) -> String {
    scaled(value, 1000.0, &["", "k", "M", "G"])
}

/// Bytes in powers of 1024.
fn bytes(value: f64) -> String {
    scaled(value, 1024.0, &[" B", " KiB", " MiB", " GiB"])
}

fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    let (mut value, mut at) = (value, 0);
    while value >= step * 0.999_5 && at + 1 < units.len() {
        (value, at) = (value / step, at + 1);
    }
    let unit = units[at];
    match value {
        0.0 => format!("0{unit}"),
        few if few < 9.95 && (at > 0 || few.fract() > 0.05) => format!("{few:.1}{unit}"),
        many => format!("{many:.0}{unit}"),
    }
}

/// Where an axis from nothing ends that has room for a value, and after what it is divided: 1, 2 or 5 of a power of
/// ten, or of 1024 for bytes. Shares end at all.
pub fn axis(metric: Metric, most: f64) -> (f64, f64) {
    let unit = metric.unit();
    if unit == Unit::Share && most <= 1.0 && most > 0.2 {
        return (1.0, 0.5);
    }
    let least = match unit {
        Unit::Share => 0.01,
        Unit::Seconds => 0.001,
        Unit::Rate | Unit::Count => 1.0,
        Unit::Bytes => 1024.0,
    };
    let most = most.max(least);
    let base = if unit == Unit::Bytes { 1024_f64.powf((most.ln() / 1024_f64.ln()).floor()) } else { 1.0 };
    let power = 10_f64.powf((most / base).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power * base);
    let end = steps.into_iter().find(|end| *end >= most * 0.999_999).unwrap_or(most);
    (end, end / 2.0)
}

#[cfg(test)]
mod tests {
    use super::{Metric, axis, short, whole};

    #[test]
    fn numbers_are_short_and_have_their_unit() {
        let said = |metric, value| (short(metric, value), whole(metric, value));
        for (metric, value, cell, text) in [
            (Metric::Requests, 0.0, "0", "0/s"),
            (Metric::Requests, 0.25, "0.2", "0.2/s"),
            (Metric::Requests, 4.0, "4", "4/s"),
            (Metric::Requests, 412.4, "412", "412/s"),
            (Metric::Requests, 999.7, "1.0k", "1.0k/s"),
            (Metric::Requests, 12_340.0, "12k", "12k/s"),
            (Metric::ResponseP95, 0.004_2, "4.2 ms", "4.2 ms"),
            (Metric::ResponseP95, 0.045, "45 ms", "45 ms"),
            (Metric::ResponseP95, 1.25, "1.2 s", "1.2 s"),
            (Metric::ResponseP95, 61.0, "61 s", "61 s"),
            (Metric::ResponseP95, 7200.0, "120 min", "120 min"),
            (Metric::Cpu, 0.783, "78 %", "78 %"),
            (Metric::Cpu, 0.012, "1.2 %", "1.2 %"),
            (Metric::Received, 1_258_291.0, "1.2 MiB", "1.2 MiB/s"),
            (Metric::Received, 512.0, "512 B", "512 B/s"),
        ] {
            assert_eq!(said(metric, value), (cell.to_owned(), text.to_owned()), "{metric:?} {value}");
        }
        for metric in Metric::ALL {
            for exponent in -6..3 {
                let text = short(metric, 9.999 * 10_f64.powi(exponent));
                assert!(text.chars().count() <= 8, "{metric:?}: {text}");
            }
        }
    }

    #[test]
    fn an_axis_ends_at_a_round_number_above() {
        assert_eq!(axis(Metric::Requests, 412.0), (500.0, 250.0));
        assert_eq!(axis(Metric::Requests, 500.0), (500.0, 250.0));
        assert_eq!(axis(Metric::Requests, 0.0), (1.0, 0.5));
        assert_eq!(axis(Metric::Cpu, 0.4), (1.0, 0.5));
        assert_eq!(axis(Metric::Cpu, 1.2), (2.0, 1.0));
        assert!((axis(Metric::ResponseMean, 0.0304).0 - 0.05).abs() < 1e-12);
        assert_eq!(axis(Metric::Received, 700_000.0), (1000.0 * 1024.0, 500.0 * 1024.0));
        for metric in Metric::ALL {
            for exponent in -3..9 {
                let most = 3.3 * 10_f64.powi(exponent);
                let (end, step) = axis(metric, most);
                assert!(end >= most && step < end, "{metric:?} {most}: {end}");
            }
        }
    }
}
