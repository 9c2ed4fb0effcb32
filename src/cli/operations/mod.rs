//! `stackdeck operations`: what was asked for, how it stands, and what may still be asked.
//!
//! Reading makes nothing: not even the state folder. What is asked goes through the worker's desk, as from the console.

pub mod book;
pub mod follow;
pub mod print;

use std::io::{self, Write};
use std::process::ExitCode;

use secrecy::SecretString;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::changes::{NEWEST, Operations, OperationsVerb, Revert, Telling};
use crate::cli::args::{Format, Options};
use crate::cli::change::clean::clean;
use crate::cli::change::{consent, rollback};
use crate::cli::desk::desk;
use crate::cli::json::{self, operation as documents};
use crate::cli::progress::Progress;
use crate::cli::surroundings::Surroundings;
use crate::cli::{exit, report, signin, verb};
use crate::config::Settings;
use crate::operation::estimate::{Estimate, estimate};
use crate::operation::fold::Stage;
use crate::operation::handoff::handoff;
use crate::operation::record::{Pause, Verdict, Wish};
use crate::operation::{Operation, OperationId, Plan};
use crate::worker::Standing;
use book::{Book, LOOKED_BACK, Story};

/// What a verb about operations needs beside its own arguments.
pub struct Room<'a> {
    /// The command line's flags.
    pub options: &'a Options,
    /// The settings.
    pub settings: &'a Settings,
    /// Environment, folders, clock.
    pub around: &'a Surroundings,
    /// Table or JSON.
    pub format: Format,
}

/// Answers the verb.
pub async fn operations(arguments: &Operations, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let settings = &report::settings(options, around)?;
    let format = if arguments.output == Telling::Json { Format::Json } else { Format::Table };
    let room = Room { options, settings, around, format };
    match &arguments.verb {
        Some(OperationsVerb::Show { id }) if arguments.output == Telling::Md => room.hand_over(id),
        _ if arguments.output == Telling::Md => {
            let failure = Failure::new(FailureKind::Usage, "One operation is told as Markdown, and not what goes on");
            Err(failure.hint("stackdeck operations show ID -o md"))
        }
        None => room.list(NEWEST),
        Some(OperationsVerb::List { newest }) => room.list(*newest),
        Some(OperationsVerb::Show { id }) => {
            let book = room.book()?;
            let story = book.story(&book.find(id)?)?;
            room.end(&book, &story).map(|()| ExitCode::SUCCESS)
        }
        Some(OperationsVerb::Watch { id }) => {
            let id = room.book()?.find(id)?;
            room.watch(&id, 0).await
        }
        Some(OperationsVerb::Resume { id, wait }) => room.resume(id, *wait).await,
        Some(OperationsVerb::Abort { id, wait }) => room.abort(id, *wait).await,
        Some(OperationsVerb::Revert(arguments)) => room.revert(arguments).await,
        Some(OperationsVerb::Clean(arguments)) => clean(arguments, format, options, around).await,
    }
}

