//! Load balancers: the tree that a change locks, and what the monitors see of the members.

use std::time::Duration;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::agenda::Event;
use crate::sim::world::instance::state::VmState;
use crate::sim::world::load::Serving;
use crate::sim::world::refusal::Refusal;

/// How long a change takes, with amphorae.
const CHANGE: (u64, u64) = (2_000, 5_000);
/// An amphora's heartbeat, on average half of it to wait.
const HEARTBEAT: u64 = 10_000;

/// A load balancer with one listener and one pool, as nearly all are.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// Whose.
    pub project: Uid,
    /// ACTIVE, PENDING_UPDATE, ERROR.
    pub provisioning: &'static str,
    /// The address it serves on.
    pub vip: u32,
    /// That address's port.
    pub vip_port: Uid,
    /// Its network, by place.
    pub network: usize,
    /// Tags.
    pub tags: Vec<String>,
    /// When it was made.
    pub created: Moment,
    /// When it was last changed.
    pub updated: Moment,
    /// Its listener.
    pub listener: Listener,
    /// The listener's pool.
    pub pool: Pool,
    /// Its listener of protocol PROMETHEUS, if it has one.
    pub exporter: Option<Uid>,
    turn: u32,
    /// How often its processes were reloaded: with each change.
    pub(in crate::sim) reloads: u32,
}

/// A listener.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// HTTP or TCP.
    pub protocol: &'static str,
    /// Where it listens.
    pub port: u16,
}

/// A pool.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// ACTIVE or PENDING_UPDATE.
    pub provisioning: &'static str,
    /// Its monitor, if it has one.
    pub monitor: Option<Monitor>,
    /// Its members.
    pub members: Vec<Member>,
}

/// A health monitor.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// Its id.
    pub id: Uid,
    /// Seconds between two checks.
    pub delay: u64,
    /// Seconds that a check may take.
    pub timeout: u64,
    /// How many must pass.
    pub max_retries: u64,
    /// How many must fail.
    pub max_retries_down: u64,
    /// What it asks for.
    pub path: String,
}

/// A member of a pool.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// Its address.
    pub ip: u32,
    /// Its port.
    pub port: u16,
    /// Its share; none at 0.
    pub weight: u16,
    /// The server behind it, which octavia itself does not know.
    pub server: Uid,
    /// ACTIVE or PENDING_UPDATE.
    pub provisioning: &'static str,
    /// What the monitor last said.
    pub operating: &'static str,
    /// Its application fails its checks, whatever nova says.
    pub sick: bool,
    /// Enabled by its operator.
    pub enabled: bool,
    /// When it was made.
    pub created: Moment,
    /// When it was last changed.
    pub updated: Option<Moment>,
}

/// Everything of octavia's.
#[derive(Debug, Default)]
pub struct Balancers {
    /// All load balancers.
    pub all: Vec<Balancer>,
}

impl Pool {
    /// The pool's health, as octavia's health code makes it of its members.
    pub fn operating(&self) -> &'static str {
        if self.monitor.is_none() {
            return "ONLINE";
        }
        let bad = self.members.iter().filter(|member| member.operating == "ERROR").count();
        match bad {
            0 => "ONLINE",
            some if some == self.members.len() => "ERROR",
            _ => "DEGRADED",
        }
    }
}

impl Balancers {
    /// How often a balancer was reloaded.
    pub(in crate::sim) fn reloads_of(&self, id: Uid) -> Option<u32> {
        self.all.iter().find(|balancer| balancer.id == id).map(|balancer| balancer.reloads)
    }
}

impl World {
    /// The balancer of that name.
    pub fn balancer_named(&self, name: &str) -> Option<&Balancer> {
        self.balancers.all.iter().find(|balancer| balancer.name == name)
    }

