//! The tables whose names the user chooses: views, clouds, grouping rules.

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::config::Loaded;
use crate::config::options::{pattern, percent};
use crate::config::rows::Source;
use crate::config::settings::{CloudSettings, ViewSettings};
use crate::config::value::Given;
use crate::fleet::Rules;
use crate::fleet::rules::{RuleError, RuleText};
use crate::operation::ticket::Pattern;

type Entry<'t, 'i> = (&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>);

/// `[views.NAME]`.
pub(crate) fn views(source: &Source<'_>, table: &DeTable<'_>, loaded: &mut Loaded) {
    each(source, ("views", &["columns", "sort"]), table, loaded, |source, view, (name, value), loaded| {
        let mut settings = loaded.settings.views.get(view).cloned().unwrap_or_default();
        let outcome = view_option(&mut settings, name.get_ref(), &Given::File(value.get_ref()), || {
            source.origin(name).to_string()
        });
        loaded.settings.views.insert(view.to_owned(), settings);
        outcome
    });
}

fn view_option(
    view: &mut ViewSettings,
    name: &str,
    given: &Given<'_>,
    at: impl Fn() -> String,
) -> Result<(), Option<String>> {
    match name {
        "columns" => {
            let columns = given.texts()?;
            if columns.is_empty() {
                return Err(Some("wants at least one column".to_owned()));
            }
            (view.columns, view.columns_at) = (Some(columns), Some(at()));
        }
        "sort" => (view.sort, view.sort_at) = (Some(given.sort()?), Some(at())),
        _ => return Err(None),
    }
    Ok(())
}

const CLOUD_OPTIONS: &[&str] = &[
    "accent",
    "protected",
    "read_only",
    "ticket",
    "second_approver_above",
    "allowed_signers",
    "ticket_pattern",
    "protected_services",
    "most_at_once",
];

/// `[clouds.NAME]`.
pub(crate) fn clouds(source: &Source<'_>, table: &DeTable<'_>, loaded: &mut Loaded) {
    each(source, ("clouds", CLOUD_OPTIONS), table, loaded, |_, cloud, (name, value), loaded| {
        let settings = loaded.settings.clouds.entry(cloud.to_owned()).or_default();
        cloud_option(settings, name.get_ref(), &Given::File(value.get_ref()))
    });
}

fn cloud_option(cloud: &mut CloudSettings, name: &str, given: &Given<'_>) -> Result<(), Option<String>> {
    // A value that cannot be read stands for the safe side.
    match name {
        "accent" => cloud.accent = Some(given.accent()?),
        "protected" => {
            cloud.protected = true;
            cloud.protected = given.flag()?;
        }
        "read_only" => {
            cloud.read_only = true;
            cloud.read_only = given.flag()?;
        }
        "ticket" => {
            cloud.ticket = Some(true);
            cloud.ticket = Some(given.demanded()?);
        }
        "second_approver_above" => {
            cloud.second_approver_above = Some(0);
            cloud.second_approver_above = Some(percent(given)?);
        }
        "allowed_signers" => {
            // Never those of the other clouds.
            cloud.allowed_signers = Some("/".into());
            cloud.allowed_signers = Some(given.path()?);
        }
        "ticket_pattern" => {
            cloud.ticket_pattern = Some(Some(Pattern::unread()));
            cloud.ticket_pattern = Some(pattern(given)?);
        }
        "protected_services" => {
            cloud.protected_services = Some(vec!["*".to_owned()]);
            cloud.protected_services = Some(given.texts()?);
        }
        "most_at_once" => {
            cloud.most_at_once = Some(1);
            cloud.most_at_once = Some(given.count(0, 100_000)?);
        }
        _ => return Err(None),
    }
    Ok(())
}

