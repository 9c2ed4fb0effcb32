//! The worst that is known of something: by what Nova and Octavia say, and by what is concluded.

use crate::fleet::health::Conclusion;
use crate::fleet::service::{Finding, Member, Service, Severity};
use crate::fleet::{Began, Condition};

/// How bad, what it is called, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How bad.
    pub severity: Severity,
    /// The worst; nothing where all is well.
    pub because: Option<&'static str>,
    /// Since when.
    pub since: Option<Began>,
}

/// Of a service and its instances.
pub fn of_service(service: &Service, condition: &Condition) -> Standing {
    worst(condition.of_service(&service.key), &service.findings)
}

/// Of an instance.
pub fn of_instance(member: &Member, condition: &Condition) -> Standing {
    worst(condition.of_instance(&member.instance.id), &member.findings)
}

/// The first of the worst; conclusions go first, as they rest on more.
fn worst<'a>(conclusions: impl Iterator<Item = &'a Conclusion>, findings: &[Finding]) -> Standing {
    let concluded = conclusions.map(|told| (told.severity, told.trouble.title(), Some(told.since)));
    let found = findings.iter().map(|told| (told.severity, told.title, told.since));
    let well = Standing { severity: Severity::Ok, because: None, since: None };
    concluded.chain(found).fold(well, |worst, (severity, title, since)| {
        if severity > worst.severity { Standing { severity, because: Some(title), since } } else { worst }
    })
}
