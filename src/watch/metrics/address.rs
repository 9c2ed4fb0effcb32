//! Where an instance or balancer is reached from here. Pure.

use std::net::Ipv4Addr;

use crate::fleet::instance::Instance;

/// Which of an instance's addresses is taken.
pub(super) fn choose<'a>(instance: &'a Instance, network: Option<&str>, six: bool, floating: bool) -> Option<&'a str> {
    let fits = |address: &&crate::fleet::instance::Address| {
        network.is_none_or(|network| *address.network == *network)
            && address.address.contains(':') == six
            && address.floating == floating
    };
    instance.addresses.iter().find(fits).map(|address| &*address.address)
}

/// Fills a template: `127.{2}.{3}.{4}` takes numbers of an IPv4 address, `{address}` takes it whole.
pub(super) fn fill(template: Option<&str>, address: &str) -> Option<String> {
    let Some(template) = template else {
        return Some(if address.contains(':') { format!("[{address}]") } else { address.to_owned() });
    };
    let mut filled = template.replace("{address}", address);
    if filled.contains('{') {
        let numbers: Ipv4Addr = address.parse().ok()?;
        for (at, number) in numbers.octets().iter().enumerate() {
            filled = filled.replace(&format!("{{{}}}", at + 1), &number.to_string());
        }
    }
    (!filled.contains(['{', '}'])).then_some(filled)
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn a_template_takes_the_numbers_of_an_address() {
        assert_eq!(fill(Some("127.{2}.{3}.{4}"), "10.10.1.50").as_deref(), Some("127.10.1.50"));
        assert_eq!(fill(Some("vm-{address}.lan"), "10.0.0.1").as_deref(), Some("vm-10.0.0.1.lan"));
        assert_eq!(fill(None, "10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(fill(None, "fd00::1").as_deref(), Some("[fd00::1]"));
        assert_eq!(fill(Some("127.{2}.{3}.{4}"), "fd00::1"), None, "IPv6 has no four numbers");
        assert_eq!(fill(Some("{7}"), "10.0.0.1"), None);
    }
}
