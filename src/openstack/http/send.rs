//! One request to its end: attempts, pauses, redirects, deadlines.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::base::awaited::Silence;
use crate::base::clock::{Clock, Timestamp};
use crate::base::failure::{Failure, FailureKind};
use crate::openstack::clouds::{CloudConfig, Proxies};
use crate::openstack::health::Meter;
use crate::openstack::http::answer::Incoming;
use crate::openstack::http::client::Clients;
use crate::openstack::http::retry::{self, Outcome};
use crate::openstack::http::{complaint, trouble};
use crate::openstack::options::{ConnectOptions, Limits};

/// More are a loop.
const REDIRECTS: usize = 4;

/// Sends requests of one cloud.
#[derive(Debug)]
pub(crate) struct Http {
    clients: Clients,
    proxies: Proxies,
    limits: Limits,
    clock: Clock,
    dice: Mutex<fastrand::Rng>,
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A request.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) token: Option<&'a SecretString>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Vec<u8>>,
    /// Executing it twice does no harm.
    pub(crate) repeatable: bool,
    /// Whose, for log and failures.
    pub(crate) service: &'a str,
    /// `GET compute /servers/detail`: no query, no secret.
    pub(crate) place: String,
    /// Where the attempts are counted.
    pub(crate) meter: Option<&'a Meter>,
}

impl Http {
    pub(crate) fn new(config: &CloudConfig, options: &ConnectOptions) -> Result<Self, Failure> {
        Ok(Self {
            clients: Clients::build(config, &options.limits)?,
            proxies: config.proxies.clone(),
            limits: options.limits,
            clock: options.clock.clone(),
            dice: Mutex::new(fastrand::Rng::with_seed(options.seed)),
            gates: Mutex::default(),
        })
    }

