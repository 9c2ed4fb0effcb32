//! From one entry of `clouds.yaml` to a typed cloud.

use std::collections::BTreeMap;

use crate::base::failure::Failure;
use crate::base::nearest::nearest;
use crate::openstack::catalog::aliases;
use crate::openstack::clouds::config::{CloudConfig, Interface, Tls};
use crate::openstack::clouds::credentials;
use crate::openstack::clouds::environment;
use crate::openstack::clouds::fields::Fields;
use crate::openstack::clouds::sources::Sources;
use crate::openstack::clouds::yaml::{Node, Value};
use crate::openstack::microversion;
use crate::openstack::request::Microversion;

/// Reads an entry, and once more for each region that has values of its own.
pub(super) fn read(cloud: &str, entry: &Node, sources: &Sources) -> Result<CloudConfig, Failure> {
    let fields = Fields { cloud, entry };
    if !matches!(entry.value, Value::Map(_)) {
        return Err(fields.wrong(entry, "the entry", "must be a mapping with auth and so on"));
    }
    let regions = regions(&fields)?;
    let mut by_region = BTreeMap::new();
    for (name, values) in &regions {
        if let Some(values) = values {
            let merged = entry.overlaid(values);
            by_region.insert(name.clone(), one(&Fields { cloud, entry: &merged }, Some(name), &regions, sources)?);
        }
    }
    let chosen = match fields.text(&["region_name"])? {
        Some(name) => Some(name.to_owned()),
        None => regions.first().map(|(name, _)| name.clone()),
    };
    let mut config = match chosen.as_ref().and_then(|name| by_region.get(name)) {
        Some(config) => config.clone(),
        None => one(&fields, chosen.as_deref(), &regions, sources)?,
    };
    config.by_region = by_region;
    Ok(config)
}

type Regions = Vec<(String, Option<Node>)>;

/// `regions: [one, {name: two, values: {…}}]`.
fn regions(fields: &Fields<'_>) -> Result<Regions, Failure> {
    let Some(node) = fields.entry.get("regions") else { return Ok(Vec::new()) };
    let Value::List(list) = &node.value else { return Err(fields.wrong(node, "regions", "must be a list")) };
    list.iter()
        .map(|region| match (region.text(), region.get("name").and_then(Node::text)) {
            (Some(name), _) => Ok((name.to_owned(), None)),
            (None, Some(name)) => Ok((name.to_owned(), region.get("values").cloned())),
            (None, None) => Err(fields.wrong(region, "regions", "must hold names, or mappings with name and values")),
        })
        .collect()
}

fn one(
    fields: &Fields<'_>,
    region: Option<&str>,
    regions: &Regions,
    sources: &Sources,
) -> Result<CloudConfig, Failure> {
    let auth_url = fields.auth(&["auth_url"])?.ok_or_else(|| no_auth_url(fields))?;
    if !(auth_url.starts_with("http://") || auth_url.starts_with("https://")) || reqwest::Url::parse(auth_url).is_err()
    {
        return Err(fields.wrong_key("auth_url", "must be a URL that begins with http:// or https://"));
    }
    let (method, scope) = credentials::read(fields)?;
    Ok(CloudConfig {
        name: fields.cloud.to_owned(),
        auth_url: auth_url.trim_end_matches('/').to_owned(),
        method,
        scope,
        region: region.map(str::to_owned),
        regions: regions.iter().map(|(name, _)| name.clone()).collect(),
        interfaces: interfaces(fields)?,
        endpoint_overrides: by_service(fields, "_endpoint_override"),
        default_microversions: default_microversions(fields)?,
        tls: tls(fields, sources)?,
        proxies: environment::proxies(sources),
        by_region: BTreeMap::new(),
    })
}

fn no_auth_url(fields: &Fields<'_>) -> Failure {
    let failure = fields.missing("auth_url");
    match fields.entry.get("profile").or(fields.entry.get("cloud")) {
        Some(profile) => failure.hint(format!("No clouds-public.yaml has the profile of {}", profile.place)),
        None => failure,
    }
}

fn interfaces(fields: &Fields<'_>) -> Result<Vec<Interface>, Failure> {
    let keys = ["interface", "endpoint_type"];
    let Some((key, node)) = keys.iter().find_map(|key| Some((key, fields.entry.get(key)?))) else {
        return Ok(vec![Interface::Public]);
    };
    let nodes = match &node.value {
        Value::List(list) => list.as_slice(),
        Value::Null | Value::Text(_) | Value::Map(_) => std::slice::from_ref(node),
    };
    nodes.iter().map(|node| interface(fields, node, key)).collect()
}

fn interface(fields: &Fields<'_>, node: &Node, key: &str) -> Result<Interface, Failure> {
    let written = node.text().unwrap_or_default();
    match written.strip_suffix("URL").unwrap_or(written) {
        "public" => Ok(Interface::Public),
        "internal" => Ok(Interface::Internal),
        "admin" => Ok(Interface::Admin),
        _ => {
            let failure = fields.wrong(node, key, "must be public, internal or admin");
            Err(match nearest(written, ["public", "internal", "admin"]) {
                Some(meant) => failure.hint(format!("{meant} may be meant")),
                None => failure,
            })
        }
    }
}

/// `load_balancer_endpoint_override` is keyed by `load-balancer`; aliases by the official type.
fn by_service(fields: &Fields<'_>, suffix: &str) -> BTreeMap<String, String> {
    let entries = fields.entry.entries().iter();
    entries
        .filter_map(|(key, value)| {
            let service = key.text()?.strip_suffix(suffix)?.replace('_', "-");
            Some((aliases::official(&service).to_owned(), value.text()?.to_owned()))
        })
        .collect()
}

fn default_microversions(fields: &Fields<'_>) -> Result<BTreeMap<String, Microversion>, Failure> {
    by_service(fields, "_default_microversion")
        .into_iter()
        .filter(|(_, text)| text != "latest")
        .map(|(service, text)| {
            let key = format!("{}_default_microversion", service.replace('-', "_"));
            let parsed = microversion::parse(&text);
            parsed.map(|parsed| (service, parsed)).ok_or_else(|| fields.wrong_key(&key, "must be such as '2.90'"))
        })
        .collect()
}

fn tls(fields: &Fields<'_>, sources: &Sources) -> Result<Tls, Failure> {
    let insecure = fields.truth("insecure")?.unwrap_or(false);
    let path = |key: &str| Ok::<_, Failure>(fields.text(&[key])?.map(|written| sources.path(written)));
    Ok(Tls {
        verify: fields.truth("verify")?.unwrap_or(true) && !insecure,
        cacert: path("cacert")?,
        cert: path("cert")?,
        key: path("key")?,
    })
}
