//! Octavia's side: pools and who is in them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::clock::{Timestamp, numbers};
use crate::base::id::{BalancerId, MemberId, PoolId, ProjectId, SubnetId};
use crate::base::texts;

/// An Octavia pool with its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Octavia's id of it.
    pub id: PoolId,
    /// Its name; may be empty.
    pub name: String,
    /// The project that owns it.
    pub project: ProjectId,
    /// The load balancers that it belongs to.
    pub balancers: Vec<Balancer>,
    /// `operating_status`: ONLINE, DEGRADED, ERROR, OFFLINE, DRAINING, NO_MONITOR.
    pub operating_status: String,
    /// `provisioning_status`: ACTIVE, PENDING_UPDATE, ERROR, and so on.
    pub provisioning_status: String,
    /// Protocol, such as HTTP.
    pub protocol: String,
    /// Whether a health monitor watches it.
    pub monitored: bool,
    /// When Octavia last changed its row.
    #[serde(with = "numbers")]
    pub updated: Option<Timestamp>,
    /// Its members. Shared: a pool is read every few seconds, and its members seldom change.
    pub members: Arc<[Member]>,
}

/// One member of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Octavia's id of it.
    pub id: MemberId,
    /// Its name; may be empty.
    #[serde(with = "texts")]
    pub name: Arc<str>,
    /// Where it is reached.
    #[serde(with = "texts")]
    pub address: Arc<str>,
    /// The port number at that address.
    pub port: u16,
    /// The subnet that the address is of; a bare address is not unique.
    pub subnet: Option<SubnetId>,
    /// Share of the load, 0 to 256; 0 drains.
    pub weight: u16,
    /// What the balancer sees.
    #[serde(with = "texts")]
    pub operating_status: Arc<str>,
    /// What Octavia does with it.
    #[serde(with = "texts")]
    pub provisioning_status: Arc<str>,
    /// Whether it is switched on.
    pub admin_up: bool,
    /// Whether it only serves when no other member can.
    pub backup: bool,
    /// When Octavia last changed its row.
    #[serde(with = "numbers")]
    pub updated: Option<Timestamp>,
}

/// A load balancer, as far as its pools need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balancer {
    /// Octavia's id of it.
    pub id: BalancerId,
    /// Its name; may be empty.
    pub name: String,
    /// The subnet of its VIP: where members are that name no subnet themselves.
    pub vip_subnet: Option<SubnetId>,
    /// Who runs it: `amphora`, `ovn`; empty where the cloud does not say.
    pub provider: String,
    /// What it does for its clients: ONLINE, DEGRADED, ERROR, and so on.
    pub operating_status: String,
    /// What Octavia does with it: while not ACTIVE nothing under it can be changed.
    pub provisioning_status: String,
    /// When Octavia last changed its row.
    #[serde(with = "numbers")]
    pub updated: Option<Timestamp>,
}

impl Pool {
    /// Whether what serves it heeds the weights of members. Octavia takes them from OVN's users too, and OVN ignores them
    /// (Octavia's feature matrix).
    pub fn heeds_weights(&self) -> bool {
        self.balancers.iter().all(|balancer| balancer.provider != "ovn")
    }

    /// What to call it: its name, else its first balancer's, else its id.
    pub fn title(&self) -> &str {
        let balancers = self.balancers.iter().map(|balancer| balancer.name.as_str());
        std::iter::once(self.name.as_str()).chain(balancers).find(|name| !name.is_empty()).unwrap_or(self.id.as_str())
    }
}
