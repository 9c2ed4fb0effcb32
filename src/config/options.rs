//! The one table of options.

use std::time::Duration;

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::config::Loaded;
use crate::config::health;
use crate::config::settings::{Origin, Settings};
use crate::config::value::Given;
use crate::operation::ticket::Pattern;

/// What takes a value.
pub(crate) type Reader = fn(&mut Settings, &Given<'_>) -> Result<(), String>;

/// Every option that is one value: its key, and what takes the value; those of `[health]` are beside what they are of.
/// Tables with names of the user's own choice (`[views.…]`, `[clouds.…]`, `[services.…]`) and lists of
/// tables (`[[grouping.rules]]`, `[[operations.freeze]]`) are read in `sections`, `health` and `freeze`.
pub(crate) const OPTIONS: &[(&str, Reader)] = &[
    ("theme", |s, given| given.text().map(|value| s.theme = value)),
    ("color", |s, given| given.colour().map(|value| s.color = value)),
    ("ascii", |s, given| given.flag().map(|value| s.ascii = value)),
    ("alarm.bell", |s, given| given.flag().map(|value| s.alarm.bell = value)),
    ("alarm.notify", |s, given| given.flag().map(|value| s.alarm.notify = value)),
    ("alarm.command", |s, given| given.text().map(|value| s.alarm.command = value)),
    ("mouse", |s, given| given.flag().map(|value| s.mouse = value)),
    ("keys", |s, given| given.path().map(|value| s.keys = Some(value))),
    ("read_only", |s, given| {
        // A value that cannot be read stands for the safe side.
        s.read_only = true;
        given.flag().map(|value| s.read_only = value)
    }),
    ("token_cache", |s, given| given.flag().map(|value| s.token_cache = value)),
    ("state_dir", |s, given| given.path().map(|value| s.state_dir = value)),
    ("cache_dir", |s, given| given.path().map(|value| s.cache_dir = value)),
    ("log_level", |s, given| given.text().map(|value| s.log_level = value)),
    ("log_file", |s, given| given.path().map(|value| s.log_file = Some(value))),
    ("synchronized_output", |s, given| given.flag().map(|value| s.synchronized_output = value)),
    ("watch.normal", |s, given| interval(given).map(|value| s.watch.normal = value)),
    ("watch.busy", |s, given| interval(given).map(|value| s.watch.busy = value)),
    ("watch.idle", |s, given| interval(given).map(|value| s.watch.idle = value)),
    ("watch.idle_after", |s, given| given.duration(SECOND, DAY).map(|value| s.watch.idle_after = value)),
    ("watch.reconcile", |s, given| given.duration(SECOND * 10, DAY).map(|value| s.watch.reconcile = value)),
    ("watch.overlap", |s, given| given.duration(Duration::ZERO, SECOND * 3600).map(|value| s.watch.overlap = value)),
    ("watch.console_log", |s, given| interval(given).map(|value| s.watch.console_log = value)),
    ("operations.poll", |s, given| given.duration(MOMENT, SECOND * 60).map(|value| s.operations.limits.poll = value)),
    ("operations.busy", |s, given| wait(given).map(|value| s.operations.limits.busy = value)),
    ("operations.settle", |s, given| wait(given).map(|value| s.operations.limits.settle = value)),
    ("operations.error", |s, given| wait(given).map(|value| s.operations.limits.error = value)),
    ("operations.healthy", |s, given| wait(given).map(|value| s.operations.limits.healthy = value)),
    ("operations.drain", |s, given| wait(given).map(|value| s.operations.limits.drain = value)),
    ("operations.answering", |s, given| wait(given).map(|value| s.operations.limits.answering = value)),
    ("operations.keep", |s, given| wait(given).map(|value| s.operations.limits.keep = value)),
    ("operations.analysis", |s, given| wait(given).map(|value| s.operations.limits.analysis = value)),
    ("operations.bake", |s, given| wait(given).map(|value| s.operations.limits.bake = value)),
    ("operations.strategy", |s, given| given.strategy().map(|value| s.operations.strategy = value)),
    ("operations.min_ready", |s, given| wait(given).map(|value| s.operations.limits.min_ready = value)),
    ("operations.lost", |s, given| given.duration(SECOND, DAY).map(|value| s.operations.limits.lost = value)),
    ("operations.blind", |s, given| wait(given).map(|value| s.operations.limits.blind = value)),
    ("operations.approval", |s, given| given.duration(SECOND, DAY).map(|value| s.operations.limits.approval = value)),
    ("operations.ticket", |s, given| {
        // A value that cannot be read stands for the safe side.
        s.operations.ticket = true;
        given.demanded().map(|value| s.operations.ticket = value)
    }),
    ("operations.second_approver_above", |s, given| {
        // What cannot be read is the strictest.
        s.operations.second_approver_above = 0;
        percent(given).map(|value| s.operations.second_approver_above = value)
    }),
    ("operations.allowed_signers", |s, given| given.path().map(|value| s.operations.allowed_signers = Some(value))),
    ("operations.ticket_pattern", |s, given| {
        s.operations.ticket_pattern = Some(Pattern::unread());
        pattern(given).map(|value| s.operations.ticket_pattern = value)
    }),
    ("operations.protected_services", |s, given| {
        s.operations.protected_services = vec!["*".to_owned()];
        given.texts().map(|value| s.operations.protected_services = value)
    }),
    ("operations.most_at_once", |s, given| {
        s.operations.most_at_once = 1;
        given.count(0, 100_000).map(|value| s.operations.most_at_once = value)
    }),
    ("metrics.enabled", |s, given| given.flag().map(|value| s.metrics.enabled = value)),
    ("metrics.requests", |s, given| given.count(1, 6000).map(|value| s.metrics.requests = value)),
    ("metrics.octavia.enabled", |s, given| given.flag().map(|value| s.metrics.octavia.enabled = value)),
    ("metrics.octavia.every", |s, given| interval(given).map(|value| s.metrics.octavia.every = value)),
    ("metrics.nova.enabled", |s, given| given.flag().map(|value| s.metrics.nova.enabled = value)),
    ("metrics.nova.every", |s, given| interval(given).map(|value| s.metrics.nova.every = value)),
    ("metrics.balancers.enabled", |s, given| given.flag().map(|value| s.metrics.balancers.enabled = value)),
    ("metrics.balancers.every", |s, given| interval(given).map(|value| s.metrics.balancers.every = value)),
    ("metrics.balancers.address", |s, given| given.text().map(|value| s.metrics.balancers.address = value)),
    ("metrics.balancers.port", |s, given| port(given).map(|value| s.metrics.balancers.port = value)),
    ("metrics.probes.enabled", |s, given| given.flag().map(|value| s.metrics.probes.enabled = value)),
    ("metrics.probes.every", |s, given| interval(given).map(|value| s.metrics.probes.every = value)),
    ("metrics.probes.deadline", |s, given| {
        given.duration(MOMENT, SECOND * 60).map(|value| s.metrics.probes.deadline = value)
    }),
    ("metrics.probes.kind", |s, given| given.probe_kind().map(|value| s.metrics.probes.kind = value)),
    ("metrics.probes.port", |s, given| port(given).map(|value| s.metrics.probes.port = value)),
    ("metrics.probes.path", |s, given| given.text().map(|value| s.metrics.probes.path = value)),
    ("metrics.probes.status", |s, given| given.text().map(|value| s.metrics.probes.status = value)),
    ("metrics.probes.body", |s, given| given.text().map(|value| s.metrics.probes.body = value)),
    ("metrics.probes.version_path", |s, given| given.text().map(|value| s.metrics.probes.version_path = value)),
    ("metrics.probes.network", |s, given| given.text().map(|value| s.metrics.probes.network = value)),
    ("metrics.probes.six", |s, given| given.flag().map(|value| s.metrics.probes.six = value)),
    ("metrics.probes.floating", |s, given| given.flag().map(|value| s.metrics.probes.floating = value)),
    ("metrics.probes.address", |s, given| given.text().map(|value| s.metrics.probes.address = value)),
    ("metrics.probes.at_once", |s, given| {
        given.count(1, 1000).map(|value| s.metrics.probes.at_once = u16::try_from(value).unwrap_or(1000))
    }),
    ("metrics.probes.proxy", |s, given| given.text().map(|value| s.metrics.probes.proxy = value)),
    ("metrics.past", |s, given| given.duration(Duration::ZERO, KEPT).map(|value| s.metrics.past = value)),
    ("metrics.gnocchi.enabled", |s, given| given.flag().map(|value| s.metrics.gnocchi.enabled = value)),
    ("metrics.gnocchi.every", |s, given| interval(given).map(|value| s.metrics.gnocchi.every = value)),
    ("metrics.aetos.enabled", |s, given| given.flag().map(|value| s.metrics.aetos.enabled = value)),
    ("metrics.aetos.every", |s, given| interval(given).map(|value| s.metrics.aetos.every = value)),
    ("grouping.service_keys", |s, given| given.texts().map(|value| s.grouping.texts.service_keys = value)),
    ("grouping.role_keys", |s, given| given.texts().map(|value| s.grouping.texts.role_keys = value)),
    ("grouping.stack_keys", |s, given| given.texts().map(|value| s.grouping.texts.stack_keys = value)),
    ("grouping.version_keys", |s, given| given.texts().map(|value| s.grouping.texts.version_keys = value)),
    ("grouping.container_keys", |s, given| given.texts().map(|value| s.grouping.texts.container_keys = value)),
    ("grouping.pool_ports", |s, given| given.ports().map(|value| s.grouping.texts.pool_ports = value)),
];

const MOMENT: Duration = Duration::from_millis(50);
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// All that is kept of what is measured: see `series`.
const KEPT: Duration = Duration::from_secs(26 * 3600);

/// Time between two looks: not so short that it harms the cloud.
fn interval(given: &Given<'_>) -> Result<Duration, String> {
    given.duration(Duration::from_millis(200), SECOND * 3600)
}

/// What a ticket has to look like; an empty text is no pattern.
pub(crate) fn pattern(given: &Given<'_>) -> Result<Option<Pattern>, String> {
    let text = given.text()?;
    if text.is_empty() { Ok(None) } else { Pattern::read(&text).map(Some) }
}

/// A share of a hundred.
pub(crate) fn percent(given: &Given<'_>) -> Result<u8, String> {
    given.count(0, 100).map(|share| u8::try_from(share).unwrap_or(100))
}

fn port(given: &Given<'_>) -> Result<u16, String> {
    given.count(0, 65_535).map(|port| u16::try_from(port).unwrap_or_default())
}

/// How long something is waited for; zero does not wait.
fn wait(given: &Given<'_>) -> Result<Duration, String> {
    given.duration(Duration::ZERO, DAY)
}

/// The keys of all options, `watch.normal` and so on.
pub fn keys() -> impl Iterator<Item = &'static str> {
    all().map(|(key, _)| *key)
}

