//! `stackdeck graph SERVICE METRIC`: what one metric of a service or of an instance was.
//!
//! The past comes from those who keep one (Prometheus, Gnocchi), the newest from whoever tells it now; one graph has one
//! source. Where nobody keeps a past, the graph begins now, and it says so.

pub mod chart;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::cli::args::{self, Drawn, Format, Options};
use crate::cli::json::graph::{Document, GraphOf, points};
use crate::cli::look::{Look, Wants};
use crate::cli::progress::Progress;
use crate::cli::surroundings::Surroundings;
use crate::cli::verb::{self, Answer};
use crate::cli::{demo, find, report, signin};
use crate::fleet::load::Graph;
use crate::fleet::metric::words::{Unit, whole};
use crate::fleet::metric::{Meter, Metric, Subject};
use crate::fleet::service::{Fleet, Member, Service};
use crate::series::{Grid, Tier};

/// How long those who measure are waited for: the past of a thousand instances takes a while.
const PATIENCE: Duration = Duration::from_secs(30);
/// As wide as a chart is on a terminal of 80 columns.
const COLUMNS: usize = 66;

/// Looks, and prints the graph.
pub async fn graph(arguments: &args::Graph, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let mut settings = report::settings(options, around)?;
    demo::measure_the_past(&mut settings.metrics, Some(&arguments.service), around);
    let settings = &settings;
    let mut progress = Progress::on_standard_error();
    let cloud = signin::connect(&around.clouds(), options, settings, &around.clock, &mut progress).await?;
    let facts = cloud.session();
    let mut watched = verb::measuring(options, settings, around.pace);
    if let Some(metrics) = &mut watched.metrics {
        metrics.past = arguments.range;
    }
    let mut look = Look::start(cloud, watched, around.clock.clone(), progress);
    let fleet = look.fleet().await?;
    let whose = Whose::find(arguments, &fleet)?;
    look.measure(whose.member.iter().map(|member| member.instance.id.clone()).collect());
    await_it(&mut look, &whose.subject(), arguments.metric).await?;
    look.consider(&fleet, &settings.services, &settings.health);
    let now = look.cloud_now();
    let grid = grid(arguments, now);
    let graph = look.condition().load().graph(&whose.subject(), arguments.metric, &grid, now);
    let (as_of, missing) = (look.freshness().0.unwrap_or(now), look.missing().to_vec());
    drop(look);
    if !is_known(graph.as_ref()) {
        let failure =
            Failure::new(FailureKind::NotFound, format!("Nobody tells {} of {}", arguments.metric.id(), whose.name()));
        return Err(failure.hint("`stackdeck doctor` says who measures, and what would have to be configured"));
    }
    let answer = Answer {
        format: Format::Json,
        facts: &facts,
        all_projects: options.all_projects,
        missing: &missing,
        as_of,
        now_in_the_cloud: now,
        colour: false,
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let printed = match arguments.output {
        Drawn::Json => answer.json(whose.document(arguments.metric, graph.as_ref(), &grid), &mut out),
        Drawn::Csv => csv(arguments.metric, graph.as_ref(), &grid, &mut out),
        Drawn::Ascii => ascii(&whose, arguments, graph.as_ref(), &grid, &mut out),
    };
    verb::end(printed.and_then(|()| out.flush()))
}

/// Waits for a first answer of everybody; for a second only where it takes two to know this metric at all.
async fn await_it(look: &mut Look, subject: &Subject, metric: Metric) -> Result<(), Failure> {
    look.measured(Wants::First, PATIENCE).await?;
    let told = look.condition().load().known(subject).any(|(known, _)| known == metric);
    if !told && matches!(metric.unit(), Unit::Rate | Unit::Bytes) {
        look.measured(Wants::Rates, PATIENCE).await?;
    }
    Ok(())
}

/// For programs as fine as it is kept, for people as fine as a terminal is wide.
fn grid(arguments: &args::Graph, now: Timestamp) -> Grid {
    let range = arguments.range;
    if arguments.output == Drawn::Ascii {
        return Grid::last(range, COLUMNS, now);
    }
    let seconds = i64::try_from(range.as_secs()).unwrap_or(i64::MAX);
    let tier = Tier::ALL.into_iter().find(|tier| tier.span() >= seconds).unwrap_or(Tier::Quarter);
    let columns = range.as_secs().div_ceil(tier.step().unsigned_abs());
    Grid::last(range, usize::try_from(columns).unwrap_or(1), now)
}

fn is_known(graph: Option<&Graph>) -> bool {
    graph.is_some_and(|graph| graph.columns.iter().any(Option::is_some))
}

/// Whose graph it is.
struct Whose<'f> {
    service: &'f Service,
    member: Option<&'f Member>,
}

