//! A change: one mutating call, and how it may come out.

mod lease;
mod member;
mod outcome;
mod server;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::id::{ImageId, InstanceId, ListenerId, MemberId, PoolId, PortId};
use crate::operation::intent::Reboot;
use crate::operation::promise::is_promise;
use crate::operation::stamp;
pub use lease::Claim;
pub use member::Member;
pub use outcome::{Made, Outcome, Refusal};
pub use server::{Boot, FixedIp, NewPort, NewServer, Rebuild, Sealed};

/// One mutating call of the cloud, whole: nothing is left to choose when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "call")]
pub enum Change {
    /// `POST /servers/{id}/action {"reboot": {"type": …}}`.
    Reboot {
        /// Whose.
        server: InstanceId,
        /// SOFT or HARD.
        how: Reboot,
    },
    /// `POST /servers/{id}/action {"os-stop": null}`.
    Stop {
        /// Whose.
        server: InstanceId,
    },
    /// `POST /servers/{id}/action {"os-start": null}`.
    Start {
        /// Whose.
        server: InstanceId,
    },
    /// `POST /servers/{id}/action {"lock": …}`.
    Lock {
        /// Whose.
        server: InstanceId,
        /// Told to whoever meets the lock, where the cloud keeps it (from 2.73; at most 255 characters).
        reason: Option<String>,
    },
    /// `POST /servers/{id}/action {"unlock": null}`.
    Unlock {
        /// Whose.
        server: InstanceId,
    },
    /// `POST /servers`.
    CreateServer(Box<NewServer>),
    /// `DELETE /servers/{id}`.
    DeleteServer {
        /// Which.
        server: InstanceId,
    },
    /// `POST /servers/{id}/action {"rebuild": …}`.
    Rebuild(Box<Rebuild>),
    /// `POST /ports`.
    CreatePort(Box<NewPort>),
    /// `DELETE /ports/{id}`.
    DeletePort {
        /// Which.
        port: PortId,
    },
    /// `POST /lbaas/pools/{id}/members`.
    AddMember {
        /// To which pool.
        pool: PoolId,
        /// Whom.
        member: Box<Member>,
    },
    /// `PUT /lbaas/pools/{id}/members/{id}`; what is `None` stays as it is.
    SetMember {
        /// Of which pool.
        pool: PoolId,
        /// Whom.
        member: MemberId,
        /// Its share from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weight: Option<u16>,
        /// Whether it takes connections at all from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        admin_state_up: Option<bool>,
    },
    /// `PUT /lbaas/pools/{id}/members?additive_only=true`: many at once. Who is not in it stays as it is; who is in it
    /// and not in the pool any more comes back, so it is read right before.
    SetMembers {
        /// Of which pool.
        pool: PoolId,
        /// Whom, as they shall be.
        members: Vec<Member>,
    },
    /// `DELETE /lbaas/pools/{id}/members/{id}`.
    RemoveMember {
        /// From which pool.
        pool: PoolId,
        /// Whom.
        member: MemberId,
    },
    /// `PUT /lbaas/listeners/{id} {"listener": {"default_pool_id": …}}`.
    SwitchListener {
        /// Which.
        listener: ListenerId,
        /// To which pool.
        pool: PoolId,
    },
    /// `POST /images` with an id, and no bytes afterwards.
    ClaimLease(Claim),
    /// `PATCH /images/{id}`: these properties get these values.
    RenewLease {
        /// Which record.
        image: ImageId,
        /// What is written anew: the expiry.
        properties: BTreeMap<String, String>,
    },
    /// `DELETE /images/{id}`.
    ReleaseLease {
        /// Which record.
        image: ImageId,
    },
}

