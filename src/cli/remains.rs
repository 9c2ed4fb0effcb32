//! What bears our stamps in a cloud, and what is to be thought of each: for the doctor, and for whoever cleans up.
//!
//! Instances come with the fleet, and pools too; ports are one list more.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::id::ProjectId;
use crate::cli::operations::book::Book;
use crate::fleet::pool::{self, Pool};
use crate::fleet::service::{Fleet, Member};
use crate::openstack::Reader;
use crate::openstack::network::{self, Port, Whose};
use crate::operation::orphans::{Fate, Held, Known, Sitting, Stamped, Thing, judge};
use crate::operation::{OperationId, Share, stamp};

/// What was found, each with what is to be thought of it.
pub struct Remains {
    /// What bears a stamp.
    pub found: Vec<Stamped>,
    /// What is to be thought of each, in the same order.
    pub fates: Vec<Fate>,
    /// The operations that stamps name, as far as this journal knows them.
    pub known: Known,
}

impl Remains {
    /// Looks for them: among this fleet, and in Neutron.
    ///
    /// # Errors
    /// When Neutron or the journal cannot be read.
    pub async fn find(
        fleet: &Fleet,
        reader: &Arc<dyn Reader>,
        project: Option<&ProjectId>,
        book: &Book,
    ) -> Result<Self, Failure> {
        let whose = project.map_or(Whose::All, Whose::Project);
        let ports = network::ports_beginning(reader, whose, stamp::PREFIX).await?;
        let servers = fleet.members.iter().filter_map(|member| server(fleet, member));
        let mut found: Vec<Stamped> = servers.chain(ports.into_iter().filter_map(|row| port(fleet, row))).collect();
        found.sort_by(|a, b| (&a.operation, a.slot, a.kind(), a.id()).cmp(&(&b.operation, b.slot, b.kind(), b.id())));
        let known = known(&found, book)?;
        let fates = judge(&found, &known, |id| fleet.member(id).is_some());
        Ok(Self { found, fates, known })
    }

    /// Each with its fate.
    pub fn all(&self) -> impl Iterator<Item = (&Stamped, &Fate)> {
        self.found.iter().zip(&self.fates)
    }
}

fn known(found: &[Stamped], book: &Book) -> Result<Known, Failure> {
    let ids: BTreeSet<&OperationId> = found.iter().map(|one| &one.operation).collect();
    let mut known = Known::new();
    for id in ids {
        known.extend(book.operation(id)?.map(|operation| (id.clone(), operation)));
    }
    Ok(known)
}

fn server(fleet: &Fleet, member: &Member) -> Option<Stamped> {
    let instance = &member.instance;
    let (operation, slot) = stamp::read(instance.metadata.get(stamp::KEY)?)?;
    Some(Stamped {
        thing: Thing::Server(instance.id.clone()),
        name: instance.name.clone(),
        operation,
        slot,
        created: instance.created,
        addresses: instance.addresses.iter().map(|address| address.address.to_string()).collect(),
        seats: fleet.memberships(member).map(sitting).collect(),
    })
}

fn port(fleet: &Fleet, row: Port) -> Option<Stamped> {
    let name = row.name.filled()?;
    let (operation, slot, number) = stamp::read_port(&name)?;
    let fixed = row.fixed_ips.0.iter().filter_map(|fixed| fixed.0.as_ref()?.ip_address.clone().filled());
    let addresses: Vec<String> = fixed.collect();
    let seats = |pool| {
        let at = |member: &&pool::Member| addresses.iter().any(|address| **address == *member.address);
        members(pool).filter(at).map(move |member| sitting((pool, member)))
    };
    let owner = row.device_owner.filled();
    let compute = owner.as_ref().is_none_or(|owner| owner.starts_with("compute:"));
    let held = match row.device_id.filled() {
        Some(device) if compute => Held::Instance(device.as_str().into()),
        None if owner.is_none() => Held::Nobody,
        _ => Held::Other,
    };
    Some(Stamped {
        seats: fleet.pools.iter().flat_map(seats).collect(),
        thing: Thing::Port { id: row.id.filled()?.as_str().into(), number, held },
        name,
        operation,
        slot,
        created: row.created_at.filled().and_then(|at| at.parse::<Timestamp>().ok()),
        addresses,
    })
}

fn members(pool: &Pool) -> impl Iterator<Item = &pool::Member> {
    pool.members.iter()
}

fn sitting((pool, member): (&Pool, &pool::Member)) -> Sitting {
    let share = Share { weight: member.weight, admin_up: member.admin_up };
    Sitting { member: member.id.clone(), pool: pool.title().to_owned(), away: share.is_away() }
}
