//! Which keys start what. Keys are data: the defaults come from the command table, the user's are laid over them, and
//! what does not fit together is told when they are loaded.
//!
//! No key means two things in one place: contexts that may be active together share no default key. What the user has
//! bound goes before every default, also before that of a narrower context: who binds `r` everywhere means everywhere.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::base::failure::{Failure, FailureKind};
use crate::base::key::Key;
use crate::base::nearest::nearest;
use crate::config::keys::Binding;
use crate::console::app::command::{self, COMMANDS};
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
    /// Graphs.
    Graphs,
    /// What has changed.
    Changes,
    /// The operations, or one.
    Operations,
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
    /// A plan that waits for consent.
    Review,
    /// A line of a review being typed.
    Field,
}

impl Context {
    /// What it is called in the key list.
    pub fn title(self) -> &'static str {
        self.names().1
    }

    /// What it is called in the file of keys.
    pub fn name(self) -> &'static str {
        self.names().0
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Services => ("services", "Services"),
            Self::Instances => ("instances", "Instances"),
            Self::Instance => ("instance", "One instance"),
            Self::Graphs => ("graphs", "Graphs"),
            Self::Changes => ("changes", "What changed"),
            Self::Operations => ("operations", "Operations"),
            Self::Cloud => ("cloud", "The cloud"),
            Self::Log => ("log", "The log"),
            Self::Console => ("console", "A console log"),
            Self::Table => ("table", "Tables"),
            Self::Text => ("text", "Texts"),
            Self::Everywhere => ("global", "Everywhere"),
            Self::Columns => ("columns", "The column chooser"),
            Self::List => ("list", "Lists over a view"),
            Self::Line => ("line", "Lines being typed"),
            Self::Review => ("review", "Reviews of a plan"),
            Self::Field => ("field", "Lines in a review"),
        }
    }

    /// All, in the order of the key list.
    pub const ALL: [Self; 17] = [
        Self::Everywhere,
        Self::Table,
        Self::Text,
        Self::Services,
        Self::Instances,
        Self::Instance,
        Self::Graphs,
        Self::Changes,
        Self::Console,
        Self::Operations,
        Self::Cloud,
        Self::Log,
        Self::Review,
        Self::Field,
        Self::List,
        Self::Columns,
        Self::Line,
    ];

    /// The sets of contexts that are active together, the most particular first.
    pub const TOGETHER: [&'static [Self]; 15] = [
        &[Self::Services, Self::Table, Self::Everywhere],
        &[Self::Instances, Self::Table, Self::Everywhere],
        &[Self::Instance, Self::Table, Self::Everywhere],
        &[Self::Instance, Self::Text, Self::Everywhere],
        &[Self::Console, Self::Instance, Self::Text, Self::Everywhere],
        &[Self::Cloud, Self::Table, Self::Everywhere],
        &[Self::Log, Self::Text, Self::Everywhere],
        &[Self::Columns, Self::List],
        &[Self::Line],
        &[Self::Operations, Self::Table, Self::Everywhere],
        &[Self::Operations, Self::Text, Self::Everywhere],
        &[Self::Review],
        &[Self::Field],
        &[Self::Graphs, Self::Everywhere],
        &[Self::Changes, Self::Table, Self::Everywhere],
    ];

    /// Whether both may be active at the same time.
    pub fn meets(self, other: Self) -> bool {
        Self::TOGETHER.iter().any(|set| set.contains(&self) && set.contains(&other))
    }

    /// Whether this one is active wherever the other is.
    fn covers(self, other: Self) -> bool {
        Self::TOGETHER.iter().filter(|set| set.contains(&other)).all(|set| set.contains(&self))
    }
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
    /// The user's, which go first.
    own: Tree,
    /// What is built in, as far as the user's lists leave it.
    built_in: Tree,
    /// What every frame asks for, once it was asked for.
    written: Written,
}

/// The first key of each command, in writing. Each changes with the trees alone, which change before the first use.
#[derive(Clone, Debug, Default)]
struct Written {
    anywhere: OnceLock<Keys>,
    /// In each set of contexts that are active together.
    here: [OnceLock<Keys>; Context::TOGETHER.len()],
}

type Keys = BTreeMap<&'static str, String>;

/// A command's id for keys in a context; empty for keys that shall do nothing there.
type Tree = BTreeMap<(Context, Vec<Key>), &'static str>;

