//! The arguments of the verbs that change something, and of those that tell what was changed.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use crate::base::clock::Timestamp;
use crate::cli::args::{Format, Listing};
use crate::operation::Strategy;
use crate::operation::intent::LONGEST_REASON;
use crate::store::journal::Head;

/// What every changing verb takes.
#[derive(Clone, Debug, Args)]
pub struct Change {
    /// Instances by id, name or the beginning of either; or a whole service as service/NAME
    #[arg(value_name = "TARGET", required_unless_present = "service")]
    pub targets: Vec<String>,
    /// All instances of this service
    #[arg(long, value_name = "NAME", conflicts_with = "targets")]
    pub service: Option<String>,
    /// Print the plan and what speaks against it; change nothing. With =FILE save it too, for `stackdeck apply`
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[allow(clippy::option_option, reason = "that is how clap tells a flag from one with a value")]
    pub plan: Option<Option<PathBuf>>,
    /// Do it in a freeze too ([[operations.freeze]]), and why: told in the record, and to be reviewed within a day
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub break_glass: Option<String>,
    /// What is said to the plan.
    #[command(flatten)]
    pub consent: Consent,
    /// How it is printed.
    #[command(flatten)]
    pub listing: Listing,
}

/// What is said to a plan, whoever has made it, and how it is followed.
#[derive(Clone, Debug, Args)]
pub struct Consent {
    /// Start without a question
    #[arg(short, long)]
    pub yes: bool,
    /// The name that a protected cloud, the stop of a whole service, and whatever deletes, want typed
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// The ticket that it is done for
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<String>,
    /// Follow it to its end; the exit code is then the operation's
    #[arg(short, long)]
    pub wait: bool,
    /// Start it even where the system ends it together with this login
    #[arg(long)]
    pub dies_with_session: bool,
}

impl Change {
    /// What is said to a plan that was saved: its targets are in it. `shown` is printed alone.
    pub fn to_saved(consent: Consent, listing: Listing, shown: bool) -> Self {
        let (targets, service, break_glass) = (Vec::new(), None, None);
        Self { targets, service, plan: shown.then_some(None), break_glass, consent, listing }
    }
}

impl Consent {
    /// Nothing is agreed to.
    pub fn none() -> Self {
        Self { yes: false, confirm: None, ticket: None, wait: false, dies_with_session: false }
    }
}

/// `apply`.
#[derive(Clone, Debug, Args)]
pub struct Apply {
    /// The file of the plan
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The hash that it must have, or the beginning of it
    #[arg(long, value_name = "HASH")]
    pub expect: Option<String>,
    /// Print it as it would be now and what speaks against it; change nothing
    #[arg(long)]
    pub plan: bool,
    /// What is said to the plan.
    #[command(flatten)]
    pub consent: Consent,
    /// How it is printed.
    #[command(flatten)]
    pub listing: Listing,
}

/// `approve`.
#[derive(Clone, Debug, Args)]
pub struct Approve {
    /// The file of the plan; its approval is written beside it, as FILE.sig
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The SSH key to sign with, or of one in an agent the file with its public half; the first of ~/.ssh/id_ed25519,
    /// id_ecdsa and id_rsa when left out
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The hash that it must have, or the beginning of it
    #[arg(long, value_name = "HASH")]
    pub expect: Option<String>,
    /// Sign without a question
    #[arg(short, long)]
    pub yes: bool,
    /// How it is printed.
    #[command(flatten)]
    pub listing: Listing,
}

/// A reason that says something, and that a record can hold.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("wants a reason".to_owned()),
        1..=LONGEST_REASON => Ok(text.to_owned()),
        length => Err(format!("has at most {LONGEST_REASON} characters, not {length}")),
    }
}

/// `restart`.
#[derive(Clone, Debug, Args)]
pub struct Restart {
    /// What every changing verb takes.
    #[command(flatten)]
    pub change: Change,
    /// Cut the power instead of asking the guest; also ends a soft restart that hangs
    #[arg(long)]
    pub hard: bool,
    /// Restart at once: nobody is taken out of rotation first
    #[arg(long)]
    pub no_drain: bool,
}

