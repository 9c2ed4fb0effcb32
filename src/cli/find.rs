//! Which instance or service was meant.

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::fleet::service::{Fleet, Member, Service};

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

/// The services of that name, one in each project; else the only one whose name begins so.
pub fn services<'a>(fleet: &'a Fleet, which: &str) -> Result<Vec<&'a Service>, Failure> {
    let chosen = |is: &dyn Fn(&str) -> bool| -> Vec<&'a Service> {
        fleet.services.iter().filter(|service| is(&service.key.name)).collect()
    };
    let named = chosen(&|name| name == which);
    if !named.is_empty() {
        return Ok(named);
    }
    let begun = chosen(&|name| !which.is_empty() && name.starts_with(which));
    if let [only] = begun[..] {
        return Ok(vec![only]);
    }
    let failure = Failure::new(FailureKind::NotFound, format!("No service is called {which}"));
    let names = fleet.services.iter().map(|service| &*service.key.name);
    Err(match (nearest(which, names), begun.first()) {
        (Some(name), _) => failure.hint(format!("Did you mean {name}?")),
        (None, Some(first)) => failure.hint(format!("{} begin so, {} among them", begun.len(), first.key.name)),
        (None, None) => failure.hint(format!("`stackdeck services` lists all {}", fleet.services.len())),
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
