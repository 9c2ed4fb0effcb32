//! What is behind the worst of each service, in lines below the table: who says so, how old that is, what to do next.

use std::io::{self, Write};

use super::standing::of_service;
use crate::base::clock::Timestamp;
use crate::base::text::sanitise;
use crate::fleet::Condition;
use crate::fleet::health::{Conclusion, advice};
use crate::fleet::service::{Service, Severity};

/// The worst of each service that needs a look.
pub(super) fn print(
    services: &[&Service],
    condition: &Condition,
    now: Timestamp,
    out: &mut dyn Write,
) -> io::Result<()> {
    for service in services {
        let worst = of_service(service, condition).severity;
        if worst < Severity::Warning {
            continue;
        }
        if let Some(told) = condition.of_service(&service.key).find(|told| told.severity == worst) {
            concluded(service, told, now, out)?;
        } else if let Some(found) = service.findings.iter().find(|found| found.severity == worst) {
            let since = found.since.map(|began| format!(" {}", began.words(now))).unwrap_or_default();
            heading(service, found.title, &since, &found.evidence, out)?;
            next(advice(found.title), out)?;
        }
    }
    Ok(())
}

fn concluded(service: &Service, told: &Conclusion, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    heading(service, told.trouble.title(), &format!(" {}", told.since.words(now)), &told.text, out)?;
    for seen in &told.evidence {
        writeln!(out, "  told by {}", sanitise(&seen.words(now)))?;
    }
    next(Some(&told.advice), out)
}

fn heading(service: &Service, title: &str, since: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{} {title}{since}: {}", sanitise(&service.key.name), sanitise(text))
}

fn next(advice: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    advice.map_or(Ok(()), |advice| writeln!(out, "  next: {advice}"))
}
