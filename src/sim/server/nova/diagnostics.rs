//! Diagnostics: what the hypervisor says of a guest, in the driver's own keys before 2.48 and in nova's after.

use serde_json::{Map, Value, json};

use super::{Call, Reply, fault};
use crate::sim::world::World;
use crate::sim::world::instance::Server;
use crate::sim::world::instance::state::{Power, VmState};
use crate::sim::world::load::Guest;
use crate::sim::world::network::mac_text;

/// Bytes of a packet, on average.
const PACKET: f64 = 640.0;
/// Bytes of a disk request, on average.
const BLOCK: f64 = 16_384.0;

pub(super) fn show(world: &World, call: &Call<'_>, server: &Server) -> Reply {
    let serves = matches!(server.vm, VmState::Active | VmState::Paused | VmState::Resized | VmState::Suspended);
    let Some(guest) = world.guest_now(server).filter(|_| serves) else {
        let (id, state) = (server.id, server.vm.name());
        return match server.power {
            // Nova asks the hypervisor, which knows no such guest.
            Power::Running => fault(404, &format!("Instance {id} could not be found.")),
            _ => fault(409, &format!("Cannot 'get_diagnostics' instance {id} while it is in vm_state {state}")),
        };
    };
    if call.at_least(48) { modern(server, &guest) } else { plain(&guest) }
}

/// Nanoseconds that each virtual CPU has run.
fn of_each(guest: &Guest) -> u64 {
    (guest.cpu_seconds * 1e9 / f64::from(guest.vcpus.max(1))) as u64
}

fn plain(guest: &Guest) -> Reply {
    let (rx, tx) = (guest.received as u64, guest.sent as u64);
    let mut shown: Map<String, Value> =
        (0..guest.vcpus).map(|cpu| (format!("cpu{cpu}_time"), json!(of_each(guest)))).collect();
    let more = json!({
        // KiB here.
        "memory": (guest.memory_total / 1024.0) as u64, "memory-actual": (guest.memory_total / 1024.0) as u64,
        "memory-rss": (guest.memory / 1024.0) as u64, "vda_errors": -1, "vda_read": guest.disk_read as u64,
        "vda_read_req": (guest.disk_read / BLOCK) as u64, "vda_write": guest.disk_written as u64,
        "vda_write_req": (guest.disk_written / BLOCK) as u64, "vnet1_rx": rx, "vnet1_rx_drop": 0, "vnet1_rx_errors": 0,
        "vnet1_rx_packets": (guest.received / PACKET) as u64, "vnet1_tx": tx, "vnet1_tx_drop": 0, "vnet1_tx_errors": 0,
        "vnet1_tx_packets": (guest.sent / PACKET) as u64,
    });
    shown.extend(more.as_object().cloned().unwrap_or_default());
    Reply::json(200, &shown)
}

fn modern(server: &Server, guest: &Guest) -> Reply {
    let state = match server.power {
        Power::Paused => "paused",
        Power::Suspended => "suspended",
        _ => "running",
    };
    let cpus: Vec<Value> =
        // Libvirt tells no utilisation.
        (0..guest.vcpus).map(|id| json!({"id": id, "time": of_each(guest), "utilisation": null})).collect();
    let disks = json!([{
        "read_bytes": guest.disk_read as u64, "read_requests": (guest.disk_read / BLOCK) as u64,
        "write_bytes": guest.disk_written as u64, "write_requests": (guest.disk_written / BLOCK) as u64, "errors_count": 0,
    }]);
    let nics = json!([{
        "mac_address": server.addresses.first().map(|address| mac_text(address.mac)),
        "rx_octets": guest.received as u64, "rx_errors": 0, "rx_drop": 0, "rx_packets": (guest.received / PACKET) as u64,
        "rx_rate": null, "tx_octets": guest.sent as u64, "tx_errors": 0, "tx_drop": 0,
        "tx_packets": (guest.sent / PACKET) as u64, "tx_rate": null,
    }]);
    let memory =
        json!({"maximum": (guest.memory_total / 1_048_576.0) as u64, "used": (guest.memory / 1_048_576.0) as u64});
    Reply::json(
        200,
        &json!({
            "state": state, "driver": "libvirt", "hypervisor": "kvm", "hypervisor_os": "linux", "uptime": guest.up as u64,
            "config_drive": false, "num_cpus": guest.vcpus, "num_nics": 1, "num_disks": 1, "disk_details": disks,
            "cpu_details": cpus, "nic_details": nics, "memory_details": memory,
        }),
    )
}
