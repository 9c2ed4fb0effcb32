//! `stackdeck top [SERVICE]`: how loaded and healthy everything is, live or once.
//!
//! It waits until all those who measure have answered, those who count twice: before that it is not known how fast
//! anything goes. Then it prints, again and again: in place on a terminal, block by block elsewhere.

mod behind;
pub mod cells;
mod paint;
pub mod standing;

use std::cmp::Reverse;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::{Format, Options, Top};
use crate::cli::find;
use crate::cli::json;
use crate::cli::look::{Look, Wants};
use crate::cli::progress::Progress;
use crate::cli::report;
use crate::cli::signin;
use crate::cli::surroundings::Surroundings;
use crate::cli::table::{self, Cell};
use crate::cli::verb::instances::age;
use crate::cli::verb::{self, Answer};
use crate::config::Settings;
use crate::fleet::metric::{MeterStanding, Subject};
use crate::fleet::service::{Fleet, Member, Service};
use crate::fleet::{Condition, ServiceKey};
use crate::openstack::SessionFacts;
use paint::Painter;
use standing::{Standing, of_instance, of_service};

/// How long those who measure are waited for. Octavia's counters are read every ten seconds, and may stand still once.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks, prints, and goes on until it is told to end or nobody reads any more.
pub async fn top(arguments: &Top, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let settings = &report::settings(options, around)?;
    let mut progress = Progress::on_standard_error();
    let cloud = signin::connect(&around.clouds(), options, settings, &around.clock, &mut progress).await?;
    let facts = cloud.session();
    let mut watched = verb::measuring(options, settings, around.pace);
    if let Some(metrics) = watched.metrics.as_mut().filter(|_| !arguments.once) {
        metrics.requests = settings.metrics.requests;
    }
    let mut look = Look::start(cloud, watched, around.clock.clone(), progress);
    let wanted = wanted(&mut look, arguments.service.as_deref()).await?;
    let late = look.measured(Wants::Rates, PATIENCE).await?;
    if arguments.listing.output == Format::Table {
        tell_silence(&late, look.condition(), settings);
    }
    let terminal = arguments.listing.output == Format::Table && !arguments.once && io::stdout().is_terminal();
    let mut painter = Painter::new(terminal);
    let shown = Shown { arguments, options, settings, around, facts: &facts, wanted };
    loop {
        let printed = painter.paint(&shown.block(&mut look)?, &mut io::stdout().lock());
        if arguments.once || printed.is_err() {
            return verb::end(printed);
        }
        look.pass(arguments.every).await?;
    }
}

/// The service that was named; its instances are then measured one by one too.
async fn wanted(look: &mut Look, name: Option<&str>) -> Result<Option<Vec<ServiceKey>>, Failure> {
    let fleet = look.fleet().await?;
    let Some(name) = name else { return Ok(None) };
    let services = find::services(&fleet, name)?;
    let members = services.iter().flat_map(|service| &service.members).filter_map(|at| fleet.members.get(*at));
    look.measure(members.map(|member| member.instance.id.clone()).collect());
    Ok(Some(services.iter().map(|service| service.key.clone()).collect()))
}

/// Who does not measure, unless this cloud has no such thing or the role may not ask.
fn tell_silence(late: &[String], condition: &Condition, settings: &Settings) {
    let seconds = PATIENCE.as_secs();
    for who in late {
        let why = Failure::new(FailureKind::Retry, format!("waited {seconds} s for it; it is shown when it comes"));
        report::missing(who, &why, &mut io::stderr());
    }
    for state in condition.meters() {
        let MeterStanding::Silent(_, failure) = &state.standing else { continue };
        if !matches!(failure.kind, FailureKind::Unsupported | FailureKind::NotFound | FailureKind::Forbidden) {
            report::missing(&crate::cli::look::called(state), failure, &mut io::stderr());
        }
    }
    if !settings.metrics.enabled {
        let why = Failure::new(FailureKind::Usage, "`metrics.enabled` is false: nobody is asked for load");
        report::missing("measures", &why, &mut io::stderr());
    }
}

/// What is shown, and how.
struct Shown<'a> {
    arguments: &'a Top,
    options: &'a Options,
    settings: &'a Settings,
    around: &'a Surroundings,
    facts: &'a SessionFacts,
    wanted: Option<Vec<ServiceKey>>,
}

