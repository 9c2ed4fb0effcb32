//! Graphs and heat strips: opening them, and reading them.

use crate::base::clock::Timestamp;
use crate::console::app::column::RowId;
use crate::console::app::commands::changes;
use crate::console::app::effect::Effect;
use crate::console::app::graphs::{self, HEAT, Range};
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::console::app::trail::{InstanceTab, View};
use crate::fleet::ServiceKey;
use crate::fleet::metric::Metric;

type Effects = Vec<Effect>;

/// The graphs of what is under the cursor, or of what is looked at.
pub fn open(model: &mut Model, _: &str) -> Effects {
    let instance = model.current_instance().map(|instance| instance.id.clone());
    match (instance, service(model)) {
        (Some(id), _) => {
            model.instance_tab = InstanceTab::Graphs;
            model.trail.open(View::Instance(id));
        }
        (None, Some(key)) => model.trail.open(View::Graphs(key)),
        (None, None) => {}
    }
    Vec::new()
}

/// Whether there is something to draw, and it is not drawn yet.
pub fn can_open(model: &Model) -> Result<(), String> {
    if model.pane().is_graphs() {
        return Err("these are its graphs".to_owned());
    }
    let known = model.current_instance().is_some() || service(model).is_some();
    if known { Ok(()) } else { Err("there is no service and no instance here".to_owned()) }
}

/// The instances of the service as heat strips.
pub fn heat(model: &mut Model, _: &str) -> Effects {
    if let Some(key) = service(model) {
        model.trail.open(View::Heat(key));
    }
    Vec::new()
}

/// Whether there is a service here.
pub fn has_service(model: &Model) -> Result<(), String> {
    service(model).map(|_| ()).ok_or_else(|| "there is no service here".to_owned())
}

/// The service that is looked at, under the cursor, or that the instance there belongs to.
pub(super) fn service(model: &Model) -> Option<ServiceKey> {
    match model.trail.here() {
        View::Graphs(key) | View::Heat(key) | View::Instances(Some(key)) | View::Changes(Some(key)) => {
            Some(key.clone())
        }
        View::Changes(None) => changes::current(model)?.0.whom.service.clone(),
        View::Services => match model.table()?.cursor()? {
            RowId::Service(key) => Some((**key).clone()),
            _ => None,
        },
        _ => {
            let member = model.member(&model.current_instance()?.id)?;
            model.fleet.services.get(member.service).map(|service| service.key.clone())
        }
    }
}

/// A longer time.
pub fn longer(model: &mut Model, _: &str) -> Effects {
    turn(model, 1)
}

/// A shorter time.
pub fn shorter(model: &mut Model, _: &str) -> Effects {
    turn(model, -1)
}

fn turn(model: &mut Model, by: isize) -> Effects {
    let at = Range::ALL.iter().position(|range| *range == model.look.range).unwrap_or(0);
    model.look.range = Range::ALL[at.saturating_add_signed(by).min(Range::ALL.len() - 1)];
    keep_in_the_middle(model);
    show(model)
}

/// The time that is read stays in the middle: what one looks into should not leave the screen.
fn keep_in_the_middle(model: &mut Model) {
    let Some(read) = model.look.cursor else { return };
    let until = read + model.look.range.span() / 2;
    model.look.frozen = (until < model.moment().cloud).then_some(until);
}

/// Lets one graph have all the room, or lets the others come back.
pub fn zoom(model: &mut Model, _: &str) -> Effects {
    let pane = model.pane();
    graphs::zoom(model, &pane);
    show(model)
}

/// The named time: `15m`, `1h`, `6h`, `24h`.
pub fn range(model: &mut Model, name: &str) -> Effects {
    match Range::ALL.into_iter().find(|range| range.title() == name) {
        Some(range) => model.look.range = range,
        None => model.notices.tell("The ranges are 15m, 1h, 6h and 24h", model.now),
    }
    show(model)
}

/// Keeps the graphs as they are, or lets them go on.
pub fn freeze(model: &mut Model, _: &str) -> Effects {
    let now = model.moment().cloud;
    model.look.frozen = if model.look.frozen.is_some() { None } else { Some(now) };
    show(model)
}

/// Reads the time before.
pub fn earlier(model: &mut Model, _: &str) -> Effects {
    read(model, -1)
}

/// Reads the time after; beyond the newest it reads that.
pub fn later(model: &mut Model, _: &str) -> Effects {
    read(model, 1)
}

/// Reads the newest again.
pub fn newest(model: &mut Model, _: &str) -> Effects {
    (model.look.cursor, model.look.frozen) = (None, None);
    show(model)
}

/// Whether an older time is read.
pub fn reads_the_past(model: &Model) -> Result<(), String> {
    model.look.cursor.or(model.look.frozen).map(|_| ()).ok_or_else(|| "the newest is read".to_owned())
}

fn read(model: &mut Model, by: i64) -> Effects {
    let pane = model.pane();
    let (cells, _) = model.start.drawing.dots();
    let step = i64::try_from(graphs::step(model, &pane).as_secs()).unwrap_or(1) * i64::from(cells);
    let until = graphs::until(model);
    let from = model.look.cursor.unwrap_or(until);
    let to = Timestamp::from_second(from.as_second() + by * step).unwrap_or(from);
    let oldest = until.as_second() - i64::try_from(model.look.range.span().as_secs()).unwrap_or(0) * 7 / 8;
    model.look.cursor = (to < until).then(|| to.max(Timestamp::from_second(oldest).unwrap_or(to)));
    show(model)
}

/// The next row of graphs.
pub fn down(model: &mut Model, _: &str) -> Effects {
    scroll(model, 1)
}

/// The row of graphs before.
pub fn up(model: &mut Model, _: &str) -> Effects {
    scroll(model, -1)
}

fn scroll(model: &mut Model, by: isize) -> Effects {
    let pane = model.pane();
    graphs::scroll(model, &pane, by);
    show(model)
}

/// What the heat strips show next, or the named metric.
pub fn metric(model: &mut Model, name: &str) -> Effects {
    let next = match name {
        "" => Some((model.look.heat + 1) % HEAT.len()),
        name => HEAT.iter().position(|metric| metric.id() == name),
    };
    match next {
        Some(next) => model.look.heat = next,
        None => {
            let known: Vec<&str> = HEAT.iter().map(|metric: &Metric| metric.id()).collect();
            model.notices.tell(format!("The metrics are {}", known.join(", ")), model.now);
        }
    }
    let pane = model.pane();
    if let Some(table) = model.tables.get_mut(&pane) {
        table.outdate();
    }
    show(model)
}

/// Whether heat strips are shown.
pub fn has_heat(model: &Model) -> Result<(), String> {
    let heat = matches!(model.pane(), PaneId::Heat(_));
    if heat { Ok(()) } else { Err("there are no heat strips here".to_owned()) }
}

fn show(model: &mut Model) -> Effects {
    model.touch();
    Vec::new()
}
