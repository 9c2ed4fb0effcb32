//! What is at an endpoint: its versioned root, and the range of its microversions.

use reqwest::{Method, Url};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::openstack::catalog::versions::{self, Offered};
use crate::openstack::health::Meter;
use crate::openstack::http::{Http, Outgoing, complaint};
use crate::openstack::request::Microversion;

/// What was learnt of an endpoint. Kept between runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Discovered {
    /// Paths of reads are put behind this; no slash at its end.
    pub(crate) root: String,
    /// Such as `v2.1`; some services have none.
    pub(crate) version: Option<String>,
    /// Lowest and highest microversion.
    pub(crate) range: Option<(Microversion, Microversion)>,
    /// When it was learnt.
    pub(crate) at: Timestamp,
}

/// The major version that we speak, and where it is if the service does not tell.
fn spoken(official: &str) -> Option<(u16, &'static str)> {
    Some(match official {
        "identity" => (3, "v3"),
        "compute" => (2, "v2.1"),
        "image" | "alarming" | "load-balancer" => (2, "v2"),
        "network" => (2, "v2.0"),
        "block-storage" => (3, "v3"),
        "orchestration" | "metric" => (1, "v1"),
        _ => return None,
    })
}

/// Services whose calls carry a microversion: only their range is worth a request when the URL names its version.
fn has_microversions(official: &str) -> bool {
    matches!(official, "compute" | "block-storage" | "placement" | "baremetal" | "shared-file-system")
}

/// Asks an endpoint what it is.
pub(crate) async fn discover(
    http: &Http,
    official: &str,
    url: &str,
    token: &SecretString,
    meter: &Meter,
    now: Timestamp,
) -> Result<Discovered, Failure> {
    let url = url.trim_end_matches('/');
    let parsed = Url::parse(url)
        .map_err(|_| Failure::new(FailureKind::Bug, format!("The catalog's endpoint of {official} is not a URL")))?;
    let ask = |at: Url| ask(http, official, at, token, meter);
    let Some((base, version)) = versioned(&parsed) else {
        let offered = ask(below(&parsed, "")).await?;
        return Ok(choose(official, url, &offered, now));
    };
    let mut discovered = Discovered { root: url.to_owned(), version: Some(version.clone()), range: None, at: now };
    if has_microversions(official) {
        let mut offered = ask(below(&base, &version)).await?;
        if offered.is_empty() {
            offered = ask(below(&base, "")).await?;
        }
        let same = offered.iter().find(|offered| offered.segment.as_ref().unwrap_or(&offered.id) == &version);
        let chosen = same.or(versions::major(&version).and_then(|major| versions::best(&offered, major)));
        discovered.range = chosen.and_then(|offered| offered.range);
    }
    Ok(discovered)
}

/// Splits `http://host/compute/v2.1/PROJECT` into `http://host/compute` and `v2.1`.
fn versioned(url: &Url) -> Option<(Url, String)> {
    let segments: Vec<&str> = url.path_segments()?.collect();
    let at = segments.iter().position(|segment| versions::is_version(segment))?;
    let mut base = url.clone();
    base.set_path(&segments[..at].join("/"));
    Some((base, segments[at].to_owned()))
}

/// The address of which a versioned one is below; `None` where it has no version.
pub(crate) fn unversioned(url: &str) -> Option<String> {
    let (base, _) = versioned(&Url::parse(url).ok()?)?;
    Some(base.as_str().trim_end_matches('/').to_owned())
}

fn below(base: &Url, segment: &str) -> Url {
    let mut url = base.clone();
    let path = match segment {
        "" => format!("{}/", base.path().trim_end_matches('/')),
        _ => format!("{}/{segment}/", base.path().trim_end_matches('/')),
    };
    url.set_path(&path);
    url.set_query(None);
    url
}

/// An answer that is no version document offers nothing; none at all is a failure.
async fn ask(
    http: &Http,
    official: &str,
    url: Url,
    token: &SecretString,
    meter: &Meter,
) -> Result<Vec<Offered>, Failure> {
    let outgoing = Outgoing {
        method: Method::GET,
        place: format!("GET {official} {} (versions)", url.path()),
        url,
        token: Some(token),
        headers: Vec::new(),
        body: None,
        repeatable: true,
        service: official,
        meter: Some(meter),
    };
    let answer = http.send(&outgoing).await?;
    if answer.status == 429 || answer.status >= 500 {
        return Err(complaint::failure(&answer, official, &outgoing.place));
    }
    Ok(serde_json::from_slice(&answer.body).map(|document| versions::offered(&document)).unwrap_or_default())
}

/// Of an address without version: the best that we speak, at the catalog's host whatever host the answer names.
fn choose(official: &str, url: &str, offered: &[Offered], now: Timestamp) -> Discovered {
    let plain = Discovered { root: url.to_owned(), version: None, range: None, at: now };
    let Some((major, usual)) = spoken(official) else {
        return Discovered { range: offered.iter().find_map(|offered| offered.range), ..plain };
    };
    match versions::best(offered, major) {
        Some(best) => {
            let segment = best.segment.clone().unwrap_or_else(|| usual.to_owned());
            Discovered {
                root: format!("{url}/{segment}"),
                version: Some(best.id.clone()),
                range: best.range.filter(|_| has_microversions(official)),
                at: now,
            }
        }
        None => Discovered { root: format!("{url}/{usual}"), version: Some(usual.to_owned()), ..plain },
    }
}
