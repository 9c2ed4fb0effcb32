//! Which keys start what. Keys are data: the defaults come from the command table, the user's are laid over them, and
//! what does not fit together is told when they are loaded.
//!
//! No key means two things in one place: contexts that may be active together share no key.

use std::collections::BTreeMap;

use crate::base::failure::{Failure, FailureKind};
use crate::base::key::Key;
use crate::base::nearest::nearest;
use crate::console::app::command::{COMMANDS, Command};
use crate::console::app::notation;

/// Where a command can be started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// The services.
    Services,
    /// Instances.
    Instances,
    /// One instance.
    Instance,
    /// The cloud.
    Cloud,
    /// Our log.
    Log,
    /// A console log.
    Console,
    /// Any table.
    Table,
    /// Any text.
    Text,
    /// Any view.
    Everywhere,
    /// The column chooser.
    Columns,
    /// A list over the view: help, notices, columns.
    List,
    /// A line being typed.
    Line,
}

impl Context {
    /// What it is called in the key list.
    pub fn title(self) -> &'static str {
        match self {
            Self::Services => "Services",
            Self::Instances => "Instances",
            Self::Instance => "One instance",
            Self::Cloud => "The cloud",
            Self::Log => "The log",
            Self::Console => "A console log",
            Self::Table => "Tables",
            Self::Text => "Texts",
            Self::Everywhere => "Everywhere",
            Self::Columns => "The column chooser",
            Self::List => "Lists over a view",
            Self::Line => "Lines being typed",
        }
    }

    /// All, in the order of the key list.
    pub const ALL: [Self; 12] = [
        Self::Everywhere,
        Self::Table,
        Self::Text,
        Self::Services,
        Self::Instances,
        Self::Instance,
        Self::Console,
        Self::Cloud,
        Self::Log,
        Self::List,
        Self::Columns,
        Self::Line,
    ];

    /// The sets of contexts that are active together, the most particular first.
    pub const TOGETHER: [&'static [Self]; 9] = [
        &[Self::Services, Self::Table, Self::Everywhere],
        &[Self::Instances, Self::Table, Self::Everywhere],
        &[Self::Instance, Self::Table, Self::Everywhere],
        &[Self::Instance, Self::Text, Self::Everywhere],
        &[Self::Console, Self::Instance, Self::Text, Self::Everywhere],
        &[Self::Cloud, Self::Table, Self::Everywhere],
        &[Self::Log, Self::Text, Self::Everywhere],
        &[Self::Columns, Self::List],
        &[Self::Line],
    ];

    /// Whether both may be active at the same time.
    pub fn meets(self, other: Self) -> bool {
        Self::TOGETHER.iter().any(|set| set.contains(&self) && set.contains(&other))
    }
}

/// The user's keys for one command; they replace its own. No keys: it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// The command's id.
    pub command: String,
    /// Each a key, or keys pressed one after the other.
    pub keys: Vec<Vec<Key>>,
    /// Where that is written: file and line.
    pub origin: String,
}

/// What keys mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A command.
    Starts(&'static str),
    /// The beginning of one.
    Begins,
    /// Nothing.
    Nothing,
}

/// Which keys start what.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    keys: BTreeMap<&'static str, Vec<Vec<Key>>>,
    tree: BTreeMap<(Context, Vec<Key>), &'static str>,
}

impl Keymap {
    /// The defaults with the user's keys over them, and what is wrong with these. A wrong one changes nothing else.
    pub fn with(bindings: &[Binding]) -> (Self, Vec<Failure>) {
        let mut failures = Vec::new();
        let mut keymap = Self::default();
        let mut taken = Vec::new();
        for binding in bindings {
            match COMMANDS.iter().find(|command| command.id == binding.command) {
                None => failures.push(unknown(binding)),
                Some(command) if taken.contains(&command.id) => failures.push(twice(binding)),
                Some(command) => {
                    taken.push(command.id);
                    for keys in &binding.keys {
                        failures.extend(keymap.bind(command, keys, &binding.origin));
                    }
                }
            }
        }
        for command in COMMANDS.iter().filter(|command| !taken.contains(&command.id)) {
            for keys in command.keys.iter().filter_map(|keys| notation::parse(keys)) {
                // A default that the user has given to another command is theirs; that was told if it was a mistake.
                let _yields = keymap.bind(command, &keys, "");
            }
        }
        failures.extend(keymap.unreachable(&taken));
        (keymap, failures)
    }

