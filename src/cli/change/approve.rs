//! `stackdeck approve FILE`: a second person reads a saved plan, and signs it.
//!
//! The plan is drawn anew as whoever starts it would see it, and signing in to its cloud proves who is in front of it.
//! Nothing is changed, and nothing is written down but the signature.

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Options;
use crate::cli::args::changes::{Approve, Change, Consent};
use crate::cli::change::apply::{expected, is_there, there};
use crate::cli::change::consent::{self, Asked as _};
use crate::cli::change::{Course, Seen, Told, file, look, signing};
use crate::cli::desk::desk;
use crate::cli::operations::Room;
use crate::cli::surroundings::Surroundings;
use crate::cli::{exit, report};
use crate::config::Settings;
use crate::operation::Draft;
use crate::operation::approval::Statement;
use crate::operation::saved::Saved;
use crate::operation::words::spoken;
use crate::worker::{Desk, outlives};

/// Shows the plan, asks, and signs.
pub async fn approve(approve: &Approve, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let somebody = consent::somebody();
    if !approve.yes && somebody.is_none() {
        return Err(Failure::new(FailureKind::Usage, "There is no terminal here to ask on, so nothing is signed")
            .hint("`stackdeck apply FILE --plan` shows the plan; then say --yes"));
    }
    let saved = file::read(&approve.file)?;
    expected(&approve.file, approve.expect.as_deref(), &saved)?;
    let key = signing::key(approve.key.as_deref(), around.sources.home.as_deref())?;
    let options = &there(&saved.plan, options)?;
    let settings = &report::settings(options, around)?;
    let seen = look(saved.plan.verb(), options, settings, around).await?;
    is_there(&saved.plan, &seen)?;
    let desk = desk(settings, around, Some(seen.cloud.user()));
    let statement = Statement::of(&saved, &desk.actor, desk.now())
        .map_err(|why| Failure::new(FailureKind::Conflict, format!("Your approval would not count: {why}")))?;
    let at = Desked { approve, options, settings, around, seen: &seen, saved: &saved, desk: &desk };
    let draft = at.shown().await?;
    if let Some(refused) = refused(&draft) {
        return Err(refused);
    }
    let agreed = |mut one: consent::Terminal| one.ask("Approve? [y/N] ");
    let answer = if approve.yes { Some("y".to_owned()) } else { somebody.and_then(agreed) };
    if !answer.is_some_and(|answer| matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes")) {
        let _ = writeln!(io::stderr(), "Nothing was signed");
        return Ok(ExitCode::from(exit::NOT_STARTED));
    }
    let signed = signing::sign(&statement, &key, &approve.file)?;
    at.told(&signed.display().to_string());
    Ok(ExitCode::SUCCESS)
}

/// All that an approval is made from.
struct Desked<'a> {
    approve: &'a Approve,
    options: &'a Options,
    settings: &'a Settings,
    around: &'a Surroundings,
    seen: &'a Seen,
    saved: &'a Saved,
    desk: &'a Desk,
}

impl Desked<'_> {
    /// The plan as it would be now, printed.
    async fn shown(&self) -> Result<Draft, Failure> {
        let Self { approve, options, settings, around, seen, saved, desk } = *self;
        let change = &Change::to_saved(Consent::none(), approve.listing, true);
        let approved = crate::operation::Approved::Nobody;
        let course = Course { change, options, settings, around, seen, saved: Some(saved), approved };
        let draft = course.draw(&saved.plan.intent, desk);
        let outlives = outlives(&desk.actor.user).await;
        let room = Room { options, settings, around, format: approve.listing.output };
        let estimate = room.estimate(&draft.plan)?;
        Told { seen, draft: &draft, outlives: &outlives, estimate, room: &room }.whole(change)?;
        Ok(draft)
    }

    fn told(&self, signed: &str) {
        let (typed, file, hash) = (self.around.invocation(), self.approve.file.display(), self.saved.short());
        let holds = spoken(self.settings.operations.limits.approval);
        let _ = writeln!(
            io::stderr(),
            "Approved as {signed}: beside the plan it lets another person start it for {holds}, by `{typed} apply {file} --expect {hash}`"
        );
    }
}

/// What would be refused when it is started is not approved.
fn refused(draft: &Draft) -> Option<Failure> {
    if draft.may_be_saved() {
        return None;
    }
    let failure = Failure::new(FailureKind::Conflict, "Nothing is signed: something speaks against the plan");
    Some(draft.otherwise().fold(failure, |failure, one| failure.cause(&*one.text)))
}
