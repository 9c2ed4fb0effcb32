//! Entries of `no_proxy` with a port: `keystone.example.org:5000` is asked directly, another port of it through the proxy.
//!
//! As Python's requests reads them, and so the other OpenStack clients. reqwest knows hosts alone: whoever is named with
//! a port is asked by a client of its own that has no proxy.

use std::net::IpAddr;

use reqwest::Url;

/// A host, with all that is below its name, on one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Direct {
    /// Without brackets or a leading dot; lower case.
    host: String,
    port: u16,
}

/// The entries that name a port.
pub(crate) fn entries(no_proxy: &str) -> Vec<Direct> {
    no_proxy.split(',').filter_map(|entry| Direct::read(entry.trim())).collect()
}

impl Direct {
    fn read(entry: &str) -> Option<Self> {
        let (host, port) = entry.rsplit_once(':')?;
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']')?,
            // An IPv6 address without brackets has no port.
            None if host.contains(':') => return None,
            None => host.strip_prefix("*.").or(host.strip_prefix('.')).unwrap_or(host),
        };
        (!bare.is_empty()).then_some(Self { host: bare.to_lowercase(), port: port.parse().ok()? })
    }

    /// Whether that URL is asked without a proxy.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_lowercase();
        // `0.0.3` is no part of an address as it would be of a name.
        let is_name = host.parse::<IpAddr>().is_err();
        let below = |head: &str| head.is_empty() || is_name && head.ends_with('.');
        url.port_or_known_default() == Some(self.port) && host.strip_suffix(&self.host).is_some_and(below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_counts_and_so_does_all_of_the_name() {
        for (no_proxy, url, direct) in [
            ("k.example.org:5000", "http://k.example.org:5000/v3", true),
            ("K.example.org:5000", "http://k.Example.org:5000/v3", true),
            ("k.example.org:5000", "http://k.example.org:8774/v3", false),
            ("example.org:443", "https://k.example.org/v3", true),
            (".example.org:443", "https://k.example.org/v3", true),
            ("*.example.org:443", "https://k.example.org/v3", true),
            ("example.org:443", "https://other-example.org/v3", false),
            ("a.org, 10.0.0.3:80 ,b.org", "http://10.0.0.3/identity", true),
            ("0.0.3:80", "http://10.0.0.3/identity", false),
            ("[fd00::1]:5000", "http://[fd00::1]:5000/v3", true),
            ("[fd00::1]:5000", "http://[fd00::2]:5000/v3", false),
            ("fd00::5000", "http://[fd00::5000]:5000/", false),
            ("k.example.org", "http://k.example.org/", false),
            ("k.example.org:", "http://k.example.org/", false),
            (":80", "http://k.example.org/", false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(entries(no_proxy).iter().any(|entry| entry.covers(&url)), direct, "{no_proxy} {url}");
        }
    }
}
