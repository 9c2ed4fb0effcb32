//! A plan as it is read before it is agreed to: what, to whom, what it does to those who use it, what speaks against it.

use std::ops::Range;
use std::time::Duration;

use crate::base::text::{pad, width};
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::followed::Followed;
use crate::console::app::freshness::long;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::prompt::Prompt;
use crate::console::app::review::{AbortQuestion, Focus, Review};
use crate::console::app::screen::TextLine;
use crate::console::app::screen::overlay::room;
use crate::console::app::tables::words;
use crate::console::app::wrap::wrapped;
use crate::operation::effect::effects;
use crate::operation::estimate::{Estimate, estimate};
use crate::operation::{Draft, Objection, Plan, Step, Verb};

/// So many sentences about targets: nobody reads on.
const TOLD: usize = 200;
/// Names longer than this are cut in the list of targets.
const NAME: usize = 32;

/// What waits for consent.
#[derive(Clone, Debug)]
pub struct ReviewBox<'a> {
    /// What would be done.
    pub title: String,
    /// The visible lines.
    pub lines: Vec<TextLine>,
    /// How many lines are above the first visible one.
    pub top: usize,
    /// How many there are.
    pub total: usize,
    /// Lines that can be typed.
    pub fields: Vec<FieldLine<'a>>,
    /// The buttons.
    pub buttons: Vec<Button>,
}

/// A line that can be typed.
#[derive(Clone, Debug)]
pub struct FieldLine<'a> {
    /// What it is for.
    pub label: String,
    /// The line and its cursor.
    pub prompt: &'a Prompt,
    /// It takes the keys.
    pub focused: bool,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it does.
    pub title: &'static str,
    /// It takes the keys.
    pub focused: bool,
    /// It cannot be pressed.
    pub barred: bool,
}

/// How many lines of a review are on the screen at once: what the box leaves above its fields and buttons.
pub fn window(model: &Model) -> usize {
    let fields = match &model.overlay {
        Some(Overlay::Review(review)) => review.fields(),
        _ => 0,
    };
    room(model).saturating_sub(2 + fields).max(1)
}

/// A plan.
pub(super) fn review<'a>(model: &Model, review: &'a Review) -> ReviewBox<'a> {
    let page = Page::of(model, review);
    let (total, window) = (page.len(), window(model));
    let top = review.top.min(total.saturating_sub(window));
    let typed = review.draft.typed.as_ref().map(|name| FieldLine {
        label: format!("type {name}"),
        prompt: &review.typed,
        focused: review.focus == Focus::Typed,
    });
    let reason = review.foci().contains(&Focus::Reason).then(|| FieldLine {
        label: "reason".to_owned(),
        prompt: &review.reason,
        focused: review.focus == Focus::Reason,
    });
    let wanted = if review.draft.ticket { "ticket" } else { "ticket, if any" };
    let ticket = FieldLine { label: wanted.to_owned(), prompt: &review.ticket, focused: review.focus == Focus::Ticket };
    ReviewBox {
        title: review.draft.plan.title.clone(),
        lines: page.part(top, window),
        top,
        total,
        fields: typed.into_iter().chain(reason).chain([ticket]).collect(),
        buttons: dies(review).into_iter().chain(buttons(review.focus, "Start", review.lacks().is_some())).collect(),
    }
}

/// Whether an operation shall really end early.
pub(super) fn abort<'a>(model: &Model, question: &AbortQuestion) -> ReviewBox<'a> {
    let known = model.operation(&question.operation);
    let title = known.map_or_else(|| question.operation.to_string(), |one| one.operation.plan.title.clone());
    let lines: Vec<TextLine> = known.map(|followed| left(model, followed)).unwrap_or_default();
    let total = lines.len();
    ReviewBox {
        title: format!("Abort: {title}"),
        lines,
        top: 0,
        total,
        fields: Vec::new(),
        buttons: buttons(question.focus, "Abort", false),
    }
}

/// What agrees to the worker's end with this login, and takes that back.
fn dies(review: &Review) -> Option<Button> {
    let title = if review.may_die { "It may end with the login" } else { "Let it end with the login" };
    review.dies.then(|| Button { title, focused: review.focus == Focus::Dies, barred: false })
}

fn buttons(focus: Focus, title: &'static str, barred: bool) -> Vec<Button> {
    vec![
        Button { title: "Cancel", focused: focus == Focus::Cancel, barred: false },
        Button { title, focused: focus == Focus::Start, barred },
    ]
}

/// What becomes of an operation that is aborted now.
fn left(model: &Model, followed: &Followed) -> Vec<TextLine> {
    let (done, all) = followed.operation.count();
    let now = model.moment().cloud;
    let text = format!(
        "{done} of {all} done, {}. What is under way is seen to its end, and what was drained is put back; nothing more is begun. What is done is not \
         undone.",
        followed.doing(now)
    );
    prose(model, &text, Tone::Normal, None)
}