    /// Puts a balancer in front of servers.
    pub(in crate::sim) fn add_balancer(&mut self, name: &str, project: Uid, network: usize, monitored: bool) -> usize {
        let [id, listener, pool, monitor] = std::array::from_fn(|_| self.fresh_uid());
        let vip_port = self.add_port(network, project, Some(id), "Octavia");
        let vip = self.networks.ports.get(&vip_port).map(|port| port.ip).unwrap_or_default();
        let created = self.now.minus(Duration::from_secs(86_400 * 40));
        let monitor = monitored.then(|| Monitor {
            id: monitor,
            delay: 5,
            timeout: 3,
            max_retries: 2,
            max_retries_down: 3,
            path: "/health".to_owned(),
        });
        let pool =
            Pool { id: pool, name: format!("{name}-pool"), provisioning: "ACTIVE", monitor, members: Vec::new() };
        self.balancers.all.push(Balancer {
            id,
            name: name.to_owned(),
            project,
            provisioning: "ACTIVE",
            vip,
            vip_port,
            network,
            tags: Vec::new(),
            created,
            updated: created,
            listener: Listener { id: listener, name: format!("{name}-http"), protocol: "HTTP", port: 80 },
            pool,
            // Without a draw: worlds that were there before this shall stay as they were.
            exporter: monitored.then_some(Uid(listener.0 ^ 0x5a5a_5a5a)),
            turn: 0,
            reloads: 0,
        });
        self.balancers.all.len() - 1
    }

    /// Makes a server a member.
    pub(in crate::sim) fn add_member(&mut self, balancer: usize, server: usize, port: u16) {
        let id = self.fresh_uid();
        let server = &self.servers[server];
        let member_of = server.id;
        let Some(address) = server.addresses.first() else { return };
        let operating = if self.balancers.all[balancer].pool.monitor.is_some() { "ONLINE" } else { "NO_MONITOR" };
        let member = Member {
            id,
            name: server.name.clone(),
            ip: address.ip,
            port,
            weight: 1,
            server: server.id,
            provisioning: "ACTIVE",
            operating,
            sick: false,
            enabled: true,
            created: server.created,
            updated: None,
        };
        self.balancers.all[balancer].pool.members.push(member);
        self.balancers.all[balancer].reloads += 1;
        self.find_seat(member_of);
        self.load_changes(member_of);
    }

    /// Makes a server a member, as its operator would.
    pub fn join_pool(&mut self, balancer: usize, server: Uid, port: u16) -> bool {
        let Some(place) = self.places.get(&server).copied() else { return false };
        if balancer >= self.balancers.all.len() {
            return false;
        }
        self.add_member(balancer, place, port);
        let pool = &mut self.balancers.all[balancer].pool;
        if let (Some(_), Some(member)) = (&pool.monitor, pool.members.last_mut()) {
            member.operating = "OFFLINE";
        }
        self.note_check(server, HEARTBEAT / 2);
        true
    }

    /// All guests listen at another port: before the world goes on.
    pub(in crate::sim) fn move_guests_to(&mut self, port: u16) {
        self.options.guest_port = port;
        for balancer in &mut self.balancers.all {
            balancer.pool.members.iter_mut().for_each(|member| member.port = port);
        }
    }

    /// Whether a server's application fails its checks.
    pub fn is_sick(&self, server: Uid) -> bool {
        let members = self.balancers.all.iter().flat_map(|balancer| &balancer.pool.members);
        members.into_iter().any(|member| member.server == server && member.sick)
    }

    /// Changes a member's weight: the whole tree is locked until it is done.
    pub fn weigh_member(&mut self, pool: Uid, member: Uid, weight: u16) -> Result<(), Refusal> {
        if weight > 256 {
            let text = format!(
                "Invalid input for field/attribute weight. Value: '{weight}'. Value should be lower or equal to 256"
            );
            return Err(Refusal::Bad(text));
        }
        let (now, turn_length) = (self.now, Duration::from_millis(self.rng.u64(CHANGE.0..=CHANGE.1)));
        let balancer = self.balancers.all.iter_mut().find(|balancer| balancer.pool.id == pool);
        let balancer = balancer.ok_or_else(|| Refusal::NotFound(format!("Pool {pool} not found.")))?;
        let found = balancer.pool.members.iter_mut().find(|other| other.id == member);
        let found = found.ok_or_else(|| Refusal::NotFound(format!("Member {member} not found.")))?;
        if balancer.provisioning != "ACTIVE" {
            return Err(Refusal::Conflict(format!("Pool {pool} is immutable and cannot be updated.")));
        }
        found.weight = weight;
        found.provisioning = "PENDING_UPDATE";
        found.updated = Some(now);
        balancer.provisioning = "PENDING_UPDATE";
        balancer.pool.provisioning = "PENDING_UPDATE";
        balancer.updated = now;
        balancer.turn = balancer.turn.wrapping_add(1);
        let event = Event::Unlock { balancer: balancer.id, turn: balancer.turn };
        let changed = balancer.id;
        self.agenda.note(now.plus(turn_length), event);
        self.load_changes_behind(changed);
        Ok(())
    }

