//! Glance: images by id, or the newest; never the whole list.

use std::sync::Arc;

use serde::Deserialize;

use crate::base::id::{ImageId, ProjectId};
use crate::openstack::error::CloudError;
use crate::openstack::lenient::Text;
use crate::openstack::page::{Page, Pages, Row};
use crate::openstack::reader::Reader;
use crate::openstack::request::{Read, ServiceType};
use crate::openstack::wire::{json, query, read, segment};

/// An image. Custom properties lie flat beside the standard keys.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Glance's own field names")]
pub struct Image {
    pub id: Text,
    pub name: Text,
    pub status: Text,
    pub created_at: Text,
    #[serde(flatten)]
    pub properties: std::collections::BTreeMap<String, serde_json::Value>,
}

impl Row for Image {
    const LIST: &'static str = "images";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// So many ids go into one URL: 36 characters each, and proxies cut at 8 kB.
pub const BATCH: usize = 50;

/// Those of some images that a list shows; at most [`BATCH`]. One that is missing may be hidden from lists: ask for it alone.
pub async fn images(reader: &Arc<dyn Reader>, ids: &[ImageId]) -> Result<Vec<Image>, CloudError> {
    let list: Vec<&str> = ids.iter().map(ImageId::as_str).collect();
    let limit = ids.len().to_string();
    let mut wanted = read(ServiceType::IMAGE, "/images");
    wanted.query = query([("id", &format!("in:{}", list.join(","))), ("limit", &limit)]);
    Pages::new(reader, wanted).all().await
}

/// The newest images of a project by that name, of at most so many: the records of a service's lease. Of the project
/// alone: anybody may share an image of any name with us.
pub async fn newest_named(
    reader: &dyn Reader,
    name: &str,
    owner: &ProjectId,
    most: usize,
) -> Result<Vec<Image>, CloudError> {
    let limit = most.to_string();
    let mut wanted = read(ServiceType::IMAGE, "/images");
    wanted.query = query([("name", name), ("owner", owner.as_str()), ("sort", "created_at:desc"), ("limit", &limit)]);
    let page: Page<Image> = Page::parse(&reader.read(wanted).await?)?;
    Ok(page.rows)
}

/// All images that can be booted, the newest first: for whoever goes on only as far as he has to.
pub fn newest() -> Read {
    let mut wanted = read(ServiceType::IMAGE, "/images");
    wanted.query = query([("status", "active"), ("sort", "created_at:desc"), ("limit", "100")]);
    wanted
}

/// One image.
pub async fn image(reader: &dyn Reader, id: &ImageId) -> Result<Image, CloudError> {
    let wanted = read(ServiceType::IMAGE, format!("/images/{}", segment(id.as_str())));
    json(&reader.read(wanted).await?, "the image")
}
