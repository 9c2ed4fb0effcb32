//! Who is at the keyboard, as the operating system says. Whatever a user may set himself (`USER`) proves nothing.

use std::collections::BTreeMap;

use crate::operation::Actor;

/// Whoever runs this process, and from where.
pub fn actor(variables: &BTreeMap<String, String>) -> Actor {
    Actor {
        user: whoami::fallible::username().unwrap_or_else(|_| format!("uid {}", rustix::process::getuid().as_raw())),
        host: whoami::fallible::hostname().unwrap_or_else(|_| "unknown".to_owned()),
        cloud_user: None,
        origin: origin(variables),
        ticket: None,
        program: format!("stackdeck {}", env!("CARGO_PKG_VERSION")),
    }
}

/// The address that the login came from. Inside tmux it is that of the login that started tmux.
fn origin(variables: &BTreeMap<String, String>) -> Option<String> {
    let connection = variables.get("SSH_CONNECTION").or_else(|| variables.get("SSH_CLIENT"))?;
    connection.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_the_address_of_the_login() {
        let variables = |text: &str| BTreeMap::from([("SSH_CONNECTION".to_owned(), text.to_owned())]);
        assert_eq!(origin(&variables("203.0.113.7 51022 10.0.0.2 22")).as_deref(), Some("203.0.113.7"));
        assert_eq!(origin(&variables("")), None);
        assert_eq!(origin(&BTreeMap::new()), None);
    }
}
