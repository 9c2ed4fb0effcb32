//! `[health]` and `[services.NAME]`: from where on something is worth a word, and what is wanted of a service.

use std::time::Duration;

use toml::de::DeTable;

use crate::config::Loaded;
use crate::config::options::Reader;
use crate::config::rows::Source;
use crate::config::sections::each;
use crate::config::settings::Settings;
use crate::config::value::Given;
use crate::fleet::health::{Thresholds, Wanted};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The options of `[health]`: each field of the thresholds has one.
pub(crate) const OPTIONS: &[(&str, Reader)] = &[
    ("health.errors", |s, given| take(s, share(given), |health| &mut health.errors)),
    ("health.errors_bad", |s, given| take(s, share(given), |health| &mut health.errors_bad)),
    ("health.errors_least", |s, given| take(s, given.number(0.0, 1e9), |health| &mut health.errors_least)),
    ("health.p95", |s, given| take(s, given.seconds(MOMENT, HOUR), |health| &mut health.p95)),
    ("health.mean", |s, given| take(s, given.seconds(MOMENT, HOUR), |health| &mut health.mean)),
    ("health.full", |s, given| take(s, share(given), |health| &mut health.full)),
    ("health.memory", |s, given| take(s, share(given), |health| &mut health.memory)),
    ("health.outlier", |s, given| take(s, given.number(0.1, 1000.0), |health| &mut health.outlier)),
    ("health.outlier_times", |s, given| take(s, given.number(1.0, 1000.0), |health| &mut health.outlier_times)),
    ("health.probes", |s, given| take(s, count(given), |health| &mut health.probes)),
    ("health.flaps", |s, given| take(s, count(given), |health| &mut health.flaps)),
    ("health.grace", |s, given| take(s, given.duration(Duration::ZERO, DAY), |health| &mut health.grace)),
    ("health.rise", |s, given| take(s, growth(given), |health| &mut health.rise)),
    ("health.rise_pace", |s, given| take(s, growth(given), |health| &mut health.rise_pace)),
    ("health.rise_slow", |s, given| take(s, growth(given), |health| &mut health.rise_slow)),
    ("health.rise_least", |s, given| take(s, given.number(0.0, 1e9), |health| &mut health.rise_least)),
    ("health.headroom", |s, given| take(s, share(given), |health| &mut health.headroom)),
    ("health.usable", |s, given| take(s, share(given), |health| &mut health.usable)),
    ("health.ahead", |s, given| take(s, given.duration(SECOND, DAY), |health| &mut health.ahead)),
    ("health.ahead_bad", |s, given| take(s, given.duration(SECOND, DAY), |health| &mut health.ahead_bad)),
    ("health.mixed", |s, given| take(s, given.duration(Duration::ZERO, DAY), |health| &mut health.mixed)),
    ("health.silent", |s, given| take(s, given.duration(SECOND * 10, DAY), |health| &mut health.silent)),
];

/// The shortest response time that anyone means.
const MOMENT: Duration = Duration::from_millis(1);

fn take<T>(
    settings: &mut Settings,
    read: Result<T, String>,
    field: impl Fn(&mut Thresholds) -> &mut T,
) -> Result<(), String> {
    *field(&mut settings.health) = read?;
    Ok(())
}

/// A part of a whole.
fn share(given: &Given<'_>) -> Result<f64, String> {
    given.share(1.0)
}

/// What comes on top may be more than what was.
fn growth(given: &Given<'_>) -> Result<f64, String> {
    given.share(100.0)
}

fn count(given: &Given<'_>) -> Result<usize, String> {
    given.count(1, 1000).map(|count| count as usize)
}

const SERVICE_OPTIONS: &[&str] = &["version", "floor", "per_instance", "p95"];

/// `[services.NAME]`.
pub(crate) fn services(source: &Source<'_>, table: &DeTable<'_>, loaded: &mut Loaded) {
    each(source, ("services", SERVICE_OPTIONS), table, loaded, |_, service, (name, value), loaded| {
        let wanted = loaded.settings.services.entry(service.to_owned()).or_default();
        service_option(wanted, name.get_ref(), &Given::File(value.get_ref()))
    });
}

fn service_option(wanted: &mut Wanted, name: &str, given: &Given<'_>) -> Result<(), Option<String>> {
    match name {
        "version" => match given.text()? {
            empty if empty.is_empty() => return Err(Some("wants a version such as \"1.4.2\"".to_owned())),
            version => wanted.version = Some(version.into()),
        },
        "floor" => wanted.floor = Some(given.count(0, 100_000)? as usize),
        "per_instance" => wanted.per_instance = Some(given.number(0.001, 1e9)?),
        "p95" => wanted.p95 = Some(given.seconds(MOMENT, HOUR)?),
        _ => return Err(None),
    }
    Ok(())
}
