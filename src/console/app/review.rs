//! A plan that waits for consent, and the question whether an operation shall end early.
//!
//! The targets are frozen by id when the key is pressed. The plan is made anew whenever the fleet changes, so their
//! states are as fresh as the list's; but no other target ever comes in, and what was just changed cannot be agreed to
//! in the same moment: after it opens, and after each change of what would be done, it hears no key for a while.

use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::id::{InstanceId, ProjectId};
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::prompt::Prompt;
use crate::fleet::Fleet;
use crate::fleet::sources::Place;
use crate::operation::intent::LONGEST_REASON;
use crate::operation::rollback::Stood;
use crate::operation::{
    Aim, Approved, Busy, Change, Draft, Freeze, Gate, Guard, Intent, Limits, Objection, OperationId, ProjectName,
    Reboot, Verb, draft,
};

/// A key that was on its way to something else is not meant for what has just appeared.
const DEAF: Duration = Duration::from_millis(300);

/// A plan that waits for consent.
#[derive(Clone, Debug)]
pub struct Review {
    /// What is wished.
    pub intent: Intent,
    /// Where.
    pub place: Place,
    /// The project that one is signed in to.
    pub project: ProjectId,
    /// What that is called.
    pub project_name: Option<ProjectName>,
    /// The plan, for the fleet as it is now.
    pub draft: Draft,
    /// Marked rows among the targets that the list does not show.
    pub hidden: Vec<InstanceId>,
    /// What takes the keys.
    pub focus: Focus,
    /// The ticket.
    pub ticket: Prompt,
    /// What a lock tells whoever meets it.
    pub reason: Prompt,
    /// The name that is to be typed.
    pub typed: Prompt,
    /// Its worker ends with this login.
    pub dies: bool,
    /// That it may.
    pub may_die: bool,
    /// The first line shown.
    pub top: usize,
    /// All instances that were meant when the key was pressed.
    targets: Vec<InstanceId>,
    /// From when on keys will count.
    hears: Timestamp,
}

/// What takes the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The name to be typed.
    Typed,
    /// The ticket.
    Ticket,
    /// A lock's reason.
    Reason,
    /// That its worker may end with this login.
    Dies,
    /// The way out.
    #[default]
    Cancel,
    /// Consent.
    Start,
}

/// Whether an operation shall really begin nothing more.
#[derive(Clone, Debug)]
pub struct AbortQuestion {
    /// Which.
    pub operation: OperationId,
    /// What takes the keys: one of the buttons.
    pub focus: Focus,
    /// From when on keys will count.
    hears: Timestamp,
}

impl AbortQuestion {
    /// About an operation.
    pub fn of(operation: OperationId, now: Timestamp) -> Self {
        Self { operation, focus: Focus::Cancel, hears: later(now) }
    }
}

impl Review {
    /// The review of a wish, for the fleet that the model shows.
    pub fn of(model: &Model, intent: Intent, hidden: Vec<InstanceId>) -> Self {
        let session = model.session.as_ref();
        let region = session.map_or("", |session| &session.region);
        let place = Place { cloud: model.scope.cloud.as_str().into(), region: region.into() };
        let project = session.and_then(|session| session.project_id.clone()).unwrap_or_else(|| "".into());
        let targets = meant(&intent, &model.fleet);
        let project_name = session.and_then(|session| {
            let domain = session.project_domain.clone();
            Some(ProjectName { name: session.project.clone()?, domain })
        });
        let draft = draft(&intent, &model.fleet, &place, &project, &guard(model), model.start.limits);
        let draft = draft.called(project_name.clone());
        let reason = Prompt::with(intent.reason.as_deref().unwrap_or_default());
        Self {
            intent,
            place,
            project,
            project_name,
            draft,
            hidden,
            focus: Focus::Cancel,
            ticket: Prompt::default(),
            reason,
            typed: Prompt::default(),
            dies: model.dies,
            may_die: false,
            top: 0,
            targets,
            hears: later(model.now),
        }
    }

    /// Makes the plan anew. What differs in more than states is to be read again.
    pub fn refresh(&mut self, fleet: &Fleet, guard: &Guard, limits: Limits, now: Timestamp) {
        let mut fresh = draft(&self.intent, fleet, &self.place, &self.project, guard, limits);
        fresh.plan.project_name.clone_from(&self.project_name);
        if let Aim::Service(key) = &self.intent.aim
            && meant(&self.intent, fleet) != self.targets
        {
            fresh.objections.push(Objection {
                target: None,
                text: format!("the instances of {} have changed meanwhile: close this, and look again", key.name),
            });
        }
        let before = std::mem::replace(&mut self.draft, fresh);
        if before.consent() != self.draft.consent() {
            self.hears = later(now);
            self.focus = Focus::Cancel;
        }
    }

    /// Another wish in the place of this one: other targets, or another way.
    pub fn replace(&mut self, model: &Model, intent: Intent) {
        self.targets = meant(&intent, &model.fleet);
        self.intent = intent;
        self.top = 0;
        self.refresh(&model.fleet, &guard(model), model.start.limits, model.now);
    }

