//! The plan, before anything happens.

use std::io::{self, Write};

use crate::base::clock::Timestamp;
use crate::base::text::sanitise;
use crate::cli::table::{self, Cell};
use crate::fleet::pool::Pool;
use crate::operation::effect::effects;
use crate::operation::estimate::Estimate;
use crate::operation::words::spoken;
use crate::operation::{Credentials, Draft, Objection, Verb};
use crate::worker::Outlives;

/// A plan, and what belongs to it.
pub(super) struct Review<'a> {
    /// The plan, and what speaks against it.
    pub draft: &'a Draft,
    /// Who has signed in.
    pub user: &'a str,
    /// The project, by name.
    pub project: Option<&'a str>,
    /// The pools, as they are now.
    pub pools: &'a [Pool],
    /// The ticket that was named.
    pub ticket: Option<&'a str>,
    /// Whether its worker outlives this login.
    pub outlives: &'a Outlives,
    /// How long it takes.
    pub estimate: Estimate,
    /// With what the worker signs in.
    pub credentials: Credentials,
    /// What time it is in the cloud.
    pub now: Timestamp,
    /// The plan is all that was wished.
    pub alone: bool,
}

impl Review<'_> {
    /// Prints it for people.
    pub(super) fn print(&self, colour: bool, out: &mut dyn Write) -> io::Result<()> {
        let Draft { plan, objections, notes, .. } = self.draft;
        writeln!(out, "{}", sanitise(&plan.title))?;
        let project = self.project.unwrap_or(plan.project.as_str());
        let place = format!("on {} / {project} / {} as {}", plan.place.cloud, plan.place.region, self.user);
        writeln!(out, "{}\n", sanitise(&place))?;
        if !plan.steps.is_empty() {
            self.steps(colour, out)?;
            writeln!(out)?;
            for line in self.remarks() {
                writeln!(out, "{}", sanitise(&line))?;
            }
        }
        told("note", notes, out)?;
        if self.draft.is_idle() {
            return writeln!(out, "There is nothing to do");
        }
        // Where it is about to be started, they are the reason why it is not.
        if self.alone { told("against it", objections, out) } else { Ok(()) }
    }

    fn steps(&self, colour: bool, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.draft.plan.ahead().map(|(_, step)| {
            vec![
                Cell::number(step.slot + 1),
                Cell::text(&step.target.name),
                Cell::text(&step.target.service),
                Cell::text(&step.before_text()),
                Cell::text(&step.told()),
                Cell::text(step.target.known().map_or("-", |id| id.as_str())),
            ]
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        table::print(&["#", "TARGET", "SERVICE", "NOW", "CALL", "ID"], &rows, colour, out)
    }

    fn remarks(&self) -> Vec<String> {
        let plan = &self.draft.plan;
        let mut lines = Vec::new();
        if plan.targets().count() > 1 {
            let gate = match plan.verb() {
                Verb::Lock | Verb::Unlock => "one after another; the first failure ends it",
                _ => {
                    "one after another, the next when this one is well and no pool member has newly failed; \
                      the first failure ends it"
                }
            };
            lines.push(format!("order    {gate}"));
        }
        lines.extend(plan.intent.reason.as_ref().map(|reason| format!("reason   {reason}")));
        lines.extend(plan.exception().map(|text| format!("glass    {text}")));
        lines.extend(plan.approval.as_ref().map(|approval| format!("approved {approval}")));
        lines.extend(effects(plan, self.pools).into_iter().map(|text| format!("effect   {text}")));
        lines.push(format!("length   about {}, {}", spoken(self.estimate.length), self.estimate.basis()));
        lines.push(format!("worker   {}", self.outlives.text()));
        // It gets our token in any case; told is where it has nothing else.
        if let Credentials::Token(_) = self.credentials {
            lines.push(format!("sign-in  {}", self.token()));
        }
        match (self.ticket, self.draft.ticket) {
            (Some(ticket), _) => lines.push(format!("ticket   {ticket}")),
            (None, true) => {
                let like = self.draft.pattern.as_ref().map(|one| format!(", like {}", one.text())).unwrap_or_default();
                lines.push(format!("ticket   wanted: --ticket TICKET{like}"));
            }
            (None, false) => {}
        }
        if let Some(name) = &self.draft.typed {
            lines.push(format!("confirm  {name} is to be typed: --confirm {name}"));
        }
        lines
    }

    /// Our token's life, held against the plan's length.
    fn token(&self) -> String {
        match self.draft.plan.token_life(&self.credentials, self.now) {
            None => "with your token".to_owned(),
            Some(life) if life.is_short() => format!(
                "with your token, which ends in {}, and this usually takes {}: it will pause then and want a new one",
                spoken(life.left),
                spoken(life.wanted)
            ),
            Some(life) => format!("with your token, which lasts another {}", spoken(life.left)),
        }
    }
}

fn told(what: &str, sentences: &[Objection], out: &mut dyn Write) -> io::Result<()> {
    for sentence in sentences {
        writeln!(out, "{what}: {}", sanitise(&sentence.text))?;
    }
    Ok(())
}
