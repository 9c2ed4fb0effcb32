//! The requests themselves, one for each of the surroundings.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{FlavorId, ImageId, InstanceId, ProjectId};
use crate::base::intern::Interner;
use crate::fleet::sources::{FixedAddress, Image};
use crate::openstack::network::Whose;
use crate::openstack::{Reader, compute, image, network};
use crate::watch::convert;
use crate::watch::core::Done;
use crate::watch::surroundings::Found;

pub(super) async fn groups(reader: Arc<dyn Reader>, all_projects: bool) -> Done {
    let groups = compute::server_groups(&reader, all_projects).await;
    let groups = groups.map(|rows| rows.into_iter().filter_map(convert::server_group).collect());
    Done::Found(Found::Groups(groups))
}

pub(super) async fn ports(reader: Arc<dyn Reader>, project: Option<ProjectId>) -> Done {
    let whose = project.as_ref().map_or(Whose::All, Whose::Project);
    let ports = network::ports(&reader, whose, network::FIXED).await;
    Done::Found(Found::Ports(ports.map(sorted)))
}

pub(super) async fn ports_of(reader: Arc<dyn Reader>, ids: Vec<InstanceId>) -> Done {
    let ports = network::ports(&reader, Whose::Instances(&ids), network::FIXED).await.map(sorted);
    Done::Found(Found::SomePorts(ids, ports))
}

fn sorted(rows: Vec<network::Port>) -> Vec<FixedAddress> {
    let mut subnets = Interner::default();
    let mut fixed: Vec<FixedAddress> = rows.into_iter().flat_map(|row| convert::fixed(row, &mut subnets)).collect();
    fixed.sort_unstable();
    fixed
}

/// Images in batches; those that no list shows (hidden, community, gone) one by one. An id that is unknown never
/// costs more than itself.
pub(super) async fn images(reader: Arc<dyn Reader>, ids: Vec<ImageId>) -> Done {
    let mut read = Vec::with_capacity(ids.len());
    let mut failed = None;
    for batch in ids.chunks(image::BATCH) {
        let listed: HashMap<ImageId, Image> = match image::images(&reader, batch).await {
            Ok(rows) => rows.into_iter().filter_map(convert::image).map(|image| (image.id.clone(), image)).collect(),
            // A Glance that does not know this filter; any other failure would meet the single reads too.
            Err(failure) if matches!(failure.kind, FailureKind::Usage | FailureKind::Bug) => HashMap::new(),
            Err(failure) => return Done::Found(Found::Images(read, Some(failure))),
        };
        for id in batch {
            match listed.get(id) {
                Some(image) => read.push((id.clone(), Some(image.clone()))),
                None => read.extend(one_image(&*reader, id).await.map_err(|failure| failed = Some(failure)).ok()),
            }
        }
    }
    Done::Found(Found::Images(read, failed))
}

async fn one_image(reader: &dyn Reader, id: &ImageId) -> Result<(ImageId, Option<Image>), Failure> {
    match image::image(reader, id).await {
        Ok(image) => Ok((id.clone(), convert::image(image))),
        Err(failure) if failure.kind == FailureKind::NotFound => Ok((id.clone(), None)),
        Err(failure) => Err(failure),
    }
}

pub(super) async fn flavors(reader: Arc<dyn Reader>, ids: Vec<FlavorId>) -> Done {
    let mut read = Vec::with_capacity(ids.len());
    let mut failed = None;
    for id in ids {
        match compute::flavor(&*reader, &id).await {
            Ok(flavor) => read.push((id, flavor)),
            // Deleted, while instances still use it: its id is all there is to show.
            Err(failure) if failure.kind == FailureKind::NotFound => {
                let name = crate::openstack::lenient::Text(Some(id.as_str().to_owned()));
                read.push((id, compute::Flavor { original_name: name, ..compute::Flavor::default() }));
            }
            Err(failure) => failed = Some(failure),
        }
    }
    Done::Found(Found::Flavors(read, failed))
}
