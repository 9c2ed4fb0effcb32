//! `[[operations.freeze]]`: times at which most changes are refused.
//!
//! What concerns safety fails to the safe side: a freeze whose times cannot be read always holds, a verb that cannot be
//! read does not pass, clouds that cannot be read are all clouds.

use std::collections::BTreeSet;

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use crate::base::clock::Timestamp;
use crate::base::nearest::nearest;
use crate::config::Loaded;
use crate::config::rows::Source;
use crate::config::value::{Given, one_of};
use crate::operation::Verb;
use crate::operation::freeze::{Freeze, Weekly, Window};

const KNOWN: [&str; 8] = ["name", "reason", "days", "from", "to", "zone", "pass", "clouds"];
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
const ALWAYS: &str = "until it is right this freeze always holds";

/// All of them.
pub(crate) fn freezes(source: &Source<'_>, array: &DeArray<'_>, loaded: &mut Loaded) {
    for (at, one) in array.iter().enumerate() {
        let number = at + 1;
        match one.get_ref() {
            DeValue::Table(table) => read(source, (number, one), table, loaded),
            _ => unread(source, one, loaded),
        }
        loaded.settings.origins.entry("operations.freeze".to_owned()).or_insert_with(|| source.origin(one));
    }
}

/// What stands where freezes are wanted and is none.
pub(crate) fn unread(source: &Source<'_>, value: &Spanned<DeValue<'_>>, loaded: &mut Loaded) {
    let message = "`operations.freeze` wants tables: [[operations.freeze]]";
    source.warn(value, message, Some(ALWAYS.to_owned()), loaded);
    let name = format!("{}", loaded.settings.operations.freezes.len() + 1);
    let window = Window::Unread { why: format!("{} {message}", source.origin(value)) };
    let pass = Freeze::PASS.into();
    loaded.settings.operations.freezes.push(Freeze { name, reason: String::new(), window, pass, clouds: Vec::new() });
}

/// The times as they were written, each a text.
#[derive(Default)]
struct Written {
    days: Option<Vec<Weekday>>,
    from: Option<String>,
    to: Option<String>,
    zone: Option<TimeZone>,
}

type Field<'t, 'i> = (&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>);

fn read(
    source: &Source<'_>,
    (number, whole): (usize, &Spanned<DeValue<'_>>),
    table: &DeTable<'_>,
    loaded: &mut Loaded,
) {
    let (name, pass, window) = (number.to_string(), Freeze::PASS.into(), Window::Unread { why: String::new() });
    let mut freeze = Freeze { name, reason: String::new(), window, pass, clouds: Vec::new() };
    let (mut written, mut broken) = (Written::default(), None);
    for field in table {
        let key = field.0.get_ref();
        let Err(message) = option(&mut freeze, &mut written, field) else { continue };
        let text = format!("freeze {number}: `{key}` {message}");
        // An unknown key may have been meant for a time.
        let is_time = !matches!(&**key, "name" | "reason" | "pass" | "clouds");
        let hint = if is_time { ALWAYS } else { safe_side(key) };
        let at = if KNOWN.contains(&key.as_ref()) { source.line(field.1) } else { source.line(field.0) };
        if is_time {
            broken.get_or_insert_with(|| format!("{}:{at}: `{key}` {message}", source.file.display()));
        }
        loaded.warnings.push(crate::config::fault(source.file, at, text).hint(hint));
    }
    freeze.window = match broken {
        Some(why) => Window::Unread { why },
        None => window_of(written).unwrap_or_else(|message| {
            source.warn(whole, format!("freeze {number}: {message}"), Some(ALWAYS.to_owned()), loaded);
            Window::Unread { why: format!("{}: {message}", source.origin(whole)) }
        }),
    };
    loaded.settings.operations.freezes.push(freeze);
}

fn safe_side(key: &str) -> &'static str {
    match key {
        "pass" => "what cannot be read does not pass",
        "clouds" => "it holds in all clouds",
        _ => "the freeze holds all the same",
    }
}

fn option(freeze: &mut Freeze, written: &mut Written, (name, value): Field<'_, '_>) -> Result<(), String> {
    let given = Given::File(value.get_ref());
    match name.get_ref().as_ref() {
        "name" => freeze.name = given.text()?,
        "reason" => freeze.reason = given.text()?,
        "clouds" => freeze.clouds = given.texts()?,
        "pass" => {
            freeze.pass.clear();
            let (pass, unknown) = verbs(&given.texts()?);
            freeze.pass = pass;
            unknown.map_or(Ok(()), Err)?;
        }
        "days" => written.days = Some(given.texts()?.iter().map(|day| weekday(day)).collect::<Result<_, _>>()?),
        "from" => written.from = Some(time(value.get_ref())?),
        "to" => written.to = Some(time(value.get_ref())?),
        "zone" => written.zone = Some(zone(&given.text()?)?),
        key => {
            let near = nearest(key, KNOWN).map(|near| format!("; did you mean `{near}`?"));
            return Err(format!("is not an option{}", near.unwrap_or_default()));
        }
    }
    Ok(())
}

