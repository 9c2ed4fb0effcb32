//! The client layer: `clouds.yaml`, sign-in, catalog, and one file for each API.
//!
//! All reads go down one road, [`Cloud::read`](session). Deliberately absent: anything that changes the cloud. The
//! one mutating function comes with the journal, and takes its proof.

pub mod error;
pub mod request;

pub use error::CloudError;
pub use request::{Answer, Microversion, Read, ServiceType};
