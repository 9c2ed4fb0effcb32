//! The word of a second person for a saved plan: what is signed, and when it counts.
//!
//! One plans, another reads and signs, and neither is the other: neither at the jump host nor in the cloud. Whoever starts
//! the plan is not the signer either, because who planned it is only what the file says. What is signed names the plan's
//! hash, so it is for that plan alone; it holds for a while, as what was read then; and it starts one operation.
//!
//! Here is no key and no signature made or verified: that is `cli::change::signing`, by OpenSSH's own program.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::clock::{Timestamp, since};
use crate::operation::record::Actor;
use crate::operation::saved::Saved;
use crate::operation::ulid::OperationId;
use crate::operation::words::{spoken, when};

/// What somebody signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The plan's hash.
    pub plan: String,
    /// The approver's name at the jump host.
    pub user: String,
    /// The jump host.
    pub host: String,
    /// The approver's name in the plan's cloud, with the domain; told by the cloud.
    pub cloud_user: String,
    /// When, in the cloud's time.
    pub at: Timestamp,
}

/// A statement whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who has signed, as the list of allowed signers calls whose key it is.
    pub signer: String,
    /// The key's fingerprint: `SHA256:…`.
    pub key: String,
    /// The approver's name at the jump host.
    pub user: String,
    /// The jump host.
    pub host: String,
    /// The approver's name in the plan's cloud.
    pub cloud_user: String,
    /// When it was signed, in the cloud's time.
    pub at: Timestamp,
    /// The signature, armored: with the above and the plan's hash it can be verified again.
    pub signature: String,
}

/// Who has planned something, as far as two people could be taken for each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name at the jump host.
    pub user: String,
    /// The name in the cloud.
    pub cloud_user: String,
}

impl Author {
    /// Whoever is at the desk, where the cloud has told who that is.
    pub fn of(actor: &Actor) -> Option<Self> {
        Some(Self { user: actor.user.clone(), cloud_user: actor.cloud_user.clone()? })
    }
}

/// Clocks of two jump hosts differ by less.
const SKEW: Duration = Duration::from_secs(60);

impl Statement {
    /// What stands above the fields, and tells their shape.
    const HEAD: &str = "stackdeck plan approval 1";

    /// What the one at the desk would sign.
    ///
    /// # Errors
    /// When nobody could let it count: the plan does not name its author, or it is the same person.
    pub fn of(saved: &Saved, actor: &Actor, at: Timestamp) -> Result<Self, String> {
        let cloud_user = actor.cloud_user.clone().ok_or("the cloud does not tell who you are")?;
        let (user, host) = (plain(&actor.user), plain(&actor.host));
        let statement = Self { plan: saved.hash.clone(), user, host, cloud_user: plain(&cloud_user), at };
        statement.of_another(saved)?;
        Ok(statement)
    }

    /// As it is signed: a line for each field, always in this order.
    pub fn text(&self) -> String {
        let Self { plan, user, host, cloud_user, at } = self;
        let head = Self::HEAD;
        format!("{head}\nplan {plan}\nuser {user}\nhost {host}\ncloud-user {cloud_user}\nat {at}\n")
    }