/// `rebuild`.
#[derive(Clone, Debug, Args)]
pub struct Rebuild {
    /// What every changing verb takes.
    #[command(flatten)]
    pub change: Change,
    /// Rebuild at once: nobody is taken out of rotation first
    #[arg(long)]
    pub no_drain: bool,
    /// Rebuild also who serves alone: nobody serves meanwhile
    #[arg(long)]
    pub accept_downtime: bool,
}

/// `rollout`.
#[derive(Clone, Debug, Args)]
pub struct Rollout {
    /// How it is done.
    #[command(flatten)]
    pub rebuild: Rebuild,
    /// What is rolled out: a version, or an image by its name or id
    #[arg(long, value_name = "RELEASE")]
    pub to: String,
    /// How: `replace` makes another for each, which takes its place when it serves; `rebuild` makes each anew in place,
    /// which keeps its id and addresses, and is away meanwhile. Without it, as `[operations] strategy` says
    #[arg(long, value_parser = strategy())]
    pub strategy: Option<Strategy>,
    /// Do not stop behind the first instance to be looked at
    #[arg(long)]
    pub straight: bool,
}

/// `rollback`.
#[derive(Clone, Debug, Args)]
pub struct Rollback {
    /// How it is done.
    #[command(flatten)]
    pub rebuild: Rebuild,
    /// How, as for a rollout
    #[arg(long, value_parser = strategy())]
    pub strategy: Option<Strategy>,
    /// Back to what it ran before this rollout, instead of the newest that tells
    #[arg(long, value_name = "ID")]
    pub before: Option<String>,
}

fn strategy() -> impl TypedValueParser<Value = Strategy> {
    let words = PossibleValuesParser::new(Strategy::WORDS.map(|(word, _)| word));
    words.map(|given| if given == Strategy::Rebuild.word() { Strategy::Rebuild } else { Strategy::Replace })
}

/// `remove`.
#[derive(Clone, Debug, Args)]
pub struct Remove {
    /// What every changing verb takes.
    #[command(flatten)]
    pub change: Change,
    /// Delete at once whoever leaves, as it is: nothing can be undone then
    #[arg(long)]
    pub no_drain: bool,
    /// Remove also who serves alone: nobody serves then
    #[arg(long)]
    pub accept_downtime: bool,
}

/// `replace`.
#[derive(Clone, Debug, Args)]
pub struct Replace {
    /// What every changing verb takes.
    #[command(flatten)]
    pub change: Change,
    /// Delete the old one as soon as the new one serves: nothing can be undone then
    #[arg(long)]
    pub no_drain: bool,
}

/// `scale`.
#[derive(Clone, Debug, Args)]
pub struct Scale {
    /// How it is done.
    #[command(flatten)]
    pub remove: Remove,
    /// How many instances the service shall have: more are made like one that serves, fewer leave as by `remove`
    #[arg(long, value_name = "N")]
    pub to: usize,
}

/// `lock` and `quarantine`.
#[derive(Clone, Debug, Args)]
pub struct Lock {
    /// What every changing verb takes.
    #[command(flatten)]
    pub change: Change,
    /// Told to whoever meets the lock, where the cloud keeps it
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `operations`.
#[derive(Clone, Debug, Args)]
pub struct Operations {
    /// What about them; the list when left out.
    #[command(subcommand)]
    pub verb: Option<OperationsVerb>,
    /// table for people, json for programs, or md to hand one over (show alone)
    #[arg(
        short,
        long,
        value_enum,
        default_value_t = Telling::Table,
        value_name = "FORMAT",
        hide_possible_values = true,
        global = true
    )]
    pub output: Telling,
}

/// How operations are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Telling {
    /// For people.
    Table,
    /// For programs: documented fields that stay.
    Json,
    /// For whoever takes over: one operation whole, as Markdown.
    Md,
}