fn all() -> impl Iterator<Item = &'static (&'static str, Reader)> {
    OPTIONS.iter().chain(health::OPTIONS)
}

/// The variable that sets that option: `STACKDECK_WATCH_NORMAL`.
pub fn variable(key: &str) -> String {
    format!("STACKDECK_{}", key.replace('.', "_").to_ascii_uppercase())
}

/// The option that such a variable sets.
pub(crate) fn by_variable(name: &str) -> Option<&'static str> {
    keys().find(|key| variable(key) == name)
}

/// Takes a value, and remembers where it is from.
pub(crate) fn apply(key: &str, given: &Given<'_>, origin: Origin, settings: &mut Settings) -> Result<(), String> {
    let Some((_, read)) = all().find(|(known, _)| *known == key) else {
        return Err("is not an option".to_owned());
    };
    let outcome = read(settings, given);
    if outcome.is_ok() {
        settings.origins.insert(key.to_owned(), origin);
    }
    outcome
}

/// Takes a value of a variable or flag.
pub(crate) fn apply_text(key: &str, value: &str, origin: &Origin, loaded: &mut Loaded) {
    if let Err(message) = apply(key, &Given::Text(value), origin.clone(), &mut loaded.settings) {
        let kept = loaded.settings.origin(key).clone();
        let failure = Failure::new(FailureKind::Usage, format!("{origin} {message}"));
        loaded.warnings.push(failure.hint(format!("`{key}` stays as it was ({kept})")));
    }
}

pub(crate) fn unknown_variable(written: &str) -> Failure {
    let known: Vec<String> = keys().map(variable).collect();
    let failure = Failure::new(FailureKind::Usage, format!("{written} is not a variable that Stackdeck knows"));
    match nearest(written, known.iter().map(String::as_str)) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure,
    }
}
