//! An instance of which nothing is known but its names.

use stackdeck::fleet::instance::{FlavorRef, ImageRef, Instance, Status};

/// Up, and bare of everything else: each test adds what it is about.
pub fn bare(id: &str, name: &str, project: &str) -> Instance {
    Instance {
        id: id.into(),
        name: name.to_owned(),
        project: project.into(),
        user: None,
        status: Status::Active,
        task_state: None,
        vm_state: None,
        power_state: None,
        created: None,
        updated: None,
        launched: None,
        image: ImageRef::Untold,
        flavor: FlavorRef { id: None, name: None, vcpus: None, ram_mib: None, disk_gib: None },
        addresses: Vec::new(),
        metadata: Default::default(),
        tags: Vec::new(),
        fault: None,
        locked: None,
        volumes: Vec::new(),
        server_groups: Vec::new(),
        zone: None,
        host: None,
        host_id: None,
        key_name: None,
        description: None,
        progress: None,
        security_groups: Vec::new(),
    }
}