impl<'f> Whose<'f> {
    fn find(arguments: &args::Graph, fleet: &'f Fleet) -> Result<Self, Failure> {
        let services = find::services(fleet, &arguments.service)?;
        let Some(which) = &arguments.instance else {
            let [service] = services[..] else {
                let several = format!("{} services are called {}", services.len(), arguments.service);
                return Err(Failure::new(FailureKind::Usage, several).hint("Choose the project: --project"));
            };
            return Ok(Self { service, member: None });
        };
        let member = find::instance(fleet, which)?;
        let service = fleet.services.get(member.service);
        match service.filter(|own| services.iter().any(|service| service.key == own.key)) {
            Some(service) => Ok(Self { service, member: Some(member) }),
            None => {
                let text = format!("{} is no instance of {}", member.instance.name, arguments.service);
                let failure = Failure::new(FailureKind::Usage, text);
                Err(match service {
                    Some(own) => failure.hint(format!("It is one of {}", own.key.name)),
                    None => failure,
                })
            }
        }
    }

    fn subject(&self) -> Subject {
        match self.member {
            Some(member) => Subject::Instance(member.instance.id.clone()),
            None => Subject::Service(self.service.key.clone()),
        }
    }

    fn name(&self) -> &str {
        self.member.map_or(&self.service.key.name, |member| &member.instance.name)
    }

    fn document<'a>(&'a self, metric: Metric, graph: Option<&Graph>, grid: &Grid) -> Document<'a> {
        let graph = GraphOf {
            service: Some(&self.service.key.name),
            project_id: self.service.key.project.as_str(),
            instance_id: self.member.map(|member| &member.instance.id).map(InstanceId::as_str),
            ..GraphOf::of(metric, graph, grid)
        };
        Document { graph }
    }
}

fn csv(metric: Metric, graph: Option<&Graph>, grid: &Grid, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "at,mean,min,max")?;
    let field = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for point in points(metric, graph, grid) {
        writeln!(out, "{},{},{},{}", point.at, field(point.mean), field(point.min), field(point.max))?;
    }
    Ok(())
}

fn ascii(
    whose: &Whose<'_>,
    arguments: &args::Graph,
    graph: Option<&Graph>,
    grid: &Grid,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(graph) = graph else { return Ok(()) };
    let metric = arguments.metric;
    let known = || graph.columns.iter().flatten();
    let now = known().next_back().map(|point| whole(metric, point.mean));
    let (least, most) =
        known().fold((f64::INFINITY, 0.0_f64), |(least, most), point| (least.min(point.min), most.max(point.max)));
    let name: String =
        whose.name().chars().map(|letter| if letter.is_ascii_graphic() { letter } else { '?' }).collect();
    let added_up = if graph.added_up { ", of its instances" } else { "" };
    let source = source(graph.meter);
    writeln!(out, "{name}: {} (by {source}{added_up})", metric.title())?;
    let (from, to) = (grid.time(0), grid.time(grid.columns()));
    let day = "%Y-%m-%d %H:%M";
    let newest = now.unwrap_or_default();
    let range = format!("{} to {} UTC", from.strftime(day), to.strftime(day));
    writeln!(out, "{range}; least {}, most {}, newest {newest}", whole(metric, least), whole(metric, most))?;
    writeln!(out)?;
    for line in chart::chart(metric, &graph.columns, grid) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn source(meter: Meter) -> &'static str {
    meter.title()
}
