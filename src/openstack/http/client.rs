//! The client of a cloud, and beside it one for what is asked without a proxy on some ports only.

use std::path::Path;

use reqwest::{Certificate, Client, ClientBuilder, Identity, NoProxy, Proxy, Url, redirect};
use secrecy::ExposeSecret;

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::clouds::{CloudConfig, Proxies, Tls};
use crate::openstack::http::direct::{self, Direct};
use crate::openstack::options::Limits;

/// Who sends to whom.
#[derive(Debug)]
pub(crate) struct Clients {
    /// Through the proxies, where they are for the host.
    usual: Client,
    /// Through none, and for whom.
    direct: Option<(Vec<Direct>, Client)>,
}

impl Clients {
    /// One client, unless `no_proxy` names ports.
    pub(crate) fn build(config: &CloudConfig, limits: &Limits) -> Result<Self, Failure> {
        let ports = direct::entries(config.proxies.no_proxy.as_deref().unwrap_or_default());
        let direct = match ports.is_empty() {
            true => None,
            false => Some((ports, build(config, &Proxies::default(), limits)?)),
        };
        Ok(Self { usual: build(config, &config.proxies, limits)?, direct })
    }

    /// The client for that URL, and whether it may ask a proxy.
    pub(crate) fn of(&self, url: &Url) -> (&Client, bool) {
        match &self.direct {
            Some((ports, client)) if ports.iter().any(|port| port.covers(url)) => (client, false),
            _ => (&self.usual, true),
        }
    }
}

/// Builds one. The environment was read with the configuration, so reqwest must not read it again.
fn build(config: &CloudConfig, through: &Proxies, limits: &Limits) -> Result<Client, Failure> {
    // Fails only where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(concat!("stackdeck/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(limits.connect)
        .read_timeout(limits.read)
        .pool_max_idle_per_host(limits.concurrency)
        .gzip(true);
    let builder = proxies(tls(builder, &config.tls)?, through)?;
    builder.build().map_err(|error| {
        let failure = Failure::new(FailureKind::Usage, format!("Cloud {}: no HTTP client can be made", config.name));
        failure.cause(super::trouble::root(&error))
    })
}

fn tls(mut builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, Failure> {
    if let Some(path) = &tls.cacert {
        let certificates = Certificate::from_pem_bundle(&file("cacert", path)?);
        let certificates = certificates.ok().filter(|found| !found.is_empty());
        builder = builder.tls_certs_merge(certificates.ok_or_else(|| not_pem("cacert", path))?);
    }
    if let Some(path) = &tls.cert {
        let mut pem = file("cert", path)?;
        if let Some(key) = &tls.key {
            pem.push(b'\n');
            pem.extend(file("key", key)?);
        }
        builder = builder.identity(Identity::from_pem(&pem).map_err(|_| no_identity(tls, path, &pem))?);
    }
    Ok(if tls.verify { builder } else { builder.tls_danger_accept_invalid_certs(true) })
}

fn file(key: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::new(FailureKind::Usage, format!("{key}: {} cannot be read: {}", path.display(), error.kind()))
    })
}

fn not_pem(key: &str, path: &Path) -> Failure {
    Failure::new(FailureKind::Usage, format!("{key}: {} holds no usable PEM", path.display()))
}

/// What is wrong with our own certificate.
fn no_identity(tls: &Tls, path: &Path, pem: &[u8]) -> Failure {
    let has = |what: &str| String::from_utf8_lossy(pem).contains(what);
    match &tls.key {
        None if has("-----BEGIN CERTIFICATE-----") && !has("PRIVATE KEY-----") => {
            Failure::new(FailureKind::Usage, format!("cert: {} holds no key", path.display()))
                .hint("Name the key's file in clouds.yaml: key")
        }
        Some(key) if has("-----BEGIN CERTIFICATE-----") => not_pem("key", key),
        _ => not_pem("cert", path),
    }
}

fn proxies(mut builder: ClientBuilder, proxies: &Proxies) -> Result<ClientBuilder, Failure> {
    let direct = proxies.no_proxy.as_deref();
    // reqwest's star is for names alone: addresses would go through the proxy all the same.
    if direct.is_some_and(|hosts| hosts.split(',').any(|host| host.trim() == "*")) {
        return Ok(builder);
    }
    let direct = direct.and_then(NoProxy::from_string);
    let kinds = [("http_proxy", &proxies.http), ("https_proxy", &proxies.https), ("all_proxy", &proxies.all)];
    for (name, url) in kinds {
        let Some(url) = url else { continue };
        let url = url.expose_secret();
        let proxy = match name {
            "http_proxy" => Proxy::http(url),
            "https_proxy" => Proxy::https(url),
            _ => Proxy::all(url),
        };
        let proxy = proxy.map_err(|_| Failure::new(FailureKind::Usage, format!("The variable {name} is no URL")))?;
        builder = builder.proxy(proxy.no_proxy(direct.clone()));
    }
    Ok(builder)
}
