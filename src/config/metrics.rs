//! `[metrics]`: who measures load, and how often.
//!
//! What needs no configuration (Octavia, Gnocchi, Aetos, Nova: the catalog knows them) is on; what needs an address is off.
//! Secrets are never written here: a password or token is named by its file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    /// Whether anything is measured.
    pub enabled: bool,
    /// At most so many requests a minute to all sources together, probes apart. Who has more to ask asks less often.
    pub requests: u32,
    /// How much of the past is asked for at the start, where a source keeps it.
    pub past: Duration,
    /// Octavia's statistics.
    pub octavia: Asked,
    /// Gnocchi's measures.
    pub gnocchi: Asked,
    /// Aetos' metrics: the Prometheus that the catalog has. Only asked where Gnocchi is not.
    pub aetos: Asked,
    /// Nova's diagnostics of the instances that somebody looks at.
    pub nova: Asked,
    /// Balancers' own exporters.
    pub balancers: Balancers,
    /// Those that speak like Prometheus, by names of the user's own.
    pub prometheus: BTreeMap<String, Prometheus>,
    /// Our own health checks.
    pub probes: Probes,
    /// A service's own queries, by its name.
    pub services: BTreeMap<String, OwnQueries>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            enabled: true,
            requests: 9,
            past: Duration::from_secs(26 * 3600),
            octavia: Asked::each(10),
            gnocchi: Asked::each(60),
            aetos: Asked::each(60),
            nova: Asked::each(60),
            balancers: Balancers::default(),
            prometheus: BTreeMap::new(),
            probes: Probes::default(),
            services: BTreeMap::new(),
        }
    }
}

/// A source that the cloud's catalog knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether it is asked.
    pub enabled: bool,
    /// How often, as a rule.
    pub every: Duration,
}

impl Asked {
    const fn each(seconds: u64) -> Self {
        Self { enabled: true, every: Duration::from_secs(seconds) }
    }
}

/// Balancers' own exporters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balancers {
    /// Whether Octavia's listeners of protocol PROMETHEUS are asked.
    pub enabled: bool,
    /// How often, as a rule.
    pub every: Duration,
    /// Where a VIP is reached from here: empty for the VIP itself, or a template such as `127.{2}.{3}.{4}`.
    pub address: String,
    /// The port of the exporter at every VIP; zero for the listener's own.
    pub port: u16,
    /// Exporters by names of the user's own: each a URL, and the service that all its pools are of.
    pub exporters: BTreeMap<String, (String, Option<String>)>,
}

impl Default for Balancers {
    fn default() -> Self {
        Self {
            enabled: false,
            every: Duration::from_secs(10),
            address: String::new(),
            port: 0,
            exporters: BTreeMap::new(),
        }
    }
}

/// Something that speaks like Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prometheus {
    /// Before `/api/v1`.
    pub url: String,
    /// How often, as a rule.
    pub every: Duration,
    /// Rates are over so much time: several scrapes.
    pub window: Duration,
    /// For basic auth.
    pub user: String,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
    /// The file that holds a bearer token.
    pub token_file: Option<PathBuf>,
    /// An authority of one's own.
    pub cacert: Option<PathBuf>,
    /// Mimir's and Loki's `X-Scope-OrgID`.
    pub tenant: String,
    /// Names of ready-made sets of queries.
    pub queries: Vec<String>,
}

impl Default for Prometheus {
    fn default() -> Self {
        let queries = ["libvirt", "libvirt-meta", "node", "ceilometer", "octavia", "haproxy"];
        Self {
            url: String::new(),
            every: Duration::from_secs(15),
            window: Duration::from_secs(120),
            user: String::new(),
            password_file: None,
            token_file: None,
            cacert: None,
            tenant: String::new(),
            queries: queries.map(str::to_owned).to_vec(),
        }
    }
}

/// A service's own queries; an empty one is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnQueries {
    /// Which Prometheus, where there are several.
    pub prometheus: String,
    /// Requests a second.
    pub requests: String,
    /// Failed requests a second.
    pub errors: String,
    /// A histogram's rate, `sum by (le) (rate(…_bucket[2m]))`: quantiles are taken of it.
    pub latency: String,
    /// How full the service is: 1 is full.
    pub saturation: String,
}

/// How an instance is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProbeKind {
    /// A GET.
    #[default]
    Http,
    /// A GET over TLS.
    Https,
    /// A connection is enough.
    Tcp,
}

impl ProbeKind {
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("http", Self::Http), ("https", Self::Https), ("tcp", Self::Tcp)];
}

/// Our own health checks of every instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probes {
    /// Whether instances are checked.
    pub enabled: bool,
    /// How often each.
    pub every: Duration,
    /// An answer takes at most so long.
    pub deadline: Duration,
    /// How it is asked.
    pub kind: ProbeKind,
    /// At which port.
    pub port: u16,
    /// For what.
    pub path: String,
    /// Which status is well: `200` or `200-299`.
    pub status: String,
    /// A pattern that the body must match; empty for any body.
    pub body: String,
    /// Where the instance tells its version; empty for nowhere.
    pub version_path: String,
    /// The network whose address is taken; empty for the first.
    pub network: String,
    /// An IPv6 address is taken.
    pub six: bool,
    /// A floating address is taken.
    pub floating: bool,
    /// A template for the address, such as `127.{2}.{3}.{4}`.
    pub address: String,
    /// So many at once.
    pub at_once: u16,
    /// `socks5://HOST:PORT` or `http://HOST:PORT`; empty for none. With TCP checks it is refused.
    pub proxy: String,
}

impl Probes {
    /// Whether instances are asked for their version.
    pub fn asks_versions(&self) -> bool {
        self.enabled && self.kind != ProbeKind::Tcp && !self.version_path.is_empty()
    }
}

impl Default for Probes {
    fn default() -> Self {
        Self {
            enabled: false,
            every: Duration::from_secs(10),
            deadline: Duration::from_secs(2),
            kind: ProbeKind::Http,
            port: 8080,
            path: "/health".to_owned(),
            status: "200-299".to_owned(),
            body: String::new(),
            version_path: "/version".to_owned(),
            network: String::new(),
            six: false,
            floating: false,
            address: String::new(),
            at_once: 32,
            proxy: String::new(),
        }
    }
}