/// Goes through tables of tables. `take` says what is wrong with a value, or nothing when the key is not known.
pub(crate) fn each(
    source: &Source<'_>,
    (kind, known): (&str, &[&str]),
    table: &DeTable<'_>,
    loaded: &mut Loaded,
    take: impl Fn(&Source<'_>, &str, Entry<'_, '_>, &mut Loaded) -> Result<(), Option<String>>,
) {
    for (name, value) in table {
        let Some(inner) = value.get_ref().as_table() else {
            source.warn(name, format!("`{kind}.{}` wants a table: [{kind}.NAME]", name.get_ref()), None, loaded);
            continue;
        };
        for entry in inner {
            let key = format!("{kind}.{}.{}", name.get_ref(), entry.0.get_ref());
            match take(source, name.get_ref(), entry, loaded) {
                Ok(()) => {
                    loaded.settings.origins.insert(key, source.origin(entry.0));
                }
                Err(Some(message)) => {
                    let hint = safe_side(entry.0.get_ref()).map(|taken| format!("it counts as {taken}"));
                    source.warn(entry.1, format!("`{key}` {message}"), hint, loaded);
                }
                Err(None) => source.unknown(entry.0, entry.0.get_ref(), known.iter().copied(), loaded),
            }
        }
    }
}

/// What stands for a value of safety that cannot be read.
pub(crate) fn safe_side(option: &str) -> Option<&'static str> {
    match option {
        "protected" | "read_only" => Some("true"),
        "ticket" | "operations.ticket" => Some("required"),
        "second_approver_above" | "operations.second_approver_above" => Some("0"),
        "allowed_signers" => Some("a file without keys"),
        "ticket_pattern" | "operations.ticket_pattern" => Some("one that no ticket fits"),
        "protected_services" | "operations.protected_services" => Some("all of them"),
        "most_at_once" | "operations.most_at_once" => Some("1"),
        _ => None,
    }
}

/// `[[grouping.rules]]`: one that cannot be read or compiled is left out, the others hold.
pub(crate) fn rules(source: &Source<'_>, array: &DeArray<'_>, loaded: &mut Loaded) {
    for (at, rule) in array.iter().enumerate() {
        if let Err((offset, message)) = add(rule, loaded) {
            let line = crate::config::line_of(source.text, offset);
            let message = format!("rule {}: {message}", at + 1);
            loaded
                .warnings
                .push(crate::config::fault(source.file, line, message).hint("this rule is left out; the others hold"));
        }
    }
    if !loaded.settings.grouping.texts.rules.is_empty() {
        let origin =
            crate::config::Origin::File(source.file.to_owned(), array.first().map_or(1, |rule| source.line(rule)));
        loaded.settings.origins.insert("grouping.rules".to_owned(), origin);
    }
}

fn add(rule: &Spanned<DeValue<'_>>, loaded: &mut Loaded) -> Result<(), (usize, String)> {
    let start = rule.span().start;
    let text: RuleText = read_rule(rule).map_err(|(at, message)| (at.unwrap_or(start), message))?;
    let mut texts = loaded.settings.grouping.texts.clone();
    texts.rules.push(text);
    loaded.settings.grouping = Rules::try_from(texts).map_err(|RuleError { key, message, .. }| {
        let entries = rule.get_ref().as_table().into_iter().flatten();
        let place = entries.into_iter().find(|(name, _)| name.get_ref() == key).map(|(name, _)| name.span().start);
        (place.unwrap_or(start), format!("`{key}` {message}"))
    })?;
    Ok(())
}

fn read_rule(rule: &Spanned<DeValue<'_>>) -> Result<RuleText, (Option<usize>, String)> {
    let known = ["name", "name_regex", "metadata", "tag", "project", "service", "version_keys"];
    for (name, _) in rule.get_ref().as_table().into_iter().flatten() {
        if !known.contains(&name.get_ref().as_ref()) {
            let near = crate::base::nearest::nearest(name.get_ref(), known);
            let meant = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err((Some(name.span().start), format!("`{}` is not an option{meant}", name.get_ref())));
        }
    }
    let owned = Spanned::new(rule.span(), rule.get_ref().clone());
    RuleText::deserialize(toml::de::ValueDeserializer::from(owned))
        .map_err(|error| (error.span().map(|span| span.start), error.message().trim().to_owned()))
}
