//! One cloud's configuration, typed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::openstack::auth::{Method, Scope};
use crate::openstack::request::Microversion;

/// One usable cloud.
#[derive(Clone, Debug)]
pub struct CloudConfig {
    /// Its name in `clouds.yaml`, or `envvars`.
    pub name: String,
    /// Keystone, as configured.
    pub auth_url: String,
    /// How to sign in.
    pub method: Method,
    /// What for.
    pub scope: Scope,
    /// The region to use; `None` takes the only one of the catalog.
    pub region: Option<String>,
    /// The regions that the configuration lists.
    pub regions: Vec<String>,
    /// Interfaces in order of preference.
    pub interfaces: Vec<Interface>,
    /// URLs that go before the catalog's, by service type (dashes).
    pub endpoint_overrides: BTreeMap<String, String>,
    /// The highest microversion that the user lets us send, by service type (dashes).
    pub default_microversions: BTreeMap<String, Microversion>,
    /// Certificates.
    pub tls: Tls,
    /// Proxies, from the environment.
    pub proxies: Proxies,
    /// The same cloud in those of its regions that the configuration gives values of their own.
    pub by_region: BTreeMap<String, CloudConfig>,
}

impl CloudConfig {
    /// This cloud in another region, with the values that the configuration has for it.
    pub fn in_region(&self, region: &str) -> CloudConfig {
        let mut config = self.by_region.get(region).unwrap_or(self).clone();
        config.region = Some(region.to_owned());
        config
    }
}

/// Which of an endpoint's URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interface {
    /// For everybody.
    Public,
    /// Inside the cloud.
    Internal,
    /// For administrators.
    Admin,
}

impl Interface {
    /// As the catalog writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
    }
}

/// How a server proves itself to us, and we to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// `false` checks no certificate: shown on screen all the time.
    pub verify: bool,
    /// Certificates of further authorities, PEM.
    pub cacert: Option<PathBuf>,
    /// Our own certificate, PEM.
    pub cert: Option<PathBuf>,
    /// Its key, PEM; may be in the same file.
    pub key: Option<PathBuf>,
}

/// The usual proxy variables. They may hold a password.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// For `http://`.
    pub http: Option<SecretString>,
    /// For `https://`.
    pub https: Option<SecretString>,
    /// For both.
    pub all: Option<SecretString>,
    /// Hosts that are reached directly.
    pub no_proxy: Option<String>,
}

impl Proxies {
    /// The variable that names the proxy for URLs of a scheme.
    pub(crate) fn variable(&self, scheme: &str) -> Option<&'static str> {
        let (own, name) = match scheme {
            "https" => (&self.https, "https_proxy"),
            _ => (&self.http, "http_proxy"),
        };
        own.as_ref().map(|_| name).or(self.all.as_ref().map(|_| "all_proxy"))
    }
}