    /// From its text; `None` where that is none, or not written as [`Statement::text`] does.
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|line| *line == Self::HEAD)?;
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned);
        let [plan, user, host, cloud_user] = [field("plan")?, field("user")?, field("host")?, field("cloud-user")?];
        let read = Self { plan, user, host, cloud_user, at: field("at")?.parse().ok()? };
        Some(read).filter(|read| read.text() == text)
    }

    /// Whether it counts for that plan, now, where `starter` wants to start it.
    ///
    /// # Errors
    /// Why it does not, in words.
    pub fn counts(&self, saved: &Saved, starter: &Actor, now: Timestamp, holds: Duration) -> Result<(), String> {
        if self.plan != saved.hash {
            let hash = self.plan.get(..12).unwrap_or(&self.plan);
            return Err(format!("it is for the plan {hash}, and this is {}", saved.short()));
        }
        if since(now, self.at) > SKEW {
            return Err(format!("it was signed at {}, which is still to come", when(self.at)));
        }
        if since(self.at, now) > holds {
            return Err(format!("it was signed at {}, and an approval holds for {}", when(self.at), spoken(holds)));
        }
        self.of_another(saved)?;
        if let Some(name) = self.is_also(&starter.user, starter.cloud_user.as_deref().unwrap_or_default()) {
            return Err(format!("{name} has signed it and would start it: these are to be two people"));
        }
        Ok(())
    }

    fn of_another(&self, saved: &Saved) -> Result<(), String> {
        let Some(author) = &saved.author else {
            return Err("the plan does not say which user of the cloud has made it: save it again".to_owned());
        };
        let same = self.is_also(&author.user, &author.cloud_user);
        same.map_or(Ok(()), |name| {
            Err(format!("{name} has planned it: another user of the jump host and of the cloud has to approve it"))
        })
    }

    /// By which name the approver is also somebody else. Keystone's names differ in more than capitals, as a rule.
    fn is_also(&self, user: &str, cloud_user: &str) -> Option<&str> {
        let same = |one: &str, other: &str| plain(one).to_lowercase() == plain(other).to_lowercase();
        if same(&self.cloud_user, cloud_user) {
            return Some(&self.cloud_user);
        }
        same(&self.user, user).then_some(&self.user)
    }
}

impl Approval {
    /// Of a statement that `signer` has signed with that key.
    pub fn of(statement: Statement, signer: String, key: String, signature: String) -> Self {
        let Statement { user, host, cloud_user, at, .. } = statement;
        Self { signer, key, user, host, cloud_user, at, signature }
    }

    /// That it has had its effect.
    pub fn spent_by(operation: &OperationId) -> String {
        format!(
            "it has started operation {} already, and an approval is for once: let it be signed again",
            operation.short()
        )
    }
}

impl fmt::Display for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { signer, key, user, host, cloud_user, at, .. } = self;
        write!(f, "by {signer} ({user} on {host}, {cloud_user}) at {}, key {key}", when(*at))
    }
}

/// On one line, whatever somebody is called.
fn plain(name: &str) -> String {
    name.replace(char::is_control, "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        let name = |text: &str| text.to_owned();
        let at = "2026-11-24T02:00:00Z".parse().unwrap();
        Statement { plan: name("0f"), user: name("mia"), host: name("jump-2"), cloud_user: name("mia@Default"), at }
    }

    #[test]
    fn what_is_signed_has_one_form_alone() {
        let text = "stackdeck plan approval 1\nplan 0f\nuser mia\nhost jump-2\ncloud-user mia@Default\n\
                    at 2026-11-24T02:00:00Z\n";
        assert_eq!(statement().text(), text);
        assert_eq!(Statement::read(text), Some(statement()));
        for other in [
            "",
            text.trim_end(),
            &text.replace('1', "2"),
            &text.replace("user mia\n", ""),
            &text.replace("00Z", "00.0Z"),
            &format!("{text}user eva\n"),
            &text.replacen("plan 0f\nuser mia", "user mia\nplan 0f", 1),
        ] {
            assert_eq!(Statement::read(other), None, "{other}");
        }
    }

    #[test]
    fn nobody_writes_a_line_of_it_by_being_called_so() {
        assert_eq!(plain("mia\nat 2099-01-01T00:00:00Z"), "mia?at 2099-01-01T00:00:00Z");
        let statement = statement();
        for (user, cloud_user) in [("mia", "x"), ("x", "mia@Default"), ("x", "MIA@default"), ("Mia", "mia@Other")] {
            assert!(statement.is_also(user, cloud_user).is_some(), "{user} {cloud_user}");
        }
        assert_eq!(statement.is_also("otto", "mia@Other"), None);
    }
}
