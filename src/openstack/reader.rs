//! The seam that the API files and `watch` read through: the real cloud, or one that a test holds in memory.

use futures_util::future::BoxFuture;

use crate::base::awaited::Silence;
use crate::openstack::cloud::{Cloud, SessionFacts};
use crate::openstack::error::CloudError;
use crate::openstack::health::EndpointHealth;
use crate::openstack::request::{Answer, Read};

/// Something that answers reads.
pub trait Reader: Send + Sync + 'static {
    /// Sends a read; the answer is always a success.
    fn read(&self, read: Read) -> BoxFuture<'_, Result<Answer, CloudError>>;

    /// Who and where we are.
    fn session(&self) -> SessionFacts;

    /// Every endpoint and how it has answered.
    fn endpoints(&self) -> Vec<EndpointHealth>;

    /// The requests that have no answer yet, the oldest of each endpoint. A cloud in memory has none.
    fn silences(&self) -> Vec<Silence> {
        Vec::new()
    }
}

impl Reader for Cloud {
    fn read(&self, read: Read) -> BoxFuture<'_, Result<Answer, CloudError>> {
        Box::pin(Cloud::read(self, read))
    }

    fn session(&self) -> SessionFacts {
        Cloud::session(self)
    }

    fn endpoints(&self) -> Vec<EndpointHealth> {
        Cloud::endpoints(self)
    }

    fn silences(&self) -> Vec<Silence> {
        Cloud::silences(self)
    }
}
