//! Plans, operations, records, and what an audit found.

use std::time::Duration;

use serde::Serialize;

use crate::base::clock::Timestamp;
use crate::base::id::{InstanceId, RequestId};
use crate::cli::operations::print::{length, took};
use crate::operation::estimate::Estimate;
use crate::operation::fold::{Operation, Stage};
use crate::operation::plan::TokenLife;
use crate::operation::words::{pause_word, step_word, telling, verdict_word, wait_word};
use crate::operation::{Actor, Approval, Draft, Objection, Plan, Record, Step};
use crate::store::journal::{Broken, Verified};
use crate::worker::{Outlives, Standing};

/// `restart`, `stop`, `start`, `lock`, `unlock` with `--plan`, or when nothing was started.
#[derive(Clone, Debug, Serialize)]
pub struct PlanDocument<'a> {
    /// The plan.
    pub plan: PlanOf<'a>,
}

/// A plan before anybody has approved it.
#[derive(Clone, Debug, Serialize)]
pub struct PlanOf<'a> {
    /// In words.
    pub title: &'a str,
    /// `restart`, `stop`, `start`, `lock`, `unlock`, `drain`, `put-back`, `quarantine`, `rebuild` or `rollout`.
    pub verb: &'static str,
    /// Whether it can be started: something to do, and nothing against it.
    pub may_start: bool,
    /// Whether all is so already.
    pub nothing_to_do: bool,
    /// One after another.
    pub steps: Vec<PlannedStep<'a>>,
    /// What speaks against it.
    pub objections: Vec<ObjectionOf<'a>>,
    /// What is good to know.
    pub notes: Vec<ObjectionOf<'a>>,
    /// The name that `--confirm` wants; null when none is wanted.
    pub confirm: Option<&'a str>,
    /// What is rolled out; null for other verbs.
    pub release: Option<ReleaseOf<'a>>,
    /// Whether a ticket must be named.
    pub ticket_wanted: bool,
    /// Why it breaks the glass; null where it does not.
    pub break_glass: Option<&'a str>,
    /// The freezes that this lifts.
    pub lifted_freezes: &'a [String],
    /// The other guard rails that this lifts.
    pub waived: &'a [String],
    /// Whether it still wants a second person's approval.
    pub approval_wanted: bool,
    /// That approval; null where there is none.
    pub approval: Option<ApprovalOf<'a>>,
    /// How long it usually takes.
    pub usual_ms: u64,
    /// How long this one takes, by the last operations like it; else as usual.
    pub estimated_ms: u64,
    /// How many operations tell that.
    pub estimated_from: usize,
    /// How long the worker's token still lasts; null where it renews its credentials, or nobody tells.
    pub token_left_ms: Option<u64>,
    /// Whether that is less than it usually takes: it would pause then.
    pub token_ends_early: bool,
    /// `yes`, `no` or `unknown`: whether its worker outlives this login.
    pub outlives_login: &'static str,
    /// Why.
    pub outlives_login_because: String,
}

/// A release.
#[derive(Clone, Debug, Serialize)]
pub struct ReleaseOf<'a> {
    /// Its version; null where its image tells none.
    pub version: Option<&'a str>,
    /// Glance's id of the image.
    pub image_id: &'a str,
    /// What the image is called.
    pub image: &'a str,
}

impl<'a> ReleaseOf<'a> {
    fn of(plan: &'a Plan) -> Option<Self> {
        let release = plan.intent.release.as_ref()?;
        let (version, image_id) = (release.version.as_deref(), release.image.as_str());
        Some(Self { version, image_id, image: &release.name })
    }
}

/// A step of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedStep<'a> {
    /// Nova's id; none of an instance that is only to be made.
    pub instance_id: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
    /// Its service.
    pub service: &'a str,
    /// Nova's status.
    pub status: &'a str,
    /// What is being done to it.
    pub task_state: Option<&'a str>,
    /// Whether it is locked.
    pub locked: Option<bool>,
    /// The call that will be made, and what it sets.
    pub call: String,
    /// Which slot it is of, from 0: one target's steps follow one another.
    pub slot: usize,
}

/// A sentence about a target, or about the whole.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectionOf<'a> {
    /// The target; null for the whole.
    pub instance_id: Option<&'a str>,
    /// The sentence.
    pub text: &'a str,
}

