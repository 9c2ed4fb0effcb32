//! New servers.

use std::collections::BTreeMap;

use super::course::Course;
use super::history::{Caller, HistoryEntry, HistoryEvent};
use super::state::{Power, VmState};
use super::{Address, Server, UnderWay};
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::refusal::Refusal;

/// What a new server shall be.
#[derive(Clone, Debug, Default)]
pub struct NewServer {
    /// Its name.
    pub name: String,
    /// Its flavor, by place.
    pub flavor: usize,
    /// Its image; none boots from a volume.
    pub image: Option<Uid>,
    /// Its network, by place.
    pub network: Option<usize>,
    /// Metadata.
    pub metadata: BTreeMap<String, String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Its server group.
    pub group: Option<Uid>,
    /// Ports that were made before it; then no network is looked for.
    pub ports: Vec<Uid>,
    /// Its description.
    pub description: Option<String>,
    /// Its key pair's name.
    pub key: Option<String>,
}

impl World {
    /// Makes a server: refused by quota, else it is there in BUILD.
    pub fn create(&mut self, project: Uid, wanted: NewServer, caller: &Caller) -> Result<Uid, Refusal> {
        self.within_quota(project, wanted.flavor)?;
        let place = self.insert_server(project, caller.user, wanted, self.now);
        self.record(place, "create", caller, Some(Course::Build));
        self.set_out(place, UnderWay::of(Course::Build));
        Ok(self.servers[place].id)
    }

    /// Puts a server there that has run since `created`, as scenarios need it.
    pub(in crate::sim) fn found(
        &mut self,
        project: Uid,
        user: Uid,
        wanted: NewServer,
        created: Moment,
        host: usize,
    ) -> usize {
        let created = created.whole_second();
        let place = self.insert_server(project, user, wanted, created);
        let (request, cell) = (self.fresh_uid(), self.hosts[host].cell);
        let up = created.plus(std::time::Duration::from_secs(21));
        let server = &mut self.servers[place];
        (server.vm, server.power, server.host, server.cell) = (VmState::Active, Power::Running, Some(host), cell);
        (server.updated, server.launched, server.booted) = (up, Some(up), Some(up));
        let events = vec![HistoryEvent {
            name: Course::Build.event(),
            start: created,
            finish: Some(up),
            result: Some("Success"),
            traceback: None,
            host: Some(host),
        }];
        let verb = "create";
        server.history.push(HistoryEntry { verb, request, user, start: created, updated: up, message: None, events });
        place
    }

    /// As many servers vanish at once and as many are suddenly there: for scripts that shift pages.
    pub fn shift(&mut self, count: usize) {
        let Some(model) = self.servers().next().cloned() else { return };
        let newest = self.servers().filter(|server| server.project == model.project);
        let newest: Vec<Uid> = newest.map(|server| server.id).collect();
        let caller = Caller { user: model.user, request: self.fresh_uid(), admin: true };
        for id in newest.iter().rev().take(count) {
            self.edit_server(*id, |server| {
                (server.vm, server.task_state, server.host) = (VmState::Deleted, None, None);
                server.terminated = Some(server.updated);
            });
        }
        self.note_oblivion();
        for number in 0..count {
            let wanted = NewServer {
                name: format!("shifted-{number}"),
                flavor: model.flavor,
                image: model.image,
                network: model.addresses.first().map(|address| address.network),
                ..NewServer::default()
            };
            let place = self.insert_server(model.project, model.user, wanted, self.now);
            self.record(place, "create", &caller, Some(Course::Build));
            self.set_out(place, UnderWay::of(Course::Build));
        }
    }

    fn insert_server(&mut self, project: Uid, user: Uid, wanted: NewServer, created: Moment) -> usize {
        let (id, place) = (self.fresh_uid(), self.servers.len());
        let addresses = wanted.network.map(|network| self.address_for(network, project, id));
        let mut tags = wanted.tags;
        tags.sort();
        self.numbered += 1;
        self.servers.push(Server {
            id,
            number: self.numbered,
            name: wanted.name,
            project,
            user,
            flavor: wanted.flavor,
            previous_flavor: None,
            image: wanted.image,
            vm: VmState::Building,
            task_state: None,
            power: Power::None,
            created: created.whole_second(),
            updated: created.whole_second(),
            launched: None,
            booted: None,
            terminated: None,
            host: None,
            cell: 1,
            metadata: wanted.metadata,
            tags,
            addresses: addresses.into_iter().collect(),
            fault: None,
            lock: None,
            volumes: Vec::new(),
            history: Vec::new(),
            group: wanted.group,
            description: wanted.description,
            key: wanted.key,
            awaited: wanted.ports,
            still: None,
            under_way: None,
            turn: 0,
        });
        self.places.insert(id, place);
        place
    }

    fn address_for(&mut self, network: usize, project: Uid, device: Uid) -> Address {
        let port = self.add_port(network, project, Some(device), "compute:nova");
        let (ip, mac) = self.networks.ports.get(&port).map(|port| (port.ip, port.mac)).unwrap_or_default();
        Address { network, ip, mac, floating: false, port }
    }

    /// Instances, cores and memory in MiB that a project uses.
    pub fn usage(&self, project: Uid) -> (u64, u64, u64) {
        self.servers().filter(|server| server.project == project).fold((0, 0, 0), |(count, cores, ram), server| {
            let flavor = &self.flavors[server.flavor];
            (count + 1, cores + u64::from(flavor.vcpus), ram + u64::from(flavor.ram))
        })
    }

    fn within_quota(&self, project: Uid, flavor: usize) -> Result<(), Refusal> {
        let Some(quota) = self.identity.project(project).map(|project| project.quota) else { return Ok(()) };
        let (count, cores, ram) = self.usage(project);
        let flavor = &self.flavors[flavor];
        let checks = [
            ("instances", 1, count, quota.instances),
            ("cores", u64::from(flavor.vcpus), cores, quota.cores),
            ("ram", u64::from(flavor.ram), ram, quota.ram),
        ];
        for (name, wanted, used, limit) in checks {
            if used + wanted > limit {
                return Err(Refusal::Forbidden(format!(
                    "Quota exceeded for {name}: Requested {wanted}, but already used {used} of {limit} {name}"
                )));
            }
        }
        Ok(())
    }
}
