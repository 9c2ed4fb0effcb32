//! Back to what ran before: which release that is, the journal tells. `stackdeck rollback SERVICE` goes by the service,
//! `stackdeck operations revert ID` by one rollout, of which it takes back what it has done.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Options;
use crate::cli::args::changes::Change;
use crate::cli::change::apply::{is_there, there};
use crate::cli::change::{Course, Seen, consent, look, mould};
use crate::cli::operations::book::{Book, LOOKED_BACK};
use crate::cli::report;
use crate::cli::surroundings::Surroundings;
use crate::fleet::ServiceKey;
use crate::fleet::release::Release;
use crate::openstack::Reader;
use crate::operation::rollback::{self, Back, Previous};
use crate::operation::{Aim, Approved, Intent, Operation, Strategy, Verb};
use crate::watch::releases;

/// The release that a service is brought back to, and where it is known from: of the operation that is named, else of the
/// newest that tells.
pub(super) async fn release(
    aim: &Aim,
    before: Option<&str>,
    book: &Book,
    seen: &Seen,
) -> Result<(Release, Back), Failure> {
    let Aim::Service(key) = aim else {
        return Err(Failure::new(FailureKind::Usage, "A service is rolled back, not its instances")
            .hint("stackdeck rollback SERVICE"));
    };
    let previous = match before {
        Some(text) => before_that(&book.story(&book.find(text)?)?.standing.operation, key)?,
        None => newest(key, book, seen)?,
    };
    read(key, previous, seen).await
}

/// Plans, asks, starts: what a rollout that is over has done is taken back.
pub async fn revert(
    operation: &Operation,
    change: &Change,
    strategy: Option<Strategy>,
    options: &Options,
    around: &Surroundings,
) -> Result<ExitCode, Failure> {
    let somebody = consent::somebody();
    consent::possible(change, somebody.is_some())?;
    let options = &there(&operation.plan, options)?;
    let settings = &report::settings(options, around)?;
    let seen = look(Verb::RollBack, options, settings, around).await?;
    is_there(&operation.plan, &seen)?;
    let key = of(operation)?;
    let previous = before_that(operation, key)?;
    let service = seen.fleet.service(key);
    if service.is_some_and(|service| rollback::is_run_by_all(&previous, &seen.fleet, service)) {
        let _ = writeln!(io::stderr(), "All of {} runs {} already: nothing was started", key.name, previous.title());
        return Ok(ExitCode::SUCCESS);
    }
    let (release, back) = read(key, previous, &seen).await?;
    let intent = Intent {
        strategy: strategy.unwrap_or(settings.operations.strategy),
        release: Some(release),
        back: Some(back),
        break_glass: change.break_glass.clone(),
        ..Intent::new(Verb::RollBack, Aim::Service(key.clone()))
    };
    let intent = mould::moulded(intent, &seen).await?;
    let approved = Approved::Nobody;
    Course { change, options, settings, around, seen: &seen, saved: None, approved }.run(&intent, somebody).await
}

/// The service that a rollout was of.
pub fn of(operation: &Operation) -> Result<&ServiceKey, Failure> {
    let former = operation.plan.former.as_ref();
    former.map(|former| &former.service).ok_or_else(|| {
        let message = format!("Operation {} brought no service to a release: {}", operation.id, operation.plan.title);
        Failure::new(FailureKind::Conflict, message)
    })
}

fn before_that(operation: &Operation, key: &ServiceKey) -> Result<Previous, Failure> {
    let service = of(operation)?;
    if service != key {
        let message = format!("Operation {} was of {}, not of {}", operation.id, service.name, key.name);
        return Err(Failure::new(FailureKind::Conflict, message));
    }
    rollback::before(operation).map(|(_, previous)| previous).ok_or_else(|| {
        let message = format!("Before operation {} not all of {} ran the same", operation.id, key.name);
        let ran = operation.plan.former.as_ref().map(rollback::Former::list).unwrap_or_default();
        Failure::new(FailureKind::Conflict, message).cause(ran).hint(choose(key))
    })
}

fn newest(key: &ServiceKey, book: &Book, seen: &Seen) -> Result<Previous, Failure> {
    let known = book.operations(LOOKED_BACK)?;
    let service = seen.fleet.service(key);
    let previous = service.and_then(|service| rollback::previous(&known, &seen.fleet, service));
    previous.ok_or_else(|| {
        let message = format!("No rollout in this journal tells what {} ran before", key.name);
        Failure::new(FailureKind::NotFound, message).hint(choose(key))
    })
}

fn choose(key: &ServiceKey) -> String {
    format!("`stackdeck rollout service/{} --to RELEASE` brings it to the one that you choose", key.name)
}

/// The image as it is now.
async fn read(key: &ServiceKey, previous: Previous, seen: &Seen) -> Result<(Release, Back), Failure> {
    let reader: Arc<dyn Reader> = Arc::new(seen.cloud.clone());
    let image = releases::one(&reader, &previous.image, &key.name).await.map_err(|failure| {
        let message = format!("{} ran {} before, and its image cannot be read", key.name, previous.title());
        Failure::new(failure.kind, message).cause(failure.to_string()).hint(choose(key))
    })?;
    Ok((previous.release(image), previous.back))
}
