//! A server as nova writes it: which keys depends on the microversion and on who asks.
//!
//! Written straight to bytes: a listing has thousands of them.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::json;

use super::Call;
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::instance::state::shows_progress;
use crate::sim::world::instance::{Address, Server};
use crate::sim::world::network::{dotted, mac_text};

/// What all servers of an answer share.
pub(super) struct Frame<'a> {
    pub(super) world: &'a World,
    pub(super) base: String,
    pub(super) bookmark: String,
    pub(super) minor: u16,
    pub(super) admin: bool,
    /// One server by its id also shows its groups.
    pub(super) single: bool,
}

impl<'a> Frame<'a> {
    pub(super) fn new(world: &'a World, call: &Call<'_>, single: bool) -> Self {
        Self { world, base: call.base(), bookmark: call.bookmark(), minor: call.minor, admin: call.who.admin(), single }
    }
}

/// Links of a server.
struct Links<'a>(&'a Frame<'a>, Uid);

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(frame, id) = self;
        let mut seq = serializer.serialize_seq(Some(2))?;
        seq.serialize_element(&Link { rel: "self", href: format!("{}/servers/{id}", frame.base) })?;
        seq.serialize_element(&Link { rel: "bookmark", href: format!("{}/servers/{id}", frame.bookmark) })?;
        seq.end()
    }
}

#[derive(serde::Serialize)]
pub(super) struct Link {
    pub(super) rel: &'static str,
    pub(super) href: String,
}

/// Id, name and links.
pub(super) struct Brief<'a>(pub(super) &'a Frame<'a>, pub(super) &'a Server);

impl Serialize for Brief<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("id", &self.1.id)?;
        map.serialize_entry("name", &self.1.name)?;
        map.serialize_entry("links", &Links(self.0, self.1.id))?;
        map.end()
    }
}

/// What is known of a server whose cell is down.
pub(super) struct Unknown<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) server: &'a Server,
    pub(super) detail: bool,
}

impl Serialize for Unknown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { frame, server, detail } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &server.id)?;
        map.serialize_entry("status", "UNKNOWN")?;
        map.serialize_entry("links", &Links(frame, server.id))?;
        if *detail {
            map.serialize_entry("tenant_id", &server.project.hex())?;
            map.serialize_entry("created", &server.created.zulu())?;
        }
        if frame.single {
            map.serialize_entry("user_id", &server.user.hex())?;
            image(&mut map, frame, server)?;
            flavor(&mut map, frame, server)?;
            map.serialize_entry("OS-EXT-AZ:availability_zone", "nova")?;
            map.serialize_entry("OS-EXT-STS:power_state", &0)?;
        }
        map.end()
    }
}

/// All of it.
pub(super) struct Detail<'a>(pub(super) &'a Frame<'a>, pub(super) &'a Server);

impl Serialize for Detail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(frame, server) = self;
        let mut map = serializer.serialize_map(None)?;
        identity(&mut map, frame, server)?;
        image(&mut map, frame, server)?;
        flavor(&mut map, frame, server)?;
        map.serialize_entry("created", &server.created.zulu())?;
        map.serialize_entry("updated", &server.updated.zulu())?;
        map.serialize_entry("addresses", &Addresses(frame, server))?;
        map.serialize_entry("accessIPv4", "")?;
        map.serialize_entry("accessIPv6", "")?;
        map.serialize_entry("links", &Links(frame, server.id))?;
        map.serialize_entry("OS-DCF:diskConfig", "MANUAL")?;
        if shows_progress(server.status()) {
            map.serialize_entry("progress", &0)?;
        }
        extended(&mut map, frame, server)?;
        if frame.admin {
            host_attributes(&mut map, frame, server)?;
        } else if frame.minor >= 90 {
            map.serialize_entry("OS-EXT-SRV-ATTR:hostname", &server.name)?;
        }
        fault(&mut map, frame, server)?;
        newer(&mut map, frame, server)?;
        map.end()
    }
}

