//! Where queries go: to a URL of the configuration, or through the client layer to the one of the catalog.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};

use super::answer::{self, Answered};
use super::past::Span;
use crate::base::failure::{Failure, FailureKind};
use crate::config::metrics::Prometheus as Settings;
use crate::openstack::{Reader, metric_storage};
use crate::watch::metrics::web::{Way, Web};

/// An answer takes at most so long, and has at most so many bytes.
const DEADLINE: Duration = Duration::from_secs(20);
const MOST: usize = 64 << 20;

/// How it is reached.
pub(super) enum Road {
    /// By a URL of the configuration.
    Url(Result<Web, Failure>),
    /// By the cloud's catalog, with the token that the cloud knows us by.
    Catalog(Arc<dyn Reader>),
}

impl Road {
    pub(super) fn url(settings: &Settings) -> Self {
        let way = Way { cacert: settings.cacert.clone(), ..Way::default() };
        Self::Url(Web::new(&way, DEADLINE, MOST))
    }
}

/// Where a round's queries go.
pub(super) enum Line {
    Url(Direct),
    Catalog(Arc<dyn Reader>),
}

impl Line {
    pub(super) fn new(road: &Road, settings: &Arc<Settings>) -> Result<Self, Failure> {
        Ok(match road {
            Road::Url(web) => Self::Url(Direct::new(web.clone()?, Arc::clone(settings))?),
            Road::Catalog(reader) => Self::Catalog(Arc::clone(reader)),
        })
    }

    pub(super) async fn instant(&self, query: &str) -> Result<Answered, Failure> {
        match self {
            Self::Url(direct) => direct.post("query", &[("query", query)]).await,
            Self::Catalog(reader) => behind_keystone(&**reader, query).await,
        }
    }

    /// A span of the past; `now` is in seconds of the epoch. Aetos has no ranges, but takes subqueries.
    pub(super) async fn range(&self, query: &str, span: Span, now: i64) -> Result<Answered, Failure> {
        let Span { from, until, step } = span;
        match self {
            Self::Url(direct) => {
                let ago = |seconds: u64| now.saturating_sub_unsigned(seconds).to_string();
                let (start, end, step) = (ago(from), ago(until), step.to_string());
                direct.post("query_range", &[("query", query), ("start", &start), ("end", &end), ("step", &step)]).await
            }
            Self::Catalog(reader) => {
                let span = from - until;
                behind_keystone(&**reader, &format!("({query}\n)[{span}s:{step}s] offset {until}s")).await
            }
        }
    }
}

async fn behind_keystone(reader: &dyn Reader, query: &str) -> Result<Answered, Failure> {
    let answer = metric_storage::instant(reader, query).await?;
    answer::read(answer.status, &answer.body)
}

/// A URL, and as whom it is asked. Secrets are read from their files in each round: they may be renewed.
pub(super) struct Direct {
    web: Web,
    base: Url,
    settings: Arc<Settings>,
    secret: Option<SecretString>,
}

impl Direct {
    fn new(web: Web, settings: Arc<Settings>) -> Result<Self, Failure> {
        let wrong = || Failure::new(FailureKind::Usage, "the url of this Prometheus is not one: http://HOST:9090");
        let base = Url::parse(settings.url.trim_end_matches('/')).map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong());
        }
        let file = settings.token_file.as_deref().or(settings.password_file.as_deref());
        let secret = file.map(secret).transpose()?;
        Ok(Self { web, base, settings, secret })
    }

    /// By POST: a query may be longer than a URL.
    async fn post(&self, what: &str, form: &[(&str, &str)]) -> Result<Answered, Failure> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/api/v1/{what}", self.base.path().trim_end_matches('/')));
        let mut encoded = url.clone();
        encoded.query_pairs_mut().clear().extend_pairs(form);
        let body = encoded.query().unwrap_or_default().to_owned();
        let answer = self.web.ask(&url, |client| {
            let request = client.post(url.clone()).header("Content-Type", "application/x-www-form-urlencoded");
            self.signed(request.header("Accept", "application/json").body(body))
        });
        let answer = answer.await?;
        answer::read(answer.status, &answer.body)
    }

    fn signed(&self, mut request: RequestBuilder) -> RequestBuilder {
        if !self.settings.tenant.is_empty() {
            request = request.header("X-Scope-OrgID", &self.settings.tenant);
        }
        let Some(secret) = &self.secret else { return request };
        if self.settings.token_file.is_none() {
            return request.basic_auth(&self.settings.user, Some(secret.expose_secret()));
        }
        match HeaderValue::from_str(&format!("Bearer {}", secret.expose_secret())) {
            Ok(mut value) => {
                value.set_sensitive(true);
                request.header("Authorization", value)
            }
            // A token with a line break in it: Prometheus will say that it wants another.
            Err(_) => request,
        }
    }
}

fn secret(path: &Path) -> Result<SecretString, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(FailureKind::Usage, format!("{} cannot be read: {}", path.display(), error.kind()))
    })?;
    Ok(text.trim().to_owned().into())
}
