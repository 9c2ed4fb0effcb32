//! Members of pools, as their operator changes them: each change locks the whole tree for a while.

use std::time::Duration;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::agenda::Event;
use crate::sim::world::balancer::{Balancer, CHANGE, HEARTBEAT, Member};
use crate::sim::world::refusal::Refusal;

/// A member as a request has it; what is `None` is at its default, or stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its address.
    pub ip: u32,
    /// Its port.
    pub port: u16,
    /// Its name.
    pub name: Option<String>,
    /// Its share.
    pub weight: Option<u16>,
    /// Enabled by its operator.
    pub enabled: Option<bool>,
    /// Whether it takes requests only while all others fail.
    pub backup: Option<bool>,
    /// Its tags.
    pub tags: Option<Vec<String>>,
    /// Where the monitor asks.
    pub monitor_address: Option<u32>,
    /// At which port the monitor asks.
    pub monitor_port: Option<u16>,
}

impl World {
    /// Adds a member, whether anybody is at its address or not.
    pub fn create_member(&mut self, pool: Uid, wanted: &Wanted) -> Result<Uid, Refusal> {
        weight_fits(wanted)?;
        let place = self.mutable(pool)?;
        let twin = |member: &Member| (member.ip, member.port) == (wanted.ip, wanted.port);
        if self.pool_at(place, pool).is_some_and(|pool| pool.members.iter().any(twin)) {
            let ip = crate::sim::world::network::dotted(wanted.ip);
            let text = format!("Another member on this pool is already using ip {ip} on protocol_port {}", wanted.port);
            return Err(Refusal::Conflict(text));
        }
        let quota = self.balancers.quota;
        let project = self.balancers.all[place].project;
        let ours = self.balancers.all.iter().filter(|balancer| balancer.project == project);
        if ours.map(|balancer| balancer.pools().map(|pool| pool.members.len()).sum::<usize>()).sum::<usize>() >= quota {
            return Err(Refusal::Forbidden("Quota has been met for resources: Member".to_owned()));
        }
        let id = self.put_member(place, pool, wanted);
        self.lock_balancer(place, pool);
        Ok(id)
    }

    /// Changes what is given of a member.
    pub fn update_member(&mut self, pool: Uid, member: Uid, wanted: &Wanted) -> Result<(), Refusal> {
        weight_fits(wanted)?;
        let place = self.balancer_with(pool)?;
        self.known(place, pool, member)?;
        let place = self.mutable_at(place, pool)?;
        let now = self.now;
        if let Some(found) = self.member_mut(place, pool, member) {
            found.take(wanted);
            found.provisioning = "PENDING_UPDATE";
            found.updated = Some(now);
        }
        self.lock_balancer(place, pool);
        Ok(())
    }

    /// Changes many at once. What a member leaves out is set to its default; who is not among them goes, unless it is
    /// additive.
    pub fn update_members(&mut self, pool: Uid, wanted: &[Wanted], additive: bool) -> Result<(), Refusal> {
        wanted.iter().try_for_each(weight_fits)?;
        let place = self.mutable(pool)?;
        let now = self.now;
        for one in wanted {
            let twin = |member: &&mut Member| (member.ip, member.port) == (one.ip, one.port);
            let found = self.balancers.all[place].pool_mut(pool).and_then(|pool| pool.members.iter_mut().find(twin));
            match found {
                Some(member) => {
                    member.take(&one.whole());
                    (member.monitor_address, member.monitor_port) = (one.monitor_address, one.monitor_port);
                    member.provisioning = "PENDING_UPDATE";
                    member.updated = Some(now);
                }
                None => drop(self.put_member(place, pool, one)),
            }
        }
        let stays = |member: &Member| wanted.iter().any(|one| (one.ip, one.port) == (member.ip, member.port));
        if let Some(pool) = self.balancers.all[place].pool_mut(pool).filter(|_| !additive) {
            pool.members.iter_mut().filter(|member| !stays(member)).for_each(|one| one.provisioning = "PENDING_DELETE");
        }
        self.lock_balancer(place, pool);
        Ok(())
    }

    /// Takes a member out. It shows until its balancer is done with it.
    pub fn delete_member(&mut self, pool: Uid, member: Uid) -> Result<(), Refusal> {
        let place = self.balancer_with(pool)?;
        self.known(place, pool, member)?;
        let place = self.mutable_at(place, pool)?;
        if let Some(found) = self.member_mut(place, pool, member) {
            found.provisioning = "PENDING_DELETE";
        }
        self.lock_balancer(place, pool);
        Ok(())
    }

