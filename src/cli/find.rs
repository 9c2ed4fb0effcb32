//! Which instance was meant.

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::fleet::service::{Fleet, Member};

/// The most instances that an answer lists.
const SHOWN: usize = 8;

/// The instance with that id; else the only one with that name; else the only one whose id or name begins so.
pub fn instance<'a>(fleet: &'a Fleet, which: &str) -> Result<&'a Member, Failure> {
    let by_id = |member: &&Member| member.instance.id.as_str() == which;
    let by_name = |member: &&Member| member.instance.name == which;
    let by_prefix =
        |member: &&Member| member.instance.id.as_str().starts_with(which) || member.instance.name.starts_with(which);
    if let Some(member) = fleet.members.iter().find(by_id) {
        return Ok(member);
    }
    let named: Vec<&Member> = fleet.members.iter().filter(by_name).collect();
    if !named.is_empty() {
        return only(&named, &format!("{} instances are called {which}", named.len()));
    }
    let begun: Vec<&Member> = fleet.members.iter().filter(by_prefix).filter(|_| !which.is_empty()).collect();
    if !begun.is_empty() {
        return only(&begun, &format!("{} instances begin with {which}", begun.len()));
    }
    let failure = Failure::new(FailureKind::NotFound, format!("No instance has the id or name {which}"));
    Err(match nearest(which, fleet.members.iter().map(|member| &*member.instance.name)) {
        Some(name) => failure.hint(format!("Did you mean {name}?")),
        None => failure.hint(format!("`stackdeck instances` lists all {}", fleet.members.len())),
    })
}

fn only<'a>(members: &[&'a Member], several: &str) -> Result<&'a Member, Failure> {
    if let [member] = members {
        return Ok(member);
    }
    let mut failure = Failure::new(FailureKind::Usage, several);
    for member in members.iter().take(SHOWN) {
        failure = failure.hint(format!("{}  {}", member.instance.id, member.instance.name));
    }
    Err(match members.len().checked_sub(SHOWN) {
        Some(more @ 1..) => failure.hint(format!("and {more} more; name one by its id")),
        _ => failure.hint("Name one by its id"),
    })
}
