//! `stackdeck restart`, `rebuild`, `rollout` and the other verbs that change something: from what was typed to an operation
//! under way.
//!
//! One look at the cloud, one plan, one yes, one worker. What may be done is decided by
//! [`draft()`](crate::operation::draft()) alone; here it is shown, asked about, and handed in.

pub mod aim;
pub mod apply;
pub mod approve;
pub mod clean;
pub mod consent;
mod file;
mod mould;
mod release;
mod review;
pub mod rollback;
mod signing;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::ProjectId;
use crate::cli::args::changes::{Change, Lock, Rebuild, Remove, Replace, Restart};
use crate::cli::args::{self, Format, Options};
use crate::cli::desk::desk;
use crate::cli::json::operation::{PlanDocument, PlanOf};
use crate::cli::json::{self, Envelope, Missing, SCHEMA, Scope};
use crate::cli::look::Look;
use crate::cli::operations::Room;
use crate::cli::operations::book::Book;
use crate::cli::progress::Progress;
use crate::cli::signin;
use crate::cli::surroundings::Surroundings;
use crate::cli::{exit, report, verb};
use crate::config::Settings;
use crate::fleet::service::Fleet;
use crate::fleet::sources::Place;
use crate::openstack::{Cloud, SessionFacts};
use crate::operation::estimate::Estimate;
use crate::operation::intent::LONGEST_REASON;
use crate::operation::saved::Saved;
use crate::operation::words;
use crate::operation::{
    Approved, Credentials, Draft, Freeze, Guard, Intent, Limits, Objection, ProjectName, Reboot, Strategy, Verb, draft,
};
use crate::worker::{self, Desk, Outlives, outlives};
use consent::Asked;
use review::Review;

/// What is wished, as it was typed.
pub struct Wished<'a> {
    verb: Verb,
    reason: Option<&'a str>,
    undrained: bool,
    downtime: bool,
    straight: bool,
    size: Option<usize>,
    to: Option<&'a str>,
    strategy: Option<Strategy>,
    before: Option<&'a str>,
    change: &'a Change,
}

impl<'a> Wished<'a> {
    /// The wish of a changing verb; `None` for the others.
    pub fn of(verb: &'a args::Verb) -> Option<Self> {
        let (undrained, downtime, straight) = (false, false, false);
        let (reason, size, to, strategy, before) = (None, None, None, None, None);
        let plain =
            |verb, change| Wished { verb, reason, undrained, downtime, straight, size, to, strategy, before, change };
        let locks =
            |verb, Lock { change, reason }: &'a Lock| Wished { reason: reason.as_deref(), ..plain(verb, change) };
        let rebuilds = |verb, Rebuild { change, no_drain, accept_downtime }: &'a Rebuild| Wished {
            undrained: *no_drain,
            downtime: *accept_downtime,
            ..plain(verb, change)
        };
        let removes = |verb, Remove { change, no_drain, accept_downtime }: &'a Remove| Wished {
            undrained: *no_drain,
            downtime: *accept_downtime,
            ..plain(verb, change)
        };
        Some(match verb {
            args::Verb::Remove(remove) => removes(Verb::Remove, remove),
            args::Verb::Replace(Replace { change, no_drain }) => {
                Wished { undrained: *no_drain, ..plain(Verb::Replace, change) }
            }
            args::Verb::Scale(scale) => Wished { size: Some(scale.to), ..removes(Verb::Scale, &scale.remove) },
            args::Verb::Restart(Restart { change, hard, no_drain }) => {
                let verb = Verb::Restart(if *hard { Reboot::Hard } else { Reboot::Soft });
                Wished { undrained: *no_drain, ..plain(verb, change) }
            }
            args::Verb::Stop(change) => plain(Verb::Stop, change),
            args::Verb::Start(change) => plain(Verb::Start, change),
            args::Verb::Unlock(change) => plain(Verb::Unlock, change),
            args::Verb::Drain(change) => plain(Verb::Drain, change),
            args::Verb::PutBack(change) => plain(Verb::PutBack, change),
            args::Verb::Lock(lock) => locks(Verb::Lock, lock),
            args::Verb::Quarantine(lock) => locks(Verb::Quarantine, lock),
            args::Verb::Rebuild(rebuild) => rebuilds(Verb::Rebuild, rebuild),
            args::Verb::Rollout(rollout) => {
                let wished = rebuilds(Verb::RollOut, &rollout.rebuild);
                Wished { to: Some(&rollout.to), straight: rollout.straight, strategy: rollout.strategy, ..wished }
            }
            args::Verb::Rollback(rollback) => {
                let wished = rebuilds(Verb::RollBack, &rollback.rebuild);
                Wished { before: rollback.before.as_deref(), strategy: rollback.strategy, ..wished }
            }
            _ => return None,
        })
    }
}

