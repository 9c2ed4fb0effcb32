//! Servers into instances.

use std::sync::Arc;

use crate::base::id::{InstanceId, ProjectId};
use crate::base::intern::Interner;
use crate::fleet::instance::{Address, Fault, FlavorRef, ImageRef, Instance, Lock, PowerState, Status, VolumeRef};
use crate::openstack::compute::{self, Server};
use crate::openstack::lenient::{Entries, Objects};

/// An instance; `None` only for a server without an id.
pub fn instance(server: Server, interner: &mut Interner) -> Option<Instance> {
    let id = InstanceId::from(server.id.filled()?);
    let mut instance = Instance {
        id,
        name: server.name.or_empty(),
        project: ProjectId::from(server.tenant_id.or_empty()),
        user: server.user_id.filled().map(Into::into),
        status: status(server.status.as_deref()),
        task_state: server.task_state.filled(),
        vm_state: server.vm_state.filled().map(Into::into),
        power_state: server.power_state.0.and_then(PowerState::from_number),
        created: server.created.time(),
        updated: server.updated.time(),
        launched: server.launched_at.time(),
        image: image(server.image),
        flavor: server.flavor.0.map_or(UNTOLD_FLAVOR, |flavor| flavor_ref(flavor, interner)),
        addresses: addresses(server.addresses),
        metadata: server.metadata.texts().collect(),
        tags: server.tags.all().map(Into::into).collect(),
        fault: server.fault.0.map(fault),
        locked: server.locked.0.map(|locked| Lock { locked, reason: server.locked_reason.filled() }),
        volumes: server.volumes_attached.all().filter_map(volume).collect(),
        server_groups: server.server_groups.all().collect(),
        zone: server.availability_zone.filled().map(Into::into),
        host: server.host.filled().map(Into::into),
        host_id: server.host_id.filled().map(Into::into),
        key_name: server.key_name.filled().map(Into::into),
        description: server.description.filled(),
        progress: server.progress.get(),
        security_groups: server.security_groups.all().filter_map(|group| Some(group.name.filled()?.into())).collect(),
    };
    instance.share(|text| interner.share(text));
    Some(instance)
}

const UNTOLD_FLAVOR: FlavorRef = FlavorRef { id: None, name: None, vcpus: None, ram_mib: None, disk_gib: None };

fn status(text: Option<&str>) -> Status {
    text.filter(|text| !text.is_empty()).map_or(Status::Unknown, Status::from)
}

fn image(image: compute::Image) -> ImageRef {
    match image {
        compute::Image::Id(id) => ImageRef::Image(id.into()),
        compute::Image::Volume => ImageRef::Volume,
        compute::Image::Untold => ImageRef::Untold,
    }
}

fn flavor_ref(flavor: compute::Flavor, interner: &mut Interner) -> FlavorRef {
    let name = flavor.original_name.filled().or_else(|| flavor.name.filled());
    FlavorRef {
        id: flavor.id.filled().map(|id| interner.share(&id).into()),
        name: name.map(|name| interner.share(&name)),
        vcpus: flavor.vcpus.get(),
        ram_mib: flavor.ram.get(),
        disk_gib: flavor.disk.get(),
    }
}

/// Fills in what a flavor's id stands for, where the row (below 2.47) only has the id.
pub fn fill_flavor(reference: &mut FlavorRef, told: &FlavorRef) {
    reference.name = reference.name.take().or_else(|| told.name.clone());
    reference.vcpus = reference.vcpus.or(told.vcpus);
    reference.ram_mib = reference.ram_mib.or(told.ram_mib);
    reference.disk_gib = reference.disk_gib.or(told.disk_gib);
}

/// What a flavor's own answer tells.
pub(in crate::watch) fn flavor(flavor: compute::Flavor, interner: &mut Interner) -> FlavorRef {
    flavor_ref(flavor, interner)
}

fn addresses(networks: Entries<Objects<compute::Address>>) -> Vec<Address> {
    let mut addresses = Vec::new();
    for (network, list) in networks.0 {
        let network: Arc<str> = network.into();
        addresses.extend(list.all().filter_map(|address| {
            Some(Address {
                network: Arc::clone(&network),
                address: address.addr.filled()?.into(),
                floating: address.kind.as_deref() == Some("floating"),
                mac: address.mac.filled().map(Into::into),
                port: None,
            })
        }));
    }
    addresses.shrink_to_fit();
    addresses
}

fn fault(fault: compute::Fault) -> Fault {
    Fault {
        code: fault.code.0.unwrap_or_default(),
        message: fault.message.or_empty(),
        created: fault.created.time(),
        details: fault.details.filled(),
    }
}

fn volume(volume: compute::Volume) -> Option<VolumeRef> {
    Some(VolumeRef {
        id: volume.id.filled()?.into(),
        delete_on_termination: volume.delete_on_termination.0,
        device: None,
    })
}
