//! What new instances are made like, where somebody wants more of a service.

use std::sync::Arc;

use crate::base::failure::Failure;
use crate::cli::change::Seen;
use crate::fleet::mould::Mould;
use crate::openstack::Reader;
use crate::operation::Aim;
use crate::operation::draft::sibling;
use crate::watch::mould::mould;

/// The mould, if the service shall have more instances than it has.
pub(super) async fn wanted(size: Option<usize>, aim: &Aim, seen: &Seen) -> Result<Option<Mould>, Failure> {
    let (Some(size), Aim::Service(key)) = (size, aim) else { return Ok(None) };
    let service = seen.fleet.service(key).filter(|service| service.members.len() < size);
    let Some(like) = service.and_then(|service| sibling(&seen.fleet, service)) else { return Ok(None) };
    let reader: Arc<dyn Reader> = Arc::new(seen.cloud.clone());
    mould(&reader, &like.instance).await.map(Some)
}
