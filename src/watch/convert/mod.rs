//! From what the clouds send to the fleet's nouns. Pure.

mod control_plane;
mod instance;
mod look;
mod surroundings;

pub use control_plane::{agent, compute_service, endpoint, hypervisor, limits, network_quotas, octavia_quotas};
pub(super) use instance::flavor;
pub use instance::{fill_flavor, instance};
pub use look::{attachment, console_lines, event, history_entry};
pub use surroundings::{balancer, fixed, image, member, pool, port, server_group};
