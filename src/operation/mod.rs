//! What a change of the cloud is: intent, plan, record, operation. Pure: no I/O, no clock, no randomness.
//!
//! ```text
//! Intent ──draft()──► Draft ──approved──► Plan ──► records ──fold──► Operation ──next()──► Next
//!  (what someone       (plan, objections,            ▲                                      │
//!   wants)              what to consent to)          └──────── the worker does it ◄──────────┘
//! ```
//!
//! The journal is the truth. [`Operation`] is a fold over an operation's records, and console, shell and worker use the
//! same fold: going on after a crash is the normal path. [`next()`] says what is to be done now, from that fold and one
//! [`Sight`] of the cloud; it never acts. So every decision can be replayed in a test.
//!
//! A call is announced before it is made. What a lost answer means is found out by looking: [`Next::Look`] comes before
//! every repetition. *Accepted* is not *done*: a step ends when its end state was seen, and the next begins when the
//! [gate](mod@next) lets it.
//!
//! A restart behind a balancer takes several steps, so steps have [slots](mod@slot), and some of them give back what
//! others took: these are done also when the operation is given up.
//!
//! A rebuild bears a [stamp](mod@stamp), by which a lost answer is found. A rollout is done only when each target has
//! answered with the version; behind its first target it waits at a checkpoint.
//!
//! Who is removed is switched off some time before: until it leaves its pools, giving up brings it back. Steps that
//! [undo](plan::Step::undoes) are for that.
//!
//! What is made has no id before: until then a plan [promises](promise) it. Whoever gives up takes away again what is
//! not yet whole. Who is replaced is not touched before the one in its place serves. In a rollout both share a slot, so that
//! giving up leaves the fleet as it was; else a healthy new one stays, whatever becomes of the old one.
//!
//! The first that a rollout has made is held against the others by the [figures](mod@figures) of their balancers: a version
//! that passes its checks and errs is taken away again.
//!
//! Before anybody is deleted, what the cloud knows of it is [preserved](mod@preserved) in the journal: afterwards the cloud
//! knows nothing.
//!
//! What an operation has made and nobody takes care of any more is an [orphan](mod@orphans). It is told, and removed only
//! when somebody asks for it, by an operation of its own.
//!
//! Deliberately absent: undo of anything else.

pub mod approval;
pub mod change;
pub mod draft;
pub mod effect;
pub mod estimate;
pub mod figures;
pub mod fold;
pub mod freeze;
pub mod handoff;
pub mod intent;
pub mod limits;
pub mod next;
pub mod orphans;
pub mod plan;
pub mod preserved;
pub mod promise;
pub mod record;
pub mod rivals;
pub mod rollback;
pub mod saved;
pub mod sight;
pub mod slot;
pub mod stamp;
mod state;
mod subject;
pub mod ticket;
pub mod told;
pub mod ulid;
pub mod waiting;
pub mod words;

pub use approval::Approval;
pub use change::{Change, Outcome};
pub use draft::{Approved, Draft, Guard, Objection, Rails, draft};
pub use fold::Operation;
pub use freeze::{Freeze, Frozen};
pub use intent::{Aim, Intent, Reboot, Strategy, Verb};
pub use limits::Limits;
pub use next::{Next, next};
pub use plan::{Credentials, Gate, Plan, ProjectName, Step, Target};
pub use record::{Actor, Event, Record};
pub use rivals::Busy;
pub use sight::{Answer, Question, Share, Sight, State};
pub use ulid::OperationId;
