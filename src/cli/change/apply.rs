//! `stackdeck apply FILE`: starts a plan that somebody has saved, if the world is still as it was then.

use std::path::Path;
use std::process::ExitCode;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Options;
use crate::cli::args::changes::{Apply, Change};
use crate::cli::change::{Course, Seen, consent, file, look, signing};
use crate::cli::desk::desk;
use crate::cli::report;
use crate::cli::surroundings::Surroundings;
use crate::operation::saved::Saved;
use crate::operation::{Approval, Approved, Plan};
use crate::worker::Desk;

/// So much of a hash is compared at least.
const LEAST: usize = 8;

/// Reads the file, draws its wish anew, asks, and starts it.
pub async fn apply(apply: &Apply, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let change = Change::to_saved(apply.consent.clone(), apply.listing, apply.plan);
    let somebody = consent::somebody();
    consent::possible(&change, somebody.is_some())?;
    let saved = file::read(&apply.file)?;
    expected(&apply.file, apply.expect.as_deref(), &saved)?;
    let options = &there(&saved.plan, options)?;
    let settings = &report::settings(options, around)?;
    let seen = look(saved.plan.verb(), options, settings, around).await?;
    is_there(&saved.plan, &seen)?;
    let desk = desk(settings, around, Some(seen.cloud.user()));
    let (signers, holds) = (settings.allowed_signers(&saved.plan.place.cloud), settings.operations.limits.approval);
    let approved = signing::approved(&apply.file, &saved, signers.as_deref(), &desk.actor, (desk.now(), holds));
    let approved = once(approved, &desk)?;
    let course = Course { change: &change, options, settings, around, seen: &seen, saved: Some(&saved), approved };
    course.run(&saved.plan.intent, somebody).await
}

/// An approval starts one operation.
fn once(approved: Approved, desk: &Desk) -> Result<Approved, Failure> {
    let spent = approved.by().map(|approval| desk.spent(approval)).transpose()?.flatten();
    Ok(spent.map_or(approved, |id| Approved::Not(Approval::spent_by(&id))))
}

/// Whoever was told a hash gets that plan and no other.
pub(super) fn expected(file: &Path, expect: Option<&str>, saved: &Saved) -> Result<(), Failure> {
    let Some(expect) = expect.map(str::to_ascii_lowercase) else { return Ok(()) };
    if expect.len() < LEAST {
        let message = format!("--expect wants at least the first {LEAST} characters of the hash");
        return Err(Failure::new(FailureKind::Usage, message));
    }
    if saved.hash.starts_with(&expect) {
        return Ok(());
    }
    let message = format!("{} is another plan: its hash is {}, not {expect}", file.display(), saved.hash);
    Err(Failure::new(FailureKind::Conflict, message))
}

/// Signed in where the plan is for. To name another place is a mistake, and no wish to change that one.
pub(super) fn there(plan: &Plan, options: &Options) -> Result<Options, Failure> {
    let place = &plan.place;
    for (what, given, planned) in [("cloud", &options.cloud, &place.cloud), ("region", &options.region, &place.region)]
    {
        if let Some(given) = given.as_deref().filter(|given| *given != &**planned) {
            return Err(elsewhere(what, planned, given));
        }
    }
    let set = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let project = options.project.clone().or_else(|| set(plan.project.as_str()));
    Ok(Options { cloud: set(&place.cloud), region: set(&place.region), project, ..options.clone() })
}

/// One name may mean two clouds in the files of two people.
pub(super) fn is_there(plan: &Plan, seen: &Seen) -> Result<(), Failure> {
    let facts = &seen.facts;
    if *facts.region != *plan.place.region {
        return Err(elsewhere("region", &plan.place.region, &facts.region));
    }
    let project = facts.project_id.as_ref().map_or("", |project| project.as_str());
    if project != plan.project.as_str() {
        return Err(elsewhere("project", &plan.project_text(), facts.project.as_deref().unwrap_or(project)));
    }
    Ok(())
}

fn elsewhere(what: &str, planned: &str, is: &str) -> Failure {
    Failure::new(FailureKind::Conflict, format!("The plan is for the {what} {planned}, and this is {is}"))
        .hint("A plan is started where it was made for, or made anew")
}
