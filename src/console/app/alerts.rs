//! What needs a look now: the findings of all services, the worst first, without what somebody has answered for.
//!
//! To *acknowledge* is to say that one has seen it: it is told again when it comes back, or becomes worse. To *mute* is
//! to want no word of it for a while, with a reason.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
pub use crate::fleet::answer::{AlertId, Answer, Answers};
use crate::fleet::service::{Finding, ServiceKey, Severity};

/// What is concluded from load takes so long after a start. Until then nothing is known to be over.
const GRACE: Duration = Duration::from_secs(15 * 60);

/// Something that needs a look. Each frame asks for all of them: they are lent.
#[derive(Clone, Copy, Debug)]
pub struct Alert<'a> {
    /// Which service has it.
    pub service: &'a ServiceKey,
    /// What was found.
    pub finding: &'a Finding,
}

impl Alert<'_> {
    /// What it is about.
    pub fn id(&self) -> AlertId {
        AlertId {
            service: self.service.clone(),
            instance: self.finding.instance.clone(),
            title: Cow::Borrowed(self.finding.title),
        }
    }

    /// Whether that is what it is about.
    pub fn is(&self, id: &AlertId) -> bool {
        self.finding.title == id.title && self.finding.instance == id.instance && *self.service == id.service
    }
}

/// What somebody has answered for, and where one is among the alerts.
#[derive(Clone, Debug, Default)]
pub struct Alerts {
    /// Those that are not told, and why.
    pub answered: Answers,
    /// The one that was gone to last.
    pub at: Option<AlertId>,
    /// The worst, as of the last look.
    pub worst: Option<AlertId>,
    /// What was acknowledged, and was there since this console began: its end is seen.
    met: BTreeSet<AlertId>,
    /// When the first look was, on the wall.
    began: Option<Timestamp>,
    /// Something was answered that is not kept yet.
    unsaved: bool,
}

impl Alerts {
    /// Answers for an alert.
    pub(super) fn answer(&mut self, id: AlertId, answer: Answer) {
        self.answered.give(id, answer);
        (self.at, self.unsaved) = (None, true);
    }

    /// Takes every answer back; tells how many there were.
    pub(super) fn take_back_all(&mut self, now: Timestamp) -> usize {
        let counting: Vec<AlertId> = self.answered.counting(now).map(|(id, _)| id.clone()).collect();
        counting.iter().for_each(|id| self.answered.take_back(id, now));
        self.unsaved |= !counting.is_empty();
        counting.len()
    }

    /// Whether it is told: nobody answered for it, or it became worse, or the time is over.
    fn tells(&self, alert: &Alert<'_>, now: Timestamp) -> bool {
        let answered = |alert: &Alert<'_>| self.answered.get(&alert.id(), now).map(|answer| answer.severity);
        self.answered.is_empty() || answered(alert).is_none_or(|severity| alert.finding.severity > severity)
    }

    /// An acknowledgement ends with what it is for; after a start only once that was there, or time enough to come.
    fn end_answers(&mut self, there: &BTreeSet<AlertId>, now: Timestamp) {
        let began = *self.began.get_or_insert(now);
        self.answered.prune(now);
        let lasting = self.answered.counting(now).filter(|(_, answer)| answer.until.is_none());
        for id in lasting.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            if there.contains(&id) {
                self.met.insert(id);
            } else if self.met.remove(&id) || since(began, now) > GRACE {
                self.answered.take_back(&id, now);
                self.unsaved = true;
            }
        }
    }
}

/// Everything from a warning on, in no order.
fn all(model: &Model) -> impl Iterator<Item = Alert<'_>> {
    model.fleet.services.iter().flat_map(|service| {
        let bad = service.findings.iter().filter(|finding| finding.severity >= Severity::Warning);
        bad.map(|finding| Alert { service: &service.key, finding })
    })
}

/// Whether anything is told.
pub fn is_any(model: &Model) -> bool {
    all(model).any(|alert| model.alerts.tells(&alert, model.now))
}

/// What is told: the worst first, of equal ones the newest.
pub fn told(model: &Model) -> Vec<Alert<'_>> {
    let mut alerts: Vec<Alert<'_>> = all(model).filter(|alert| model.alerts.tells(alert, model.now)).collect();
    alerts.sort_by(|a, b| {
        b.finding.severity.cmp(&a.finding.severity).then_with(|| b.finding.since.cmp(&a.finding.since))
    });
    alerts
}

/// The alert that the line is about: the one that was gone to, or the worst; its number, and how many there are.
pub fn current(model: &Model) -> Option<(Alert<'_>, usize, usize)> {
    let alerts = told(model);
    let gone_to = model.alerts.at.as_ref();
    let at = gone_to.and_then(|id| alerts.iter().position(|alert| alert.is(id))).unwrap_or(0);
    alerts.get(at).map(|alert| (*alert, at + 1, alerts.len()))
}

/// After a look: forgets answers to what is over, and tells whether something worse than before is there.
pub(super) fn settle(model: &mut Model) -> Option<String> {
    let there: BTreeSet<AlertId> = all(model).map(|alert| alert.id()).collect();
    let now = model.now;
    model.alerts.end_answers(&there, now);
    let worst = told(model).into_iter().next().map(|alert| {
        let text = format!("{} {}: {}", alert.service.name, alert.finding.title, alert.finding.evidence);
        (alert.id(), alert.finding.severity, text)
    });
    let (id, severity, text) = worst.map_or((None, None, None), |(id, bad, text)| (Some(id), Some(bad), Some(text)));
    let changed = id != model.alerts.worst;
    model.alerts.worst = id;
    if changed {
        // Whoever looks at another one must see it.
        model.alerts.at = None;
    }
    text.filter(|_| changed && severity == Some(Severity::Critical))
}

/// What was kept: by the last run, or by another console meanwhile.
pub(super) fn kept(model: &mut Model, kept: &Answers) -> Vec<Effect> {
    if model.alerts.answered.merge(kept) {
        model.touch();
    }
    Vec::new()
}

/// Hands out what is to be kept, if something was answered.
pub(super) fn save(model: &mut Model) -> Option<Effect> {
    let unsaved = std::mem::take(&mut model.alerts.unsaved);
    unsaved.then(|| Effect::KeepAnswers(Box::new(model.alerts.answered.clone())))
}
