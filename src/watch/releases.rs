//! Which releases of a service there are: the images that say they hold one. Read when somebody wants to choose.
//!
//! Glance has no search for a part of a name, and a property is not everywhere set. So the newest images are gone
//! through, as far as somebody who rolls out would look back.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::ImageId;
use crate::fleet::release::Release;
use crate::fleet::version::{compare, in_image};
use crate::openstack::Reader;
use crate::openstack::image::{self, Image};
use crate::openstack::page::Pages;
use crate::watch::convert;

/// So many of the newest images are gone through.
const MOST: usize = 1000;

/// The releases of a service, the newest version first; of equal versions the newest image. At most those of the newest
/// thousand images.
pub async fn releases(reader: &Arc<dyn Reader>, service: &str) -> Result<Vec<Release>, Failure> {
    let (mut found, mut read) = (Vec::new(), 0);
    let mut pages = Pages::<Image>::new(reader, image::newest());
    while let Some(page) = pages.next().await {
        let rows = page?.rows;
        read += rows.len();
        found.extend(rows.into_iter().filter_map(|row| release(row, service)).filter(|one| one.version.is_some()));
        if read >= MOST {
            break;
        }
    }
    found.sort_by(|a, b| {
        let version = |release: &Release| release.version.clone().unwrap_or_default();
        compare(&version(b), &version(a)).then_with(|| Reverse(a.created).cmp(&Reverse(b.created)))
    });
    Ok(found)
}

/// The image with that id, whatever it says of itself.
pub async fn one(reader: &Arc<dyn Reader>, id: &ImageId, service: &str) -> Result<Release, Failure> {
    release(image::image(&**reader, id).await?, service)
        .ok_or_else(|| Failure::new(FailureKind::Bug, format!("Glance tells too little of image {id}")))
}

fn release(row: Image, service: &str) -> Option<Release> {
    let number = |key: &str| row.properties.get(key).and_then(serde_json::Value::as_u64);
    let least = |key: &str| number(key).and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
    let (min_disk_gib, min_ram_mib) = (least("min_disk"), least("min_ram"));
    let image = convert::image(row)?;
    Some(Release {
        version: in_image(&image, service),
        image: image.id,
        name: image.name,
        status: image.status,
        min_disk_gib,
        min_ram_mib,
        created: image.created,
    })
}
