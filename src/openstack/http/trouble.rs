//! A request that brought no answer: one sentence, and whether another try may help.

use std::time::Duration;

use reqwest::Url;

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::http::complaint;
use crate::openstack::http::retry::Outcome;

/// What to say and do of an error of the HTTP client. `proxy` is the variable that names the proxy on the way.
pub(crate) fn of(error: &reqwest::Error, url: &Url, read: Duration, proxy: Option<&str>) -> (Outcome, Failure) {
    let whom = origin(url);
    let chain = chain(error);
    if let Some(failure) = tls(&chain, &whom) {
        return (Outcome::Final, failure.cause(root(error)));
    }
    if let Some(name) = proxy.filter(|_| chain.contains("proxy authorization required")) {
        return (Outcome::Final, proxy_refuses(name));
    }
    if error.is_connect() {
        return (Outcome::NotSent, unreachable(error, &chain, &whom, proxy).cause(root(error)));
    }
    if error.is_timeout() {
        return (Outcome::Lost, silent(url, read));
    }
    let message = format!("The connection to {whom} broke");
    (Outcome::Lost, Failure::new(FailureKind::Retry, message).cause(root(error)))
}

/// The proxy has said 407.
pub(crate) fn proxy_refuses(name: &str) -> Failure {
    Failure::new(FailureKind::Usage, "The proxy wants a user and a password, or others")
        .hint(format!("Write them in the variable {name}: http://USER:PASSWORD@HOST:PORT"))
}

fn unreachable(error: &reqwest::Error, chain: &str, whom: &str, proxy: Option<&str>) -> Failure {
    let through = if proxy.is_some() { " through a proxy" } else { "" };
    let message = match () {
        () if error.is_timeout() => format!("{whom} does not accept a connection in time{through}"),
        () if chain.contains("lookup") || chain.contains("dns") => match proxy {
            Some(_) => format!("The name of the proxy to {whom} cannot be resolved"),
            None => format!("The name of {whom} cannot be resolved"),
        },
        () => format!("Cannot connect to {whom}{through}"),
    };
    let failure = Failure::new(FailureKind::Retry, message);
    match proxy {
        Some(name) => failure.hint(format!("Is the variable {name} right? no_proxy names what is reached directly")),
        None => failure.hint("Is the endpoint right, and reachable from here?"),
    }
}

/// What TLS has to say: another try cannot help, but the right key of the configuration can. These are rustls's words;
/// the tests say so when they change.
fn tls(chain: &str, whom: &str) -> Option<Failure> {
    let says = |words: &[&str]| words.iter().any(|word| chain.contains(word));
    let (message, hint) = if says(&["received fatal alert"]) {
        if says(&["CertificateRequired", "certificate required"]) {
            (format!("{whom} asks for a certificate of ours"), "Name it and its key in clouds.yaml: cert and key")
        } else if says(&["UnknownCA", "BadCertificate", "CertificateUnknown", "CertificateExpired", "AccessDenied"])
            || says(&["DecryptError", "CertificateRevoked", "UnsupportedCertificate"])
        {
            (format!("{whom} does not accept our certificate"), "Are cert and key in clouds.yaml those of this cloud?")
        } else {
            (format!("{whom} breaks off TLS"), "Is the endpoint's scheme right, and its TLS not older than 1.2?")
        }
    } else if says(&["InvalidContentType"]) {
        (format!("{whom} does not speak TLS"), "Does its URL begin with http:// rather than https://?")
    } else if says(&["certificate expired"]) {
        (format!("The certificate of {whom} has expired"), "Its operator must renew it, unless our clock is wrong")
    } else if says(&["certificate not valid yet"]) {
        (format!("The certificate of {whom} is not valid yet"), "Is our clock right?")
    } else if says(&["certificate not valid for name", "NotValidForName"]) {
        let hint = "Use the host's name that is in the certificate";
        (format!("The certificate of {whom} is for another name"), hint)
    } else if says(&["certificate"]) {
        let hint = "Name the authority's certificate in clouds.yaml: cacert";
        (format!("The certificate of {whom} is not trusted"), hint)
    } else {
        return None;
    };
    Some(Failure::new(FailureKind::Usage, message).hint(hint))
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
        texts.push(' ');
        next = source.source();
    }
    texts
}
