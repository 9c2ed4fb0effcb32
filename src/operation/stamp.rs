//! The stamp: what says of a thing in the cloud which operation has made it so. And calls made whole with it.
//!
//! Nova replaces all of an instance's metadata in a rebuild. So a plan says what is to be set, and right before the call
//! the rest is added as it was just seen: what somebody has set since the plan was made stays.
//!
//! Source of the form: `reference/rollouts-and-healing.md`, 13 (b) 47; the letters before the id tell ours from others'.

use std::collections::BTreeMap;

use crate::operation::change::{Change, NewPort, Rebuild};
use crate::operation::ulid::OperationId;

/// The metadata key that holds the stamp.
pub const KEY: &str = "stackdeck";

/// How every stamp begins.
pub const PREFIX: &str = "sd-";

/// The stamp of an operation's slot: `sd-01JD…-3`. At most 60 characters, none of which a tag may not have.
pub fn stamp(operation: &OperationId, slot: usize) -> String {
    format!("{PREFIX}{operation}-{slot}")
}

/// Which operation's slot a stamp names; `None` where it is no stamp of ours.
pub fn read(stamp: &str) -> Option<(OperationId, usize)> {
    let (operation, slot) = stamp.strip_prefix(PREFIX)?.split_once('-')?;
    Some((operation.parse().ok()?, slot.parse().ok()?))
}

/// Which operation's slot the name of a port names, and which of the instance's ports it is.
pub fn read_port(name: &str) -> Option<(OperationId, usize, usize)> {
    let (stamp, number) = name.rsplit_once('-')?;
    let (operation, slot) = read(stamp)?;
    Some((operation, slot, number.parse().ok()?))
}

/// The metadata key that names the ports that were made with an instance, by their ids and with commas between: whoever
/// removes it removes them too, as Nova leaves ports that it has not made.
pub const PORTS: &str = "stackdeck-ports";

/// The name of a port of ours: the stamp, and which of the instance's ports it is.
pub fn port_name(stamp: &str, number: &str) -> String {
    format!("{stamp}-{number}")
}

/// The call as it is made: with its stamp, and with what stays as it was just seen.
pub(super) fn whole(change: &Change, stamp: &str, metadata: &BTreeMap<String, String>) -> Change {
    match change {
        Change::Rebuild(rebuild) => {
            let mut all = metadata.clone();
            all.extend(rebuild.metadata.clone());
            all.insert(KEY.to_owned(), stamp.to_owned());
            Change::Rebuild(Box::new(Rebuild { metadata: all, ..(**rebuild).clone() }))
        }
        Change::CreateServer(new) => {
            let mut new = new.clone();
            new.metadata.insert(KEY.to_owned(), stamp.to_owned());
            Change::CreateServer(new)
        }
        Change::CreatePort(new) => {
            Change::CreatePort(Box::new(NewPort { name: port_name(stamp, &new.name), ..(**new).clone() }))
        }
        other => other.clone(),
    }
}
