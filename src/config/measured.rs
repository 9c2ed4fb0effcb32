//! The tables below `[metrics]` whose names the user chooses: Prometheus, exporters, services.

use std::time::Duration;

use toml::de::DeTable;

use crate::config::Loaded;
use crate::config::metrics::{OwnQueries, Prometheus};
use crate::config::rows::Source;
use crate::config::sections::each;
use crate::config::value::Given;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

const PROMETHEUS: &[&str] =
    &["url", "every", "window", "user", "password_file", "token_file", "cacert", "tenant", "queries"];

/// `[metrics.prometheus.NAME]`.
pub(crate) fn prometheus(source: &Source<'_>, table: &DeTable<'_>, loaded: &mut Loaded) {
    each(source, ("metrics.prometheus", PROMETHEUS), table, loaded, |_, name, (key, value), loaded| {
        let one = loaded.settings.metrics.prometheus.entry(name.to_owned()).or_default();
        prometheus_option(one, key.get_ref(), &Given::File(value.get_ref()))
    });
}

fn prometheus_option(one: &mut Prometheus, key: &str, given: &Given<'_>) -> Result<(), Option<String>> {
    match key {
        "url" => one.url = url(given)?,
        "every" => one.every = given.duration(SECOND, DAY)?,
        "window" => one.window = given.duration(SECOND * 10, DAY)?,
        "user" => one.user = given.text()?,
        "password_file" => one.password_file = Some(given.path()?),
        "token_file" => one.token_file = Some(given.path()?),
        "cacert" => one.cacert = Some(given.path()?),
        "tenant" => one.tenant = given.text()?,
        "queries" => one.queries = given.texts()?,
        _ => return Err(None),
    }
    Ok(())
}

const EXPORTERS: &[&str] = &["url", "service"];

/// `[metrics.exporters.NAME]`.
pub(crate) fn exporters(source: &Source<'_>, table: &DeTable<'_>, loaded: &mut Loaded) {
    each(source, ("metrics.exporters", EXPORTERS), table, loaded, |_, name, (key, value), loaded| {
        let given = Given::File(value.get_ref());
        let one = loaded.settings.metrics.balancers.exporters.entry(name.to_owned()).or_default();
        match key.get_ref().as_ref() {
            "url" => one.0 = url(&given)?,
            "service" => one.1 = Some(given.text()?),
            _ => return Err(None),
        }
        Ok(())
    });
}

const SERVICES: &[&str] = &["prometheus", "requests", "errors", "latency", "saturation"];

/// `[metrics.services.NAME]`.
pub(crate) fn services(source: &Source<'_>, table: &DeTable<'_>, loaded: &mut Loaded) {
    each(source, ("metrics.services", SERVICES), table, loaded, |_, name, (key, value), loaded| {
        let one = loaded.settings.metrics.services.entry(name.to_owned()).or_default();
        own_query(one, key.get_ref(), &Given::File(value.get_ref()))
    });
}

fn own_query(one: &mut OwnQueries, key: &str, given: &Given<'_>) -> Result<(), Option<String>> {
    let field = match key {
        "prometheus" => &mut one.prometheus,
        "requests" => &mut one.requests,
        "errors" => &mut one.errors,
        "latency" => &mut one.latency,
        "saturation" => &mut one.saturation,
        _ => return Err(None),
    };
    *field = given.text()?;
    Ok(())
}

/// A URL without credentials in it: those have files of their own, which nobody logs.
fn url(given: &Given<'_>) -> Result<String, String> {
    let text = given.text()?;
    let rest = text.strip_prefix("http://").or(text.strip_prefix("https://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
        return Err("wants a URL such as \"http://HOST:9090\"".to_owned());
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.contains('@') {
        return Err("wants a URL without user and password: see user, password_file and token_file".to_owned());
    }
    Ok(text)
}