/// What a change touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object<'a> {
    /// A server.
    Server(&'a InstanceId),
    /// A server that is not there yet, by its name.
    NewServer(&'a str),
    /// A port.
    Port(&'a PortId),
    /// A port that is not there yet, by its name.
    NewPort(&'a str),
    /// The members of a pool.
    Pool(&'a PoolId),
    /// One of them.
    Member(&'a PoolId, &'a MemberId),
    /// A listener.
    Listener(&'a ListenerId),
    /// The record of a lease.
    Lease(&'a ImageId),
}

impl Change {
    /// The instance that it changes, if it changes one that is there.
    pub fn server(&self) -> Option<&InstanceId> {
        match self.object() {
            Object::Server(server) => Some(server),
            _ => None,
        }
    }

    /// What it touches.
    pub fn object(&self) -> Object<'_> {
        match self {
            Change::Reboot { server, .. }
            | Change::Stop { server }
            | Change::Start { server }
            | Change::Lock { server, .. }
            | Change::Unlock { server }
            | Change::DeleteServer { server } => Object::Server(server),
            Change::Rebuild(rebuild) => Object::Server(&rebuild.server),
            Change::CreateServer(new) => Object::NewServer(&new.name),
            Change::CreatePort(new) => Object::NewPort(&new.name),
            Change::DeletePort { port } => Object::Port(port),
            Change::AddMember { pool, .. } | Change::SetMembers { pool, .. } => Object::Pool(pool),
            Change::SetMember { pool, member, .. } | Change::RemoveMember { pool, member } => {
                Object::Member(pool, member)
            }
            Change::SwitchListener { listener, .. } => Object::Listener(listener),
            Change::ClaimLease(Claim { image, .. })
            | Change::RenewLease { image, .. }
            | Change::ReleaseLease { image } => Object::Lease(image),
        }
    }

    /// What Nova's history of the instance calls it (`nova/compute/instance_actions.py`), where it has it in one.
    pub fn history_verb(&self) -> Option<&'static str> {
        match self {
            Change::Reboot { .. } => Some("reboot"),
            Change::Stop { .. } => Some("stop"),
            Change::Start { .. } => Some("start"),
            Change::Lock { .. } => Some("lock"),
            Change::Unlock { .. } => Some("unlock"),
            Change::CreateServer(_) => Some("create"),
            Change::DeleteServer { .. } => Some("delete"),
            Change::Rebuild(_) => Some("rebuild"),
            _ => None,
        }
    }

    /// As it is shown in a plan: the call in the API's own words.
    pub fn call(&self) -> &'static str {
        match self {
            Change::Reboot { how: Reboot::Soft, .. } => "reboot SOFT",
            Change::Reboot { how: Reboot::Hard, .. } => "reboot HARD",
            Change::Stop { .. } => "os-stop",
            Change::Start { .. } => "os-start",
            Change::Lock { .. } => "lock",
            Change::Unlock { .. } => "unlock",
            Change::CreateServer(_) => "create server",
            Change::DeleteServer { .. } => "delete server",
            Change::Rebuild(_) => "rebuild",
            Change::CreatePort(_) => "create port",
            Change::DeletePort { .. } => "delete port",
            Change::AddMember { .. } => "create member",
            Change::SetMember { .. } => "update member",
            Change::SetMembers { .. } => "update members",
            Change::RemoveMember { .. } => "delete member",
            Change::SwitchListener { .. } => "update listener",
            Change::ClaimLease(_) => "create image record",
            Change::RenewLease { .. } => "update image record",
            Change::ReleaseLease { .. } => "delete image record",
        }
    }

    /// The call with all that it sets, where it is clear what it touches: `update member: weight 0`.
    pub fn told(&self) -> String {
        match self {
            // Which image that is stands beside the plan; people tell ids by their beginning.
            Change::Rebuild(rebuild) => format!("{} from image {}", self.call(), short(rebuild.image.as_str())),
            Change::CreateServer(new) if let Some(image) = new.boot.image() => {
                let zone = new.zone.as_ref().map(|zone| format!(" in {zone}")).unwrap_or_default();
                format!("{} from image {}{zone}", self.call(), short(image.as_str()))
            }
            Change::CreatePort(new) => format!("{} in network {}", self.call(), short(new.network.as_str())),
            // An address that is only promised says nothing.
            Change::AddMember { member, .. } if is_promise(&member.address) => {
                format!("{}: its port {} at weight {}", self.call(), member.port, member.weight)
            }
            _ => format!("{}{}", self.call(), self.settings()),
        }
    }

    fn settings(&self) -> Settings<'_> {
        Settings(self)
    }

    /// Whether requests that are under way may suffer.
    pub fn interrupts(&self) -> bool {
        matches!(self, Change::Reboot { .. } | Change::Stop { .. } | Change::DeleteServer { .. } | Change::Rebuild(_))
    }

    /// Whether it is also done where its instance is gone, or ends in that.
    pub fn outlives(&self) -> bool {
        matches!(self, Change::DeleteServer { .. } | Change::RemoveMember { .. } | Change::DeletePort { .. })
    }

    /// Whether something is there afterwards that was not before.
    pub fn makes(&self) -> bool {
        matches!(self, Change::CreateServer(_) | Change::CreatePort(_) | Change::AddMember { .. })
    }

    /// Whether it is about an instance itself, also one that is not there yet.
    pub fn is_about_server(&self) -> bool {
        matches!(self.object(), Object::Server(_) | Object::NewServer(_))
    }

    /// Whether it is about a place in a pool.
    pub fn is_about_seat(&self) -> bool {
        matches!(self, Change::AddMember { .. } | Change::SetMember { .. } | Change::RemoveMember { .. })
    }

    /// Whether whoever it is done to gets no more requests.
    pub fn takes_away(&self) -> bool {
        match self {
            Change::Stop { .. } | Change::DeleteServer { .. } | Change::RemoveMember { .. } => true,
            Change::SetMember { weight, admin_state_up, .. } => *weight == Some(0) || *admin_state_up == Some(false),
            _ => false,
        }
    }

    /// The [stamp] that it puts on what it changes, where it puts one there.
    pub fn stamp(&self) -> Option<&str> {
        match self {
            Change::Rebuild(rebuild) => rebuild.metadata.get(stamp::KEY).map(String::as_str),
            Change::CreateServer(new) => new.metadata.get(stamp::KEY).map(String::as_str),
            _ => None,
        }
    }

    /// The image that it makes instances from.
    pub fn image(&self) -> Option<&ImageId> {
        match self {
            Change::Rebuild(rebuild) => Some(&rebuild.image),
            Change::CreateServer(new) => new.boot.image(),
            _ => None,
        }
    }

    /// The digest of the user data that has to come with it.
    pub fn sealed(&self) -> Option<&Sealed> {
        match self {
            Change::CreateServer(new) => new.user_data.as_ref(),
            Change::Rebuild(rebuild) => rebuild.user_data.as_ref(),
            _ => None,
        }
    }
}

fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// The call and what it touches, with all that is set: for plan and log.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.call(), self.object(), self.settings())
    }
}

