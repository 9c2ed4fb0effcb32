//! The company: what it runs, how it names and labels it. Every way in which people label servers occurs.

/// One service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trade {
    pub(super) name: &'static str,
    /// Of 150 servers.
    pub(super) share: usize,
    pub(super) labels: Labels,
    /// Versions and how many of ten servers run each, newest first.
    pub(super) versions: &'static [(&'static str, u32)],
    pub(super) flavor: usize,
    pub(super) balanced: bool,
    pub(super) roles: &'static [&'static str],
}

/// How one can tell that a server belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Labels {
    /// Metadata `service` and `version`.
    Service,
    /// Metadata `app` and `version`.
    App,
    /// Tags `service=` and `version=`.
    Tag,
    /// The name with an ordinal, the image's version.
    Name,
    /// The name with a random id, the image's version.
    Suffix,
    /// Heat's `metering.stack`.
    Stack,
    /// The name, and a container's tag.
    Container,
    /// Its server group; the names say nothing.
    Group,
    /// Its pool; the names say something else.
    Pool,
}

const fn trade(
    name: &'static str,
    share: usize,
    labels: Labels,
    versions: &'static [(&'static str, u32)],
    flavor: usize,
    balanced: bool,
) -> Trade {
    Trade { name, share, labels, versions, flavor, balanced, roles: &[] }
}

const fn with_roles(trade: Trade, roles: &'static [&'static str]) -> Trade {
    Trade { roles, ..trade }
}

pub(super) const TRADES: [Trade; 15] = [
    trade("payments", 14, Labels::Service, &[("1.5.0", 3), ("1.4.2", 7)], 2, true),
    trade("ledger", 8, Labels::Service, &[("2.0.1", 10)], 3, true),
    trade("tax-forms", 6, Labels::Tag, &[("3.1.0", 5), ("3.0.4", 5)], 1, true),
    with_roles(
        trade("fraud", 16, Labels::Service, &[("4.2.0", 8), ("4.1.9", 2)], 3, false),
        &["api", "worker", "worker", "trainer"],
    ),
    trade("quotes", 18, Labels::Tag, &[("7.3.1", 10)], 1, true),
    trade("auth", 8, Labels::App, &[("2.8.0", 10)], 1, true),
    trade("statements", 10, Labels::Name, &[("1.12.3", 10)], 2, false),
    trade("onboarding", 9, Labels::Stack, &[("0.9.4", 10)], 1, false),
    trade("fx-rates", 8, Labels::Container, &[("3.2.1", 6), ("3.2.0", 4)], 1, true),
    trade("cards", 12, Labels::Service, &[("5.0.2", 9), ("5.0.1", 1)], 2, true),
    trade("search", 7, Labels::Group, &[("2.2.0", 10)], 4, false),
    trade("notifications", 9, Labels::Suffix, &[("1.3.0", 10)], 0, false),
    trade("batch", 11, Labels::Name, &[("6.1.0", 7), ("6.0.8", 3)], 3, false),
    trade("gateway", 6, Labels::Pool, &[("1.9.2", 10)], 2, true),
    with_roles(trade("reporting", 8, Labels::Service, &[("3.4.0", 10)], 2, false), &["web", "render"]),
];

/// Divisions of a company that is too large for one set of services; the first has no name.
pub(super) const DIVISIONS: [&str; 24] = [
    "", "eu", "us", "apac", "uk", "ch", "fr", "it", "es", "pl", "se", "no", "dk", "nl", "be", "at", "pt", "ie", "jp",
    "sg", "au", "in", "br", "mx",
];

/// About as many servers make one division.
pub(super) const DIVISION_SIZE: usize = 500;

/// Name, virtual CPUs, memory in MiB, disk in GiB.
pub(super) const FLAVORS: [(&str, u32, u32, u32); 6] = [
    ("m1.small", 1, 2048, 20),
    ("m1.medium", 2, 4096, 40),
    ("c1.large", 4, 8192, 40),
    ("m1.large", 4, 16_384, 80),
    ("r1.xlarge", 8, 65_536, 160),
    ("c1.xlarge", 8, 16_384, 80),
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_shares_make_150() {
        assert_eq!(super::TRADES.iter().map(|trade| trade.share).sum::<usize>(), 150);
    }
}