impl Shown<'_> {
    /// All that is printed at once.
    fn block(&self, look: &mut Look) -> Result<Vec<u8>, Failure> {
        let Some(fleet) = look.newest().cloned() else {
            return Err(Failure::new(FailureKind::Bug, "There is no fleet to show"));
        };
        look.consider(&fleet, &self.settings.services, &self.settings.health);
        let (as_of, failed) = look.freshness();
        let as_of = as_of.unwrap_or_else(|| self.around.clock.now());
        let answer = Answer {
            format: self.arguments.listing.output,
            facts: self.facts,
            all_projects: self.options.all_projects,
            missing: look.missing(),
            as_of,
            now_in_the_cloud: look.cloud_now(),
            colour: verb::wants_colour(self.settings, self.around),
        };
        let mut block = Vec::new();
        let heading = (!self.arguments.once).then(|| heading(as_of, failed, self.around));
        let printed = self.print(&fleet, look.condition(), &answer, heading.as_deref(), &mut block);
        printed
            .map(|()| block)
            .map_err(|error| Failure::new(FailureKind::Bug, "The table could not be written").cause(error.to_string()))
    }

    fn print(
        &self,
        fleet: &Fleet,
        condition: &Condition,
        answer: &Answer<'_>,
        heading: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let now = answer.now_in_the_cloud;
        let services = self.services(fleet, condition);
        let members = self.wanted.as_ref().map(|_| members(fleet, condition, &services));
        if answer.format == Format::Json {
            return answer.json(json::top::Top::of(fleet, condition, &services, members.as_deref(), now), out);
        }
        if let Some(heading) = heading {
            writeln!(out, "{heading}")?;
        }
        let rows: Vec<Vec<Cell>> = services.iter().map(|service| service_row(service, condition, now)).collect();
        print_rows(&["SERVICE", "HEALTH", "READY"], &rows, answer.colour, out)?;
        if let Some(members) = members {
            writeln!(out)?;
            let rows: Vec<Vec<Cell>> = members.iter().map(|member| member_row(member, condition, now)).collect();
            print_rows(&["INSTANCE", "HEALTH", "VERSION"], &rows, answer.colour, out)?;
        }
        behind::print(&services, condition, now, out)
    }

    /// Those that were named, or all; trouble first.
    fn services<'f>(&self, fleet: &'f Fleet, condition: &Condition) -> Vec<&'f Service> {
        let mut services: Vec<&Service> = match &self.wanted {
            Some(keys) => keys.iter().filter_map(|key| fleet.service(key)).collect(),
            None => fleet.services.iter().collect(),
        };
        services.sort_by_key(|service| (Reverse(of_service(service, condition).severity), &service.key));
        services
    }
}

/// The instances of these services; trouble first.
fn members<'f>(fleet: &'f Fleet, condition: &Condition, services: &[&'f Service]) -> Vec<&'f Member> {
    let places = services.iter().flat_map(|service| &service.members);
    let mut members: Vec<&Member> = places.filter_map(|at| fleet.members.get(*at)).collect();
    members.sort_by_key(|member| (Reverse(of_instance(member, condition).severity), &member.instance.name));
    members
}

/// When this is from, and whether it still comes.
fn heading(as_of: Timestamp, failed: Option<&Failure>, around: &Surroundings) -> String {
    let old = age(since(as_of, around.clock.now()));
    let time = as_of.strftime("%Y-%m-%d %H:%M:%S UTC");
    match failed {
        Some(failure) => {
            let message = crate::base::text::sanitise(&failure.message);
            format!("{time}, {old} ago: the cloud is not read any more: {message}")
        }
        None => time.to_string(),
    }
}

fn print_rows(first: &[&str], rows: &[Vec<Cell>], colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let headings: Vec<&str> = first.iter().copied().chain(cells::HEADINGS).chain(["BECAUSE"]).collect();
    table::print(&headings, rows, colour, out)
}

fn service_row(service: &Service, condition: &Condition, now: Timestamp) -> Vec<Cell> {
    let standing = of_service(service, condition);
    let mut row = vec![
        Cell::text(&service.key.name),
        Cell::severity(standing.severity),
        Cell::number(format_args!("{}/{}", service.ready, service.members.len())),
    ];
    row.extend(cells::row(condition.load(), &Subject::Service(service.key.clone()), now));
    row.push(because(&standing, now));
    row
}

fn member_row(member: &Member, condition: &Condition, now: Timestamp) -> Vec<Cell> {
    let standing = of_instance(member, condition);
    let mut row = vec![
        Cell::text(&member.instance.name),
        Cell::severity(standing.severity),
        Cell::maybe(member.version.version.as_deref()),
    ];
    row.extend(cells::row(condition.load(), &Subject::Instance(member.instance.id.clone()), now));
    row.push(because(&standing, now));
    row
}

/// `load rising for 12m`; `for 12m or more` where it may have begun earlier, and no time where that says nothing.
fn because(standing: &Standing, now: Timestamp) -> Cell {
    let long = standing.since.and_then(|began| {
        let long = since(began.at, now);
        match began.maybe_earlier {
            false => Some(format!(" for {}", age(long))),
            true => (long >= Duration::from_secs(60)).then(|| format!(" for {} or more", age(long))),
        }
    });
    Cell::maybe(standing.because.map(|title| format!("{title}{}", long.unwrap_or_default())).as_deref())
}
