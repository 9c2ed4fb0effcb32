//! One instance looked into.

use serde::Serialize;

use crate::base::clock::Timestamp;
use crate::base::id::RequestId;
use crate::cli::json::Part;
use crate::cli::json::fleet::InstanceOf;
use crate::fleet::detail::{Detail, HistoryEntry, HistoryEvent, Port};
use crate::fleet::instance::VolumeRef;
use crate::fleet::service::{Fleet, Member};

/// `instance ID`.
#[derive(Clone, Debug, Serialize)]
pub struct InstanceWithDetail<'a> {
    /// The instance, as in `instances`.
    pub instance: InstanceOf<'a>,
    /// Its Neutron ports.
    pub ports: Part<'a, Vec<PortOf<'a>>>,
    /// Its volume attachments.
    pub volumes: Part<'a, Vec<VolumeOf<'a>>>,
    /// What was done to it, newest first.
    pub history: Part<'a, Vec<EntryOf<'a>>>,
}

/// A port.
#[derive(Clone, Debug, Serialize)]
pub struct PortOf<'a> {
    /// Neutron's id of it.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Neutron's status.
    pub status: &'a str,
    /// MAC address.
    pub mac: &'a str,
    /// Id of its network.
    pub network_id: &'a str,
    /// Its fixed addresses.
    pub addresses: Vec<&'a str>,
}

/// A volume attachment.
#[derive(Clone, Debug, Serialize)]
pub struct VolumeOf<'a> {
    /// The volume.
    pub id: &'a str,
    /// The device, where Nova tells.
    pub device: Option<&'a str>,
    /// Whether it is deleted with the instance.
    pub delete_on_termination: Option<bool>,
}

/// Something that was done to the instance.
#[derive(Clone, Debug, Serialize)]
pub struct EntryOf<'a> {
    /// What was asked: create, reboot, stop.
    pub verb: &'a str,
    /// The request that caused it.
    pub request_id: Option<&'a str>,
    /// Id of who asked.
    pub user_id: Option<&'a str>,
    /// When.
    pub started: Option<Timestamp>,
    /// Nova's message; `Error` when it failed.
    pub message: Option<&'a str>,
    /// Its parts; empty where Nova was not asked for them.
    pub events: Vec<EventOf<'a>>,
}

/// A part of what was done.
#[derive(Clone, Debug, Serialize)]
pub struct EventOf<'a> {
    /// Nova's name of it.
    pub name: &'a str,
    /// `Success`, `Error`, or null while it runs.
    pub result: Option<&'a str>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
}

impl<'a> InstanceWithDetail<'a> {
    /// A member of a fleet, and what was fetched for it.
    pub fn of(member: &'a Member, fleet: &'a Fleet, detail: &'a Detail) -> Self {
        Self {
            instance: InstanceOf::of(member, fleet),
            ports: Part::of(&detail.ports, |ports| ports.iter().map(PortOf::from).collect()),
            volumes: Part::of(&detail.volumes, |volumes| volumes.iter().map(VolumeOf::from).collect()),
            history: Part::of(&detail.history, |history| history.iter().map(EntryOf::from).collect()),
        }
    }
}

impl<'a> From<&'a Port> for PortOf<'a> {
    fn from(port: &'a Port) -> Self {
        Self {
            id: port.id.as_str(),
            name: &port.name,
            status: &port.status,
            mac: &port.mac,
            network_id: &port.network,
            addresses: port.fixed.iter().map(|(_, address)| &**address).collect(),
        }
    }
}

impl<'a> From<&'a VolumeRef> for VolumeOf<'a> {
    fn from(volume: &'a VolumeRef) -> Self {
        let VolumeRef { id, device, delete_on_termination } = volume;
        Self { id: id.as_str(), device: device.as_deref(), delete_on_termination: *delete_on_termination }
    }
}

impl<'a> From<&'a HistoryEntry> for EntryOf<'a> {
    fn from(entry: &'a HistoryEntry) -> Self {
        Self {
            verb: &entry.verb,
            request_id: entry.request_id.as_ref().map(RequestId::as_str),
            user_id: entry.user.as_deref(),
            started: entry.started,
            message: entry.message.as_deref(),
            events: entry.events.iter().map(EventOf::from).collect(),
        }
    }
}

impl<'a> From<&'a HistoryEvent> for EventOf<'a> {
    fn from(event: &'a HistoryEvent) -> Self {
        let HistoryEvent { name, result, started, finished, .. } = event;
        Self { name, result: result.as_deref(), started: *started, finished: *finished }
    }
}
