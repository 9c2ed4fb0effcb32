//! One instance looked into: what is fetched only while somebody looks.

use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::id::{InstanceId, PortId, RequestId, SubnetId};
use crate::base::observation::Observation;
use crate::fleet::instance::{Instance, VolumeRef};

/// Everything that the instance view shows beside the row itself. Each part ages and fails by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// The instance, fetched by itself: newer than the list's row, and with its faults.
    pub instance: Observation<Arc<Instance>>,
    /// Its ports.
    pub ports: Observation<Vec<Port>>,
    /// Its volume attachments.
    pub volumes: Observation<Vec<VolumeRef>>,
    /// What was done to it, newest first (Nova's instance actions).
    pub history: Observation<Vec<HistoryEntry>>,
    /// The end of its console log, oldest line first, not yet sanitised.
    pub console: Observation<ConsoleLog>,
    /// The object as the cloud sends it, pretty-printed JSON. Fetched only when the raw view is open.
    pub raw: Observation<Arc<str>>,
}

/// A Neutron port of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Neutron's id of it.
    pub id: PortId,
    /// The instance (`device_id`).
    pub instance: Option<InstanceId>,
    /// Its fixed addresses and their subnets.
    pub fixed: Vec<(SubnetId, Arc<str>)>,
    /// Its MAC address.
    pub mac: Box<str>,
    /// ACTIVE, DOWN, BUILD.
    pub status: String,
    /// Its network's id.
    pub network: String,
    /// Its name; may be empty.
    pub name: String,
}

/// One of Nova's instance actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// What was asked: create, reboot, stop.
    pub verb: String,
    /// The request that caused it: equals the `X-Openstack-Request-Id` of the POST.
    pub request_id: Option<RequestId>,
    /// Who.
    pub user: Option<String>,
    /// When.
    pub started: Option<Timestamp>,
    /// Nova's message; `Error` when it failed.
    pub message: Option<String>,
    /// Its parts; empty until fetched.
    pub events: Vec<HistoryEvent>,
}

/// One event of an instance action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEvent {
    /// `compute__do_build_and_run_instance` and its like.
    pub name: String,
    /// Success, Error, or nothing while it runs.
    pub result: Option<String>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// A traceback, for admins.
    pub traceback: Option<String>,
    /// The host, for admins.
    pub host: Option<String>,
}

/// The end of a console log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsoleLog {
    /// Lines, oldest first, as the guest wrote them: untrusted.
    pub lines: Vec<Box<str>>,
    /// Whether older lines were cut off.
    pub truncated: bool,
}

/// Which parts of a [`Detail`] somebody looks at: only these are fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The console log is open and follows.
    pub console: bool,
    /// The raw view is open.
    pub raw: bool,
}

/// A detail and the instance that it is of.
#[derive(Clone, Debug, PartialEq)]
pub struct DetailOf {
    /// The instance.
    pub id: InstanceId,
    /// What is known of it.
    pub detail: Arc<Detail>,
}