    /// Our own clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends until there is an answer that stands, whatever its status.
    pub(crate) async fn send(&self, request: &Outgoing<'_>) -> Result<Incoming, Failure> {
        let id = self.request_id();
        let deadline = Instant::now() + self.limits.total;
        let mut attempt = 0;
        let mut unheard = None;
        loop {
            let (outcome, result) = self.attempt(request, &id, deadline, &mut unheard).await;
            if result.is_ok() {
                // A complaint is an answer too.
                unheard = None;
            }
            let result = result.map_err(|failure| Failure { place: Some(request.place.clone()), ..failure });
            self.note(request, &id, &result);
            attempt += 1;
            let Some(after) = retry::again(outcome, request.repeatable) else { return result };
            let roll = self.dice.lock().unwrap_or_else(PoisonError::into_inner).f64();
            let pause = retry::pause(attempt - 1, self.limits.pause, after, roll);
            let in_time = pause <= self.limits.longest_pause && Instant::now() + pause < deadline;
            if attempt >= self.limits.attempts || !in_time {
                return result;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends once. What became of it is told beside the answer, for whoever has to decide about another try.
    pub(crate) async fn send_once(&self, request: &Outgoing<'_>) -> (Outcome, Result<Incoming, Failure>) {
        let id = self.request_id();
        let (outcome, result) = self.attempt(request, &id, Instant::now() + self.limits.total, &mut None).await;
        let result = result.map_err(|failure| Failure { place: Some(request.place.clone()), ..failure });
        self.note(request, &id, &result);
        (outcome, result)
    }

    /// `req-` and a random UUID: keystone's services log it beside their own as the global request id.
    fn request_id(&self) -> String {
        let bits = self.dice.lock().unwrap_or_else(PoisonError::into_inner).u128(..);
        let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{bits:032x}");
        format!("req-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    fn gate(&self, url: &Url) -> Arc<Semaphore> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(trouble::origin(url));
        Arc::clone(gate.or_insert_with(|| Arc::new(Semaphore::new(self.limits.concurrency.max(1)))))
    }

    async fn attempt(
        &self,
        request: &Outgoing<'_>,
        id: &str,
        deadline: Instant,
        unheard: &mut Option<Timestamp>,
    ) -> (Outcome, Result<Incoming, Failure>) {
        let whole = async {
            let gate = self.gate(&request.url);
            let _permit = gate.acquire().await;
            // Only now: whoever waits for its turn has asked nobody yet.
            let since = *unheard.get_or_insert_with(|| self.clock.now());
            let silence = Silence { service: request.service.to_owned(), place: request.place.clone(), since };
            let _under_way = request.meter.map(|meter| meter.begin(silence));
            self.follow(request, id).await
        };
        match tokio::time::timeout_at(deadline, whole).await {
            Ok(Ok(answer)) => (Outcome::Answered(answer.status, answer.retry_after(self.clock.now())), Ok(answer)),
            Ok(Err((outcome, failure))) => (outcome, Err(failure)),
            Err(_) => (Outcome::Final, Err(trouble::silent(&request.url, self.limits.total))),
        }
    }

    /// Redirects by hand: reqwest keeps `X-Auth-Token` on any host, as it does not know it for a secret.
    async fn follow(&self, request: &Outgoing<'_>, id: &str) -> Result<Incoming, (Outcome, Failure)> {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.once(request, &url, id).await?;
            let Some(next) = redirect(request, &answer, &url) else { return Ok(answer) };
            url = next;
        }
        let message = format!("{} redirects without end", request.service);
        Err((Outcome::Final, Failure::new(FailureKind::Bug, message)))
    }

    async fn once(&self, request: &Outgoing<'_>, url: &Url, id: &str) -> Result<Incoming, (Outcome, Failure)> {
        let sent = Instant::now();
        let proxy = self.proxies.variable(url.scheme()).filter(|_| self.clients.of(url).1);
        let wrong = |error: reqwest::Error| trouble::of(&error, url, self.limits.read, proxy);
        let mut answer = self.prepared(request, url, id).send().await.map_err(wrong)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        if let (407, Some(name)) = (status, proxy) {
            return Err((Outcome::Final, trouble::proxy_refuses(name)));
        }
        // Where the length is told, room is made once: long answers would be moved about as they grow.
        let length = answer.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = Vec::with_capacity(length.min(self.limits.body));
        while let Some(piece) = answer.chunk().await.map_err(wrong)? {
            if body.len() + piece.len() > self.limits.body {
                let message = format!("{} sent an answer of more than {} MiB", request.service, self.limits.body >> 20);
                return Err((Outcome::Final, Failure::new(FailureKind::Bug, message)));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Incoming { status, headers, body, took: sent.elapsed() })
    }

    fn prepared(&self, request: &Outgoing<'_>, url: &Url, id: &str) -> reqwest::RequestBuilder {
        let mut builder = self.clients.of(url).0.request(request.method.clone(), url.clone());
        builder = builder.header("Accept", "application/json").header("X-OpenStack-Request-ID", id);
        let same_place = trouble::origin(url) == trouble::origin(&request.url);
        if let (Some(token), true) = (request.token, same_place)
            && let Ok(mut value) = HeaderValue::from_str(token.expose_secret())
        {
            value.set_sensitive(true);
            builder = builder.header(HeaderName::from_static("x-auth-token"), value);
        }
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let typed = request.headers.iter().any(|(name, _)| *name == "Content-Type");
        match &request.body {
            Some(body) if typed => builder.body(body.clone()),
            Some(body) => builder.header("Content-Type", "application/json").body(body.clone()),
            None => builder,
        }
    }

    fn note(&self, request: &Outgoing<'_>, id: &str, result: &Result<Incoming, Failure>) {
        let (method, service, place) = (request.method.as_str(), request.service, request.place.as_str());
        match result {
            Ok(answer) => {
                let theirs = answer.request_id();
                let theirs = theirs.as_ref().map_or("-", |id| id.as_str());
                let ms = Duration::as_millis(&answer.took);
                let status = answer.status;
                tracing::info!(target: "stackdeck::openstack", method, service, place, status, request_id = theirs, global_request_id = id, %ms, "answered");
            }
            Err(failure) => {
                tracing::warn!(target: "stackdeck::openstack", method, service, place, global_request_id = id, failure = %failure.message, "no answer");
            }
        }
        if let Some(meter) = request.meter {
            let now = self.clock.now();
            match result {
                Ok(answer) if answer.success() || answer.status == 300 => meter.answered(now, answer.took, None),
                Ok(answer) => {
                    let failure = complaint::failure(answer, service, place);
                    meter.answered(now, answer.took, Some(failure));
                }
                Err(failure) => meter.unanswered(now, failure.clone()),
            }
        }
    }
}

/// Where to go on, if the answer says so and going there is harmless.
fn redirect(request: &Outgoing<'_>, answer: &Incoming, from: &Url) -> Option<Url> {
    let repeat = match answer.status {
        301..=303 => request.method == Method::GET,
        307 | 308 => request.repeatable,
        _ => false,
    };
    let next = from.join(answer.headers.get(LOCATION)?.to_str().ok()?).ok()?;
    // A body goes nowhere that the user has not named.
    let may = request.body.is_none() || trouble::origin(&next) == trouble::origin(&request.url);
    (repeat && may && matches!(next.scheme(), "http" | "https")).then_some(next)
}
