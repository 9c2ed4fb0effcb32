//! Images and flavors.

use std::collections::BTreeMap;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::refusal::Refusal;

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
    /// Tags.
    pub tags: Vec<String>,
    /// Whether its project alone may see it.
    pub private: bool,
    /// What runs it answers every third request with an error.
    pub bad: bool,
}

/// What a record without bytes shall be.
#[derive(Clone, Debug, Default)]
pub struct NewRecord {
    /// The id that was chosen; any if none.
    pub id: Option<Uid>,
    /// Its name.
    pub name: String,
    /// Its custom properties.
    pub properties: BTreeMap<String, String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Whether its project alone may see it.
    pub private: bool,
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
        self.images.push(Image {
            id,
            name,
            status: "active",
            properties,
            owner,
            public: false,
            size,
            created,
            tags: Vec::new(),
            private: false,
            bad: false,
        });
        id
    }

    /// Makes an image without bytes. An id that ever was one is refused, also when that image is gone.
    pub fn create_record(&mut self, owner: Uid, wanted: NewRecord) -> Result<Uid, Refusal> {
        let id = wanted.id.unwrap_or_else(|| self.fresh_uid());
        if self.image(id).is_some() || self.burnt.contains(&id) {
            return Err(Refusal::Conflict(format!("Image ID {id} already exists!")));
        }
        self.images.push(Image {
            id,
            name: wanted.name,
            status: "queued",
            properties: wanted.properties,
            owner,
            public: false,
            size: 0,
            created: self.now.whole_second(),
            tags: wanted.tags,
            private: wanted.private,
            bad: false,
        });
        Ok(id)
    }

    /// Writes properties that are there anew.
    pub fn replace_properties(&mut self, id: Uid, pairs: &[(String, String)]) -> Result<(), Refusal> {
        let image = self.images.iter_mut().find(|image| image.id == id);
        let image = image.ok_or_else(|| Refusal::NotFound(format!("No image found with ID {id}")))?;
        if let Some((name, _)) = pairs.iter().find(|(name, _)| !image.properties.contains_key(name)) {
            return Err(Refusal::Conflict(format!("Property {name} does not exist.")));
        }
        image.properties.extend(pairs.iter().cloned());
        Ok(())
    }

    /// Deletes an image. Its id is never given again.
    pub fn delete_image(&mut self, id: Uid) -> Result<(), Refusal> {
        let place = self.images.iter().position(|image| image.id == id);
        let place = place.ok_or_else(|| Refusal::NotFound(format!("Failed to find image {id} to delete")))?;
        self.images.remove(place);
        self.burnt.insert(id);
        Ok(())
    }

    /// What runs this image from now on, or does already, answers every third request with an error.
    pub fn spoil_image(&mut self, id: Uid) -> bool {
        let Some(image) = self.images.iter_mut().find(|image| image.id == id) else { return false };
        image.bad = true;
        let running: Vec<Uid> = self.servers().map(|server| server.id).collect();
        running.into_iter().for_each(|server| self.load_changes(server));
        true
    }

    /// The place of the flavor with that id or name.
    pub fn flavor_place(&self, name: &str) -> Option<usize> {
        self.flavors.iter().position(|flavor| flavor.id == name || flavor.name == name)
    }
}
