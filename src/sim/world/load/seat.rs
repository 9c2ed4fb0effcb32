//! A server's seat in its application: what it is for the load, and since when.

use crate::sim::moment::Moment;
use crate::sim::world::World;
use crate::sim::world::balancer::{Balancer, Member};
use crate::sim::world::instance::Server;
use crate::sim::world::instance::state::{Power, VmState};

/// Whether a guest answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Serving {
    /// It answers.
    Serves,
    /// Connections are refused: it is stopped, boots, or is gone.
    Refuses,
    /// Nothing comes back: it is paused, or its host is dead.
    Hangs,
}

/// What a server is for the load, from one change to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seat {
    /// Whether it answers.
    pub serving: Serving,
    /// Its share among the others.
    pub share: f64,
    /// Requests that it works on at once: two for each virtual CPU.
    pub workers: f64,
    /// How long it takes for the usual work: no two machines are alike.
    pub pace: f64,
    /// What is wrong with it.
    pub flaw: Flaw,
    /// When its guest last booted.
    pub booted: Option<Moment>,
}

/// What is wrong with an application on one instance. Nothing is all zero, and `slow` 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flaw {
    /// How many times the usual work a request costs.
    pub slow: f64,
    /// Seconds that each request waits for something else.
    pub wait: f64,
    /// The share of requests that it fails.
    pub error: f64,
    /// Seconds that the work grows by each hour since the boot.
    pub leak: f64,
    /// MiB that are lost each hour since the boot.
    pub lost: f64,
}

impl Default for Flaw {
    fn default() -> Self {
        Self::NONE
    }
}

impl Flaw {
    /// Nothing is wrong.
    pub const NONE: Self = Self { slow: 1.0, wait: 0.0, error: 0.0, leak: 0.0, lost: 0.0 };

    /// Two at once.
    #[must_use]
    pub fn and(self, other: Flaw) -> Self {
        Self {
            slow: self.slow * other.slow,
            wait: self.wait + other.wait,
            error: (self.error + other.error).min(1.0),
            leak: self.leak + other.leak,
            lost: self.lost + other.lost,
        }
    }
}

impl Seat {
    /// Of one who is not there.
    pub(super) const EMPTY: Seat = Seat {
        serving: Serving::Refuses,
        share: 0.0,
        workers: 0.0,
        pace: 1.0,
        flaw: Flaw { slow: 1.0, wait: 0.0, error: 0.0, leak: 0.0, lost: 0.0 },
        booted: None,
    };

    /// Hours since its boot.
    pub(super) fn hours_up(&self, at: Moment) -> f64 {
        self.booted.map_or(0.0, |booted| at.since(booted).as_secs_f64() / 3600.0)
    }
}

/// Task states in which the guest does not answer.
pub(in crate::sim) fn out_of_service(state: &str) -> bool {
    !matches!(state, "rebooting" | "migrating" | "resize_prep" | "powering-off" | "deleting")
}

impl World {
    /// Whether a server's guest answers.
    pub fn serving(&self, server: &Server) -> Serving {
        let dark = server.host.is_some_and(|host| self.hosts[host].dark);
        let runs = matches!(server.vm, VmState::Active | VmState::Resized) && server.power == Power::Running;
        match (runs, server.vm) {
            _ if dark => Serving::Hangs,
            (true, _) if server.task_state.is_some_and(out_of_service) => Serving::Refuses,
            (true, _) => Serving::Serves,
            (false, VmState::Paused) => Serving::Hangs,
            _ => Serving::Refuses,
        }
    }
}

/// What a balancer's pool gives to a server: its weight where the provider heeds it, unless it is out.
pub(super) fn share_of(balancer: &Balancer, server: &Server) -> f64 {
    let member = balancer.pool.members.iter().find(|member| member.server == server.id);
    let takes = member.filter(|member| member.enabled && matches!(member.operating, "ONLINE" | "NO_MONITOR"));
    let heeded = |member: &Member| if balancer.provider == "ovn" { 1.0 } else { f64::from(member.weight) };
    takes.map_or(0.0, heeded)
}