    fn bind(&mut self, command: &'static Command, keys: &[Key], origin: &str) -> Option<Failure> {
        if let Some(other) = self.conflict(command, keys) {
            let message = format!("{} is already {other}, so it cannot be {}", notation::print(keys), command.id);
            return Some(Failure::new(FailureKind::Usage, at(origin, &message)).hint("Give one of them another key"));
        }
        for context in command.contexts {
            self.tree.insert((*context, keys.to_vec()), command.id);
        }
        self.keys.entry(command.id).or_default().push(keys.to_vec());
        None
    }

    /// The command that has these keys, or the beginning of them, in a place where this one is active too.
    fn conflict(&self, command: &Command, keys: &[Key]) -> Option<&'static str> {
        let clash = |(context, other): &(Context, Vec<Key>)| {
            let overlap = keys.len().min(other.len());
            keys[..overlap] == other[..overlap] && command.contexts.iter().any(|own| own.meets(*context))
        };
        self.tree.iter().find(|(at, id)| **id != command.id && clash(at)).map(|(_, id)| *id)
    }

    /// Commands whose every default key the user has given away without a new one.
    fn unreachable(&self, taken: &[&'static str]) -> Vec<Failure> {
        let lost = COMMANDS.iter().filter(|command| {
            !command.keys.is_empty() && !taken.contains(&command.id) && self.keys(command.id).is_empty()
        });
        lost.map(|command| {
            let message =
                format!("No key is left for {}: your keys have taken {}", command.id, command.keys.join(", "));
            Failure::new(FailureKind::Usage, message).hint(format!("Bind {} to another key", command.id))
        })
        .collect()
    }

    /// What keys mean where these contexts are active.
    pub fn meaning(&self, contexts: &[Context], keys: &[Key]) -> Meaning {
        for context in contexts {
            if let Some(id) = self.tree.get(&(*context, keys.to_vec())) {
                return Meaning::Starts(id);
            }
        }
        let begins = |context: &Context| {
            let from = (*context, keys.to_vec());
            self.tree
                .range(from..)
                .next()
                .is_some_and(|((other, longer), _)| other == context && longer.starts_with(keys))
        };
        if contexts.iter().any(begins) { Meaning::Begins } else { Meaning::Nothing }
    }

    /// The keys of a command.
    pub fn keys(&self, command: &str) -> &[Vec<Key>] {
        self.keys.get(command).map_or(&[], Vec::as_slice)
    }

    /// The first key of a command in writing; empty if it has none.
    pub fn first_key(&self, command: &str) -> String {
        self.keys(command).first().map(|keys| notation::print(keys)).unwrap_or_default()
    }
}

fn at(origin: &str, message: &str) -> String {
    if origin.is_empty() { message.to_owned() } else { format!("{origin}: {message}") }
}

fn unknown(binding: &Binding) -> Failure {
    let message = at(&binding.origin, &format!("There is no command {}", binding.command));
    let failure = Failure::new(FailureKind::Usage, message);
    match nearest(&binding.command, COMMANDS.iter().map(|command| command.id)) {
        Some(near) => failure.hint(format!("Did you mean {near}?")),
        None => failure.hint("The help (?) lists all commands"),
    }
}

fn twice(binding: &Binding) -> Failure {
    Failure::new(FailureKind::Usage, at(&binding.origin, &format!("{} is bound twice", binding.command)))
        .hint("Write all its keys in one place")
}
