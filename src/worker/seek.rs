//! Looking for what somebody may have made for us: by the stamp that it bears.
//!
//! Nova leaves out of a search what lies in a cell that is down. So "there is none" is said only where the bare list knows
//! nobody whose cell is down, and where the port that was made for the instance has none. Else nobody can tell, and that is
//! waited for like an outage. (DESIGN.md, decision 6.)

use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{InstanceId, PortId};
use crate::base::intern::Interner;
use crate::fleet::instance::Instance;
use crate::openstack::compute::{Stamp, hidden, stamped};
use crate::openstack::{Reader, network};
use crate::operation::sight::{PortQuestion, PortSeen, Seek};
use crate::operation::stamp;
use crate::watch::convert;
use crate::worker::eyes::instance;

/// The instance that bears the stamp; `None` where there surely is none.
pub(super) async fn sought(reader: &Arc<dyn Reader>, seek: &Seek) -> Result<Option<Instance>, Failure> {
    let rows = stamped(reader, Stamp::Metadata(stamp::KEY, &seek.stamp)).await?;
    let mut found: Vec<_> =
        rows.into_iter().filter_map(|row| convert::instance(row, &mut Interner::default())).collect();
    // The first of them, whoever asks: of two that were made for one port at most one has it.
    found.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    if let Some(first) = found.into_iter().next() {
        return Ok(Some(first));
    }
    if let Some(device) = device(reader, seek.port.as_ref()).await? {
        return instance(reader, &device).await;
    }
    if hidden(&**reader).await?.unknown.is_empty() {
        return Ok(None);
    }
    Err(Failure::new(
        FailureKind::Retry,
        "A cell of Nova does not answer: whether the instance was made cannot be told",
    ))
}

async fn device(reader: &Arc<dyn Reader>, port: Option<&PortId>) -> Result<Option<InstanceId>, Failure> {
    let Some(port) = port else { return Ok(None) };
    let seen = self::port(reader, Some(&PortQuestion::Id(port.clone()))).await?;
    Ok(seen.and_then(|port| port.device))
}

/// The port that is asked for; `None` where there is none.
pub(super) async fn port(
    reader: &Arc<dyn Reader>,
    question: Option<&PortQuestion>,
) -> Result<Option<PortSeen>, Failure> {
    let row = match question {
        None => None,
        Some(PortQuestion::Named(name)) => {
            let mut rows = network::ports_named(reader, name).await?;
            rows.sort_by(|a, b| a.id.0.cmp(&b.id.0));
            rows.into_iter().next()
        }
        Some(PortQuestion::Id(id)) => match network::port(&**reader, id).await {
            Ok(row) => Some(row),
            Err(failure) if failure.kind == FailureKind::NotFound => None,
            Err(failure) => return Err(failure),
        },
    };
    Ok(row.and_then(seen))
}

fn seen(row: network::Port) -> Option<PortSeen> {
    let address = row.fixed_ips.0.iter().find_map(|fixed| fixed.0.as_ref()?.ip_address.clone().filled());
    let device = row.device_id.filled().map(|id| id.as_str().into());
    Some(PortSeen { id: row.id.filled()?.as_str().into(), name: row.name.or_empty(), address, device })
}
