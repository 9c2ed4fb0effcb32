//! A read from its first attempt to its answer: endpoint, microversion, token, and the two answers that are asked about
//! again: 401 with a new token, 406 with a new look at the service.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use reqwest::{Method, Url};

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::auth::grant::Grant;
use crate::openstack::auth::keeper::Keeper;
use crate::openstack::catalog::{self, Found, discovery};
use crate::openstack::clouds::CloudConfig;
use crate::openstack::directory::Directory;
use crate::openstack::http::{Http, Incoming, Outgoing, complaint};
use crate::openstack::microversion;
use crate::openstack::request::{Answer, Microversion, Read, ServiceType, Wanted};

/// Refusals that are remembered at most: more places than we read.
const REMEMBERED: usize = 256;

/// Everything that a read needs.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) config: CloudConfig,
    pub(crate) http: Http,
    pub(crate) keeper: Keeper,
    pub(crate) directory: Directory,
    pub(crate) region: String,
    /// What is configured suffices to sign in again.
    pub(crate) renews: bool,
    /// Places that have said 401 to a new token, and its generation: aodh means "forbidden" by it.
    pub(crate) refused: Mutex<HashMap<String, u64>>,
}

/// One sending: what came, and what was sent.
struct Sent {
    incoming: Incoming,
    microversion: Option<Microversion>,
    found: Found,
}

/// Where a request goes.
pub(crate) struct Aim {
    pub(crate) found: Found,
    /// The versioned root that paths follow.
    pub(crate) root: String,
    pub(crate) microversion: Option<Microversion>,
}

impl Aim {
    /// The headers that ask for the settled microversion.
    pub(crate) fn headers(&self, official: &str) -> Vec<(&'static str, String)> {
        self.microversion.map(|version| headers(official, version)).unwrap_or_default()
    }
}

impl Exchange {
    pub(crate) async fn read(&self, read: &Read) -> Result<Answer, Failure> {
        let place = place(read);
        let result = self.answered(read, &place).await;
        result.map_err(|failure| Failure { place: failure.place.clone().or(Some(place)), ..failure })
    }

    async fn answered(&self, read: &Read, place: &str) -> Result<Answer, Failure> {
        let mut grant = self.keeper.token(&self.http).await?;
        let mut sent = self.send(read, place, &grant).await?;
        if sent.incoming.status == 406 && sent.microversion.is_some() {
            self.directory.forget(read.service.0, &sent.found.url);
            sent = self.send(read, place, &grant).await?;
        }
        if sent.incoming.status == 401 && !self.was_refused(place, grant.generation) {
            grant = self.keeper.renew(&self.http, grant.generation).await?;
            sent = self.send(read, place, &grant).await?;
            if sent.incoming.status == 401 {
                self.refuse(place, grant.generation);
            }
        }
        let Sent { incoming, microversion, .. } = sent;
        if incoming.success() {
            return Ok(answer(incoming, microversion));
        }
        let failure = complaint::failure(&incoming, read.service.0, place);
        Err(if incoming.status == 401 { forbidden(failure) } else { failure })
    }

    async fn send(&self, read: &Read, place: &str, grant: &Grant) -> Result<Sent, Failure> {
        let official = read.service.0;
        let aim = self.aim(read.service, read.microversion, grant).await?;
        let meter = self.directory.meter(&aim.found.url);
        let outgoing = Outgoing {
            method: if read.body.is_some() { Method::POST } else { Method::GET },
            url: url(&aim.root, &read.path, &read.query)?,
            token: Some(&grant.secret),
            headers: aim.headers(official),
            body: read.body.as_ref().map(|body| body.to_string().into_bytes()),
            repeatable: true,
            service: official,
            place: place.to_owned(),
            meter: Some(&meter),
        };
        let incoming = self.http.send(&outgoing).await?;
        Ok(Sent { incoming, microversion: aim.microversion, found: aim.found })
    }

    /// Where a service is, and which microversion is settled with it.
    pub(crate) async fn aim(
        &self,
        service: ServiceType,
        wanted: Option<Wanted>,
        grant: &Grant,
    ) -> Result<Aim, Failure> {
        let found = catalog::find(&self.config, grant, &self.region, service.0)?;
        let discovered = self.directory.look(&self.http, service.0, &found.url, &grant.secret).await?;
        let cap = self.config.default_microversions.get(service.0).copied();
        let microversion = match wanted {
            Some(wanted) => microversion::choose(service, wanted, discovered.range, cap)?,
            None => None,
        };
        Ok(Aim { found, root: discovered.root.clone(), microversion })
    }

    /// Fails where a service without microversions is older than that, or does not tell.
    pub(crate) async fn demand(
        &self,
        service: ServiceType,
        needed: Microversion,
        grant: &Grant,
    ) -> Result<(), Failure> {
        let official = service.0;
        let found = catalog::find(&self.config, grant, &self.region, official)?;
        let whole = discovery::unversioned(&found.url).unwrap_or_else(|| found.url.clone());
        let discovered = self.directory.look(&self.http, official, &whole, &grant.secret).await?;
        let version = discovered.version.as_deref().unwrap_or("unknown");
        if microversion::parse(version.trim_start_matches('v')).is_some_and(|offered| offered >= needed) {
            return Ok(());
        }
        let message = format!("This needs {official} v{needed}; this cloud's is {version}");
        Err(Failure::new(FailureKind::Unsupported, message))
    }

    fn was_refused(&self, place: &str, generation: u64) -> bool {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).get(place) == Some(&generation)
    }

    fn refuse(&self, place: &str, generation: u64) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= REMEMBERED {
            refused.clear();
        }
        refused.insert(place.to_owned(), generation);
    }
}

/// `GET compute /servers/detail`: without query, which may hold what a log must not.
fn place(read: &Read) -> String {
    let method = if read.body.is_some() { "POST" } else { "GET" };
    format!("{method} {} {}", read.service.0, read.path)
}

pub(crate) fn url(root: &str, path: &str, query: &[(String, String)]) -> Result<Url, Failure> {
    let url = Url::parse(&format!("{root}{path}"));
    let mut url = url.map_err(|_| Failure::new(FailureKind::Bug, "The endpoint and path make no URL"))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

/// Cinder calls itself `volume` here. Nova before 2.27 reads its own older header only.
fn headers(official: &str, version: Microversion) -> Vec<(&'static str, String)> {
    let name = if official == "block-storage" { "volume" } else { official };
    let mut headers = vec![("OpenStack-API-Version", format!("{name} {version}"))];
    if official == "compute" && version < Microversion(2, 27) {
        headers.push(("X-OpenStack-Nova-API-Version", version.to_string()));
    }
    headers
}

/// A new token was refused too: it is not the token.
fn forbidden(failure: Failure) -> Failure {
    let failure = Failure { kind: FailureKind::Forbidden, ..failure };
    failure.hint("A new token did not help: the roles of this user do not allow it")
}

fn answer(incoming: Incoming, microversion: Option<Microversion>) -> Answer {
    let link = incoming.header("link").map(str::to_owned);
    let (request_id, date) = (incoming.request_id(), incoming.date());
    let Incoming { status, body, took, .. } = incoming;
    Answer { body, status, request_id, date, took, link, microversion }
}
