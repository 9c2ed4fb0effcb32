//! Load balancers: the tree that a change locks, and what the monitors see of the members.

use std::time::Duration;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::agenda::Event;
use crate::sim::world::load::Serving;
use crate::sim::world::member::Wanted;
use crate::sim::world::refusal::Refusal;

/// How long a change takes, with amphorae.
pub(super) const CHANGE: (u64, u64) = (2_000, 5_000);
/// An amphora's heartbeat, on average half of it to wait.
pub(super) const HEARTBEAT: u64 = 10_000;

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
    /// Pools that no listener uses.
    pub spares: Vec<Pool>,
    /// `amphora`, or `ovn`, which takes weights and does not heed them.
    pub provider: &'static str,
    /// Its listener of protocol PROMETHEUS, if it has one.
    pub exporter: Option<Uid>,
    pub(super) turn: u32,
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
    /// Whether it takes requests only while all others fail.
    pub backup: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// Where the monitor asks, if not at its address.
    pub monitor_address: Option<u32>,
    /// At which port the monitor asks, if not at its own.
    pub monitor_port: Option<u16>,
    /// It is new, and no check has failed yet: it shows ONLINE.
    pub(super) unproven: bool,
    /// When it was made.
    pub created: Moment,
    /// When it was last changed.
    pub updated: Option<Moment>,
}

/// Everything of octavia's.
#[derive(Debug)]
pub struct Balancers {
    /// All load balancers.
    pub all: Vec<Balancer>,
    /// So many members a project may have.
    pub quota: usize,
}

impl Default for Balancers {
    fn default() -> Self {
        Self { all: Vec::new(), quota: 2000 }
    }
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
            spares: Vec::new(),
            provider: "amphora",
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
            backup: false,
            tags: Vec::new(),
            monitor_address: None,
            monitor_port: None,
            unproven: false,
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

    /// Takes a server out of all pools at once, before it goes.
    pub fn leave_pools(&mut self, server: Uid) {
        for balancer in &mut self.balancers.all {
            balancer.pool.members.retain(|member| member.server != server);
        }
        self.load_changes(server);
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

    /// Puts a pool that no listener uses beside a balancer's own, monitored as that one is.
    pub fn add_spare_pool(&mut self, balancer: usize, name: &str) -> Uid {
        let [id, monitor] = std::array::from_fn(|_| self.fresh_uid());
        let balancer = &mut self.balancers.all[balancer];
        let monitor = balancer.pool.monitor.as_ref().map(|like| Monitor { id: monitor, ..like.clone() });
        let members = Vec::new();
        balancer.spares.push(Pool { id, name: name.to_owned(), provisioning: "ACTIVE", monitor, members });
        id
    }

    /// Changes a member's weight: the whole tree is locked until it is done.
    pub fn weigh_member(&mut self, pool: Uid, member: Uid, weight: u16) -> Result<(), Refusal> {
        self.update_member(pool, member, &Wanted { weight: Some(weight), ..Wanted::default() })
    }

    pub(in crate::sim) fn unlock_balancer(&mut self, id: Uid, turn: u32) {
        let now = self.now;
        let Some(place) = self.balancers.all.iter().position(|balancer| balancer.id == id) else { return };
        let balancer = &mut self.balancers.all[place];
        if balancer.turn != turn {
            return;
        }
        balancer.provisioning = "ACTIVE";
        balancer.updated = now;
        balancer.reloads += 1;
        self.settle_members(place);
        let members = self.balancers.all[place].pools().flat_map(|pool| &pool.members);
        let servers: Vec<Uid> = members.map(|member| member.server).collect();
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
        let mut seen_after = None;
        for balancer in &mut self.balancers.all {
            // Octavia knows no servers: a member outlives its own, and fails its checks.
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
        let id = self.servers[place].id;
        let ours =
            |balancer: &Balancer| balancer.pools().any(|pool| pool.members.iter().any(|member| member.server == id));
        let places: Vec<usize> = (0..self.balancers.all.len()).filter(|at| ours(&self.balancers.all[*at])).collect();
        let now = self.now;
        for at in places {
            let members = self.balancers.all[at].pools().flat_map(|pool| &pool.members);
            let answers: Vec<bool> = members.map(|member| self.member_answers(member)).collect();
            let mut answers = answers.into_iter();
            for pool in self.balancers.all[at].pools_mut() {
                let monitored = pool.monitor.is_some();
                for member in &mut pool.members {
                    let answers = answers.next().unwrap_or(false);
                    if member.server == id {
                        member.judge(verdict(member, monitored, answers), now);
                    }
                }
            }
        }
        self.load_changes(id);
    }

    /// Whether somebody answers where the monitor asks.
    pub(super) fn member_answers(&self, member: &Member) -> bool {
        let asked = (member.monitor_address.unwrap_or(member.ip), member.monitor_port.unwrap_or(member.port));
        let server = self.server(member.server).filter(|server| self.serving(server) == Serving::Serves);
        let there = server.is_some_and(|server| server.addresses.iter().any(|address| address.ip == asked.0));
        there && asked.1 == self.options.guest_port
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

pub(super) fn verdict(member: &Member, monitored: bool, answers: bool) -> &'static str {
    match (member.enabled, monitored, member.weight, member.unproven || answers && !member.sick) {
        (false, ..) => "OFFLINE",
        (_, false, ..) => "NO_MONITOR",
        (_, _, _, false) => "ERROR",
        (_, _, 0, true) => "DRAINING",
        _ => "ONLINE",
    }
}