    /// Lets a listener send to another pool of its balancer.
    pub fn switch_listener(&mut self, listener: Uid, pool: Uid) -> Result<(), Refusal> {
        let place = self.balancers.all.iter().position(|balancer| balancer.listener.id == listener);
        let place = place.ok_or_else(|| Refusal::NotFound(format!("Listener {listener} not found.")))?;
        let balancer = &self.balancers.all[place];
        if balancer.pools().all(|other| other.id != pool) {
            return Err(Refusal::NotFound(format!("Pool {pool} not found.")));
        }
        if balancer.provisioning != "ACTIVE" {
            return Err(Refusal::Conflict(format!("Listener {listener} is immutable and cannot be updated.")));
        }
        let balancer = &mut self.balancers.all[place];
        if let Some(spare) = balancer.spares.iter_mut().find(|spare| spare.id == pool) {
            std::mem::swap(&mut balancer.pool, spare);
        }
        self.lock_balancer(place, pool);
        self.seat_members(place);
        Ok(())
    }

    fn put_member(&mut self, place: usize, pool: Uid, wanted: &Wanted) -> Uid {
        let id = self.fresh_uid();
        let server = self.server_at(wanted.ip).unwrap_or(Uid(0));
        let mut member = Member {
            id,
            name: String::new(),
            ip: wanted.ip,
            port: wanted.port,
            weight: 1,
            server,
            provisioning: "PENDING_CREATE",
            operating: "OFFLINE",
            sick: self.is_sick(server),
            enabled: true,
            backup: false,
            tags: Vec::new(),
            monitor_address: wanted.monitor_address,
            monitor_port: wanted.monitor_port,
            unproven: true,
            created: self.now,
            updated: None,
        };
        member.take(wanted);
        let Some(pool) = self.balancers.all[place].pool_mut(pool) else { return id };
        if pool.monitor.is_none() {
            (member.operating, member.unproven) = ("NO_MONITOR", false);
        }
        pool.members.push(member);
        id
    }

    /// The living server with that address.
    fn server_at(&self, ip: u32) -> Option<Uid> {
        self.servers().find(|server| server.addresses.iter().any(|address| address.ip == ip)).map(|server| server.id)
    }

    fn balancer_with(&self, pool: Uid) -> Result<usize, Refusal> {
        let place = self.balancers.all.iter().position(|balancer| balancer.pools().any(|other| other.id == pool));
        place.ok_or_else(|| Refusal::NotFound(format!("Pool {pool} not found.")))
    }

    fn known(&self, place: usize, pool: Uid, member: Uid) -> Result<(), Refusal> {
        let there = self.pool_at(place, pool).is_some_and(|pool| pool.members.iter().any(|one| one.id == member));
        if there { Ok(()) } else { Err(Refusal::NotFound(format!("Member {member} not found."))) }
    }

    fn mutable(&self, pool: Uid) -> Result<usize, Refusal> {
        self.mutable_at(self.balancer_with(pool)?, pool)
    }

    /// The tree takes no other change before one is done, and none at all in ERROR; the sentence is the same.
    fn mutable_at(&self, place: usize, pool: Uid) -> Result<usize, Refusal> {
        let balancer = &self.balancers.all[place];
        let named = match balancer.provisioning {
            "ACTIVE" => return Ok(place),
            _ if self.pool_at(place, pool).is_some_and(|pool| pool.provisioning != "ACTIVE") => format!("Pool {pool}"),
            _ => format!("Load Balancer {}", balancer.id),
        };
        Err(Refusal::Conflict(format!("{named} is immutable and cannot be updated.")))
    }

    fn pool_at(&self, place: usize, pool: Uid) -> Option<&super::balancer::Pool> {
        self.balancers.all[place].pools().find(|other| other.id == pool)
    }

    fn member_mut(&mut self, place: usize, pool: Uid, member: Uid) -> Option<&mut Member> {
        self.balancers.all[place].pool_mut(pool)?.members.iter_mut().find(|other| other.id == member)
    }

    fn lock_balancer(&mut self, place: usize, pool: Uid) {
        let (now, length) = (self.now, Duration::from_millis(self.rng.u64(CHANGE.0..=CHANGE.1)));
        let balancer = &mut self.balancers.all[place];
        balancer.provisioning = "PENDING_UPDATE";
        if let Some(pool) = balancer.pool_mut(pool) {
            pool.provisioning = "PENDING_UPDATE";
        }
        balancer.updated = now;
        balancer.turn = balancer.turn.wrapping_add(1);
        let (id, turn) = (balancer.id, balancer.turn);
        self.agenda.note(now.plus(length), Event::Unlock { balancer: id, turn });
        self.load_changes_behind(id);
    }

