//! The command line, as written: parsed, not yet resolved.
//!
//! Flags that name where to look and how to show it are global, so that they may stand before or after the verb.

pub mod changes;
mod measures;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::base::clock::Pace;
use crate::operation::OperationId;
pub use measures::{Changes, Drawn, Graph, Top};

/// An on-call console for OpenStack, in the terminal.
#[derive(Debug, Parser)]
#[command(
    name = "stackdeck",
    version,
    about,
    max_term_width = 100,
    after_help = AFTER,
    disable_help_subcommand = true,
    subcommand_help_heading = "Verbs",
    override_usage = "stackdeck [OPTIONS] [VERB]"
)]
pub struct Arguments {
    /// Where to look and how to show it.
    #[command(flatten)]
    pub options: Options,
    /// What to do; the console when left out.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

const AFTER: &str = "\
Without a verb the console opens. Without --cloud it is the one that OS_CLOUD names, else the only one in clouds.yaml.

Try it without a cloud:  stackdeck --demo

Exit codes:
  0 done             3 sign-in refused      6 cloud unreachable or busy
  1 failure          4 not found            7 refused in its present state, or by a quota
  2 wrong usage      5 forbidden, or not supported by this cloud
  8 operation failed
  9 operation aborted, expired, paused, interrupted or not begun
  10 the journal does not verify";

/// Flags that every verb takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Options {
    /// The cloud, by its name in clouds.yaml
    #[arg(long, global = true, value_name = "NAME", help_heading = "Where")]
    pub cloud: Option<String>,
    /// Another region than the cloud's own
    #[arg(long, global = true, value_name = "NAME", help_heading = "Where")]
    pub region: Option<String>,
    /// Another project than the cloud's own, by name or id
    #[arg(long, global = true, value_name = "PROJECT", help_heading = "Where")]
    pub project: Option<String>,
    /// Instances of all projects, where the role may see them
    #[arg(long, global = true, help_heading = "Where")]
    pub all_projects: bool,
    /// A simulated cloud instead of a real one; SCENARIO is busy, quiet, daily_peak, outage, bad_release, leak, dead_host, slow_api or down_cell
    #[arg(
        long,
        global = true,
        value_name = "SCENARIO",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "busy",
        conflicts_with = "cloud",
        help_heading = "Where"
    )]
    pub demo: Option<String>,
    /// How many instances the simulated cloud has
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = "Where")]
    pub instances: Option<u32>,
    /// Never change anything in the cloud
    #[arg(long, global = true, help_heading = "How")]
    pub read_only: bool,
    /// The theme, by name
    #[arg(long, global = true, value_name = "NAME", help_heading = "How")]
    pub theme: Option<String>,
    /// How many colours: truecolor, 256, 16, none; auto asks the terminal, and heeds NO_COLOR
    #[arg(long, global = true, value_name = "DEPTH", hide_possible_values = true, help_heading = "How")]
    pub color: Option<Colour>,
    /// Stackdeck's own configuration file
    #[arg(long, global = true, value_name = "FILE", help_heading = "How")]
    pub config: Option<PathBuf>,
    /// How much is logged: error, warn, info, debug, trace, or a filter such as stackdeck::openstack=debug
    #[arg(long, global = true, value_name = "FILTER", help_heading = "How")]
    pub log_level: Option<String>,
    /// The file that the console logs to; none for no file
    #[arg(long, global = true, value_name = "FILE", help_heading = "How")]
    pub log_file: Option<String>,
    /// Keep no token on disk
    #[arg(long, global = true, help_heading = "How")]
    pub no_token_cache: bool,
}

/// How many colours to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// Ask the terminal.
    Auto,
    /// All of them.
    Truecolor,
    /// 256 colours.
    #[value(name = "256")]
    Indexed,
    /// 16 colours.
    #[value(name = "16")]
    Ansi,
    /// None: bold, reverse and underline only.
    #[value(alias = "never")]
    None,
}

