//! Servers: what one is, the states it goes through, and what can be asked of it.
//!
//! A verb checks what nova's API checks, then sends the server on a [`course`]: legs with a task_state and a time each,
//! and a state at the end. What is now and what is under way are apart, as they are in nova.

pub mod console;
pub mod course;
mod create;
pub mod history;
pub mod oblivion;
pub mod state;
mod verbs;

use std::collections::BTreeMap;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;

use course::Course;
pub use create::NewServer;
use history::HistoryEntry;
use state::{Power, VmState};

/// A Nova server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its id.
    pub id: Uid,
    /// Its number, as in `instance-0000002a`.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// Its project.
    pub project: Uid,
    /// Who made it.
    pub user: Uid,
    /// Its flavor, by place.
    pub flavor: usize,
    /// The flavor before a resize that is not yet confirmed.
    pub previous_flavor: Option<usize>,
    /// Its image; none if it boots from a volume.
    pub image: Option<Uid>,
    /// Nova's vm_state.
    pub vm: VmState,
    /// Nova's task_state.
    pub task_state: Option<&'static str>,
    /// The hypervisor's word.
    pub power: Power,
    /// When it was made.
    pub created: Moment,
    /// When nova last changed its row.
    pub updated: Moment,
    /// When it was last launched by a create, rebuild or resize.
    pub launched: Option<Moment>,
    /// When its guest last booted.
    pub booted: Option<Moment>,
    /// When it was deleted.
    pub terminated: Option<Moment>,
    /// Its host, by place.
    pub host: Option<usize>,
    /// Its cell.
    pub cell: u8,
    /// Metadata.
    pub metadata: BTreeMap<String, String>,
    /// Tags, sorted.
    pub tags: Vec<String>,
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Why it is in ERROR.
    pub fault: Option<Fault>,
    /// Its lock.
    pub lock: Option<Lock>,
    /// Its volumes.
    pub volumes: Vec<Attachment>,
    /// Its history, oldest first.
    pub history: Vec<HistoryEntry>,
    /// Its server group.
    pub group: Option<Uid>,
    /// Its description.
    pub description: Option<String>,
    /// Its key pair's name.
    pub key: Option<String>,
    /// Ports that were made before it, and that it will be bound to.
    pub(in crate::sim) awaited: Vec<Uid>,
    /// What its guest still is while it is being rebuilt.
    pub(in crate::sim) still: Option<Still>,
    pub(in crate::sim) under_way: Option<UnderWay>,
    pub(in crate::sim) turn: u32,
}

/// An address of a server.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// Its network, by place.
    pub network: usize,
    /// The address.
    pub ip: u32,
    /// The MAC's last three bytes.
    pub mac: u32,
    /// A floating one.
    pub floating: bool,
    /// Its port.
    pub port: Uid,
}

/// What went wrong with a server.
#[derive(Clone, Debug)]
pub struct Fault {
    /// As an HTTP status.
    pub code: u16,
    /// The sentence.
    pub message: String,
    /// The traceback, for admins.
    pub details: String,
    /// When.
    pub created: Moment,
}

/// A lock on a server.
#[derive(Clone, Debug)]
pub struct Lock {
    /// Set by an admin: its owner may not undo it.
    pub by_admin: bool,
    /// Why, from 2.73.
    pub reason: Option<String>,
}

/// A volume as nova lists it.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Cinder's id of the volume.
    pub volume: Uid,
    /// Cinder's id of the attachment.
    pub attachment: Uid,
    /// Nova's id of the mapping.
    pub mapping: Uid,
    /// Such as `/dev/vdb`.
    pub device: String,
    /// Its tag.
    pub tag: Option<String>,
    /// Whether it goes with the server.
    pub delete_on_termination: bool,
}

/// A server group.
#[derive(Clone, Debug)]
pub struct ServerGroup {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// Whose.
    pub project: Uid,
    /// Who made it.
    pub user: Uid,
    /// Such as `anti-affinity`.
    pub policy: &'static str,
}

/// What a guest was made from.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Still {
    pub(in crate::sim) image: Option<Uid>,
    pub(in crate::sim) tag: Option<String>,
}

/// A course that a server is on, and the leg of it.
#[derive(Clone, Debug)]
pub(in crate::sim) struct UnderWay {
    pub(in crate::sim) course: Course,
    pub(in crate::sim) leg: usize,
    /// Where the course leads, as far as the request says it.
    pub(in crate::sim) flavor: Option<usize>,
    pub(in crate::sim) host: Option<usize>,
    /// Its host does not answer: it waits in the queue.
    pub(in crate::sim) parked: bool,
    /// What its end writes: an error instead of success.
    pub(in crate::sim) fails: Option<Fault>,
}

impl Server {
    /// Whether it is there, for all who are not asking for the deleted.
    pub fn lives(&self) -> bool {
        self.terminated.is_none()
    }

    /// As nova's API sums it up.
    pub fn status(&self) -> &'static str {
        state::status(self.vm, self.task_state)
    }

    pub(in crate::sim) fn touch(&mut self, now: Moment) {
        self.updated = now.whole_second();
    }
}

impl World {
    /// Every server that lives, oldest first.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        self.servers.iter().filter(|server| server.lives())
    }

    /// The server of that id, deleted ones included.
    pub fn server(&self, id: Uid) -> Option<&Server> {
        self.places.get(&id).map(|place| &self.servers[*place])
    }

    /// The oldest living server of that name.
    pub fn server_named(&self, name: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.lives() && server.name == name)
    }

    /// Changes a server's row as an operator with the database would: for tests, and for scenarios.
    pub fn edit_server(&mut self, id: Uid, edit: impl FnOnce(&mut Server)) -> bool {
        let Some(place) = self.places.get(&id) else { return false };
        let (now, server) = (self.now, &mut self.servers[*place]);
        edit(server);
        server.touch(now);
        self.load_changes(id);
        true
    }

    /// Who belongs to a server group.
    pub fn members_of_group(&self, group: Uid) -> impl Iterator<Item = Uid> {
        self.servers().filter(move |server| server.group == Some(group)).map(|server| server.id)
    }
}