    pub(in crate::sim) fn unlock_balancer(&mut self, id: Uid, turn: u32) {
        let now = self.now;
        let Some(balancer) = self.balancers.all.iter_mut().find(|balancer| balancer.id == id) else { return };
        if balancer.turn != turn {
            return;
        }
        balancer.provisioning = "ACTIVE";
        balancer.pool.provisioning = "ACTIVE";
        balancer.updated = now;
        balancer.reloads += 1;
        for member in &mut balancer.pool.members {
            member.provisioning = "ACTIVE";
        }
        let servers: Vec<Uid> = balancer.pool.members.iter().map(|member| member.server).collect();
        for server in servers {
            self.note_check(server, HEARTBEAT / 2);
        }
        self.load_changes_behind(id);
    }

    /// Makes a server's application fail its checks, or pass them again.
    pub fn set_sick(&mut self, server: Uid, sick: bool) {
        let mut seen_after = 0;
        for balancer in &mut self.balancers.all {
            let Some(monitor) = &balancer.pool.monitor else { continue };
            let checks = if sick { monitor.max_retries_down } else { monitor.max_retries };
            for member in balancer.pool.members.iter_mut().filter(|member| member.server == server) {
                member.sick = sick;
                seen_after = monitor.delay * checks * 1000 + HEARTBEAT / 2;
            }
        }
        self.note_check(server, seen_after);
    }

    /// A server's state changed: its monitors will see that some checks later.
    pub(in crate::sim) fn balancers_notice(&mut self, place: usize) {
        let id = self.servers[place].id;
        let gone = self.servers[place].vm == VmState::Deleted;
        let mut seen_after = None;
        for balancer in &mut self.balancers.all {
            if gone {
                balancer.pool.members.retain(|member| member.server != id);
            }
            if let Some(monitor) = &balancer.pool.monitor
                && balancer.pool.members.iter().any(|member| member.server == id)
            {
                seen_after = Some(monitor.delay * monitor.max_retries * 1000);
            }
        }
        if let Some(millis) = seen_after {
            let jitter = self.rng.u64(0..HEARTBEAT / 2);
            self.note_check(id, millis + jitter);
        }
    }

    fn note_check(&mut self, server: Uid, millis: u64) {
        if let Some(place) = self.places.get(&server) {
            self.agenda.note(self.now.plus(Duration::from_millis(millis)), Event::Check { server: *place });
        }
    }

    pub(in crate::sim) fn check_members_of(&mut self, place: usize) {
        let server = &self.servers[place];
        let (id, answers) = (server.id, self.serving(server) == Serving::Serves);
        for balancer in &mut self.balancers.all {
            let monitored = balancer.pool.monitor.is_some();
            for member in balancer.pool.members.iter_mut().filter(|member| member.server == server.id) {
                member.operating = verdict(member, monitored, answers);
            }
        }
        self.load_changes(id);
    }

    /// A host is lost or back: the monitors of all who run there will see it.
    pub(in crate::sim) fn balancers_miss(&mut self, host: usize) {
        let here: Vec<Uid> =
            self.servers().filter(|server| server.host == Some(host)).map(|server| server.id).collect();
        for id in here {
            let of = |balancer: &&Balancer| balancer.pool.members.iter().any(|member| member.server == id);
            let monitor = self.balancers.all.iter().find(of).and_then(|balancer| balancer.pool.monitor.as_ref());
            let seen_after = monitor.map(|monitor| (monitor.delay * monitor.max_retries_down + monitor.timeout) * 1000);
            if let Some(millis) = seen_after {
                self.note_check(id, millis + HEARTBEAT / 2);
            }
            self.load_changes(id);
        }
    }
}

fn verdict(member: &Member, monitored: bool, answers: bool) -> &'static str {
    match (member.enabled, monitored, member.weight, answers && !member.sick) {
        (false, ..) => "OFFLINE",
        (_, false, ..) => "NO_MONITOR",
        (_, _, _, false) => "ERROR",
        (_, _, 0, true) => "DRAINING",
        _ => "ONLINE",
    }
}