    /// A change is done: who was to go is gone, who is new is seen by the next heartbeat and judged some checks later.
    pub(in crate::sim) fn settle_members(&mut self, place: usize) {
        let balancer = &mut self.balancers.all[place];
        let id = balancer.id;
        let mut proven_after = None;
        for pool in balancer.pools_mut() {
            pool.provisioning = "ACTIVE";
            pool.members.retain(|member| member.provisioning != "PENDING_DELETE");
            for member in &mut pool.members {
                member.provisioning = "ACTIVE";
            }
            if let Some(monitor) = pool.monitor.as_ref().filter(|_| pool.members.iter().any(|member| member.unproven)) {
                let judged = (monitor.delay * monitor.max_retries_down + monitor.timeout) * 1000 + HEARTBEAT / 2;
                proven_after = proven_after.max(Some(judged));
            }
        }
        let now = self.now;
        if let Some(millis) = proven_after {
            self.agenda
                .note(now.plus(Duration::from_millis(HEARTBEAT / 2)), Event::Beat { balancer: id, proves: false });
            self.agenda.note(now.plus(Duration::from_millis(millis)), Event::Beat { balancer: id, proves: true });
        }
        self.seat_members(place);
    }

    /// A heartbeat: what the monitors have seen of the members; whoever is new shows ONLINE until its checks have failed.
    pub(in crate::sim) fn beat(&mut self, id: Uid, proves: bool) {
        let Some(place) = self.balancers.all.iter().position(|balancer| balancer.id == id) else { return };
        let members = self.balancers.all[place].pools().flat_map(|pool| &pool.members);
        let answers: Vec<bool> = members.map(|member| self.member_answers(member)).collect();
        let (mut answers, now) = (answers.into_iter(), self.now);
        for pool in self.balancers.all[place].pools_mut() {
            let monitored = pool.monitor.is_some();
            for member in &mut pool.members {
                member.unproven &= !proves;
                let answers = answers.next().unwrap_or(false);
                member.judge(super::balancer::verdict(member, monitored, answers), now);
            }
        }
        self.load_changes_behind(id);
    }

    /// Who serves there finds a place in the application.
    fn seat_members(&mut self, place: usize) {
        let servers: Vec<Uid> = self.balancers.all[place].pool.members.iter().map(|member| member.server).collect();
        for server in servers {
            self.find_seat(server);
            self.load_changes(server);
        }
    }
}

impl Member {
    /// What the balancer sees of it now. As in Octavia every change of the row is stamped.
    pub(in crate::sim) fn judge(&mut self, operating: &'static str, now: Moment) {
        if self.operating != operating {
            (self.operating, self.updated) = (operating, Some(now));
        }
    }

    /// What is given of a request.
    fn take(&mut self, wanted: &Wanted) {
        if let Some(name) = &wanted.name {
            self.name.clone_from(name);
        }
        if let Some(tags) = &wanted.tags {
            self.tags.clone_from(tags);
        }
        self.weight = wanted.weight.unwrap_or(self.weight);
        self.enabled = wanted.enabled.unwrap_or(self.enabled);
        self.backup = wanted.backup.unwrap_or(self.backup);
        self.monitor_address = wanted.monitor_address.or(self.monitor_address);
        self.monitor_port = wanted.monitor_port.or(self.monitor_port);
    }
}

impl Wanted {
    /// As the batch reads it: what is left out is at its default.
    fn whole(&self) -> Self {
        Self {
            weight: Some(self.weight.unwrap_or(1)),
            enabled: Some(self.enabled.unwrap_or(true)),
            backup: Some(self.backup.unwrap_or(false)),
            ..self.clone()
        }
    }
}

fn weight_fits(wanted: &Wanted) -> Result<(), Refusal> {
    match wanted.weight {
        Some(weight) if weight > 256 => Err(Refusal::Bad(format!(
            "Invalid input for field/attribute weight. Value: '{weight}'. Value should be lower or equal to 256"
        ))),
        _ => Ok(()),
    }
}

impl Balancer {
    /// Its listener's pool, and those that no listener uses.
    pub fn pools(&self) -> impl Iterator<Item = &super::balancer::Pool> {
        std::iter::once(&self.pool).chain(&self.spares)
    }

    pub(in crate::sim) fn pools_mut(&mut self) -> impl Iterator<Item = &mut super::balancer::Pool> {
        std::iter::once(&mut self.pool).chain(&mut self.spares)
    }

    pub(in crate::sim) fn pool_mut(&mut self, id: Uid) -> Option<&mut super::balancer::Pool> {
        self.pools_mut().find(|pool| pool.id == id)
    }
}
