//! Reading version documents: every service has its own shape of one idea.

use serde_json::Value;

use crate::openstack::microversion;
use crate::openstack::request::Microversion;

/// One version that a service offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    /// Such as `v2.1`.
    pub(crate) id: String,
    /// The last path segment of its own link that is a version: where it is below the root.
    pub(crate) segment: Option<String>,
    pub(crate) range: Option<(Microversion, Microversion)>,
}

/// All versions of a document: `{"versions": […]}`, `{"versions": {"values": […]}}` or `{"version": {…}}`.
pub(crate) fn offered(document: &Value) -> Vec<Offered> {
    let versions = document.get("versions");
    let list = versions.and_then(Value::as_array).or(versions.and_then(|inner| inner.get("values")?.as_array()));
    match (list, document.get("version")) {
        (Some(list), _) => list.iter().filter_map(one).collect(),
        (None, Some(version)) => one(version).into_iter().collect(),
        (None, None) => Vec::new(),
    }
}

fn one(version: &Value) -> Option<Offered> {
    let status = version.get("status").and_then(Value::as_str).unwrap_or("CURRENT");
    if matches!(status.to_uppercase().as_str(), "EXPERIMENTAL" | "DELETED") {
        return None;
    }
    let number = |key: &str| microversion::parse(version.get(key)?.as_str()?);
    let range = number("min_version").or(Some(Microversion(0, 0))).zip(number("version").or(number("max_version")));
    let links = version.get("links").and_then(Value::as_array).into_iter().flatten();
    let own = links.filter(|link| link.get("rel").and_then(Value::as_str) == Some("self"));
    let href = own.filter_map(|link| link.get("href")?.as_str()).next();
    Some(Offered {
        id: version.get("id")?.as_str()?.to_owned(),
        segment: href.and_then(|href| href.split('/').rev().find(|part| is_version(part))).map(str::to_owned),
        range: range.filter(|(_, highest)| highest.0 > 0),
    })
}

/// `v2`, `v2.1`.
pub(crate) fn is_version(segment: &str) -> bool {
    major(segment).is_some()
}

/// The 2 of `v2.1`.
pub(crate) fn major(segment: &str) -> Option<u16> {
    let number = segment.strip_prefix('v')?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(major) && digits(minor)).then(|| major.parse().ok()).flatten()
}

/// The highest version of a major.
pub(crate) fn best(offered: &[Offered], wanted: u16) -> Option<&Offered> {
    let minor = |offered: &Offered| {
        let number = offered.id.rsplit_once('.').and_then(|(_, minor)| minor.parse::<u16>().ok());
        (number.unwrap_or(0), offered.range.is_some())
    };
    offered.iter().filter(|offered| major(&offered.id) == Some(wanted)).max_by_key(|offered| minor(offered))
}