impl<'a> PlanOf<'a> {
    /// A draft, whether its worker outlives this login, how long it takes, and how long its token lasts.
    pub fn of(draft: &'a Draft, outlives: &Outlives, estimate: Estimate, token: Option<TokenLife>) -> Self {
        let plan = &draft.plan;
        Self {
            title: &plan.title,
            verb: plan.verb().word(),
            may_start: draft.may_start(),
            nothing_to_do: draft.is_idle(),
            steps: plan.steps.iter().map(planned).collect(),
            objections: draft.objections.iter().map(objection).collect(),
            notes: draft.notes.iter().map(objection).collect(),
            confirm: draft.typed.as_deref(),
            release: ReleaseOf::of(&draft.plan),
            ticket_wanted: draft.ticket,
            break_glass: plan.intent.break_glass.as_deref(),
            lifted_freezes: &plan.lifted,
            waived: &plan.waived,
            approval_wanted: draft.unapproved.is_some(),
            approval: plan.approval.as_ref().map(ApprovalOf::of),
            usual_ms: millis(plan.usual_length()),
            estimated_ms: millis(estimate.length),
            estimated_from: estimate.like,
            token_left_ms: token.map(|life| millis(life.left)),
            token_ends_early: token.is_some_and(TokenLife::is_short),
            outlives_login: outlives.word(),
            outlives_login_because: outlives.text(),
        }
    }
}

fn planned(step: &Step) -> PlannedStep<'_> {
    PlannedStep {
        instance_id: step.target.known().map(InstanceId::as_str),
        name: &step.target.name,
        service: &step.target.service,
        status: step.before.status.as_str(),
        task_state: step.before.task_state.as_deref(),
        locked: step.before.locked,
        call: step.told(),
        slot: step.slot,
    }
}

fn objection(one: &Objection) -> ObjectionOf<'_> {
    ObjectionOf { instance_id: one.target.as_ref().map(InstanceId::as_str), text: &one.text }
}

/// `operations`.
#[derive(Clone, Debug, Serialize)]
pub struct Operations<'a> {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// Newest first.
    pub operations: Vec<OperationOf<'a>>,
}

/// `operations show`, `watch`, `resume`, `abort`, and a change that was started.
#[derive(Clone, Debug, Serialize)]
pub struct OperationDocument<'a> {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// The operation.
    pub operation: OperationOf<'a>,
    /// Its records, in order.
    pub records: Vec<RecordOf<'a>>,
    /// The journal's last record when this was read, as `audit --expect` takes it.
    pub journal_head: &'a str,
}

/// An operation.
#[derive(Clone, Debug, Serialize)]
pub struct OperationOf<'a> {
    /// Its id.
    pub id: &'a str,
    /// In words.
    pub title: &'a str,
    /// As that of a plan.
    pub verb: &'static str,
    /// `approved`, `running`, `aborting`, `interrupted`, `paused`, `done`, `incomplete`, `failed`, `aborted` or `expired`.
    pub state: &'static str,
    /// Why it is paused: `credentials`, `unreachable` or `checkpoint`.
    pub paused_because: Option<&'static str>,
    /// The cloud, by its name in `clouds.yaml`.
    pub cloud: &'a str,
    /// The region.
    pub region: &'a str,
    /// The project's id.
    pub project_id: &'a str,
    /// What that was called when it was approved.
    pub project: Option<&'a str>,
    /// The name of the project's domain.
    pub project_domain: Option<&'a str>,
    /// Who approved it.
    pub by: ActorOf<'a>,
    /// The ticket.
    pub ticket: Option<&'a str>,
    /// Who had planned it, where it was started from a file; else null.
    pub saved_plan: Option<SavedOf<'a>>,
    /// Why it broke the glass; null where it did not.
    pub break_glass: Option<&'a str>,
    /// The freezes that this lifted.
    pub lifted_freezes: &'a [String],
    /// The other guard rails that this lifted.
    pub waived: &'a [String],
    /// The second person's approval; null where there is none.
    pub approval: Option<ApprovalOf<'a>>,
    /// When it was approved.
    pub approved: Timestamp,
    /// When its last record was written.
    pub changed: Timestamp,
    /// How long it has taken since its first target was begun.
    pub duration_ms: Option<u64>,
    /// How often a worker took it up; above one, it was interrupted or resumed.
    pub claims: u32,
    /// The process that drives it; null when none does.
    pub worker_pid: Option<u32>,
    /// What is waited for.
    pub waiting: Option<WaitingOf<'a>>,
    /// What is rolled out; null for other verbs.
    pub release: Option<ReleaseOf<'a>>,
    /// The result of each target.
    pub steps: Vec<StepOf<'a>>,
}

