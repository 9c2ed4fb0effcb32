//! Nova's diagnostics of one server, in both of their forms: one shape for all drivers from 2.48 on, libvirt's own
//! names before.

use serde_json::{Map, Value};

use crate::base::id::InstanceId;
use crate::openstack::error::CloudError;
use crate::openstack::reader::Reader;
use crate::openstack::request::{Microversion, Read, ServiceType, Wanted};
use crate::openstack::wire::{json, read, segment};

/// Any Nova will do.
const ANY: Wanted = Wanted { floor: Microversion(2, 1), best: Microversion(2, 96) };

/// What a server has used since it came up. What the driver does not tell is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Diagnostics {
    /// Nanoseconds of all virtual CPUs together.
    pub cpu: Option<f64>,
    /// Used share of its memory.
    pub memory: Option<f64>,
    /// Received bytes.
    pub received: Option<f64>,
    /// Sent bytes.
    pub sent: Option<f64>,
    /// Bytes read from disks.
    pub disk_read: Option<f64>,
    /// Bytes written to disks.
    pub disk_written: Option<f64>,
}

/// The diagnostics of a server: as a rule for admins alone.
pub async fn diagnostics(reader: &dyn Reader, id: &InstanceId) -> Result<Diagnostics, CloudError> {
    let path = format!("/servers/{}/diagnostics", segment(id.as_str()));
    let answer = reader.read(Read { microversion: Some(ANY), ..read(ServiceType::COMPUTE, path) }).await?;
    Ok(parse(&json::<Map<String, Value>>(&answer, "the diagnostics")?))
}

/// Reads either form.
pub fn parse(told: &Map<String, Value>) -> Diagnostics {
    if told.contains_key("cpu_details") || told.contains_key("nic_details") { uniform(told) } else { of_libvirt(told) }
}

fn uniform(told: &Map<String, Value>) -> Diagnostics {
    let sum = |list: &str, field: &str| {
        let rows = told.get(list)?.as_array()?;
        added(rows.iter().map(|row| row.get(field)?.as_f64()))
    };
    let memory = |field: &str| told.get("memory_details")?.get(field)?.as_f64();
    Diagnostics {
        cpu: sum("cpu_details", "time"),
        memory: share(memory("used"), memory("maximum")),
        received: sum("nic_details", "rx_octets"),
        sent: sum("nic_details", "tx_octets"),
        disk_read: sum("disk_details", "read_bytes"),
        disk_written: sum("disk_details", "write_bytes"),
    }
}

fn of_libvirt(told: &Map<String, Value>) -> Diagnostics {
    let sum =
        |fits: &dyn Fn(&str) -> bool| added(told.iter().filter(|(name, _)| fits(name)).map(|(_, of)| of.as_f64()));
    let is_disk = |name: &str| ["vd", "sd", "hd", "xvd", "nvme"].iter().any(|kind| name.starts_with(kind));
    let field = |name: &str| told.get(name)?.as_f64();
    let usable = field("memory-usable").or(field("memory-unused"));
    let used = field("memory-available").zip(usable).map(|(all, usable)| all - usable);
    Diagnostics {
        cpu: sum(&|name| name.starts_with("cpu") && name.ends_with("_time")),
        memory: share(used, field("memory-available")),
        received: sum(&|name| name.ends_with("_rx")),
        sent: sum(&|name| name.ends_with("_tx")),
        disk_read: sum(&|name| is_disk(name) && name.ends_with("_read")),
        disk_written: sum(&|name| is_disk(name) && name.ends_with("_write")),
    }
}

/// The sum; none where there is nothing, or one of the parts is missing or unknown (-1).
fn added(parts: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let parts: Option<Vec<f64>> = parts.map(|part| part.filter(|part| *part >= 0.0)).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.iter().sum())
}

fn share(used: Option<f64>, all: Option<f64>) -> Option<f64> {
    let (used, all) = (used?, all.filter(|all| *all > 0.0)?);
    (used >= 0.0).then(|| used / all)
}
