//! What is known of each endpoint: versions, and how it answers. Asked once, for everybody, and kept between runs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::base::awaited::Silence;
use crate::base::clock::{Clock, since};
use crate::base::failure::Failure;
use crate::openstack::auth::cache::Cache;
use crate::openstack::catalog::discovery::{Discovered, discover};
use crate::openstack::catalog::{Found, aliases};
use crate::openstack::health::{EndpointHealth, Meter};
use crate::openstack::http::Http;

/// Clouds are upgraded: what an earlier run has learnt is believed for a day. A 406 is believed sooner.
const BELIEVED: Duration = Duration::from_secs(24 * 3600);

type Known = HashMap<String, Arc<OnceCell<Discovered>>>;

/// Of one cloud.
#[derive(Debug)]
pub(crate) struct Directory {
    cache: Cache,
    key: String,
    clock: Clock,
    known: Mutex<Known>,
    meters: Mutex<HashMap<String, Arc<Meter>>>,
}

impl Directory {
    pub(crate) fn new(cache: Cache, clock: Clock, auth_url: &str) -> Self {
        let now = clock.now();
        let kept: HashMap<String, Discovered> = cache.read("versions", auth_url).unwrap_or_default();
        let fresh = kept.into_iter().filter(|(_, discovered)| since(discovered.at, now) < BELIEVED);
        let known = fresh.map(|(key, discovered)| (key, Arc::new(OnceCell::new_with(Some(discovered)))));
        let known = Mutex::new(known.collect());
        Self { cache, key: auth_url.to_owned(), clock, known, meters: Mutex::default() }
    }

    /// Counts the requests to a URL of the catalog.
    pub(crate) fn meter(&self, url: &str) -> Arc<Meter> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(meters.entry(url.trim_end_matches('/').to_owned()).or_default())
    }

    /// The oldest request under way at each URL.
    pub(crate) fn silences(&self) -> Vec<Silence> {
        let meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        meters.values().filter_map(|meter| meter.oldest()).collect()
    }

    /// Whether looking would cost no request.
    pub(crate) fn knows(&self, official: &str, url: &str) -> bool {
        self.cell(official, url).initialized()
    }

    /// What is at a URL. Of many who ask at once, one asks the service.
    pub(crate) async fn look(
        &self,
        http: &Http,
        official: &str,
        url: &str,
        token: &SecretString,
    ) -> Result<Discovered, Failure> {
        let cell = self.cell(official, url);
        if let Some(known) = cell.get() {
            return Ok(known.clone());
        }
        let meter = self.meter(url);
        let mine = AtomicBool::new(false);
        let asked = || {
            mine.store(true, Ordering::Relaxed);
            discover(http, official, url, token, &meter, self.clock.now())
        };
        let discovered = cell.get_or_try_init(asked).await?.clone();
        if mine.into_inner() {
            self.keep();
        }
        Ok(discovered)
    }

    /// The service has contradicted what was known.
    pub(crate) fn forget(&self, official: &str, url: &str) {
        self.known().remove(&name(official, url));
    }

    /// The numbers of one endpoint.
    pub(crate) fn health(&self, found: Found) -> EndpointHealth {
        let official = aliases::official(&found.service_type);
        let discovered = self.known().get(&name(official, &found.url)).and_then(|cell| cell.get().cloned());
        let reading = self.meter(&found.url).read(self.clock.now());
        EndpointHealth {
            service_type: found.service_type,
            name: found.name,
            url: found.url,
            version: discovered.as_ref().and_then(|discovered| discovered.version.clone()),
            microversions: discovered.and_then(|discovered| discovered.range),
            latency: reading.latency,
            last_failure: reading.last_failure,
            requests_per_minute: reading.requests_per_minute,
            used: reading.used,
        }
    }

    fn cell(&self, official: &str, url: &str) -> Arc<OnceCell<Discovered>> {
        Arc::clone(self.known().entry(name(official, url)).or_default())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self) {
        let all: HashMap<String, Discovered> =
            self.known().iter().filter_map(|(key, cell)| Some((key.clone(), cell.get()?.clone()))).collect();
        self.cache.write("versions", &self.key, &all);
    }
}

fn name(official: &str, url: &str) -> String {
    format!("{official} {url}")
}
