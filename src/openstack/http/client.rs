//! The one client of a cloud.

use std::path::Path;

use reqwest::{Certificate, Client, ClientBuilder, Identity, NoProxy, Proxy, redirect};
use secrecy::ExposeSecret;

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::clouds::{CloudConfig, Proxies, Tls};
use crate::openstack::options::Limits;

/// Builds it. The environment was read with the configuration, so reqwest must not read it again.
pub(crate) fn build(config: &CloudConfig, limits: &Limits) -> Result<Client, Failure> {
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
    let builder = proxies(tls(builder, &config.tls)?, &config.proxies)?;
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