/// The verbs of the shell.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// List the services: health, how many are ready, versions
    Services(Listing),
    /// List the instances
    Instances(Listing),
    /// Show one instance, its history and what is wrong with it
    Instance {
        /// Its id, its name if only one has it, or the beginning of either
        #[arg(value_name = "ID")]
        which: String,
        /// How it is printed.
        #[command(flatten)]
        listing: Listing,
    },
    /// Show the cloud itself: endpoints, quotas, hosts, where the role may see them
    Cloud(Listing),
    /// Show how loaded and healthy services are, or one and its instances, again and again
    Top(Top),
    /// Draw what one metric of a service or instance was
    Graph(Graph),
    /// Show what has changed in the last day, anywhere or at one service, and who wanted it
    Changes(Changes),
    /// Check configuration, clouds, endpoints, terminal and state, and say what to do about each
    Doctor(Listing),
    /// Restart instances, one after another, the next only when all is well
    Restart(changes::Restart),
    /// Switch instances off, one after another
    Stop(changes::Change),
    /// Switch instances on, one after another
    Start(changes::Change),
    /// Make instances refuse changes
    Lock(changes::Lock),
    /// Let instances take changes again
    Unlock(changes::Change),
    /// Take instances out of rotation behind their balancers
    Drain(changes::Change),
    /// Put instances back into rotation that were drained or quarantined
    PutBack(changes::Change),
    /// Set instances aside to be looked at: out of rotation, and locked
    Quarantine(changes::Lock),
    /// Make instances anew from their image, in their place, one after another
    Rebuild(changes::Rebuild),
    /// Bring a service to a release, one instance after another
    Rollout(changes::Rollout),
    /// Bring a service back to the release that all of it ran before, as the journal tells
    #[command(visible_alias = "undo")]
    Rollback(changes::Rollback),
    /// Bring a service to so many instances: out by new ones like its own, in by removal
    Scale(changes::Scale),
    /// Make another like it first; when that serves, take the old one out of its pools, and delete it some minutes later
    #[command(visible_alias = "respawn")]
    Replace(changes::Replace),
    /// Take instances out of their pools, switch them off, and delete them some minutes later
    #[command(visible_alias = "delete")]
    Remove(changes::Remove),
    /// Start a plan that was saved with --plan=FILE, if it would still be the same
    Apply(changes::Apply),
    /// Approve a saved plan as a second person: read it, and sign it with your SSH key
    Approve(changes::Approve),
    /// List operations, show or follow one, let it go on, abort it
    Operations(changes::Operations),
    /// List the records of all that was changed, verify their chain, export them
    Audit(changes::Audit),
    /// Serve a simulated cloud, and nothing else
    Sim(Sim),
    /// Drive one operation to its end; started by the console and by verbs, not by people
    #[command(hide = true)]
    Worker(Worker),
}

/// What a worker is started with.
#[derive(Clone, Debug, Args)]
pub struct Worker {
    /// The operation
    pub operation: OperationId,
    /// The folder of the journal
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// The folder of the kept tokens
    #[arg(long, value_name = "DIR")]
    pub tokens: Option<PathBuf>,
    /// How the cloud's clock follows from the wall's
    #[arg(long, value_name = "WALL/CLOUD/RATE")]
    pub pace: Pace,
    /// Start another process for it, and end
    #[arg(long)]
    pub detach: bool,
}

/// How a verb prints.
#[derive(Clone, Copy, Debug, Args)]
pub struct Listing {
    /// table for people, or json for programs
    #[arg(short, long, value_enum, default_value_t = Format::Table, value_name = "FORMAT", hide_possible_values = true)]
    pub output: Format,
}

/// What a verb prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs: documented fields that stay.
    Json,
}

/// A simulated cloud by itself.
#[derive(Clone, Debug, Args)]
pub struct Sim {
    /// Where it listens; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// What happens in it: busy, quiet, daily_peak, outage, bad_release, leak, dead_host, slow_api or down_cell
    #[arg(long, default_value = "busy", value_name = "NAME")]
    pub scenario: String,
    /// Writes a clouds.yaml with one cloud named sim; removed when it ends
    #[arg(long, value_name = "FILE")]
    pub clouds: Option<PathBuf>,
    /// Milliseconds that Nova takes for each server that it lists; a real one takes 2.4
    #[arg(long, default_value_t = 0.0, value_name = "MS")]
    pub pace: f64,
    /// How many seconds pass in it while one passes here
    #[arg(long, default_value_t = 1.0, value_name = "X")]
    pub rate: f64,
    /// How long a token lives, in seconds here
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    pub token_lifetime: u32,
    /// In a session of its own, until no client has asked anything for so many seconds
    #[arg(long, value_name = "SECONDS", hide = true)]
    pub until_idle: Option<f64>,
}