/// Plans, asks, starts, and follows where that is wished.
pub async fn change(wished: Wished<'_>, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let change = wished.change;
    let somebody = consent::somebody();
    consent::possible(change, somebody.is_some())?;
    if wished.reason.is_some_and(|reason| reason.chars().count() > LONGEST_REASON) {
        return Err(Failure::new(FailureKind::Usage, format!("A reason has at most {LONGEST_REASON} characters")));
    }
    let settings = &report::settings(options, around)?;
    let seen = look(wished.verb, options, settings, around).await?;
    let intent = intent(&wished, settings, &seen).await?;
    let approved = Approved::Nobody;
    Course { change, options, settings, around, seen: &seen, saved: None, approved }.run(&intent, somebody).await
}

/// From a wish to an operation under way.
struct Course<'a> {
    change: &'a Change,
    options: &'a Options,
    settings: &'a Settings,
    around: &'a Surroundings,
    seen: &'a Seen,
    /// The plan that it has to be, where it was read from a file.
    saved: Option<&'a Saved>,
    /// Whether a second person has approved that.
    approved: Approved,
}

impl Course<'_> {
    async fn run(&self, intent: &Intent, mut somebody: Option<consent::Terminal>) -> Result<ExitCode, Failure> {
        let Course { change, options, settings, around, seen, .. } = *self;
        let desk = desk(settings, around, Some(seen.cloud.user()));
        let draft = self.draw(intent, &desk);
        let outlives = outlives(&desk.actor.user).await;
        let room = Room { options, settings, around, format: change.listing.output };
        let estimate = room.estimate(&draft.plan)?;
        let told = Told { seen, draft: &draft, outlives: &outlives, estimate, room: &room };
        if let Some(file) = &change.plan {
            told.whole(change)?;
            return match file {
                Some(file) => told.save(file, &desk),
                None => Ok(told.could_start()),
            };
        }
        told.before_asking(change, somebody.is_some())?;
        if draft.is_idle() {
            return told.nothing_to_do();
        }
        told.refuse()?;
        let ticket = consent::ticket(&draft, change, somebody.as_mut().map(|one| one as &mut dyn Asked))?;
        if !consent::consent(&draft, &outlives, change, somebody.as_mut().map(|one| one as &mut dyn Asked))? {
            let _ = writeln!(io::stderr(), "Nothing was started");
            return Ok(ExitCode::from(exit::NOT_STARTED));
        }
        let id = desk.approve(&draft, ticket)?;
        let claim = desk.start(&id, Some(&seen.cloud.grant())).await.map_err(|failure| {
            let resume = format!("`{} operations resume {}` starts it", around.invocation(), id.short());
            failure.hint(format!("Operation {id} is approved and has not begun: {resume}"))
        })?;
        let what = format!("{}, {}", draft.plan.title, words::telling(&claim.event, &claim.by));
        room.follow_or_tell(&id, &what, change.consent.wait, 0).await
    }

    /// The plan for the fleet as it is now, with all that speaks against it.
    fn draw(&self, intent: &Intent, desk: &Desk) -> Draft {
        let Course { settings, seen, saved, .. } = *self;
        // A journal that cannot be read is told below, and again when something is approved.
        let busy = desk.busy(desk.now()).unwrap_or_default();
        let frozen = Freeze::in_force(&settings.operations.freezes, &seen.facts.cloud, desk.now());
        let guard = Guard { busy, frozen, approved: self.approved.clone(), ..guard(settings, &seen.facts) };
        // How long is waited for what, was agreed to too: whoever starts a saved plan may have other settings.
        let limits = saved.map_or(settings.operations.limits, |saved| saved.plan.limits);
        let mut draft = plan(intent, seen, limits, &guard);
        if !draft.is_idle()
            && let Err(failure) = desk.ready()
        {
            // Without a record nothing is changed: that is told with the plan, not after the yes.
            draft.objections.push(Objection { target: None, text: failure.message });
        }
        if let Some(saved) = saved {
            let against = saved.speaks_against(&draft, desk.now());
            draft.objections.extend(against.into_iter().map(|text| Objection { target: None, text }));
            draft.plan.saved = Some(saved.origin());
        }
        draft
    }
}