/// All that a change sets.
struct Settings<'a>(&'a Change);

impl fmt::Display for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Change::AddMember { member, .. } => {
                write!(f, ": {}:{} at weight {}", member.address, member.port, member.weight)
            }
            Change::SetMember { weight, admin_state_up, .. } => {
                let weight = weight.map(|weight| format!("weight {weight}"));
                let state = admin_state_up.map(|up| if up { "enabled" } else { "disabled" }.to_owned());
                write!(f, ": {}", [weight, state].into_iter().flatten().collect::<Vec<_>>().join(", "))
            }
            Change::SetMembers { members, .. } => {
                let shares = members.iter().map(|one| format!("{}:{} at weight {}", one.address, one.port, one.weight));
                write!(f, ": {}", shares.collect::<Vec<_>>().join(", "))
            }
            Change::SwitchListener { pool, .. } => write!(f, " to pool {pool}"),
            Change::Rebuild(rebuild) => write!(f, " from image {}", rebuild.image),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Object::Server(id) => id.fmt(f),
            Object::NewServer(name) | Object::NewPort(name) => f.write_str(name),
            Object::Port(id) => id.fmt(f),
            Object::Pool(id) => write!(f, "of pool {id}"),
            Object::Member(pool, id) => write!(f, "{id} of pool {pool}"),
            Object::Listener(id) => id.fmt(f),
            Object::Lease(id) => id.fmt(f),
        }
    }
}