/// The file that an operation was started from.
#[derive(Clone, Debug, Serialize)]
pub struct SavedOf<'a> {
    /// Its hash.
    pub hash: &'a str,
    /// Who saved it.
    pub by: &'a str,
    /// When.
    pub made: Timestamp,
}

/// A second person's approval.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalOf<'a> {
    /// Who has signed, as the list of allowed signers says.
    pub signer: &'a str,
    /// The key's fingerprint.
    pub key: &'a str,
    /// The user of the jump host.
    pub user: &'a str,
    /// The jump host.
    pub host: &'a str,
    /// The user of the cloud.
    pub cloud_user: &'a str,
    /// When it was signed.
    pub at: Timestamp,
}

impl<'a> ApprovalOf<'a> {
    fn of(approval: &'a Approval) -> Self {
        let Approval { signer, key, user, host, cloud_user, at, .. } = approval;
        Self { signer, key, user, host, cloud_user, at: *at }
    }
}

/// What an operation waits for.
#[derive(Clone, Debug, Serialize)]
pub struct WaitingOf<'a> {
    /// `busy`, `retry`, `lost`, `settling`, `unwell`, `holding` or `blind`.
    pub r#for: &'static str,
    /// Since when, less the time that the cloud did not answer.
    pub since: Timestamp,
    /// In words.
    pub why: &'a str,
}

/// Who is responsible.
#[derive(Clone, Debug, Serialize)]
pub struct ActorOf<'a> {
    /// The user of the jump host.
    pub user: &'a str,
    /// The jump host.
    pub host: &'a str,
    /// The user of the cloud.
    pub cloud_user: Option<&'a str>,
    /// Where the login came from.
    pub origin: Option<&'a str>,
    /// Which program.
    pub program: &'a str,
}

/// A step of an operation.
#[derive(Clone, Debug, Serialize)]
pub struct StepOf<'a> {
    /// What was planned.
    #[serde(flatten)]
    pub planned: PlannedStep<'a>,
    /// `pending`, `retrying`, `calling`, `lost`, `refused`, `accepted`, `reached`, `done`, `skipped`, `failed`, or
    /// `unneeded` of what would undo.
    pub result: &'static str,
    /// How often it was called.
    pub attempts: u32,
    /// Requests in the cloud's own logs.
    pub request_ids: Vec<&'a str>,
    /// When it was begun.
    pub begun: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How long it took.
    pub duration_ms: Option<u64>,
    /// What there is to say about its end.
    pub because: Option<&'a str>,
}

impl<'a> OperationOf<'a> {
    /// An operation, as it stands now.
    pub fn of(standing: &'a Standing, now: Timestamp) -> Self {
        let Standing { operation, holder } = standing;
        let plan = &operation.plan;
        Self {
            id: operation.id.as_str(),
            title: &plan.title,
            verb: plan.verb().word(),
            state: state(standing),
            paused_because: match operation.stage {
                Stage::Paused(pause) => Some(pause_word(pause)),
                _ => None,
            },
            cloud: &plan.place.cloud,
            region: &plan.place.region,
            project_id: plan.project.as_str(),
            project: plan.project_name.as_ref().map(|known| known.name.as_str()),
            project_domain: plan.project_name.as_ref().and_then(|known| known.domain.as_deref()),
            by: (&operation.by).into(),
            ticket: operation.by.ticket.as_deref(),
            saved_plan: plan.saved.as_ref().map(|saved| SavedOf { hash: &saved.hash, by: &saved.by, made: saved.made }),
            break_glass: plan.intent.break_glass.as_deref(),
            lifted_freezes: &plan.lifted,
            waived: &plan.waived,
            approval: plan.approval.as_ref().map(ApprovalOf::of),
            approved: operation.approved,
            changed: operation.changed,
            duration_ms: length(standing, now).map(millis),
            claims: operation.claims,
            worker_pid: holder.as_ref().map(|holder| holder.pid),
            release: ReleaseOf::of(&operation.plan),
            waiting: operation.waiting.as_ref().map(|waiting| WaitingOf {
                r#for: wait_word(waiting.wait),
                since: waiting.since,
                why: &waiting.why,
            }),
            steps: (0..operation.steps.len()).map(|number| step_of(operation, number)).collect(),
        }
    }
}

