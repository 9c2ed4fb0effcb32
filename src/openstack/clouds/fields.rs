//! Reading one entry key by key, with complaints that name file, line and key and quote nothing.

use secrecy::SecretString;

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::openstack::clouds::yaml::{Node, Value};

/// One cloud's entry.
pub(super) struct Fields<'a> {
    /// The cloud's name.
    pub(super) cloud: &'a str,
    /// Its mapping.
    pub(super) entry: &'a Node,
}

impl<'a> Fields<'a> {
    /// The scalar of a key, or of the first of several that is there; `Err` where it is no scalar.
    pub(super) fn text(&self, keys: &[&str]) -> Result<Option<&'a str>, Failure> {
        match keys.iter().find_map(|key| Some((key, self.entry.get(key)?))) {
            None => Ok(None),
            Some((key, node)) => match node.text() {
                Some(text) => Ok(Some(text)),
                None => Err(self.wrong(node, key, "must be a single value")),
            },
        }
    }

    /// The same of `auth:`, or of the entry itself, where older files have it.
    pub(super) fn auth(&self, keys: &[&str]) -> Result<Option<&'a str>, Failure> {
        match self.entry.get("auth") {
            Some(auth) if !matches!(auth.value, Value::Map(_)) => {
                Err(self.wrong(auth, "auth", "must be a mapping with auth_url, username and so on"))
            }
            Some(auth) => match (Fields { cloud: self.cloud, entry: auth }).text(keys)? {
                Some(text) => Ok(Some(text)),
                None => self.text(keys),
            },
            None => self.text(keys),
        }
    }

    /// A secret of `auth:`.
    pub(super) fn secret(&self, keys: &[&str]) -> Result<Option<SecretString>, Failure> {
        Ok(self.auth(keys)?.map(|text| SecretString::from(text.to_owned())))
    }

    /// A truth value, quoted or not, in any of the spellings of YAML 1.1.
    pub(super) fn truth(&self, key: &str) -> Result<Option<bool>, Failure> {
        let Some(text) = self.text(&[key])? else { return Ok(None) };
        match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(Some(true)),
            "false" | "no" | "off" | "0" => Ok(Some(false)),
            _ => Err(self.wrong_key(key, "must be true or false")),
        }
    }

    /// A complaint about a value.
    pub(super) fn wrong(&self, node: &Node, key: &str, why: &str) -> Failure {
        Failure::new(FailureKind::Usage, format!("Cloud {}: {key} {why} ({})", self.cloud, node.place))
    }

    /// A complaint about the value of a key, wherever that stands.
    pub(super) fn wrong_key(&self, key: &str, why: &str) -> Failure {
        let node = self.entry.get("auth").and_then(|auth| auth.get(key)).or(self.entry.get(key)).unwrap_or(self.entry);
        self.wrong(node, key, why)
    }

    /// A complaint about a key that is not there, with the misspelt one that may be meant.
    pub(super) fn missing(&self, key: &str) -> Failure {
        let scope = self.entry.get("auth").unwrap_or(self.entry);
        let failure = self.wrong(scope, key, "is missing");
        let present = [scope, self.entry].into_iter().flat_map(Node::entries);
        let meant = present.filter(|(name, _)| {
            name.text().is_some_and(|name| name != key && plain(name) && nearest(name, [key]).is_some())
        });
        match meant.map(|(name, _)| name).next() {
            Some(name) => failure.hint(format!("{} may be meant to be {key}", name.place)),
            None => failure,
        }
    }
}

/// What is not made as a key is made may be a value in the wrong place.
fn plain(name: &str) -> bool {
    name.len() < 40 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-')
}