/// The lines of a plan. Those of its targets are put together only where they are shown: there may be very many.
struct Page<'a> {
    above: Vec<TextLine>,
    review: &'a Review,
    below: Vec<TextLine>,
}

impl<'a> Page<'a> {
    fn of(model: &Model, review: &'a Review) -> Self {
        let draft = &review.draft;
        let mut above = objections(model, review);
        if !draft.plan.steps.is_empty() {
            above.extend((!above.is_empty()).then(TextLine::default));
            above.extend(course(model, draft));
            above.push(TextLine::default());
        }
        let mut below = told(model, &draft.notes, Tone::Warn, Glyph::Warning);
        if !below.is_empty() && !above.is_empty() {
            below.insert(0, TextLine::default());
        }
        Self { above, review, below }
    }

    fn len(&self) -> usize {
        self.above.len() + self.review.draft.plan.ahead().count() + self.below.len()
    }

    fn part(self, top: usize, height: usize) -> Vec<TextLine> {
        let (above, steps) = (self.above.len(), self.review.draft.plan.ahead().count());
        let from = top.saturating_sub(above).min(steps);
        let to = (top + height).saturating_sub(above).min(steps);
        let shown = steps_of(self.review, from..to);
        let below = self.below.into_iter().skip(top.saturating_sub(above + steps));
        self.above.into_iter().skip(top).chain(shown).chain(below).take(height).collect()
    }
}

/// How many lines a plan has.
pub fn length(model: &Model, review: &Review) -> usize {
    Page::of(model, review).len()
}

/// How it goes, and what it does to those who use it.
fn course(model: &Model, draft: &Draft) -> Vec<TextLine> {
    let mut lines = prose(model, &way(&draft.plan, estimated(model, &draft.plan)), Tone::Normal, None);
    let effects = effects(&draft.plan, &model.fleet.pools);
    lines.extend(effects.iter().flat_map(|text| prose(model, text, Tone::Normal, None)));
    if let Some(age) = model.freshness.label(model.now) {
        lines.extend(prose(model, &format!("What is shown is {}", age.text), Tone::Warn, Some(Glyph::Warning)));
    }
    if let Some(outlives) = &model.outlives {
        lines.extend(prose(model, &outlives.text, outlives.tone, outlives.glyph));
    }
    lines.extend(token(model, &draft.plan));
    lines
}

/// What speaks against it comes first: below a hundred targets nobody would find it. Where it is much, it is counted.
fn objections(model: &Model, review: &Review) -> Vec<TextLine> {
    let mut lines = Vec::new();
    if review.refused() > 1 {
        let mut text =
            format!("{} of {} targets are refused, so nothing is started.", review.refused(), review.targets());
        let key = model.keymap.first_key("leave-out");
        match review.unsaid().filter(|_| review.can_leave_out()) {
            Some(name) => text.push_str(&format!(" Once {name} is typed, {key} leaves them out.")),
            None if review.can_leave_out() => text.push_str(&format!(" {key} leaves them out.")),
            None => {}
        }
        lines.extend(prose(model, &text, Tone::Bad, Some(Glyph::Down)));
    }
    lines.extend(told(model, &review.draft.objections, Tone::Bad, Glyph::Down));
    lines
}

fn told(model: &Model, sentences: &[Objection], tone: Tone, sign: Glyph) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> =
        sentences.iter().take(TOLD).flat_map(|one| prose(model, &sentence(&one.text), tone, Some(sign))).collect();
    if sentences.len() > TOLD {
        lines.extend(prose(model, &format!("… and {} more.", sentences.len() - TOLD), tone, Some(sign)));
    }
    lines
}

/// As a sentence begins, unless it begins with a name.
fn sentence(text: &str) -> String {
    let begins = ["there is", "the instances", "service "].iter().any(|words| text.starts_with(words));
    let mut letters = text.chars();
    match letters.next().filter(|_| begins) {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text.to_owned(),
    }
}

/// How long the worker's token lasts, where it has no more than that.
fn token(model: &Model, plan: &Plan) -> Vec<TextLine> {
    let life = model.credentials.and_then(|credentials| plan.token_life(&credentials, model.moment().cloud));
    let Some(life) = life else { return Vec::new() };
    if !life.is_short() {
        let text = format!("The worker signs in with your token, which lasts another {}.", span(life.left));
        return prose(model, &text, Tone::Normal, None);
    }
    let text = format!(
        "The worker signs in with your token, which ends in {}, and this usually takes {}: it will pause then, and want \
         a new one.",
        span(life.left),
        span(life.wanted)
    );
    prose(model, &text, Tone::Warn, Some(Glyph::Warning))
}

/// A length of time, in seconds where these tell more.
fn span(time: Duration) -> String {
    if time < Duration::from_mins(2) { exact(time) } else { long(time) }
}

