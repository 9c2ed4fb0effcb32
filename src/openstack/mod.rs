//! The client layer: `clouds.yaml`, sign-in, catalog, and one file for each API.
//!
//! All reads go down one road, [`Cloud::read`]. It finds the endpoint ([`catalog`]), settles the microversion
//! ([`microversion`]), adds the token ([`auth`]) and sends ([`http`]). Why our own: the crates that exist cannot do
//! application credentials, retries, mTLS, request ids or Gnocchi.
//!
//! One function changes a cloud, [`Cloud::perform`], and it takes the proof that the journal has announced the call.
//! Deliberately absent: another.

pub mod auth;
pub mod balancer;
pub mod catalog;
pub mod cloud;
pub mod clouds;
pub mod compute;
pub mod diagnostics;
mod directory;
pub mod error;
mod exchange;
pub mod health;
pub mod http;
pub mod identity;
pub mod image;
pub mod lenient;
pub mod metric;
pub mod metric_storage;
pub mod microversion;
pub mod network;
pub mod options;
pub mod page;
mod perform;
pub mod reader;
pub mod request;
pub mod statistics;
mod wire;

pub use cloud::{Cloud, SessionFacts};
pub use clouds::{CloudConfig, Clouds};
pub use error::{CloudError, ConnectError};
pub use health::EndpointHealth;
pub use options::{ConnectOptions, Limits};
pub use reader::Reader;
pub use request::{Answer, Microversion, Read, ServiceType, Wanted};