fn state(standing: &Standing) -> &'static str {
    match standing.operation.stage {
        Stage::Paused(_) => "paused",
        Stage::Finished(verdict) => verdict_word(verdict),
        Stage::Approved | Stage::Running => standing.word(),
    }
}

fn step_of(operation: &Operation, number: usize) -> StepOf<'_> {
    let progress = &operation.steps[number];
    StepOf {
        planned: planned(&operation.plan.steps[number]),
        result: step_word(operation, number),
        attempts: progress.attempts,
        request_ids: progress.requests.iter().map(RequestId::as_str).collect(),
        begun: progress.begun,
        ended: progress.ended,
        duration_ms: took(progress).map(millis),
        because: Some(progress.remark.as_str()).filter(|remark| !remark.is_empty()),
    }
}

impl<'a> From<&'a Actor> for ActorOf<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self {
            user: &actor.user,
            host: &actor.host,
            cloud_user: actor.cloud_user.as_deref(),
            origin: actor.origin.as_deref(),
            program: &actor.program,
        }
    }
}

/// `audit`.
#[derive(Clone, Debug, Serialize)]
pub struct Records<'a> {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// In order.
    pub records: Vec<RecordOf<'a>>,
    /// The journal's last record.
    pub journal_head: &'a str,
}

/// A record.
#[derive(Clone, Debug, Serialize)]
pub struct RecordOf<'a> {
    /// Its place in the whole journal.
    pub sequence: u64,
    /// Its operation.
    pub operation_id: &'a str,
    /// When, in the cloud's time.
    pub at: Timestamp,
    /// Who.
    pub by: ActorOf<'a>,
    /// The ticket.
    pub ticket: Option<&'a str>,
    /// What sort it is, as the journal names it.
    pub kind: &'a str,
    /// The target that it is about; null where it is about the whole.
    pub instance_id: Option<&'a str>,
    /// The target's name.
    pub name: Option<&'a str>,
    /// The request in the cloud's own logs.
    pub request_id: Option<&'a str>,
    /// In words.
    pub text: String,
}

impl<'a> RecordOf<'a> {
    /// A record, and the plan of its operation where that is known.
    pub fn of(record: &'a Record, plan: Option<&'a Plan>) -> Self {
        let step = record.event.step().and_then(|at| plan?.steps.get(at));
        Self {
            sequence: record.sequence,
            operation_id: record.operation.as_str(),
            at: record.at,
            by: (&record.by).into(),
            ticket: record.by.ticket.as_deref(),
            kind: record.event.kind(),
            instance_id: step.and_then(|step| step.target.known()).map(InstanceId::as_str),
            name: step.map(|step| step.target.name.as_str()),
            request_id: record.event.request_id().map(RequestId::as_str),
            text: telling(&record.event, &record.by),
        }
    }
}

/// `audit --verify`.
#[derive(Clone, Debug, Serialize)]
pub struct Audited {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// What was found.
    pub verified: VerifiedOf,
}

/// What verifying the chain found.
#[derive(Clone, Debug, Serialize)]
pub struct VerifiedOf {
    /// Whether every record holds.
    pub whole: bool,
    /// How many records hold: all, or those before the first that is wrong.
    pub records: u64,
    /// The journal's last record; null when the chain is broken.
    pub journal_head: Option<String>,
    /// Whether it was compared with a head that was kept elsewhere.
    pub anchored: bool,
    /// The first record that is wrong or missing; null when all hold.
    pub first_wrong: Option<u64>,
    /// What is wrong with it.
    pub because: Option<String>,
}

impl From<&Result<Verified, Broken>> for VerifiedOf {
    fn from(outcome: &Result<Verified, Broken>) -> Self {
        match outcome {
            Ok(verified) => Self {
                whole: true,
                records: verified.head.sequence,
                journal_head: Some(verified.head.to_string()),
                anchored: verified.anchored,
                first_wrong: None,
                because: None,
            },
            Err(broken) => Self {
                whole: false,
                records: broken.sequence.saturating_sub(1),
                journal_head: None,
                anchored: false,
                first_wrong: Some(broken.sequence),
                because: Some(broken.to_string()),
            },
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