/// The verbs that were named, and what is wrong with the first that is none.
fn verbs(words: &[String]) -> (BTreeSet<Verb>, Option<String>) {
    let known = Verb::ALL.map(Verb::word);
    let unknown = words.iter().find(|word| !known.contains(&word.as_str())).map(|word| {
        let mut each = known.to_vec();
        each.dedup();
        one_of(word, &each)
    });
    (Verb::ALL.into_iter().filter(|verb| words.iter().any(|word| word == verb.word())).collect(), unknown)
}

fn weekday(text: &str) -> Result<Weekday, String> {
    let found = DAYS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
    found.map(|(_, day)| *day).ok_or_else(|| one_of(text, &DAYS.map(|(word, _)| word)))
}

/// The text of a time, which TOML also knows without quotes.
fn time(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::Datetime(time) => Ok(time.to_string()),
        other => Given::File(other).text(),
    }
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| {
        let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.as_str().to_owned()).collect();
        let near = nearest(name, known.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
        format!("wants a time zone such as \"Europe/Berlin\" or \"UTC\", not `{name}`{}", near.unwrap_or_default())
    })
}

/// One end of a window.
#[derive(Clone, Copy)]
enum Edge {
    /// A moment that needs no zone.
    Moment(Timestamp),
    /// A date, or a time on it.
    Date(DateTime),
    /// A time on a day of each week.
    Day(Weekday, Time, bool),
    /// A time of any day; whether it is that day's end.
    Clock(Time, bool),
}

const WANTS: &str = "wants a time such as \"18:00\", \"fri 18:00\", \"2026-12-18\" or \"2026-12-18T18:00\"";

fn edge(key: &str, text: &str) -> Result<Edge, String> {
    let wrong = || format!("`{key}` {WANTS}, not `{text}`");
    if let Ok(moment) = text.parse() {
        return Ok(Edge::Moment(moment));
    }
    if let Some((day, at)) = text.split_once(' ')
        && !day.contains('-')
    {
        let day = weekday(day).map_err(|why| format!("`{key}` {why}"))?;
        return clock(at.trim()).map(|(at, ends)| Edge::Day(day, at, ends)).ok_or_else(wrong);
    }
    if let Some((at, ends)) = clock(text) {
        return Ok(Edge::Clock(at, ends));
    }
    text.parse().map(Edge::Date).map_err(|_| wrong())
}

/// A time of the day, and whether it is `24:00`.
fn clock(text: &str) -> Option<(Time, bool)> {
    if text == "24:00" {
        return Some((Time::midnight(), true));
    }
    // Without a colon it could be anything.
    text.contains(':').then(|| text.parse().ok()).flatten().filter(|_| !text.contains('-')).map(|time| (time, false))
}

fn window_of(written: Written) -> Result<Window, String> {
    let Written { days, from, to, zone } = written;
    let whole_days = days.is_some() && from.is_none() && to.is_none();
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from, to),
        _ if whole_days => ("00:00".to_owned(), "24:00".to_owned()),
        (None, _) => return Err(format!("`from` is missing: it {WANTS}")),
        (_, None) => return Err(format!("`to` is missing: it {WANTS}")),
    };
    let zone = zone.unwrap_or(TimeZone::UTC);
    match (edge("from", &from)?, edge("to", &to)?) {
        (Edge::Clock(_, true) | Edge::Day(_, _, true), _) => Err("`from` is the end of a day: write 00:00".to_owned()),
        (Edge::Clock(from, _), Edge::Clock(to, _)) => {
            let days = days.unwrap_or_else(|| DAYS.map(|(_, day)| day).to_vec());
            Ok(Window::Weekly(Weekly { days, from, to, after: i8::from(to <= from), zone }))
        }
        _ if days.is_some() => Err(format!("`days` goes with times such as \"18:00\", not with `{from}` and `{to}`")),
        (Edge::Day(first, from, _), Edge::Day(last, to, ends)) => {
            let between = first.until(last) + i8::from(ends);
            let after = if between == 0 && to <= from { 7 } else { between };
            Ok(Window::Weekly(Weekly { days: vec![first], from, to, after, zone }))
        }
        (first, last) => once(moment(first, &zone), moment(last, &zone), (&from, &to), zone),
    }
}

fn once(
    begins: Option<Timestamp>,
    ends: Option<Timestamp>,
    (from, to): (&str, &str),
    zone: TimeZone,
) -> Result<Window, String> {
    match (begins, ends) {
        (Some(begins), Some(ends)) if begins < ends => Ok(Window::Once { from: begins, to: ends, zone }),
        (Some(_), Some(_)) => Err(format!("`to` is not after `from`: {from} to {to}")),
        _ => Err(format!("`from` and `to` want times of one kind, not `{from}` and `{to}`")),
    }
}

fn moment(edge: Edge, zone: &TimeZone) -> Option<Timestamp> {
    match edge {
        Edge::Moment(moment) => Some(moment),
        Edge::Date(date) => zone.to_timestamp(date).ok(),
        Edge::Day(..) | Edge::Clock(..) => None,
    }
}
