//! `stackdeck instances`.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::cli::args::Format;
use crate::cli::json;
use crate::cli::table::{self, Cell};
use crate::fleet::service::{Fleet, Member, worst};

use super::Answer;

pub(super) type Found = Arc<Fleet>;

const HEADINGS: [&str; 10] =
    ["NAME", "SERVICE", "VERSION", "HEALTH", "STATUS", "TASK", "ADDRESS", "FLAVOR", "AGE", "ID"];

pub(super) fn print(fleet: &Found, answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    if answer.format == Format::Json {
        return answer.json(json::fleet::Instances::of(fleet), out);
    }
    let mut members: Vec<&Member> = fleet.members.iter().collect();
    members.sort_by(|a, b| (&a.instance.name, &a.instance.id).cmp(&(&b.instance.name, &b.instance.id)));
    let rows: Vec<Vec<Cell>> = members.into_iter().map(|member| row(member, fleet, answer.now_in_the_cloud)).collect();
    table::print(&HEADINGS, &rows, answer.colour, out)
}

fn row(member: &Member, fleet: &Fleet, now: Timestamp) -> Vec<Cell> {
    let instance = &member.instance;
    let health = worst(&member.findings);
    let address = instance.addresses.iter().find(|address| !address.floating).or(instance.addresses.first());
    vec![
        Cell::text(&instance.name),
        Cell::maybe(fleet.services.get(member.service).map(|service| &*service.key.name)),
        Cell::maybe(member.version.version.as_deref()),
        Cell::severity(health),
        Cell::text(instance.status.as_str()).judged(health),
        Cell::maybe(instance.task_state.as_deref()),
        Cell::maybe(address.map(|address| &*address.address)),
        Cell::maybe(instance.flavor.name.as_deref()),
        Cell::maybe_number(instance.created.map(|created| age(since(created, now)))),
        Cell::text(instance.id.as_str()),
    ]
}

/// An age in its largest unit: `5m`, `3h`, `12d`.
pub(in crate::cli) fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3_600 => format!("{}m", seconds / 60),
        seconds @ ..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}