/// What can be asked about operations. ID is an operation's id, its beginning or end, or `last`.
#[derive(Clone, Debug, Subcommand)]
pub enum OperationsVerb {
    /// List the newest operations
    List {
        /// At most so many
        #[arg(short = 'n', long, value_name = "N", default_value_t = NEWEST)]
        newest: usize,
    },
    /// Show one: each target's result, request ids, who, when, why
    Show {
        /// Which one
        #[arg(value_name = "ID", default_value = "last")]
        id: String,
    },
    /// Follow one to its end, record by record
    Watch {
        /// Which one
        #[arg(value_name = "ID", default_value = "last")]
        id: String,
    },
    /// Let a paused or interrupted one go on, also behind a checkpoint, or start one that has not begun
    #[command(visible_alias = "promote")]
    Resume {
        /// Which one
        #[arg(value_name = "ID", default_value = "last")]
        id: String,
        /// Follow it to its end
        #[arg(short, long)]
        wait: bool,
    },
    /// Let one begin nothing more; what is under way is seen to its end, and what was drained is put back
    Abort {
        /// Which one
        #[arg(value_name = "ID")]
        id: String,
        /// Follow it to its end
        #[arg(short, long)]
        wait: bool,
    },
    /// Remove what one that is over has made and nobody takes care of any more, as `doctor` lists it
    Clean(OfOne),
    /// Bring the service of a rollout back to what it ran before it; one that is not over is aborted first
    Revert(Revert),
}

/// A change that follows from one operation.
#[derive(Clone, Debug, Args)]
pub struct OfOne {
    /// Which one
    #[arg(value_name = "ID")]
    pub id: String,
    /// Print the plan and what speaks against it; change nothing. With =FILE save it too, for `stackdeck apply`
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[allow(clippy::option_option, reason = "that is how clap tells a flag from one with a value")]
    pub plan: Option<Option<PathBuf>>,
    /// Do it in a freeze too ([[operations.freeze]]), and why: told in the record, and to be reviewed within a day
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub break_glass: Option<String>,
    /// What is said to the plan.
    #[command(flatten)]
    pub consent: Consent,
}

impl OfOne {
    /// The same as any change says it: what it is about follows from the operation.
    pub fn change(&self, output: Format) -> Change {
        let (targets, service, plan) = (Vec::new(), None, self.plan.clone());
        let (break_glass, consent) = (self.break_glass.clone(), self.consent.clone());
        Change { targets, service, plan, break_glass, consent, listing: Listing { output } }
    }
}

/// `operations revert`.
#[derive(Clone, Debug, Args)]
pub struct Revert {
    /// Of which one.
    #[command(flatten)]
    pub of: OfOne,
    /// How, as for a rollout
    #[arg(long, value_parser = strategy())]
    pub strategy: Option<Strategy>,
}

/// From when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From that moment.
    At(Timestamp),
    /// From so long ago.
    Ago(Duration),
}

impl Since {
    /// The moment, seen from now.
    pub fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Since::At(at) => at,
            Since::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::MIN),
        }
    }
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = |day: jiff::civil::Date| day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        let at = text.parse::<Timestamp>().ok();
        if let Some(at) = at.or_else(|| text.parse().ok().and_then(day)) {
            return Ok(Since::At(at));
        }
        let ago = text.parse::<jiff::SignedDuration>().ok().and_then(|ago| Duration::try_from(ago).ok());
        ago.map(Since::Ago).ok_or_else(|| {
            "wants a time such as 2026-11-22T14:00:00Z, a day such as 2026-11-22, or how long ago, such as 90min"
                .to_owned()
        })
    }
}

/// How many operations are listed.
pub const NEWEST: usize = 20;

/// `audit`.
#[derive(Clone, Debug, Args)]
pub struct Audit {
    /// Verify the whole chain, and name the first record that is wrong
    #[arg(long, conflicts_with = "export")]
    pub verify: bool,
    /// Verify it against a head that was kept elsewhere: SEQUENCE:HASH
    #[arg(long, value_name = "HEAD", conflicts_with = "export")]
    pub expect: Option<Head>,
    /// Only the records of this operation, by its id or the beginning or end of it
    #[arg(long, value_name = "ID", conflicts_with_all = ["verify", "expect", "export"])]
    pub operation: Option<String>,
    /// Only records since then: a time (2026-11-22T14:00:00Z), a day (2026-11-22) or how long ago (90min, 36h)
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["verify", "expect", "export"])]
    pub since: Option<Since>,
    /// Only records of this actor: a user of the jump host, of the cloud, or user@host
    #[arg(long, value_name = "NAME", conflicts_with_all = ["verify", "expect", "export"])]
    pub actor: Option<String>,
    /// Print the records as they are stored, a line of JSON each, with their hashes
    #[arg(long)]
    pub export: bool,
    /// How it is printed.
    #[command(flatten)]
    pub listing: Listing,
}