impl Keymap {
    /// The defaults with the user's keys over them, and what is wrong with these. A wrong one changes nothing else.
    pub fn with(bindings: &[Binding]) -> (Self, Vec<Failure>) {
        let mut keymap = Self::defaults();
        let mut failures = Vec::new();
        let mut own: BTreeMap<(Context, Vec<Key>), &Binding> = BTreeMap::new();
        for binding in bindings.iter().filter(|binding| binding.only) {
            if let Ok((command, contexts)) = resolve(binding) {
                keymap.unbind(command, &contexts);
            }
        }
        for binding in bindings {
            match resolve(binding) {
                Err(failure) => failures.push(failure.hint("What is built in stands in the place of this line")),
                Ok((_, _)) if binding.keys.is_empty() => {}
                Ok((command, contexts)) => {
                    for context in contexts {
                        match clash(&own, context, binding) {
                            Some(failure) => failures.push(failure),
                            None => {
                                own.insert((context, binding.keys.clone()), binding);
                                keymap.own.insert((context, binding.keys.clone()), command);
                            }
                        }
                    }
                }
            }
        }
        failures.extend(own.iter().filter_map(|(at, binding)| keymap.hides(at, binding)));
        failures.extend(keymap.unreachable());
        failures.dedup();
        (keymap, failures)
    }

    /// The keys of the command table.
    fn defaults() -> Self {
        let mut keymap = Self::default();
        for command in COMMANDS {
            for keys in command.keys.iter().filter_map(|keys| notation::parse(keys)) {
                for context in command.contexts {
                    keymap.built_in.insert((*context, keys.clone()), command.id);
                }
            }
        }
        keymap
    }

    /// Takes a command's built-in keys away in some contexts, also those that it has from wider ones.
    fn unbind(&mut self, command: &'static str, contexts: &[Context]) {
        let built_in = &mut self.built_in;
        for keys in every(built_in, command) {
            for context in contexts {
                let at = (*context, keys.clone());
                if built_in.get(&at) == Some(&command) {
                    built_in.remove(&at);
                }
                let from_wider = |((wider, other), id): (&(Context, Vec<Key>), &&str)| {
                    *id == command && *other == keys && wider.covers(*context)
                };
                if built_in.iter().any(from_wider) {
                    built_in.insert(at, "");
                }
            }
        }
    }

    /// What of the defaults a user's keys make unreachable because one is the beginning of the other.
    fn hides(&self, (context, keys): &(Context, Vec<Key>), binding: &Binding) -> Option<Failure> {
        let (_, other) = self.own.iter().chain(&self.built_in).find(|((at, other), id)| {
            let (short, long) = if other.len() < keys.len() { (other, keys) } else { (keys, other) };
            !id.is_empty() && short.len() < long.len() && long.starts_with(short) && at.meets(*context)
        })?;
        let message = format!("{} is in the way of the keys of {other}", notation::print(keys));
        Some(told(binding, &message).hint(format!("Give {other} or {} other keys", binding.command)))
    }

    /// Commands that no key reaches any more, and no line of the command line either.
    fn unreachable(&self) -> Vec<Failure> {
        let lost = COMMANDS.iter().filter(|command| !command.keys.is_empty() && command.argument.is_none());
        lost.filter(|command| self.keys(command.id).is_empty())
            .map(|command| {
                Failure::new(FailureKind::Usage, format!("No key is left for {}", command.id))
                    .hint(format!("Its own would be {}", command.keys.join(", ")))
            })
            .collect()
    }

    /// What keys mean where these contexts are active, the most particular first.
    pub fn meaning(&self, contexts: &[Context], keys: &[Key]) -> Meaning {
        for tree in [&self.own, &self.built_in] {
            for context in contexts {
                match tree.get(&(*context, keys.to_vec())) {
                    Some(&"") => return Meaning::Nothing,
                    Some(id) => return Meaning::Starts(id),
                    None => {}
                }
            }
        }
        let begins = |tree: &Tree, context: &Context| {
            let from = (*context, keys.to_vec());
            let next = tree.range(from..).next();
            next.is_some_and(|((other, longer), _)| other == context && longer.starts_with(keys))
        };
        let some = contexts.iter().any(|context| begins(&self.own, context) || begins(&self.built_in, context));
        if some { Meaning::Begins } else { Meaning::Nothing }
    }

    /// The keys of a command, wherever they work; in the order of the command table, the user's last.
    pub fn keys(&self, command: &str) -> Vec<Vec<Key>> {
        let defaults = COMMANDS.iter().find(|known| known.id == command).map_or(&[][..], |known| known.keys);
        let order = |keys: &[Key]| {
            let written = notation::print(keys);
            defaults.iter().position(|own| *own == written).unwrap_or(defaults.len())
        };
        let mut keys = every(&self.own, command);
        keys.extend(every(&self.built_in, command).into_iter().filter(|keys| self.works(command, keys)));
        keys.sort_by_key(|keys| (order(keys), keys.clone()));
        keys.dedup();
        keys
    }

