//! What the journal says of an operation: a small closed set of records, and "unknown".

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::id::{MemberId, RequestId};
use crate::operation::change::{Change, Made, Outcome};
use crate::operation::figures::Figures;
use crate::operation::plan::Plan;
use crate::operation::preserved::Preserved;
use crate::operation::sight::{Share, State};
use crate::operation::ulid::OperationId;

/// One record: who said what, when.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its place in the whole journal, from 1 without gaps.
    pub sequence: u64,
    /// The operation that it is about.
    pub operation: OperationId,
    /// When, for people and for deadlines; order is the sequence's matter.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// What.
    pub event: Event,
}

/// Who is responsible for a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The user of the jump host.
    pub user: String,
    /// The jump host.
    pub host: String,
    /// The user of the cloud, and its domain where known: `anna@Default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_user: Option<String>,
    /// Where the login came from (`SSH_CONNECTION`): an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The ticket that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Which program wrote it: a version.
    pub program: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Event {
    /// Somebody read the plan and approved it. The first record of every operation.
    Approved {
        /// What was approved, whole.
        plan: Box<Plan>,
    },
    /// A worker drives it from here on.
    Claimed {
        /// The worker's process.
        pid: u32,
    },
    /// A call is about to be made. Durable before it is sent.
    Announced(Announcement),
    /// What the cloud knew of an instance that is to be deleted, before anything was done to it.
    Preserved {
        /// In which step.
        step: usize,
        /// What.
        #[serde(flatten)]
        preserved: Preserved,
    },
    /// How the call came out.
    Answered {
        /// Of which step.
        step: usize,
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// The end state was seen.
    Reached {
        /// Of which step.
        step: usize,
        /// The state.
        state: State,
        /// What its place in the pool gets now, where that is what was changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Share>,
        /// What the step has made, where that was seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<Made>,
        /// The address of the port that it has made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
        /// The request whose end was seen, where the history tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<RequestId>,
    },
    /// What the balancers have counted of the members, while who is new is compared with the others.
    Measured {
        /// In which step.
        step: usize,
        /// What.
        figures: Vec<Figures>,
    },
    /// The gate let the next one go: the step is done.
    Passed {
        /// Which step.
        step: usize,
        /// What the gate saw.
        evidence: String,
        /// The version that the target answered with, where it was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
    },
    /// Nothing was to be done: it was so already.
    Skipped {
        /// Which step.
        step: usize,
        /// What was so.
        why: String,
    },
    /// A step has failed; nothing more is begun.
    Failed {
        /// Which step.
        step: usize,
        /// Why.
        why: String,
    },
    /// What is being waited for; told once for each reason.
    Waiting {
        /// In which step.
        step: usize,
        /// For what.
        wait: Wait,
        /// In words.
        why: String,
    },
    /// It goes on only when somebody asks.
    Paused {
        /// Why, as far as what helps depends on it.
        pause: Pause,
        /// In words.
        why: String,
    },
    /// It goes on.
    Resumed,
    /// Somebody at a console or shell asks for something; the worker answers.
    Asked {
        /// For what.
        wish: Wish,
    },
    /// It has ended.
    Finished {
        /// How.
        verdict: Verdict,
    },
    /// A newer program wrote it. Shown, never acted on.
    #[serde(skip)]
    Unknown(String),
}

/// The announcement of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Of which step.
    pub step: usize,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The call.
    pub change: Change,
    /// The target's state right before.
    pub state: State,
    /// The newest line of the target's history right before: what is above it later came after.
    pub newest: Newest,
    /// Pool members that took no requests right before: the gate does not hold these against us.
    pub failing: Vec<MemberId>,
}

/// How far an instance's history went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newest {
    /// Up to this request.
    Request(RequestId),
    /// It was empty.
    Nothing,
    /// It may not be read.
    Unreadable,
}

/// What is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Somebody else's task state.
    Busy,
    /// The next try of a call that was not executed.
    Retry,
    /// Whether a call whose answer was lost has been executed.
    Lost,
    /// The end state.
    Settling,
    /// Whether ERROR passes.
    Error,
    /// Pool members that do not take requests yet.
    Unwell,
    /// All is well; it must stay so for a while.
    Holding,
    /// All is well; whether who is new does worse than the others is yet to be seen.
    Comparing,
    /// The cloud does not answer, from the beginning of the first look that failed. Deadlines and holds stand still.
    Blind,
}

/// Why an operation is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// The worker can no longer sign in: whoever resumes it hands over new credentials.
    Credentials,
    /// The cloud has not answered for too long.
    Unreachable,
    /// The first target is done: somebody has to look at it before the others follow.
    Checkpoint,
}

/// What somebody may ask of an operation, at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Go on.
    Resume,
    /// Begin nothing more.
    Abort,
}

/// How an operation ended. Absorbing: nothing revives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every step is done.
    Done,
    /// Every step is done, and yet not every instance has answered with the version that was rolled out.
    Incomplete,
    /// A step has failed; the rest was not begun.
    Failed,
    /// Somebody asked for it. What was under way was seen to its end, unless it was paused: then nobody could look.
    Aborted,
    /// Nobody started it while its approval held.
    Expired,
}

impl Event {
    /// From the journal's JSON. What this program does not understand whole is [`Event::Unknown`], by its kind.
    pub fn read(kind: &str, json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_else(|_| Event::Unknown(kind.to_owned()))
    }

    /// What the end was that was seen: `ACTIVE`, `at weight 0`.
    pub fn reached_text(state: &State, share: Option<Share>) -> String {
        share.map_or_else(|| state.text(), |share| format!("at {share}"))
    }

    /// The kind, as the journal names it.
    pub fn kind(&self) -> &str {
        match self {
            Event::Approved { .. } => "approved",
            Event::Claimed { .. } => "claimed",
            Event::Announced(_) => "announced",
            Event::Preserved { .. } => "preserved",
            Event::Answered { .. } => "answered",
            Event::Reached { .. } => "reached",
            Event::Measured { .. } => "measured",
            Event::Passed { .. } => "passed",
            Event::Skipped { .. } => "skipped",
            Event::Failed { .. } => "failed",
            Event::Waiting { .. } => "waiting",
            Event::Paused { .. } => "paused",
            Event::Resumed => "resumed",
            Event::Asked { .. } => "asked",
            Event::Finished { .. } => "finished",
            Event::Unknown(kind) => kind,
        }
    }

    /// The step that it is about.
    pub fn step(&self) -> Option<usize> {
        match self {
            Event::Announced(announcement) => Some(announcement.step),
            Event::Preserved { step, .. }
            | Event::Answered { step, .. }
            | Event::Reached { step, .. }
            | Event::Measured { step, .. }
            | Event::Passed { step, .. }
            | Event::Skipped { step, .. }
            | Event::Failed { step, .. }
            | Event::Waiting { step, .. } => Some(*step),
            Event::Approved { .. }
            | Event::Claimed { .. }
            | Event::Paused { .. }
            | Event::Resumed
            | Event::Asked { .. }
            | Event::Finished { .. }
            | Event::Unknown(_) => None,
        }
    }

    /// The request in the cloud's own logs that it tells of.
    pub fn request_id(&self) -> Option<&RequestId> {
        match self {
            Event::Answered { outcome, .. } => outcome.request_id(),
            Event::Reached { request_id, .. } => request_id.as_ref(),
            _ => None,
        }
    }
}