fn identity<M: SerializeMap>(map: &mut M, frame: &Frame<'_>, server: &Server) -> Result<(), M::Error> {
    map.serialize_entry("id", &server.id)?;
    map.serialize_entry("name", &server.name)?;
    map.serialize_entry("status", server.status())?;
    map.serialize_entry("tenant_id", &server.project.hex())?;
    map.serialize_entry("user_id", &server.user.hex())?;
    map.serialize_entry("metadata", &server.metadata)?;
    map.serialize_entry("hostId", &host_id(frame.world, server.host, server.project))
}

/// Nova's hash of project and host: 56 digits, empty without a host.
pub(super) fn host_id(world: &World, host: Option<usize>, project: Uid) -> String {
    let Some(host) = host.and_then(|place| world.hosts.get(place)) else { return String::new() };
    let mixed = host.hypervisor.0 ^ project.0.rotate_left(17);
    format!("{mixed:032x}{:024x}", mixed.rotate_left(41) & ((1 << 96) - 1))
}

fn image<M: SerializeMap>(map: &mut M, frame: &Frame<'_>, server: &Server) -> Result<(), M::Error> {
    #[derive(serde::Serialize)]
    struct Ref {
        id: Uid,
        links: [Link; 1],
    }
    match server.image {
        // Not null and not an object: a server that boots from a volume has an empty string here.
        None => map.serialize_entry("image", ""),
        Some(id) => {
            let links = [Link { rel: "bookmark", href: format!("{}/images/{id}", frame.bookmark) }];
            map.serialize_entry("image", &Ref { id, links })
        }
    }
}

fn flavor<M: SerializeMap>(map: &mut M, frame: &Frame<'_>, server: &Server) -> Result<(), M::Error> {
    #[derive(serde::Serialize)]
    struct Embedded<'a> {
        vcpus: u32,
        ram: u32,
        disk: u32,
        ephemeral: u32,
        swap: u32,
        original_name: &'a str,
        extra_specs: std::collections::BTreeMap<&'a str, &'a str>,
    }
    #[derive(serde::Serialize)]
    struct Ref<'a> {
        id: &'a str,
        links: [Link; 1],
    }
    let flavor = &frame.world.flavors[server.flavor];
    if frame.minor >= 47 {
        let (vcpus, ram, disk) = (flavor.vcpus, flavor.ram, flavor.disk);
        let (original_name, extra_specs) = (flavor.name.as_str(), std::collections::BTreeMap::new());
        return map.serialize_entry(
            "flavor",
            &Embedded { vcpus, ram, disk, ephemeral: 0, swap: 0, original_name, extra_specs },
        );
    }
    let links = [Link { rel: "bookmark", href: format!("{}/flavors/{}", frame.bookmark, flavor.id) }];
    map.serialize_entry("flavor", &Ref { id: &flavor.id, links })
}

fn extended<M: SerializeMap>(map: &mut M, frame: &Frame<'_>, server: &Server) -> Result<(), M::Error> {
    let zone = server.host.map_or("", |place| frame.world.hosts[place].zone);
    map.serialize_entry("OS-EXT-AZ:availability_zone", zone)?;
    map.serialize_entry("config_drive", "")?;
    map.serialize_entry("key_name", &server.key)?;
    map.serialize_entry("OS-SRV-USG:launched_at", &server.launched.map(Moment::naive_micros))?;
    map.serialize_entry("OS-SRV-USG:terminated_at", &server.terminated.map(Moment::naive_micros))?;
    map.serialize_entry("OS-EXT-STS:task_state", &server.task_state)?;
    map.serialize_entry("OS-EXT-STS:vm_state", server.vm.name())?;
    map.serialize_entry("OS-EXT-STS:power_state", &(server.power as u8))?;
    map.serialize_entry("os-extended-volumes:volumes_attached", &Volumes(frame, server))?;
    // A server without a port has no security group to show.
    if !server.addresses.is_empty() {
        map.serialize_entry("security_groups", &[json!({"name": "default"})])?;
    }
    Ok(())
}