    /// The same wish the other way, where there is one: soft or hard, in place or by others in their place.
    pub fn other_way(&self) -> Option<Intent> {
        let verb = match self.intent.verb {
            Verb::Restart(Reboot::Soft) => Verb::Restart(Reboot::Hard),
            Verb::Restart(Reboot::Hard) => Verb::Restart(Reboot::Soft),
            Verb::RollOut | Verb::RollBack => {
                return Some(Intent { strategy: self.intent.strategy.other(), ..self.intent.clone() });
            }
            _ => return None,
        };
        Some(Intent { verb, ..self.intent.clone() })
    }

    /// The same wish with drains, or without, where there are any.
    pub fn other_haste(&self) -> Option<Intent> {
        let drains = self.draft.plan.steps.iter().any(|step| step.gate == Gate::Drained);
        let verb = self.intent.verb;
        let interrupts = matches!(verb, Verb::Restart(_)) || self.intent.rebuilds() || self.intent.deletes();
        (interrupts && (drains || self.intent.undrained || self.refused() > 0))
            .then(|| Intent { undrained: !self.intent.undrained, ..self.intent.clone() })
    }

    /// The same wish with consent to a downtime, or without.
    pub fn other_downtime(&self) -> Option<Intent> {
        // Who is replaced leaves when another serves.
        let intent = &self.intent;
        let leaves = intent.deletes() && !intent.replaces() && intent.moulds.is_empty();
        (intent.rebuilds() || leaves).then(|| Intent { downtime: !self.intent.downtime, ..self.intent.clone() })
    }

    /// The same wish with a stop behind the first, or without, where there are several.
    pub fn other_pace(&self) -> Option<Intent> {
        let others = self.targets.len() > 1 || self.intent.replaces();
        (self.intent.verb == Verb::RollOut && others)
            .then(|| Intent { straight: !self.intent.straight, ..self.intent.clone() })
    }

    /// How many instances were meant.
    pub fn targets(&self) -> usize {
        self.targets.len()
    }

    /// How many targets something speaks against.
    pub fn refused(&self) -> usize {
        self.draft.objections.iter().filter(|one| one.target.is_some()).count()
    }

    /// Whether the others can go without these: asked for each frame, so nothing is put together.
    pub fn can_leave_out(&self) -> bool {
        match &self.intent.aim {
            Aim::Instances(ids) => (1..ids.len()).contains(&self.refused()),
            Aim::Service(_) => {
                let whole = self.draft.objections.iter().any(|one| one.target.is_none());
                self.refused() > 0 && !whole && !self.draft.plan.steps.is_empty()
            }
        }
    }

    /// The name that is still to be typed.
    pub fn unsaid(&self) -> Option<&str> {
        self.draft.typed.as_deref().filter(|name| self.typed.text().trim() != *name)
    }

    /// What can take the keys, in their order.
    pub fn foci(&self) -> Vec<Focus> {
        let typed = self.draft.typed.is_some().then_some(Focus::Typed);
        let reason = self.intent.verb.locks().then_some(Focus::Reason);
        let dies = self.dies.then_some(Focus::Dies);
        let fields = typed.into_iter().chain(reason).chain([Focus::Ticket]);
        fields.chain(dies).chain([Focus::Cancel, Focus::Start]).collect()
    }

    /// How many of them are lines to be typed.
    pub fn fields(&self) -> usize {
        let typed = |focus: &&Focus| matches!(focus, Focus::Typed | Focus::Reason | Focus::Ticket);
        self.foci().iter().filter(typed).count()
    }

    /// After its line was edited: the reason goes into the plan as it stands there. That is no news to whoever typed it.
    pub fn take_reason(&mut self) {
        let typed = self.reason.text().trim();
        let reason = (!typed.is_empty() && self.intent.verb.locks()).then(|| typed.to_owned());
        self.intent.reason.clone_from(&reason);
        let told = self.intent.lock_reason();
        for step in &mut self.draft.plan.steps {
            if let Change::Lock { reason: own, .. } = &mut step.change {
                own.clone_from(&told);
            }
        }
        self.draft.plan.intent.reason = reason;
    }

