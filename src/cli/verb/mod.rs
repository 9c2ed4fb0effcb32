//! The verbs that look: sign in, look once, print.
//!
//! To add one: a variant of [`Verb`](crate::cli::args::Verb), a file here that prints it for people, a document in
//! [`json`] for programs, a line in [`Question`].

mod cloud;
mod instance;
pub(super) mod instances;
mod section;
mod services;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::base::clock::{Pace, Timestamp};
use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::{Format, Options};
use crate::cli::json::{self, Envelope, Missing, SCHEMA, Scope};
use crate::cli::look::Look;
use crate::cli::progress::Progress;
use crate::cli::report;
use crate::cli::signin;
use crate::cli::surroundings::Surroundings;
use crate::config::{ColourMode, Settings};
use crate::openstack::SessionFacts;
use crate::watch;

/// What is asked of the cloud.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// All services.
    Services,
    /// All instances.
    Instances,
    /// One instance.
    Instance(&'a str),
    /// The cloud itself.
    Cloud,
}

/// Everything that printing needs to know beside what was found.
pub(super) struct Answer<'a> {
    pub(super) format: Format,
    pub(super) facts: &'a SessionFacts,
    pub(super) all_projects: bool,
    pub(super) missing: &'a [(&'static str, Failure)],
    pub(super) as_of: Timestamp,
    /// The cloud's time when it was read: ages are told by it.
    pub(super) now_in_the_cloud: Timestamp,
    pub(super) colour: bool,
}

impl Answer<'_> {
    /// Prints a document for programs.
    pub(super) fn json(&self, found: impl Serialize, out: &mut dyn Write) -> io::Result<()> {
        let scope = Scope {
            cloud: &self.facts.cloud,
            region: &self.facts.region,
            project: self.facts.project.as_deref(),
            all_projects: self.all_projects,
            user: &self.facts.user,
            roles: &self.facts.roles,
        };
        let missing = self.missing.iter().map(|(source, why)| Missing { source, failure: why.into() }).collect();
        json::print(&Envelope { schema: SCHEMA, scope, as_of: self.as_of, missing, found }, out)
    }
}

/// Asks, and prints the answer on standard output.
pub async fn answer(
    question: Question<'_>,
    format: Format,
    options: &Options,
    settings: &Settings,
    around: &Surroundings,
) -> Result<ExitCode, Failure> {
    let mut progress = Progress::on_standard_error();
    let clouds = around.clouds();
    let cloud = signin::connect(&clouds, options, settings, &around.clock, &mut progress).await?;
    let facts = cloud.session();
    let watched = match question {
        Question::Services => measuring(options, settings, around.pace),
        _ => watch_settings(options, settings, around.pace),
    };
    let mut look = Look::start(cloud, watched, around.clock.clone(), progress);
    let found = find(question, &mut look, settings).await?;
    let (missing, as_of) = look.end();
    let as_of = as_of.unwrap_or_else(|| around.clock.now());
    let answer = Answer {
        format,
        facts: &facts,
        all_projects: options.all_projects,
        missing: &missing,
        as_of,
        now_in_the_cloud: around.pace.cloud(as_of),
        colour: wants_colour(settings, around),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let printed = found.print(&answer, &mut out).and_then(|()| out.flush());
    if format == Format::Table {
        missing.iter().for_each(|(source, why)| report::missing(source, why, &mut io::stderr()));
    }
    end(printed)
}

/// What was found, still as the fleet's nouns.
enum Found {
    Services(Box<services::Found>),
    Instances(instances::Found),
    Instance(instance::Found),
    Cloud(cloud::Found),
}

async fn find(question: Question<'_>, look: &mut Look, settings: &Settings) -> Result<Found, Failure> {
    Ok(match question {
        Question::Services => Found::Services(Box::new(services::find(look, settings).await?)),
        Question::Instances => Found::Instances(look.fleet().await?),
        Question::Instance(which) => Found::Instance(instance::find(which, look).await?),
        Question::Cloud => Found::Cloud(look.control_plane().await?),
    })
}

impl Found {
    fn print(&self, answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Found::Services(found) => services::print(found, answer, out),
            Found::Instances(fleet) => instances::print(fleet, answer, out),
            Found::Instance(found) => instance::print(found, answer, out),
            Found::Cloud(cloud) => cloud::print(cloud, answer, out),
        }
    }
}

/// What the watch is told by settings and flags.
pub(super) fn watch_settings(options: &Options, settings: &Settings, pace: Pace) -> watch::Settings {
    watch::Settings {
        all_projects: options.all_projects,
        pace,
        rules: settings.grouping.clone(),
        intervals: watch::Intervals { overlap: settings.watch.overlap, ..watch::Intervals::default() },
        ..watch::Settings::default()
    }
}

/// So many requests a minute may measure where one look is all: whoever goes on looking keeps to what is configured.
const AT_ONCE: u32 = 240;

/// The same, and who measures load is asked too, once.
pub(super) fn measuring(options: &Options, settings: &Settings, pace: Pace) -> watch::Settings {
    let requests = settings.metrics.requests.max(AT_ONCE);
    let once = || {
        let mut metrics = watch::metrics::Settings { requests, ..settings.metrics.clone() };
        // A round of checks takes seconds. On a clock that runs faster, what all others tell grows old meanwhile.
        metrics.probes.enabled &= pace.rate() <= 1.0;
        metrics
    };
    let metrics = settings.metrics.enabled.then(once);
    watch::Settings { metrics, ..watch_settings(options, settings, pace) }
}

/// Whether tables are coloured: on a terminal, unless somebody said no.
pub(super) fn wants_colour(settings: &Settings, around: &Surroundings) -> bool {
    match settings.color {
        ColourMode::None => false,
        ColourMode::Auto => {
            io::stdout().is_terminal()
                && around.variable("NO_COLOR").is_none()
                && around.variable("TERM").is_some_and(|term| term != "dumb")
        }
        ColourMode::TrueColour | ColourMode::Indexed | ColourMode::Ansi => true,
    }
}

/// Whoever reads may stop to: a closed pipe is no failure.
pub(super) fn end(printed: io::Result<()>) -> Result<ExitCode, Failure> {
    match printed {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::new(FailureKind::Bug, "The answer could not be written").cause(error.to_string())),
    }
}