fn host_attributes<M: SerializeMap>(map: &mut M, frame: &Frame<'_>, server: &Server) -> Result<(), M::Error> {
    let host = server.host.map(|place| frame.world.hosts[place].name.as_str());
    map.serialize_entry("OS-EXT-SRV-ATTR:host", &host)?;
    map.serialize_entry("OS-EXT-SRV-ATTR:instance_name", &format_args!("instance-{:08x}", server.number))?;
    map.serialize_entry("OS-EXT-SRV-ATTR:hypervisor_hostname", &host)?;
    if frame.minor >= 3 {
        map.serialize_entry("OS-EXT-SRV-ATTR:reservation_id", &format_args!("r-{:08x}", server.number))?;
        map.serialize_entry("OS-EXT-SRV-ATTR:launch_index", &0)?;
        map.serialize_entry("OS-EXT-SRV-ATTR:hostname", &server.name)?;
        map.serialize_entry("OS-EXT-SRV-ATTR:kernel_id", "")?;
        map.serialize_entry("OS-EXT-SRV-ATTR:ramdisk_id", "")?;
        map.serialize_entry("OS-EXT-SRV-ATTR:root_device_name", "/dev/vda")?;
        map.serialize_entry("OS-EXT-SRV-ATTR:user_data", &Option::<&str>::None)?;
    }
    if frame.minor >= 16 {
        let status = server.host.map_or("", |place| if frame.world.hosts[place].alive() { "UP" } else { "DOWN" });
        map.serialize_entry("host_status", status)?;
    }
    Ok(())
}

fn fault<M: SerializeMap>(map: &mut M, frame: &Frame<'_>, server: &Server) -> Result<(), M::Error> {
    let Some(fault) = server.fault.as_ref().filter(|_| matches!(server.status(), "ERROR" | "DELETED")) else {
        return Ok(());
    };
    let mut shown = json!({"code": fault.code, "created": fault.created.zulu(), "message": fault.message});
    if frame.admin {
        shown["details"] = json!(fault.details);
    }
    map.serialize_entry("fault", &shown)
}

fn newer<M: SerializeMap>(map: &mut M, frame: &Frame<'_>, server: &Server) -> Result<(), M::Error> {
    if frame.minor >= 9 {
        map.serialize_entry("locked", &server.lock.is_some())?;
    }
    if frame.minor >= 19 {
        map.serialize_entry("description", &server.description)?;
    }
    if frame.minor >= 26 {
        map.serialize_entry("tags", &server.tags)?;
    }
    if frame.minor >= 63 {
        map.serialize_entry("trusted_image_certificates", &Option::<&str>::None)?;
    }
    if frame.minor >= 73 {
        map.serialize_entry("locked_reason", &server.lock.as_ref().and_then(|lock| lock.reason.as_deref()))?;
    }
    if frame.minor >= 71 && frame.single {
        map.serialize_entry("server_groups", &server.group.iter().collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Addresses by network name.
struct Addresses<'a>(&'a Frame<'a>, &'a Server);

#[derive(serde::Serialize)]
struct ShownAddress {
    version: u8,
    addr: std::net::Ipv4Addr,
    #[serde(rename = "OS-EXT-IPS:type")]
    kind: &'static str,
    #[serde(rename = "OS-EXT-IPS-MAC:mac_addr")]
    mac: String,
}

impl Serialize for Addresses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(frame, server) = self;
        let mut map = serializer.serialize_map(None)?;
        for (place, network) in frame.world.networks.all.iter().enumerate() {
            let here = |address: &&Address| address.network == place;
            let shown = server.addresses.iter().filter(here).map(|address| ShownAddress {
                version: 4,
                addr: dotted(address.ip),
                kind: if address.floating { "floating" } else { "fixed" },
                mac: mac_text(address.mac),
            });
            let shown: Vec<ShownAddress> = shown.collect();
            if !shown.is_empty() {
                map.serialize_entry(&network.name, &shown)?;
            }
        }
        map.end()
    }
}

struct Volumes<'a>(&'a Frame<'a>, &'a Server);

impl Serialize for Volumes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Volume {
            id: Uid,
            #[serde(skip_serializing_if = "Option::is_none")]
            delete_on_termination: Option<bool>,
        }
        let from_3 = self.0.minor >= 3;
        serializer.collect_seq(self.1.volumes.iter().map(|volume| Volume {
            id: volume.volume,
            delete_on_termination: from_3.then_some(volume.delete_on_termination),
        }))
    }
}
