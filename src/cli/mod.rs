//! Arguments to one mode; failure to exit code.
//!
//! The same facts as the console, without a screen: a verb asks `watch` once, prints, and ends; one that changes
//! something ([`change`]) hands its plan to `worker` and may follow. What is printed is for people (a table) or for
//! programs ([`json`], whose fields are a promise). [`exit`] has the exit codes.
//!
//! Deliberately absent: any decision about the cloud. Grouping is `fleet`'s, reading is `watch`'s; here is only the
//! door.

pub mod args;
pub mod audit;
pub mod change;
pub mod changes;
pub mod console;
pub mod demo;
pub mod desk;
pub mod doctor;
pub mod exit;
pub mod find;
pub mod graph;
pub mod json;
pub mod look;
pub mod operations;
pub mod password;
pub mod progress;
pub mod remains;
mod report;
pub mod signin;
pub mod sim;
pub mod surroundings;
pub mod table;
pub mod top;
pub mod verb;
pub mod worker;

use std::ffi::OsString;
use std::io;
use std::pin::Pin;
use std::process::ExitCode;

use clap::Parser as _;

use crate::base::failure::{Failure, FailureKind};
use args::{Arguments, Format, Options, Verb};
use surroundings::Surroundings;
use verb::Question;

/// Runs the program with these arguments, the first being its own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return report::refusal(&refusal),
    };
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            report::failure(&failure, &mut io::stderr());
            exit::of(failure.kind)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let around = Surroundings::of_process()?;
    match (&arguments.verb, &arguments.options.demo) {
        (Some(Verb::Sim(sim)), _) => sim::serve(sim, arguments.options.instances),
        (Some(Verb::Worker(worker)), _) => worker::work(worker, &arguments.options, &around),
        (verb, Some(scenario)) => {
            let (options, around) = demo::enter(scenario, &arguments.options, &around)?;
            look(verb.as_ref(), &options, &around)
        }
        (verb, None) => look(verb.as_ref(), &arguments.options, &around),
    }
}

/// What looks at a cloud, real or not.
fn look(verb: Option<&Verb>, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    if let Some(wished) = verb.and_then(change::Wished::of) {
        return wait_for(change::change(wished, options, around));
    }
    match verb {
        Some(Verb::Apply(arguments)) => wait_for(change::apply::apply(arguments, options, around)),
        Some(Verb::Approve(arguments)) => wait_for(change::approve::approve(arguments, options, around)),
        Some(Verb::Operations(arguments)) => wait_for(operations::operations(arguments, options, around)),
        Some(Verb::Audit(arguments)) => audit::audit(arguments, options, around),
        Some(Verb::Services(listing)) => ask(Question::Services, listing.output, options, around),
        Some(Verb::Instances(listing)) => ask(Question::Instances, listing.output, options, around),
        Some(Verb::Instance { which, listing }) => ask(Question::Instance(which), listing.output, options, around),
        Some(Verb::Cloud(listing)) => ask(Question::Cloud, listing.output, options, around),
        Some(Verb::Top(arguments)) => wait_for(top::top(arguments, options, around)),
        Some(Verb::Graph(arguments)) => wait_for(graph::graph(arguments, options, around)),
        Some(Verb::Changes(arguments)) => wait_for(changes::changes(arguments, options, around)),
        Some(Verb::Doctor(listing)) => wait_for(doctor::examine(listing.output, options, around)),
        Some(Verb::Restart(_) | Verb::Stop(_) | Verb::Start(_) | Verb::Lock(_) | Verb::Unlock(_))
        | Some(Verb::Drain(_) | Verb::PutBack(_) | Verb::Quarantine(_) | Verb::Rebuild(_) | Verb::Rollout(_))
        | Some(Verb::Rollback(_) | Verb::Scale(_) | Verb::Remove(_) | Verb::Replace(_))
        | Some(Verb::Sim(_) | Verb::Worker(_))
        | None => console::open(options, around),
    }
}

fn ask(question: Question<'_>, format: Format, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let settings = &report::settings(options, around)?;
    wait_for(verb::answer(question, format, options, settings, around))
}

/// Waits for one answer. Behind a pointer: `block_on` would be compiled several times over for each verb's whole future.
fn wait_for<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let work: Pin<Box<dyn Future<Output = Result<T, Failure>> + '_>> = Box::pin(work);
    runtime()?.block_on(work)
}

/// One thread is enough for one look.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::new(FailureKind::Bug, "The operating system gives no event loop").cause(error.to_string())
    })
}