impl Room<'_> {
    /// The journal, to read.
    pub fn book(&self) -> Result<Book, Failure> {
        Book::open(&self.settings.state_dir)
    }

    /// How long a plan takes, by what the journal tells.
    pub fn estimate(&self, plan: &Plan) -> Result<Estimate, Failure> {
        Ok(estimate(plan, &self.book()?.operations(LOOKED_BACK)?))
    }

    fn list(&self, newest: usize) -> Result<ExitCode, Failure> {
        let book = self.book()?;
        let rows: Vec<print::Row> = book
            .newest(newest)?
            .into_iter()
            .map(|listed| match listed {
                Ok(listed) => (Some(listed.id.clone()), book.story(&listed.id).map(|story| story.standing)),
                Err(failure) => (None, Err(failure)),
            })
            .collect();
        let mut out = io::BufWriter::new(io::stdout().lock());
        let printed = match self.format {
            Format::Table => print::list(&rows, self.now(), self.colour(), &mut out),
            Format::Json => {
                let known = rows.iter().filter_map(|(_, standing)| standing.as_ref().ok());
                let operations = known.map(|standing| documents::OperationOf::of(standing, self.now())).collect();
                json::print(&documents::Operations { schema: json::SCHEMA, operations }, &mut out)
            }
        };
        if self.format == Format::Json {
            // What cannot be told has no fields; it is told all the same.
            let unreadable = rows.iter().filter_map(|(_, standing)| standing.as_ref().err());
            unreadable.for_each(|failure| report::failure(failure, &mut io::stderr()));
        }
        verb::end(printed.and_then(|()| out.flush()))
    }

    /// Prints one whole, for whoever takes over.
    fn hand_over(&self, id: &str) -> Result<ExitCode, Failure> {
        let book = self.book()?;
        let Story { standing, records } = book.story(&book.find(id)?)?;
        let text = handoff(&standing.operation, &records, standing.holder.is_some());
        let mut out = io::BufWriter::new(io::stdout().lock());
        verb::end(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    /// Follows an operation from the record after `told` on, tells how it ended, and returns the exit code of that.
    pub async fn watch(&self, id: &OperationId, told: u64) -> Result<ExitCode, Failure> {
        self.follow(id, told).await.map(|operation| exit::of_stage(operation.stage))
    }

    async fn follow(&self, id: &OperationId, told: u64) -> Result<Operation, Failure> {
        let book = self.book()?;
        let mut out = io::stdout();
        let tells = (self.format == Format::Table).then_some(&mut out as &mut dyn Write);
        let story = follow::follow(&book, id, told, tells).await?;
        if self.format == Format::Table {
            let _ = writeln!(io::stdout());
        }
        self.end(&book, &story)?;
        if self.format == Format::Table {
            self.advise(&story.standing);
        }
        Ok(story.standing.operation)
    }

    /// Prints an operation as it stands.
    pub fn end(&self, book: &Book, story: &Story) -> Result<(), Failure> {
        let head = book.head()?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        let standing = &story.standing;
        let printed = match self.format {
            Format::Table => {
                let head = standing.operation.is_over().then_some(head.as_str());
                print::whole(standing, self.now(), head, self.colour(), &mut out)
            }
            Format::Json => {
                let plan = Some(&standing.operation.plan);
                let document = documents::OperationDocument {
                    schema: json::SCHEMA,
                    operation: documents::OperationOf::of(standing, self.now()),
                    records: story.records.iter().map(|record| documents::RecordOf::of(record, plan)).collect(),
                    journal_head: &head,
                };
                json::print(&document, &mut out)
            }
        };
        verb::end(printed.and_then(|()| out.flush())).map(drop)
    }

    /// What can be done about one that nobody drives.
    fn advise(&self, standing: &Standing) {
        if standing.operation.is_over() || standing.holder.is_some() {
            return;
        }
        let (typed, id) = (self.around.invocation(), standing.operation.id.short());
        let on = if standing.operation.stage == Stage::Paused(Pause::Checkpoint) { "promote" } else { "resume" };
        let _ = writeln!(
            io::stderr(),
            "It goes on with `{typed} operations {on} {id}`, and ends with `{typed} operations abort {id}`"
        );
    }

    /// Tells that a worker has it, and how to follow; unless it is being ended, how to end it.
    pub fn tell_started(&self, id: &OperationId, what: &str) {
        let ending =
            self.book().and_then(|book| book.story(id)).is_ok_and(|story| story.standing.operation.abort_asked);
        let (typed, short) = (self.around.invocation(), id.short());
        let end =
            if ending { String::new() } else { format!(", end it early with `{typed} operations abort {short}`") };
        let follow = format!("Follow it with `{typed} operations watch {short}`");
        let _ = writeln!(io::stdout(), "Operation {id}: {what}\n{follow}{end}");
    }

    /// Follows it where that is wished, from the record after `told` on; else tells how it stands now.
    pub async fn follow_or_tell(
        &self,
        id: &OperationId,
        what: &str,
        wait: bool,
        told: u64,
    ) -> Result<ExitCode, Failure> {
        if self.format == Format::Table {
            self.tell_started(id, what);
        }
        if wait {
            return self.watch(id, told).await;
        }
        if self.format == Format::Json {
            let book = self.book()?;
            self.end(&book, &book.story(id)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn resume(&self, which: &str, wait: bool) -> Result<ExitCode, Failure> {
        let book = self.book()?;
        let id = book.find(which)?;
        let mut standing = book.story(&id)?.standing;
        if let Stage::Paused(_) = standing.operation.stage {
            // Its worker may be just leaving, and would not hear what is asked.
            standing = follow::follow(&book, &id, 0, None).await?.standing;
        }
        self.still_open(&standing)?;
        let plan = &standing.operation.plan;
        if self.settings.is_read_only(&plan.place.cloud) {
            let message = format!("{} is opened read-only: nothing is changed there", plan.place.cloud);
            return Err(Failure::new(FailureKind::Forbidden, message));
        }
        if let Some(holder) = &standing.holder {
            return self.follow_or_tell(&id, &format!("{holder} drives it already"), wait, 0).await;
        }
        desk(self.settings, self.around, None).may_begin(&standing.operation)?;
        let (user, grant) = self.sign_in(&standing.operation).await?;
        let desk = desk(self.settings, self.around, Some(user));
        if let Stage::Paused(_) = standing.operation.stage {
            desk.ask(&id, Wish::Resume)?;
        }
        desk.start(&id, Some(&grant)).await?;
        self.follow_or_tell(&id, "it goes on", wait, standing.operation.last).await
    }

    async fn abort(&self, which: &str, wait: bool) -> Result<ExitCode, Failure> {
        let book = self.book()?;
        let id = book.find(which)?;
        let before = book.story(&id)?.standing;
        self.still_open(&before)?;
        desk(self.settings, self.around, None).ask(&id, Wish::Abort)?;
        let mut standing = book.story(&id)?.standing;
        if let Stage::Paused(_) = standing.operation.stage {
            standing = follow::follow(&book, &id, 0, None).await?.standing;
        }
        if standing.holder.is_none() && !standing.operation.is_over() {
            let grant = self.grant_to_see_it_end(&standing.operation).await;
            desk(self.settings, self.around, None).start(&id, grant.as_ref()).await?;
        }
        let code = self
            .follow_or_tell(
                &id,
                "it begins nothing more; what is under way is seen to its end, and what was drained is put back",
                wait,
                before.operation.last,
            )
            .await?;
        let ended = book.story(&id)?.standing.operation.stage;
        Ok(if ended == Stage::Finished(Verdict::Aborted) { ExitCode::SUCCESS } else { code })
    }

    /// Ends it, where it is not over, and takes back what it has done.
    async fn revert(&self, revert: &Revert) -> Result<ExitCode, Failure> {
        let change = &revert.of.change(self.format);
        let book = self.book()?;
        let id = book.find(&revert.of.id)?;
        let standing = book.story(&id)?.standing;
        rollback::of(&standing.operation)?;
        if !standing.operation.is_over() {
            if change.plan.is_some() {
                let message = format!(
                    "Operation {id} is not over: {}; what would be taken back is not known yet",
                    standing.word()
                );
                let hint = format!("`{} operations abort {}` ends it", self.around.invocation(), id.short());
                return Err(Failure::new(FailureKind::Conflict, message).hint(hint));
            }
            consent::possible(change, consent::somebody().is_some())?;
            self.abort(&revert.of.id, true).await?;
        }
        let operation = book.story(&id)?.standing.operation;
        rollback::revert(&operation, change, revert.strategy, self.options, self.around).await
    }

    fn still_open(&self, standing: &Standing) -> Result<(), Failure> {
        if !standing.operation.is_over() {
            return Ok(());
        }
        let id = &standing.operation.id;
        Err(Failure::new(FailureKind::Conflict, format!("Operation {id} is over: {}", standing.word())).hint(format!(
            "`{} operations show {}` tells all of it",
            self.around.invocation(),
            id.short()
        )))
    }

    /// A call that is under way wants to be looked at, and what was taken to be given back. Without a sign-in the worker
    /// tries by itself, and may pause.
    async fn grant_to_see_it_end(&self, operation: &Operation) -> Option<SecretString> {
        // What is left of one that winds down.
        operation.current()?;
        match self.sign_in(operation).await {
            Ok((_, grant)) => Some(grant),
            Err(failure) => {
                report::failure(&failure, &mut io::stderr());
                None
            }
        }
    }

    /// Signs in where the operation is: who that is, and the token for its worker.
    async fn sign_in(&self, operation: &Operation) -> Result<(String, SecretString), Failure> {
        let plan = &operation.plan;
        let set = |text: String| Some(text).filter(|text| !text.is_empty());
        let options = Options {
            cloud: Some(plan.place.cloud.to_string()),
            region: set(plan.place.region.to_string()),
            project: set(plan.project.to_string()),
            ..self.options.clone()
        };
        let mut progress = Progress::on_standard_error();
        let clouds = self.around.clouds();
        let clock = &self.around.clock;
        // Where a token was refused, the kept one is none that helps.
        let cloud = match operation.stage {
            Stage::Paused(Pause::Credentials) => {
                signin::connect_anew(&clouds, &options, self.settings, clock, &mut progress).await?
            }
            _ => signin::connect(&clouds, &options, self.settings, clock, &mut progress).await?,
        };
        Ok((cloud.user(), cloud.grant()))
    }

    /// The time, as records bear it.
    fn now(&self) -> Timestamp {
        self.around.pace.cloud(self.around.clock.now())
    }

    fn colour(&self) -> bool {
        verb::wants_colour(self.settings, self.around)
    }
}
