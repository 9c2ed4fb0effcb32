//! What operations have made and nobody takes care of any more; nothing where there is none.

use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Options;
use crate::cli::look::Look;
use crate::cli::operations::book::Book;
use crate::cli::remains::Remains;
use crate::cli::surroundings::Surroundings;
use crate::config::Settings;
use crate::fleet::service::Fleet;
use crate::openstack::{Cloud, Reader};
use crate::operation::Operation;
use crate::operation::fold::Stage;
use crate::operation::orphans::{Fate, Stamped, Thing};
use crate::operation::words::{verdict_word, when};

use super::Findings;

const PART: &str = "orphans";

pub(super) async fn examine(
    look: &mut Look,
    cloud: &Cloud,
    options: &Options,
    settings: &Settings,
    around: &Surroundings,
    findings: &mut Findings,
) {
    // Why there is no fleet is told of the endpoints.
    let Ok(fleet) = look.seated().await else { return };
    match find(&fleet, cloud, options, settings).await {
        Ok(remains) => tell(&remains, around, findings),
        // A cloud without Neutron has no ports of ours.
        Err(failure) if failure.kind == FailureKind::Unsupported => {}
        Err(failure) => findings.warn_of(PART, "sources", &failure),
    }
}

async fn find(fleet: &Fleet, cloud: &Cloud, options: &Options, settings: &Settings) -> Result<Remains, Failure> {
    let book = Book::open(&settings.state_dir)?;
    let reader: Arc<dyn Reader> = Arc::new(cloud.clone());
    let project = cloud.session().project_id.filter(|_| !options.all_projects);
    Remains::find(fleet, &reader, project.as_ref(), &book).await
}

fn tell(remains: &Remains, around: &Surroundings, findings: &mut Findings) {
    for (one, fate) in remains.all() {
        let subject = format!("{} {}", one.kind(), one.name);
        match (fate, remains.known.get(&one.operation)) {
            (Fate::Orphan(why), Some(operation)) => {
                let advice = format!("{} operations clean {}", around.invocation(), operation.id.short());
                findings.warn(PART, subject, format!("{}: {why}", made(one, operation)), &advice);
            }
            (Fate::Foreign, _) if one.is_lone() => {
                let advice = "`stackdeck doctor` on the host of that journal tells whether it is an orphan; it is cleaned up \
                              from there";
                let found = format!("{}, {}: nobody has it, and another journal knows of it", one.id(), stranger(one));
                findings.warn(PART, subject, found, advice);
            }
            _ => {}
        }
    }
    others(remains, findings);
}

/// What it is, and what became of the operation that has made it.
fn made(one: &Stamped, operation: &Operation) -> String {
    let since = one.created.map(|created| format!(", there since {}", when(created))).unwrap_or_default();
    let verdict = match operation.stage {
        Stage::Finished(verdict) => verdict_word(verdict),
        _ => "not over",
    };
    let (id, title, ended) = (operation.id.short(), &operation.plan.title, when(operation.changed));
    format!("{}{since}, of operation {id} ({title}), {verdict} at {ended}", one.id())
}

fn stranger(one: &Stamped) -> String {
    let begun = one.operation.moment().map(|at| format!(" of {}", when(at))).unwrap_or_default();
    format!("of operation {}{begun}", one.operation)
}

/// What is in use, and was made from other journals.
fn others(remains: &Remains, findings: &mut Findings) {
    let foreign = || remains.all().filter(|(one, fate)| **fate == Fate::Foreign && !one.is_lone());
    let servers = foreign().filter(|(one, _)| matches!(one.thing, Thing::Server(_))).count();
    let ports = foreign().count() - servers;
    if servers + ports > 0 {
        let found = format!("{servers} instances and {ports} of their ports were made from other journals");
        findings.ok(PART, "others'", found);
    }
}
