//! Aetos: a Prometheus behind Keystone. It forwards a query once the token is checked; whoever is no admin gets the
//! metrics of the own project alone.
//!
//! It has no range queries, and takes nothing but the query: the past is asked for by a subquery.

use crate::openstack::error::CloudError;
use crate::openstack::reader::Reader;
use crate::openstack::request::{Answer, Read, ServiceType};
use crate::openstack::wire::{query, read};

/// What a query in PromQL comes to now, as Prometheus tells it.
pub async fn instant(reader: &dyn Reader, text: &str) -> Result<Answer, CloudError> {
    let asked = read(ServiceType::METRIC_STORAGE, "/api/v1/query");
    reader.read(Read { query: query([("query", text)]), ..asked }).await
}