/// How it goes: the order, the gate, how long.
fn way(plan: &Plan, estimate: Estimate) -> String {
    let several = plan.targets().count() > 1;
    let gated = plan.steps.iter().any(|step| !step.pools.is_empty());
    let end = match plan.verb() {
        Verb::Restart(_) | Verb::Rebuild | Verb::RollOut | Verb::RollBack => "ACTIVE again",
        Verb::Stop => "SHUTOFF",
        Verb::Start => "ACTIVE",
        Verb::Lock => "locked",
        Verb::Unlock => "unlocked",
        Verb::Drain => "out of rotation",
        Verb::PutBack => "in rotation",
        Verb::Quarantine => "out of rotation and locked",
        Verb::Scale if plan.made() > 0 && gated => "in rotation",
        Verb::Scale if plan.made() > 0 => "ACTIVE",
        Verb::Scale | Verb::Remove => "gone",
        Verb::Replace => "replaced",
    };
    let gate = match (gated, plan.verb()) {
        (false, _) => String::new(),
        (true, Verb::Stop | Verb::Scale | Verb::Remove) if plan.made() == 0 => {
            format!(", and for {} no other member of its pools has newly failed", exact(plan.limits.min_ready))
        }
        (true, Verb::Drain | Verb::Quarantine) => {
            format!(", and for {} no other member of its pools has newly failed", exact(plan.limits.drain))
        }
        (true, _) => {
            format!(", and for {} its pools take it and no other member newly fails", exact(plan.limits.min_ready))
        }
    };
    let length = match estimate.length.as_secs() {
        0..60 => "less than a minute".to_owned(),
        _ => format!("about {}", long(estimate.length)),
    };
    let length = format!("{length}, {}", estimate.basis());
    if plan.intent.replaces() {
        let each = if plan.verb().brings_release() { "Of each another" } else { "Another" };
        return format!(
            "{each} is made first. When it serves{gate}, the old one leaves. If the new one does not come up, it is taken \
             away again, and the old one was not touched. All of it takes {length}."
        );
    }
    if several {
        format!(
            "One after another: the next begins when the one before is {end}{gate}. The first failure stops it. All of \
             it takes {length}."
        )
    } else {
        format!("Done when it is {end}{gate}; that takes {length}.")
    }
}

/// By what is known here of those like it.
fn estimated(model: &Model, plan: &Plan) -> Estimate {
    estimate(plan, model.operations.iter().flatten().map(|followed| &followed.operation))
}

fn exact(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

/// Some of the targets, numbered in the order in which it is their turn; as wide as all of them want.
fn steps_of(review: &Review, range: Range<usize>) -> Vec<TextLine> {
    let steps = &review.draft.plan.steps;
    let names = steps.iter().map(|step| width(&step.target.name).min(NAME)).max().unwrap_or(0);
    let states = steps.iter().map(|step| width(&step.before_text())).max().unwrap_or(0);
    let digits = review.draft.plan.slots().to_string().len();
    let begins = |at| review.draft.plan.begins_slot(at);
    let turn = |at, step: &Step| if begins(at) { (step.slot + 1).to_string() } else { String::new() };
    let row = |(at, step): (usize, &Step)| {
        let (tone, glyph) = state_look(step);
        let who = match review.draft.plan.turns(at) {
            true => [
                Cell::new(&format!("{:>digits$}", turn(at, step)), Tone::Dim),
                Cell::plain(&pad(&crate::base::text::sanitise(&step.target.name), names)),
                Cell::new(&pad(&step.before_text(), states), tone).sign(glyph),
            ],
            // A sign and its space are two more.
            false => [digits, names, states + 2].map(|wide| Cell::plain(&" ".repeat(wide))),
        };
        let mut cells = who.to_vec();
        cells.push(Cell::new(&step.told(), Tone::Accent));
        cells.extend(review.hidden.contains(&step.target.id).then(|| Cell::new("not in the list shown", Tone::Warn)));
        TextLine { cells, ..TextLine::default() }
    };
    review.draft.plan.ahead().skip(range.start).take(range.len()).map(row).collect()
}

fn state_look(step: &Step) -> (Tone, Glyph) {
    let cell = words::status(&step.before.status);
    match &step.before.task_state {
        Some(_) => (Tone::Busy, Glyph::Busy),
        None => (cell.tone, cell.glyph.unwrap_or(Glyph::Unknown)),
    }
}

/// A sentence in as many lines as it takes; its sign stands before the first.
fn prose(model: &Model, text: &str, tone: Tone, sign: Option<Glyph>) -> Vec<TextLine> {
    let indent = if sign.is_some() { 2 } else { 0 };
    let room = layout::review_text(model.size).saturating_sub(indent);
    let line = |(at, text): (usize, String)| {
        let cell = match sign.filter(|_| at == 0) {
            Some(sign) => Cell::new(&text, tone).sign(sign),
            None => Cell::new(&format!("{}{text}", " ".repeat(indent)), tone),
        };
        TextLine { cells: vec![cell], ..TextLine::default() }
    };
    wrapped(&crate::base::text::sanitise(text), room).into_iter().enumerate().map(line).collect()
}
