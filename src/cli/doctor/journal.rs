//! What operations stand on: room on the disk, the journal, its chain, what was left unfinished, and whether a worker
//! outlives this login.

use std::path::Path;

use rustix::fs::statvfs;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::operations::book::Book;
use crate::cli::surroundings::Surroundings;
use crate::config::Settings;
use crate::operation::OperationId;
use crate::store::Journal;
use crate::store::journal::Disk;
use crate::worker::{Outlives, actor, outlives};

use super::Findings;

const PART: &str = "state";
const MEGABYTE: u64 = 1 << 20;
/// Many thousands of records; with less, it is time to make room.
const COMFORTABLE: u64 = 64 * MEGABYTE;
/// With less than this an announcement may fail, and so nothing can be changed.
const LEAST: u64 = MEGABYTE;
/// So many of the newest operations are looked at.
const NEWEST: usize = 200;

pub(super) async fn examine(settings: &Settings, around: &Surroundings, findings: &mut Findings) {
    room(&settings.state_dir, findings);
    disk(&settings.state_dir, findings);
    match Book::open(&settings.state_dir) {
        Ok(book) => {
            chain(&book, findings);
            unfinished(&book, around, findings);
        }
        Err(failure) => findings.problem(PART, "journal", &failure),
    }
    worker(&outlives(&actor(&around.sources.variables).user).await, findings);
}

fn room(folder: &Path, findings: &mut Findings) {
    let Some(found) = folder.ancestors().find_map(|above| statvfs(above).ok()) else { return };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let told = format!("{} MB free", free / MEGABYTE);
    if free < LEAST {
        let failure = Failure::new(FailureKind::Quota, told).hint("Make room: without a record nothing is changed");
        findings.problem(PART, "disk", &failure);
    } else if free < COMFORTABLE {
        findings.warn(PART, "disk", told, "Make room: without a record nothing is changed");
    } else {
        findings.ok(PART, "disk", told);
    }
}

fn disk(folder: &Path, findings: &mut Findings) {
    match Disk::of(folder) {
        Disk::Local => findings.ok(PART, "file system", "of this machine"),
        Disk::Network(kind) => {
            let advice = "Resume an operation on the host where its worker ran: locks need not reach others; \
                          or name a folder of this machine with `state_dir`";
            findings.warn(
                PART,
                "file system",
                format!("{kind}, over the network: the journal is slower there"),
                advice,
            );
        }
    }
}

fn chain(book: &Book, findings: &mut Findings) {
    let Some(journal) = book.journal() else {
        return findings.ok(PART, "journal", "not there yet; it is made with the first change");
    };
    match journal.format() {
        Ok(format) if format > Journal::FORMAT => {
            let found = format!("its format is {format}, this program writes {}", Journal::FORMAT);
            findings.warn(PART, "journal", found, "It is only read: install the newer Stackdeck to change anything");
        }
        Ok(format) => findings.ok(PART, "journal", format!("{}, format {format}", journal.path().display())),
        Err(failure) => findings.problem(PART, "journal", &failure),
    }
    match journal.verify(None) {
        Ok(verified) => {
            let found = format!("{} records hold, head {}", verified.head.sequence, verified.head);
            findings.ok(PART, "chain", found);
        }
        Err(broken) => findings.problem(PART, "chain", &Failure::from(broken)),
    }
}

fn unfinished(book: &Book, around: &Surroundings, findings: &mut Findings) {
    let newest = match book.newest(NEWEST) {
        Ok(newest) => newest,
        // The chain has told what is wrong with it.
        Err(failure) => return findings.warn_of(PART, "operations", &failure),
    };
    let mut open = 0;
    for listed in &newest {
        open += match listed {
            Ok(listed) => usize::from(one(book, &listed.id, around, findings)),
            Err(failure) => {
                findings.warn_of(PART, "operations", failure);
                1
            }
        };
    }
    if open == 0 {
        findings.ok(PART, "operations", "none is unfinished");
    }
}

/// Whether it is unfinished, and nobody is at it.
fn one(book: &Book, id: &OperationId, around: &Surroundings, findings: &mut Findings) -> bool {
    let standing = match book.story(id) {
        Ok(story) => story.standing,
        Err(failure) => {
            findings.warn_of(PART, "operations", &failure);
            return true;
        }
    };
    if standing.operation.is_over() {
        return false;
    }
    let found = format!("{} ({}): {}", id.short(), standing.operation.plan.title, standing.word());
    if let Some(holder) = &standing.holder {
        findings.ok(PART, "operations", format!("{found}, {holder}"));
        return true;
    }
    let typed = around.invocation();
    let advice = format!("{typed} operations resume {0}, or {typed} operations abort {0}", id.short());
    findings.warn(PART, "operations", found, &advice);
    true
}

fn worker(lives: &Outlives, findings: &mut Findings) {
    match lives {
        Outlives::Yes(_) | Outlives::Through(_) => findings.ok(PART, "worker", lives.text()),
        Outlives::No(_) => {
            let advice = "Stay logged in while an operation runs, or resume it later; after `loginctl enable-linger` \
                          workers are started under your service manager and live, and so they do with \
                          KillUserProcesses=no or KillExcludeUsers= in logind.conf";
            findings.warn(PART, "worker", lives.text(), advice);
        }
        Outlives::Untold(_) => {
            findings.warn(PART, "worker", lives.text(), "Look for KillUserProcesses in logind.conf");
        }
    }
}
