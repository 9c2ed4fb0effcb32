//! Requests to what is not the cloud's API: a Prometheus, an exporter, an instance.
//!
//! No redirect is followed, no proxy is taken from the environment, nothing is read beyond a bound. Credentials go
//! where the configuration says, and nowhere else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Certificate, Client, Proxy, RequestBuilder, Url, redirect};
use tokio::time::Instant;

use crate::base::failure::{Failure, FailureKind};

/// How to reach it.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    /// An authority of one's own, PEM.
    pub(super) cacert: Option<PathBuf>,
    /// `socks5://…` or `http://…`.
    pub(super) proxy: Option<String>,
    /// Every request on a connection of its own: connecting is a part of what is measured.
    pub(super) fresh: bool,
}

/// Asks.
#[derive(Clone, Debug)]
pub(super) struct Web {
    client: Client,
    deadline: Duration,
    most: usize,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// From asking to the last byte.
    pub(super) took: Duration,
}

impl Web {
    /// Every answer is whole within `deadline`, and has at most so many bytes.
    pub(super) fn new(way: &Way, deadline: Duration, most: usize) -> Result<Self, Failure> {
        // Fails only where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("stackdeck/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(deadline)
            .pool_max_idle_per_host(if way.fresh { 0 } else { 2 })
            .gzip(true);
        if let Some(path) = &way.cacert {
            for certificate in authority(path)? {
                builder = builder.tls_certs_merge([certificate]);
            }
        }
        if let Some(proxy) = &way.proxy {
            let proxy = Proxy::all(proxy).map_err(|_| Failure::new(FailureKind::Usage, "the proxy is no URL"))?;
            builder = builder.proxy(proxy);
        }
        let client = builder
            .build()
            .map_err(|error| Failure::new(FailureKind::Usage, "no HTTP client can be made").cause(root(&error)))?;
        Ok(Self { client, deadline, most })
    }

    /// Asks, with what `prepare` adds.
    pub(super) async fn ask(
        &self,
        url: &Url,
        prepare: impl FnOnce(&Client) -> RequestBuilder,
    ) -> Result<Fetched, Failure> {
        let began = Instant::now();
        let request = prepare(&self.client);
        match tokio::time::timeout(self.deadline, self.whole(url, request, began)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let limit = self.deadline.as_secs_f64();
                Err(Failure::new(FailureKind::Retry, format!("{} has not answered within {limit} s", shown(url))))
            }
        }
    }

    /// The same without anything added.
    pub(super) async fn get(&self, url: &Url) -> Result<Fetched, Failure> {
        self.ask(url, |client| client.get(url.clone())).await
    }

    async fn whole(&self, url: &Url, request: RequestBuilder, began: Instant) -> Result<Fetched, Failure> {
        let wrong = |error: reqwest::Error| {
            Failure::new(FailureKind::Retry, format!("{} does not answer", shown(url))).cause(root(&error))
        };
        let mut answer = request.send().await.map_err(wrong)?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(wrong)? {
            if body.len() + piece.len() > self.most {
                let message = format!("{} sent an answer of more than {} kB", shown(url), self.most / 1000);
                return Err(Failure::new(FailureKind::Bug, message));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Fetched { status, body, took: began.elapsed() })
    }
}

/// A URL without what may be secret in it.
pub(super) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

fn authority(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let wrong = |why: String| Failure::new(FailureKind::Usage, format!("cacert: {} {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {}", error.kind())))?;
    let found = Certificate::from_pem_bundle(&pem).ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| wrong("holds no usable PEM".to_owned()))
}

/// The innermost cause: the outer ones repeat the URL.
fn root(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
