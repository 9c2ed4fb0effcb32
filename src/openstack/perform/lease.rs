//! Glance: the record that is a lease. It gets no bytes, so it stays `queued` and costs a row.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::base::id::ImageId;
use crate::openstack::perform::call::Call;
use crate::openstack::request::ServiceType;
use crate::openstack::wire::segment;
use crate::operation::change::{Claim, Made};

/// What a PATCH of Glance's is.
const PATCH: &str = "application/openstack-images-v2.1-json-patch";

pub(super) fn claim(claim: &Claim) -> Call {
    let mut record = json!({ "id": claim.image, "name": claim.name, "visibility": "private" });
    if !claim.tags.is_empty() {
        record["tags"] = json!(claim.tags);
    }
    for (key, value) in &claim.properties {
        record[key] = json!(value);
    }
    Call::new(Method::POST, ServiceType::IMAGE, "/images").with(record).making("", |id| Made::Image(id.into()))
}

/// `replace` fails where the property is not there: a record that somebody else has made is not written into.
pub(super) fn renew(image: &ImageId, properties: &BTreeMap<String, String>) -> Call {
    let replace = |(key, value): (&String, &String)| json!({ "op": "replace", "path": pointer(key), "value": value });
    let patch: Vec<Value> = properties.iter().map(replace).collect();
    let call = Call::new(Method::PATCH, ServiceType::IMAGE, path(image)).with(json!(patch));
    Call { media: Some(PATCH), ..call }
}

pub(super) fn release(image: &ImageId) -> Call {
    Call::new(Method::DELETE, ServiceType::IMAGE, path(image))
}

fn path(image: &ImageId) -> String {
    format!("/images/{}", segment(image.as_str()))
}

/// A key as a JSON pointer.
fn pointer(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}
