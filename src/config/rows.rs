//! A configuration file, laid over the settings row by row.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::nearest::nearest;
use crate::config::settings::Origin;
use crate::config::value::Given;
use crate::config::{Loaded, fault, freeze, health, line_of, measured, options, sections, sort};

/// A file that is being read: names places in it.
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) file: &'a Path,
}

impl Source<'_> {
    pub(crate) fn line<T>(&self, spanned: &Spanned<T>) -> usize {
        line_of(self.text, spanned.span().start)
    }

    pub(crate) fn origin<T>(&self, spanned: &Spanned<T>) -> Origin {
        Origin::File(self.file.to_owned(), self.line(spanned))
    }

    /// Tells of a fault at that place.
    pub(crate) fn warn<T>(&self, at: &Spanned<T>, message: impl Into<String>, hint: Option<String>, to: &mut Loaded) {
        let failure = fault(self.file, self.line(at), message);
        to.warnings.push(match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        });
    }

    /// Tells of a key that is not known, with the one that was probably meant.
    pub(crate) fn unknown<'k, T>(
        &self,
        at: &Spanned<T>,
        key: &str,
        known: impl Iterator<Item = &'k str>,
        to: &mut Loaded,
    ) {
        let hint = nearest(key, known).map(|near| format!("did you mean `{near}`?"));
        self.warn(at, format!("`{key}` is not an option"), hint, to);
    }
}

/// Lays the file's values over the settings. What cannot be read is told and left as it was; the rest is taken.
pub(crate) fn apply(text: &str, file: &Path, loaded: &mut Loaded) {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = line_of(text, error.span().map_or(0, |span| span.start));
        let failure = fault(file, line, format!("this is not TOML: {}", error.message().trim()));
        loaded
            .warnings
            .push(failure.hint("what could be read of the file holds, and nothing is changed until it is right"));
    }
    // What was lost may have protected a cloud.
    loaded.settings.read_only |= !errors.is_empty();
    let before = std::mem::take(&mut loaded.warnings);
    walk(&Source { text, file }, "", table.get_ref(), loaded);
    loaded.warnings.extend(before);
    sort(&mut loaded.warnings);
}

/// Tables of tables whose names the user chooses.
const NAMED: [&str; 6] = ["views", "clouds", "services", "metrics.prometheus", "metrics.exporters", "metrics.services"];

/// Tables whose names are ours.
const TABLES: &[&str] = &[
    "alarm",
    "watch",
    "grouping",
    "health",
    "operations",
    "metrics",
    "metrics.octavia",
    "metrics.gnocchi",
    "metrics.aetos",
    "metrics.nova",
    "metrics.balancers",
    "metrics.probes",
];

fn walk(source: &Source<'_>, prefix: &str, table: &DeTable<'_>, loaded: &mut Loaded) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
        match (key.as_str(), value.get_ref()) {
            ("views", DeValue::Table(views)) => sections::views(source, views, loaded),
            ("clouds", DeValue::Table(clouds)) => sections::clouds(source, clouds, loaded),
            ("metrics.prometheus", DeValue::Table(named)) => measured::prometheus(source, named, loaded),
            ("metrics.exporters", DeValue::Table(named)) => measured::exporters(source, named, loaded),
            ("metrics.services", DeValue::Table(named)) => measured::services(source, named, loaded),
            ("services", DeValue::Table(services)) => health::services(source, services, loaded),
            ("grouping.rules", DeValue::Array(rules)) => sections::rules(source, rules, loaded),
            ("operations.freeze", DeValue::Array(all)) => freeze::freezes(source, all, loaded),
            ("operations.freeze", _) => freeze::unread(source, value, loaded),
            (table, DeValue::Table(inner)) if TABLES.contains(&table) => walk(source, &key, inner, loaded),
            (table, _) if NAMED.contains(&table) || TABLES.contains(&table) => {
                source.warn(value, format!("`{key}` wants a table: [{key}]"), None, loaded);
            }
            ("grouping.rules", _) => {
                source.warn(value, "`grouping.rules` wants tables: [[grouping.rules]]", None, loaded);
            }
            _ => option(source, &key, name, value, loaded),
        }
    }
}

fn option<K>(source: &Source<'_>, key: &str, name: &Spanned<K>, value: &Spanned<DeValue<'_>>, loaded: &mut Loaded) {
    if !options::keys().any(|known| known == key) {
        let tables = TABLES.iter().copied().chain(NAMED).chain(["grouping.rules", "operations.freeze"]);
        return source.unknown(name, key, options::keys().chain(tables), loaded);
    }
    let given = Given::File(value.get_ref());
    if let Err(message) = options::apply(key, &given, source.origin(name), &mut loaded.settings) {
        let kept = loaded.settings.origin(key).to_string();
        let hint = match sections::safe_side(key) {
            Some(taken) => format!("it counts as {taken}"),
            None => format!("it stays as it was ({kept})"),
        };
        source.warn(value, format!("`{key}` {message}"), Some(hint), loaded);
    }
}
