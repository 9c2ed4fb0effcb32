//! Images and flavors.

use std::collections::BTreeMap;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;

/// A Glance image.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// Its status, as glance names it.
    pub status: &'static str,
    /// Its custom properties.
    pub properties: BTreeMap<String, String>,
    /// Whose.
    pub owner: Uid,
    /// Whether all may use it.
    pub public: bool,
    /// Bytes.
    pub size: u64,
    /// When it was made.
    pub created: Moment,
}

/// A Nova flavor.
#[derive(Clone, Debug)]
pub struct Flavor {
    /// Its id; not a UUID here, as in many clouds.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub ram: u32,
    /// Root disk in GiB.
    pub disk: u32,
}

impl World {
    /// The image of that id.
    pub fn image(&self, id: Uid) -> Option<&Image> {
        self.images.iter().find(|image| image.id == id)
    }

    /// The newest image of that name.
    pub fn image_named(&self, name: &str) -> Option<&Image> {
        self.images.iter().rev().find(|image| image.name == name)
    }

    /// Makes an image of a service at a version.
    pub fn add_image(&mut self, service: &str, version: &str, owner: Uid, created: Moment) -> Uid {
        let id = self.fresh_uid();
        let properties = BTreeMap::from([
            ("service".to_owned(), service.to_owned()),
            ("version".to_owned(), version.to_owned()),
            ("os_distro".to_owned(), "debian".to_owned()),
        ]);
        let size = 600_000_000 + self.rng.u64(0..400_000_000);
        let name = format!("{service}-{version}");
        self.images.push(Image { id, name, status: "active", properties, owner, public: false, size, created });
        id
    }

    /// The place of the flavor with that id or name.
    pub fn flavor_place(&self, name: &str) -> Option<usize> {
        self.flavors.iter().position(|flavor| flavor.id == name || flavor.name == name)
    }
}
