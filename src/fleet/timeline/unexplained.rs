//! Whose history is worth a request: of those to whom something happened, those of whom nothing explains it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::id::InstanceId;
use crate::fleet::instance::Status;
use crate::fleet::service::Fleet;
use crate::fleet::timeline::Timeline;
use crate::fleet::timeline::sighting::{What, Whom};

/// Nova writes a row so long after what was asked for is in its history, as a rule.
const LAG: Duration = Duration::from_secs(60);

/// Those of whom nothing that is known explains what happened; in the same order.
pub fn unexplained(timeline: &Timeline, fleet: &Fleet, touched: Vec<Whom>) -> Vec<Whom> {
    let ids: BTreeSet<&InstanceId> = touched.iter().filter_map(|whom| whom.instance.as_ref()).collect();
    let deeds = timeline.sightings().filter(|one| matches!(one.what, What::Deed(_)));
    // In the order of time: the newest stays.
    let newest: BTreeMap<InstanceId, Timestamp> =
        deeds.filter_map(|one| Some((one.whom.instance.clone().filter(|id| ids.contains(id))?, one.at))).collect();
    let explained = |whom: &Whom| {
        let id = whom.instance.as_ref()?;
        let row = &fleet.member(id)?.instance;
        let (asked, updated) = (*newest.get(id)?, row.updated?);
        // What ended badly may be told to have failed by now.
        (row.status != Status::Error && since(asked, updated) <= LAG).then_some(())
    };
    let explained: Vec<bool> = touched.iter().map(|whom| explained(whom).is_some()).collect();
    touched.into_iter().zip(explained).filter(|(_, explained)| !explained).map(|(whom, _)| whom).collect()
}
