//! What needs a look now: the findings of all services, the worst first, without what somebody has answered for.
//!
//! To *acknowledge* is to say that one has seen it: it is told again when it comes back, or becomes worse. To *mute* is
//! to want no word of it for a while, with a reason.

use std::collections::BTreeMap;

use crate::base::clock::Timestamp;
use crate::base::id::InstanceId;
use crate::console::app::model::Model;
use crate::fleet::ServiceKey;
use crate::fleet::service::{Finding, Severity};

/// What an alert is about: it stays the same while its words and numbers change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId {
    /// The service.
    pub service: ServiceKey,
    /// The instance, if it is about one.
    pub instance: Option<InstanceId>,
    /// What is wrong.
    pub title: &'static str,
}

/// Something that needs a look.
#[derive(Clone, Debug)]
pub struct Alert<'a> {
    /// What it is about.
    pub id: AlertId,
    /// What was found.
    pub finding: &'a Finding,
}

/// Why an alert is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How bad it was then: what becomes worse is told again.
    pub severity: Severity,
    /// Until when; `None` for as long as it lasts.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// What somebody has answered for, and where one is among the alerts.
#[derive(Clone, Debug, Default)]
pub struct Alerts {
    /// Those that are not told.
    pub answered: BTreeMap<AlertId, Answer>,
    /// The one that was gone to last.
    pub at: Option<AlertId>,
    /// The worst, as of the last look.
    pub worst: Option<AlertId>,
}

impl Alerts {
    /// Whether it is told: nobody answered for it, or it became worse, or the time is over.
    fn tells(&self, alert: &Alert<'_>, now: Timestamp) -> bool {
        self.answered.get(&alert.id).is_none_or(|answer| {
            alert.finding.severity > answer.severity || answer.until.is_some_and(|until| until <= now)
        })
    }
}

/// Everything from a warning on, the worst first; of equal ones the newest.
fn all(model: &Model) -> Vec<Alert<'_>> {
    let services = model.fleet.services.iter();
    let mut alerts: Vec<Alert<'_>> = services
        .flat_map(|service| {
            let bad = service.findings.iter().filter(|finding| finding.severity >= Severity::Warning);
            bad.map(|finding| Alert {
                id: AlertId { service: service.key.clone(), instance: finding.instance.clone(), title: finding.title },
                finding,
            })
        })
        .collect();
    alerts.sort_by(|a, b| {
        b.finding.severity.cmp(&a.finding.severity).then_with(|| b.finding.since.cmp(&a.finding.since))
    });
    alerts
}

/// What is told, the worst first.
pub fn told(model: &Model) -> Vec<Alert<'_>> {
    let mut alerts = all(model);
    alerts.retain(|alert| model.alerts.tells(alert, model.now));
    alerts
}

/// The alert that the line is about: the one that was gone to, or the worst; its number, and how many there are.
pub fn current(model: &Model) -> Option<(Alert<'_>, usize, usize)> {
    let mut alerts = told(model);
    let count = alerts.len();
    let at = model.alerts.at.as_ref().and_then(|id| alerts.iter().position(|alert| alert.id == *id)).unwrap_or(0);
    (at < count).then(|| (alerts.swap_remove(at), at + 1, count))
}

/// After a look: forgets answers to what is over, and tells whether something worse than before is there.
pub(super) fn settle(model: &mut Model) -> Option<String> {
    let there: Vec<AlertId> = all(model).into_iter().map(|alert| alert.id).collect();
    let now = model.now;
    // A mute with an end outlives a trouble that comes and goes.
    model.alerts.answered.retain(|id, answer| match answer.until {
        Some(until) => until > now,
        None => there.contains(id),
    });
    let worst = told(model).into_iter().next().map(|alert| {
        let text = format!("{} {}: {}", alert.id.service.name, alert.finding.title, alert.finding.evidence);
        (alert.id, alert.finding.severity, text)
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
