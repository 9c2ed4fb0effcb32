//! A plan as a file: saved by one, read by another, started by its hash.
//!
//! The hash is of all that the file says, not of its white space; whoever was told it knows that it is the same plan.
//! What is started is never the file's plan: the same wish is drawn anew, and refused where it would be something else.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::base::clock::{Timestamp, since};
use crate::operation::approval::Author;
use crate::operation::draft::Draft;
use crate::operation::plan::Plan;
use crate::operation::record::Actor;
use crate::operation::words;

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Which shape the file has; a program refuses to read a newer one than [`Saved::SCHEMA`].
    pub schema: u16,
    /// SHA-256 of all the rest, in hexadecimal.
    pub hash: String,
    /// When it was saved, in the cloud's time.
    pub made: Timestamp,
    /// Who saved it.
    pub by: String,
    /// The same for comparison: whoever approves it has to be somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// Which program: a version.
    pub program: String,
    /// The name that is to be typed.
    pub typed: Option<String>,
    /// The plan.
    pub plan: Plan,
}

/// That an operation was planned by somebody else before, and saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file's hash.
    pub hash: String,
    /// Who saved it.
    pub by: String,
    /// When, in the cloud's time.
    pub made: Timestamp,
}

/// Why a file is no plan that could be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It cannot be read; at that line, where the parser knows it.
    Broken(Option<usize>, String),
    /// A newer program wrote it.
    Newer(String),
    /// It is not what was saved.
    Changed {
        /// What it says that its hash is.
        says: String,
        /// What that is.
        is: String,
    },
}

impl Saved {
    /// The shape that this program writes, and the newest that it reads.
    pub const SCHEMA: u16 = 1;

    /// Of a plan that can be started.
    pub fn of(draft: &Draft, actor: &Actor, made: Timestamp) -> Result<Self, serde_json::Error> {
        let by = format!("{} on {}", words::who(actor), actor.host);
        let (program, author) = (actor.program.clone(), Author::of(actor));
        let (schema, hash) = (Self::SCHEMA, String::new());
        let plan = draft.plan.clone();
        let mut saved = Self { schema, hash, made, by, author, program, typed: draft.typed.clone(), plan };
        saved.hash = hash_of(serde_json::to_value(&saved)?);
        Ok(saved)
    }

    /// As it stands in its file: JSON, for people too.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{}\n", serde_json::to_string_pretty(self)?))
    }

    /// From a file's text.
    ///
    /// # Errors
    /// When it is no plan, is newer than this program, or is not what was saved.
    pub fn read(text: &str) -> Result<Self, Unfit> {
        let value: Value = serde_json::from_str(text).map_err(|error| broken(&error))?;
        let number = |value: Option<&Value>| value.and_then(Value::as_u64);
        let shapes = [
            ("file", number(value.get("schema")), Self::SCHEMA),
            ("plan", number(value.pointer("/plan/schema")), Plan::SCHEMA),
        ];
        for (what, shape, known) in shapes {
            match shape {
                Some(shape) if shape > u64::from(known) => {
                    return Err(Unfit::Newer(format!("its {what} has the shape {shape}, this program knows {known}")));
                }
                Some(_) => {}
                None => return Err(Unfit::Broken(None, "it is no saved plan: it has no `schema`".to_owned())),
            }
        }
        let is = hash_of(value.clone());
        // From the text once more: so a wrong field is told with its line.
        let saved = serde_json::from_str::<Self>(text).map_err(|error| broken(&error))?;
        if saved.hash != is {
            return Err(Unfit::Changed { says: saved.hash, is });
        }
        Ok(saved)
    }

    /// The beginning of its hash, for people.
    pub fn short(&self) -> &str {
        self.hash.get(..12).unwrap_or(&self.hash)
    }

    /// Who planned it, for the record.
    pub fn origin(&self) -> Origin {
        Origin { hash: self.hash.clone(), by: self.by.clone(), made: self.made }
    }

    /// Why what is drawn now must not be started in its place, a sentence each.
    pub fn speaks_against(&self, draft: &Draft, now: Timestamp) -> Vec<String> {
        let mut told: Vec<String> = draft
            .differences(&self.plan, self.typed.as_deref())
            .into_iter()
            .map(|text| format!("since the plan was saved: {text}"))
            .collect();
        if self.plan.intent.break_glass.is_some() && since(self.made, now) > self.plan.limits.approval {
            told.push("a plan that breaks the glass is started within an hour, or made anew".to_owned());
        }
        told
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = self.hash.get(..12).unwrap_or(&self.hash);
        write!(f, "by {} at {}, hash {hash}", self.by, crate::operation::words::when(self.made))
    }
}

fn broken(error: &serde_json::Error) -> Unfit {
    Unfit::Broken(Some(error.line()).filter(|line| *line > 0), error.to_string())
}

/// Of all fields but the hash itself, each object's in the order of their names.
fn hash_of(mut value: Value) -> String {
    if let Some(fields) = value.as_object_mut() {
        fields.remove("hash");
    }
    value.sort_all_objects();
    let digest = Sha256::digest(value.to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
