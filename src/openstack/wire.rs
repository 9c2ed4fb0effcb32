//! Small steps that every API file takes.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;

use crate::openstack::error::CloudError;
use crate::openstack::page::broken;
use crate::openstack::request::{Answer, Read, ServiceType};

/// A GET without query or microversion.
pub(super) fn read(service: ServiceType, path: impl Into<String>) -> Read {
    Read { service, path: path.into(), query: Vec::new(), microversion: None, body: None }
}

/// The answer's body as JSON; `what` names it in the error.
pub(super) fn json<T: DeserializeOwned>(answer: &Answer, what: &str) -> Result<T, CloudError> {
    serde_json::from_slice(&answer.body).map_err(|error| broken(what, &error.to_string(), answer))
}

/// An id as one segment of a path: ids are mostly UUIDs, but old flavors have any name.
pub(super) fn segment(id: &str) -> String {
    id.bytes().fold(String::with_capacity(id.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// A query of names and values.
pub(super) fn query<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
