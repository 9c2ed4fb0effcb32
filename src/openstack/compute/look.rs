//! What is read of one server while somebody looks into it.

use serde::Deserialize;

use crate::openstack::lenient::{Flag, List, Number, Objects, Text};
use crate::openstack::page::Row;

/// One of Nova's instance actions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct HistoryEntry {
    #[serde(rename = "action")]
    pub verb: Text,
    pub request_id: Text,
    pub user_id: Text,
    pub start_time: Text,
    pub message: Text,
    pub events: Objects<Event>,
}

impl Row for HistoryEntry {
    const LIST: &'static str = "instanceActions";

    fn id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

/// One event of an instance action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct Event {
    pub event: Text,
    pub result: Text,
    pub start_time: Text,
    pub finish_time: Text,
    pub traceback: Text,
    pub host: Text,
}

/// A volume attachment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct Attachment {
    #[serde(rename = "volumeId")]
    pub volume_id: Text,
    pub device: Text,
    pub delete_on_termination: Flag,
}

impl Row for Attachment {
    const LIST: &'static str = "volumeAttachments";

    fn id(&self) -> Option<&str> {
        self.volume_id.as_deref()
    }
}

/// A server group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct ServerGroup {
    pub id: Text,
    pub name: Text,
    /// From 2.64 on.
    pub policy: Text,
    /// Before.
    pub policies: List<Text>,
    pub members: List<Text>,
}

impl Row for ServerGroup {
    const LIST: &'static str = "server_groups";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// One of Nova's services.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct Service {
    pub id: Text,
    pub binary: Text,
    pub host: Text,
    pub zone: Text,
    pub status: Text,
    pub state: Text,
    pub updated_at: Text,
    pub disabled_reason: Text,
}

impl Row for Service {
    const LIST: &'static str = "services";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// A host that runs servers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct Hypervisor {
    pub id: Text,
    pub hypervisor_hostname: Text,
    pub hypervisor_type: Text,
    pub host_ip: Text,
    pub state: Text,
    pub status: Text,
    pub running_vms: Number,
    pub vcpus: Number,
    pub vcpus_used: Number,
    pub memory_mb: Number,
    pub memory_mb_used: Number,
    /// What `uptime` printed there; only from 2.88 on.
    pub uptime: Text,
}

impl Row for Hypervisor {
    const LIST: &'static str = "hypervisors";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}
