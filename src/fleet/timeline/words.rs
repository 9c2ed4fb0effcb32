//! What happened, in words. To whom is told beside it.

use crate::fleet::instance::Status;
use crate::fleet::timeline::entry::Entry;
use crate::fleet::timeline::sighting::{Deed, What};

impl Entry {
    /// What happened, and who wanted it, in a line: `reboot by anna: ACTIVE → REBOOT → ACTIVE`.
    pub fn text(&self) -> String {
        self.sentence(&self.user().map(|user| format!(" by {user}")).unwrap_or_default())
    }

    /// What happened, where it is told beside it who wanted it.
    pub fn bare_text(&self) -> String {
        self.sentence("")
    }

    fn sentence(&self, by: &str) -> String {
        let course = || self.course.iter().map(Status::as_str).collect::<Vec<_>>().join(" → ");
        match &self.what {
            What::Created => format!("created{by}{}", self.in_error()),
            What::Appeared => "came into sight".to_owned(),
            What::Gone if self.who.is_none() => "gone".to_owned(),
            What::Gone => format!("deleted{by}"),
            What::Status(..) => course(),
            What::Version(from, to) => format!("version {from} → {to}{by}"),
            What::Moved(from) => format!("moved here from {from}"),
            What::Joined(pool, weight) => format!("joined {pool} with weight {weight}"),
            What::Left(pool) => format!("left {pool}"),
            What::Weight(pool, from, to) => format!("weight {from} → {to} in {pool}"),
            What::Operating(pool, from, to) => format!("{from} → {to} in {pool}"),
            What::Switched(pool, true) => format!("switched on in {pool}"),
            What::Switched(pool, false) => format!("switched off in {pool}"),
            What::Deed(Deed { verb, failed, .. }) => {
                let failed = if *failed { " failed" } else { "" };
                let course = if self.course.is_empty() { String::new() } else { format!(": {}", course()) };
                format!("{verb}{by}{failed}{course}")
            }
            What::Began { title, .. } => format!("{title}: approved{by}"),
            What::Ended { title, word, .. } => format!("{title}: {word}"),
        }
    }

    /// To whom it happened, in a word or two.
    pub fn subject(&self) -> String {
        match self.parts.len() {
            0 => self.whom.name.to_string(),
            count if self.parts.iter().all(|part| part.whom.instance.is_some()) => format!("{count} instances"),
            count => format!("{count} members"),
        }
    }

    /// The user that wanted it.
    pub fn user(&self) -> Option<&str> {
        self.who.as_ref()?.user.as_deref()
    }

    /// What became of those that were made, if that is no good.
    fn in_error(&self) -> String {
        let failed = |entry: &&Entry| entry.course.last().is_some_and(|last| last.as_str() == "ERROR");
        match self.parts.iter().filter(failed).count() {
            0 if failed(&self) => ", but is in ERROR".to_owned(),
            0 => String::new(),
            failed => format!(", {failed} in ERROR"),
        }
    }
}
