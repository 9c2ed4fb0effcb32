//! The `OS_*` variables alone as a cloud, and the proxy variables.

use std::sync::Arc;

use secrecy::SecretString;

use crate::openstack::clouds::config::Proxies;
use crate::openstack::clouds::sources::Sources;
use crate::openstack::clouds::yaml::{Node, Place, Value};

/// Any of these says that the environment is meant as a cloud; others only choose or adjust one.
const TELLING: [&str; 6] = [
    "OS_AUTH_URL",
    "OS_USERNAME",
    "OS_USER_ID",
    "OS_TOKEN",
    "OS_APPLICATION_CREDENTIAL_ID",
    "OS_APPLICATION_CREDENTIAL_NAME",
];

/// Choose a cloud or a file, and are no part of one.
const CHOOSING: [&str; 5] =
    ["OS_CLOUD", "OS_CLOUD_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE", "OS_CLIENT_VENDOR_FILE"];

/// The name and entry of the cloud that the environment describes, if it does.
pub(super) fn cloud(sources: &Sources) -> Option<(String, Node)> {
    TELLING.iter().any(|name| sources.variable(name).is_some()).then(|| {
        let name = sources.variable("OS_CLOUD_NAME").unwrap_or("envvars").to_owned();
        (name, entry(sources))
    })
}

/// The entry `auth: {password: …}` from `OS_PASSWORD`, for the cloud that `OS_CLOUD` names: to be laid under its entry,
/// so that what that has goes before. An entry that signs in otherwise takes no notice of it.
pub(super) fn password(name: &str, entry: &Node, sources: &Sources) -> Option<Node> {
    let word = sources.variable("OS_PASSWORD").filter(|_| sources.variable("OS_CLOUD") == Some(name))?;
    if entry.get("password").is_some() || entry.get("auth").is_none() {
        return None;
    }
    let place = Place::Variable("OS_PASSWORD".to_owned());
    let node = |value| Node { place: place.clone(), value };
    let text = |text: &str| node(Value::Text(text.into()));
    let auth = node(Value::Map(Arc::new(vec![(text("password"), text(word))])));
    Some(node(Value::Map(Arc::new(vec![(text("auth"), auth)]))))
}

/// `OS_USER_DOMAIN_NAME=Default` becomes the key `user_domain_name`, as if it stood in `clouds.yaml`.
fn entry(sources: &Sources) -> Node {
    let entries = sources
        .variables
        .iter()
        .filter(|(name, value)| name.starts_with("OS_") && !value.is_empty() && !CHOOSING.contains(&name.as_str()))
        .map(|(name, value)| {
            let place = Place::Variable(name.clone());
            let node = |text: &str| Node { place: place.clone(), value: Value::Text(text.into()) };
            (node(&name["OS_".len()..].to_lowercase()), node(value))
        })
        .collect();
    Node { place: Place::Variable("OS_AUTH_URL".to_owned()), value: Value::Map(Arc::new(entries)) }
}

/// Lower case goes before upper case, as everywhere.
pub(super) fn proxies(sources: &Sources) -> Proxies {
    let either = |lower: &str, upper: &str| sources.variable(lower).or(sources.variable(upper)).map(str::to_owned);
    let secret = |text: Option<String>| text.map(SecretString::from);
    Proxies {
        http: secret(either("http_proxy", "HTTP_PROXY")),
        https: secret(either("https_proxy", "HTTPS_PROXY")),
        all: secret(either("all_proxy", "ALL_PROXY")),
        no_proxy: either("no_proxy", "NO_PROXY"),
    }
}