    /// Whether keys start a command in any place at all.
    fn works(&self, command: &str, keys: &[Key]) -> bool {
        let starts = |set: &&[Context]| matches!(self.meaning(set, keys), Meaning::Starts(id) if id == command);
        Context::TOGETHER.iter().any(starts)
    }

    /// The keys that start a command where these contexts are active.
    pub fn keys_in(&self, contexts: &[Context], command: &str) -> Vec<Vec<Key>> {
        let mut keys = self.keys(command);
        keys.retain(|keys| matches!(self.meaning(contexts, keys), Meaning::Starts(id) if id == command));
        keys
    }

    /// The first key of a command in writing; empty if it has none.
    pub fn first_key(&self, command: &str) -> &str {
        let all = || COMMANDS.iter().map(|command| (command.id, first(&self.keys(command.id)))).collect();
        self.written.anywhere.get_or_init(all).get(command).map_or("", String::as_str)
    }

    /// The first key, in writing, that starts a command where these contexts are active; empty if none does.
    pub fn first_key_in(&self, contexts: &[Context], command: &str) -> Cow<'_, str> {
        let Some(set) = Context::TOGETHER.iter().position(|set| *set == contexts) else {
            return first(&self.keys_in(contexts, command)).into();
        };
        let within =
            || command::within(contexts).map(|command| (command.id, first(&self.keys_in(contexts, command.id))));
        let keys = self.written.here[set].get_or_init(|| within().collect());
        keys.get(command).map_or("", String::as_str).into()
    }
}

/// The first of some keys in writing.
fn first(keys: &[Vec<Key>]) -> String {
    keys.first().map(|keys| notation::print(keys)).unwrap_or_default()
}

/// All keys of a command in a tree.
fn every(tree: &Tree, command: &str) -> Vec<Vec<Key>> {
    tree.iter().filter(|(_, id)| **id == command).map(|((_, keys), _)| keys.clone()).collect()
}

/// The command of a binding, and the contexts where it is to work.
fn resolve(binding: &Binding) -> Result<(&'static str, Vec<Context>), Failure> {
    let name = binding.context.as_str();
    let Some(wanted) = Context::ALL.into_iter().find(|context| context.name() == name) else {
        let failure = told(binding, &format!("{} in [{name}]: there is no such context", subject(binding)));
        let names = Context::ALL.map(Context::name);
        return Err(match nearest(name, names) {
            Some(near) => failure.hint(format!("Did you mean [{near}]?")),
            None => failure.hint(format!("There are {}", names.join(", "))),
        });
    };
    if binding.command.is_empty() {
        return Ok(("", vec![wanted]));
    }
    let Some(command) = COMMANDS.iter().find(|command| command.id == binding.command) else {
        let failure = told(binding, &format!("{}: there is no command {}", subject(binding), binding.command));
        return Err(match nearest(&binding.command, COMMANDS.iter().map(|command| command.id)) {
            Some(near) => failure.hint(format!("Did you mean {near}?")),
            None => failure.hint("The help (?) lists all commands"),
        });
    };
    if command.contexts.iter().any(|own| own.covers(wanted)) {
        return Ok((command.id, vec![wanted]));
    }
    let within: Vec<Context> = command.contexts.iter().copied().filter(|own| wanted.covers(*own)).collect();
    let met = command.contexts.iter().any(|own| own.meets(wanted));
    match (within.is_empty(), met) {
        (false, _) => Ok((command.id, within)),
        (true, true) => Ok((command.id, vec![wanted])),
        (true, false) => {
            let places: Vec<&str> = command.contexts.iter().map(|context| context.name()).collect();
            let message = format!("{}: {} does nothing in [{name}]", subject(binding), command.id);
            let failure = told(binding, &message);
            Err(failure.hint(format!("It works in {}", places.join(", "))))
        }
    }
}

/// The keys of a binding; of one that has none, its command.
fn subject(binding: &Binding) -> String {
    if binding.keys.is_empty() { binding.command.clone() } else { notation::print(&binding.keys) }
}

/// Two of the user's own lines that want the same keys in one place.
fn clash(own: &BTreeMap<(Context, Vec<Key>), &Binding>, context: Context, binding: &Binding) -> Option<Failure> {
    let other = own.get(&(context, binding.keys.clone()))?;
    if other.command == binding.command {
        return None;
    }
    let keys = notation::print(&binding.keys);
    let line = other.place.rsplit_once(':').map_or("?", |(_, line)| line);
    let message = format!("{keys} is already {} (line {line}), so it cannot be {}", other.command, binding.command);
    Some(told(binding, &message).hint("Give one of them another key"))
}

fn told(binding: &Binding, message: &str) -> Failure {
    let mut failure = Failure::new(FailureKind::Usage, message);
    failure.place = Some(binding.place.clone()).filter(|place| !place.is_empty());
    failure
}
