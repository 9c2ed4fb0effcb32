//! A request that brought no answer: one sentence, and whether another try may help.

use std::time::Duration;

use reqwest::Url;

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::http::complaint;
use crate::openstack::http::retry::Outcome;

/// What to say and do of an error of the HTTP client.
pub(crate) fn of(error: &reqwest::Error, url: &Url, read: Duration) -> (Outcome, Failure) {
    let whom = origin(url);
    let root = root(error);
    if root.contains("certificate") {
        let failure = Failure::new(FailureKind::Usage, format!("The certificate of {whom} is not trusted"));
        let failure = failure.cause(root).hint("Name the authority's certificate in clouds.yaml: cacert");
        return (Outcome::Final, failure);
    }
    if error.is_connect() {
        let message = match () {
            () if error.is_timeout() => format!("{whom} does not accept a connection in time"),
            () if root.contains("lookup") || chain(error).contains("dns") => {
                format!("The name of {whom} cannot be resolved")
            }
            () => format!("Cannot connect to {whom}"),
        };
        let failure = Failure::new(FailureKind::Retry, message).cause(root);
        return (Outcome::NotSent, failure.hint("Is the endpoint right, and reachable from here?"));
    }
    if error.is_timeout() {
        return (Outcome::Lost, silent(url, read));
    }
    let message = format!("The connection to {whom} broke");
    (Outcome::Lost, Failure::new(FailureKind::Retry, message).cause(root))
}

/// Nothing was heard for that long.
pub(crate) fn silent(url: &Url, patience: Duration) -> Failure {
    let message = format!("{} has not answered for {} s", origin(url), patience.as_secs_f32());
    Failure::new(FailureKind::Retry, message)
}

/// Scheme, host and port: never a user, a path or a query.
pub(crate) fn origin(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// The innermost reason of an error, made safe.
pub(crate) fn root(error: &dyn std::error::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    complaint::tidy(&innermost.to_string()).unwrap_or_else(|| "no reason given".to_owned())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut texts = String::new();
    let mut next = error.source();
    while let Some(source) = next {
        texts.push_str(&source.to_string());
        next = source.source();
    }
    texts
}