    /// The ticket as it was typed; `None` for none.
    pub fn ticket(&self) -> Option<String> {
        let text = self.ticket.text().trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Why it cannot be started, and what must take the keys first.
    pub fn lacks(&self) -> Option<(Focus, String)> {
        if let Some(objection) = self.draft.objections.first() {
            return Some((Focus::Cancel, objection.to_string()));
        }
        if !self.draft.may_start() {
            return Some((Focus::Cancel, "there is nothing to do".to_owned()));
        }
        if let Some(name) = self.unsaid() {
            return Some((Focus::Typed, format!("type {name} to say that you mean it")));
        }
        if self.draft.ticket && self.ticket().is_none() {
            return Some((Focus::Ticket, "every change wants a ticket here".to_owned()));
        }
        if let Some(fault) = self.draft.ticket_fault(self.ticket().as_deref()) {
            return Some((Focus::Ticket, fault));
        }
        let length = self.intent.reason.as_ref().map_or(0, |reason| reason.chars().count());
        if length > LONGEST_REASON {
            return Some((Focus::Reason, format!("a reason has at most {LONGEST_REASON} characters, not {length}")));
        }
        if self.dies && !self.may_die {
            return Some((Focus::Dies, "say first that it may end with this login".to_owned()));
        }
        None
    }

    /// The line of a text that takes the keys.
    pub fn prompt(&mut self) -> Option<&mut Prompt> {
        match self.focus {
            Focus::Typed => Some(&mut self.typed),
            Focus::Ticket => Some(&mut self.ticket),
            Focus::Reason => Some(&mut self.reason),
            Focus::Dies | Focus::Cancel | Focus::Start => None,
        }
    }

    /// What does the same in a shell.
    pub fn shell_line(&self) -> String {
        let mut words = vec!["stackdeck".to_owned(), "--cloud".to_owned(), quoted(&self.place.cloud)];
        let flag = |name: &str, value: &str| [name.to_owned(), quoted(value)];
        words.extend(flag("--region", &self.place.region).into_iter().filter(|_| !self.place.region.is_empty()));
        words
            .extend(flag("--project", self.project.as_str()).into_iter().filter(|_| !self.project.as_str().is_empty()));
        words.push(self.intent.verb.word().to_owned());
        match &self.intent.aim {
            Aim::Service(key) => words.extend(flag("--service", &key.name)),
            Aim::Instances(ids) => words.extend(ids.iter().map(|id| quoted(id.as_str()))),
        }
        words.extend(self.intent.reason.iter().flat_map(|reason| flag("--reason", reason)));
        words.extend((self.intent.verb == Verb::Restart(Reboot::Hard)).then(|| "--hard".to_owned()));
        let back = self.intent.back.as_ref();
        let release = self.intent.release.iter().filter(|_| back.is_none());
        words.extend(release.flat_map(|release| flag("--to", release.image.as_str())));
        let before = back.filter(|back| back.stood == Stood::Before);
        words.extend(before.iter().flat_map(|back| flag("--before", back.operation.as_str())));
        let strategy = self.intent.verb.brings_release().then(|| self.intent.strategy.word());
        words.extend(strategy.iter().flat_map(|word| flag("--strategy", word)));
        words.extend(self.intent.size.iter().flat_map(|size| flag("--to", &size.to_string())));
        words.extend(self.intent.undrained.then(|| "--no-drain".to_owned()));
        words.extend(self.intent.straight.then(|| "--straight".to_owned()));
        words.extend(self.intent.break_glass.iter().flat_map(|reason| flag("--break-glass", reason)));
        words.extend(self.intent.downtime.then(|| "--accept-downtime".to_owned()));
        words.extend((self.dies && self.may_die).then(|| "--dies-with-session".to_owned()));
        words.extend(self.ticket().iter().flat_map(|ticket| flag("--ticket", ticket)));
        words.join(" ")
    }
}

/// All instances that a wish means.
fn meant(intent: &Intent, fleet: &Fleet) -> Vec<InstanceId> {
    match &intent.aim {
        Aim::Instances(ids) => ids.clone(),
        Aim::Service(key) => {
            let at = fleet.service(key).map_or(&[][..], |service| &service.members);
            at.iter().filter_map(|at| fleet.members.get(*at)).map(|member| member.instance.id.clone()).collect()
        }
    }
}

/// What the settings and the role say of changes here.
pub fn guard(model: &Model) -> Guard {
    let roles = model.session.as_ref().map_or(&[][..], |session| &session.roles);
    Guard {
        read_only: model.is_read_only(),
        protected: model.is_protected(),
        ticket: model.cloud_choice().is_some_and(|cloud| cloud.ticket),
        admin: roles.iter().any(|role| role == "admin"),
        asks: model.start.asks,
        busy: busy(model),
        frozen: Freeze::in_force(&model.start.freezes, &model.scope.cloud, model.moment().cloud),
        rails: model.cloud_choice().map(|cloud| cloud.rails.clone()).unwrap_or_default(),
        approved: Approved::Nobody,
    }
}

/// What is under way here, as the journal tells.
fn busy(model: &Model) -> Vec<Busy> {
    let now = model.moment().cloud;
    model.operations.iter().flatten().filter_map(|followed| Busy::of(&followed.operation, now)).collect()
}

/// A letter was pressed. While a name is to be typed all letters are for its line: on a button they would change the
/// plan under the hands of whoever types it.
pub fn lend_to_name(model: &mut Model) {
    if let Some(Overlay::Review(review)) = &mut model.overlay
        && review.unsaid().is_some()
        && review.prompt().is_none()
    {
        review.focus = Focus::Typed;
        model.touch();
    }
}

/// Whether what lies over the view has only just appeared: no key is meant for it yet.
pub fn is_deaf(model: &Model) -> bool {
    let hears = match &model.overlay {
        Some(Overlay::Review(review)) => review.hears,
        Some(Overlay::Abort(question)) => question.hears,
        _ => return false,
    };
    // A clock that was put back must not lock anybody out.
    model.now < hears && hears <= later(model.now)
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(DEAF).unwrap_or(now)
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