/// What was seen of the cloud.
struct Seen {
    cloud: Cloud,
    facts: SessionFacts,
    fleet: Arc<Fleet>,
    missing: Vec<(&'static str, Failure)>,
    as_of: Timestamp,
}

async fn look(verb: Verb, options: &Options, settings: &Settings, around: &Surroundings) -> Result<Seen, Failure> {
    let mut progress = Progress::on_standard_error();
    let clouds = around.clouds();
    let cloud = signin::connect(&clouds, options, settings, &around.clock, &mut progress).await?;
    let watched = verb::watch_settings(options, settings, around.pace);
    let mut look = Look::start(cloud.clone(), watched, around.clock.clone(), progress);
    // Who locks an instance, or switches it on or off, does not wait for its balancers.
    let fleet = match verb {
        Verb::Lock | Verb::Unlock | Verb::Start | Verb::Stop => look.fleet().await?,
        _ => look.seated().await?,
    };
    let (missing, as_of) = look.end();
    let as_of = as_of.unwrap_or_else(|| around.clock.now());
    Ok(Seen { facts: cloud.session(), cloud, fleet, missing, as_of })
}

async fn intent(wished: &Wished<'_>, settings: &Settings, seen: &Seen) -> Result<Intent, Failure> {
    let aim = aim::aim(wished.verb, wished.change, &seen.fleet)?;
    let (release, back) = match wished.to {
        Some(to) => (Some(release::named(to, &aim, seen).await?), None),
        None if wished.verb == Verb::RollBack => {
            let book = Book::open(&settings.state_dir)?;
            let (release, back) = rollback::release(&aim, wished.before, &book, seen).await?;
            (Some(release), Some(back))
        }
        None => (None, None),
    };
    let intent = Intent {
        reason: wished.reason.map(str::to_owned),
        undrained: wished.undrained,
        downtime: wished.downtime,
        straight: wished.straight,
        break_glass: wished.change.break_glass.clone(),
        size: wished.size,
        strategy: wished.strategy.unwrap_or(settings.operations.strategy),
        release,
        back,
        ..Intent::new(wished.verb, aim)
    };
    mould::moulded(intent, seen).await
}

fn plan(intent: &Intent, seen: &Seen, limits: Limits, guard: &Guard) -> Draft {
    let facts = &seen.facts;
    let place = Place { cloud: facts.cloud.as_str().into(), region: facts.region.as_str().into() };
    let project = facts.project_id.clone().unwrap_or_else(|| ProjectId::from(""));
    let drawn = draft(intent, &seen.fleet, &place, &project, guard, limits);
    let name = facts.project.clone();
    drawn.called(name.map(|name| ProjectName { name, domain: facts.project_domain.clone() }))
}

/// What holds for this cloud, and for this role.
fn guard(settings: &Settings, facts: &SessionFacts) -> Guard {
    Guard {
        read_only: settings.is_read_only(&facts.cloud),
        protected: settings.cloud(&facts.cloud).protected,
        ticket: settings.wants_ticket(&facts.cloud),
        admin: facts.roles.iter().any(|role| role.eq_ignore_ascii_case("admin")),
        asks: settings.metrics.probes.asks_versions(),
        busy: Vec::new(),
        frozen: Vec::new(),
        rails: settings.rails(&facts.cloud),
        approved: Approved::Nobody,
    }
}

/// The plan, on its way to whoever reads it.
struct Told<'a> {
    seen: &'a Seen,
    draft: &'a Draft,
    outlives: &'a Outlives,
    estimate: Estimate,
    room: &'a Room<'a>,
}

