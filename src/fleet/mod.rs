//! The nouns of the product: instances, services, versions, findings. Pure: no I/O, no clock, no randomness.
//!
//! [`Sources`] is what the cloud told, as told. [`Fleet`] is what it means: instances grouped into services, each
//! with its version and findings. `watch` fills the one and calls [`group()`] for the other; everything else only reads.
//!
//! Deliberately absent: wire formats (`openstack`), columns and colours (`console`).

pub mod answer;
pub mod began;
pub mod census;
pub mod condition;
pub mod control_plane;
pub mod detail;
pub mod diff;
pub mod group;
pub mod health;
pub mod instance;
pub mod load;
pub mod look;
mod map;
pub mod metadata;
pub mod metric;
pub mod mould;
pub mod name;
mod naming;
pub mod owner;
pub mod pool;
pub mod release;
mod rows;
pub mod rules;
mod seats;
pub mod service;
pub mod snapshot;
pub mod sources;
pub mod timeline;
pub mod version;

pub use began::Began;
pub use condition::Condition;
pub use group::group;
pub use instance::Instance;
pub use load::Load;
pub use look::Look;
pub use rules::Rules;
pub use service::{Fleet, Service, ServiceKey};
pub use sources::Sources;
pub use timeline::Timeline;