impl Told<'_> {
    /// All of it on standard output.
    fn whole(&self, change: &Change) -> Result<(), Failure> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let printed = match self.room.format {
            Format::Table => self.for_people(change, &mut out),
            Format::Json => self.for_programs(&mut out),
        };
        verb::end(printed.and_then(|()| out.flush()))?;
        if self.room.format == Format::Table {
            self.seen.missing.iter().for_each(|(source, why)| report::missing(source, why, &mut io::stderr()));
        }
        Ok(())
    }

    /// For people where people read; a program's standard output stays free for its one document.
    fn before_asking(&self, change: &Change, asked: bool) -> Result<(), Failure> {
        match self.room.format {
            Format::Table => self.whole(change),
            Format::Json if asked => verb::end(self.for_people(change, &mut io::stderr())).map(drop),
            Format::Json => Ok(()),
        }
    }

    fn for_people(&self, change: &Change, out: &mut dyn Write) -> io::Result<()> {
        let Room { settings, around, .. } = self.room;
        let review = Review {
            draft: self.draft,
            user: &self.seen.cloud.user(),
            project: self.seen.facts.project.as_deref(),
            pools: &self.seen.fleet.pools,
            ticket: change.consent.ticket.as_deref(),
            outlives: self.outlives,
            estimate: self.estimate,
            credentials: self.credentials(),
            now: around.pace.cloud(around.clock.now()),
            alone: change.plan.is_some(),
        };
        review.print(verb::wants_colour(settings, around), out)
    }

    fn credentials(&self) -> Credentials {
        worker::sign_in::credentials(&self.seen.facts, self.room.around.pace)
    }

    fn for_programs(&self, out: &mut dyn Write) -> io::Result<()> {
        let facts = &self.seen.facts;
        let scope = Scope {
            cloud: &facts.cloud,
            region: &facts.region,
            project: facts.project.as_deref(),
            all_projects: self.room.options.all_projects,
            user: &facts.user,
            roles: &facts.roles,
        };
        let missing = self.seen.missing.iter().map(|(source, why)| Missing { source, failure: why.into() }).collect();
        let now = self.room.around.pace.cloud(self.room.around.clock.now());
        let life = self.draft.plan.token_life(&self.credentials(), now);
        let found = PlanDocument { plan: PlanOf::of(self.draft, self.outlives, self.estimate, life) };
        json::print(&Envelope { schema: SCHEMA, scope, as_of: self.seen.as_of, missing, found }, out)
    }

    fn nothing_to_do(&self) -> Result<ExitCode, Failure> {
        if self.room.format == Format::Json {
            let mut out = io::BufWriter::new(io::stdout().lock());
            return verb::end(self.for_programs(&mut out).and_then(|()| out.flush()));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Saves what could be started, and tells its hash where no document is disturbed.
    fn save(&self, file: &Path, desk: &Desk) -> Result<ExitCode, Failure> {
        if !self.draft.may_be_saved() {
            let _ = writeln!(io::stderr(), "Nothing was saved: only what can be started is");
            return Ok(self.could_start());
        }
        let saved = Saved::of(self.draft, &desk.actor, desk.now())
            .map_err(|error| Failure::new(FailureKind::Bug, "The plan cannot be saved").cause(error.to_string()))?;
        file::write(file, &saved)?;
        let (shown, typed) = (file.display(), self.room.around.invocation());
        let starts = format!("`{typed} apply {shown} --expect {}` starts it", saved.short());
        let first = match self.draft.unapproved {
            Some(_) => {
                format!("`{typed} approve {shown} --expect {}` by another person signs it, then ", saved.short())
            }
            None => String::new(),
        };
        let _ = writeln!(io::stderr(), "Saved as {shown}: {first}{starts}");
        Ok(ExitCode::SUCCESS)
    }

    fn is_read_only(&self) -> bool {
        self.room.settings.is_read_only(&self.seen.facts.cloud)
    }

    fn could_start(&self) -> ExitCode {
        if self.draft.may_start() || self.draft.is_idle() {
            return ExitCode::SUCCESS;
        }
        exit::of(self.refusal())
    }

    fn refusal(&self) -> FailureKind {
        if self.is_read_only() { FailureKind::Forbidden } else { FailureKind::Conflict }
    }

    /// What speaks against it, as a failure.
    fn refuse(&self) -> Result<(), Failure> {
        if self.draft.may_start() {
            return Ok(());
        }
        let failure = Failure::new(self.refusal(), "Nothing is started: something speaks against it");
        let failure = self.draft.objections.iter().fold(failure, |failure, one| failure.cause(&*one.text));
        Err(match self.draft.without_refused() {
            Some(_) => failure.hint("The other targets can be done without it"),
            None => failure,
        })
    }
}
