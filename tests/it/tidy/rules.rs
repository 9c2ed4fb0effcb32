//! The rules. The table of rooms is the design's.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{Named, Source};

const PURE: [&str; 5] = ["base", "series", "fleet", "operation", "policy"];

/// What each room may import, beside itself. A room that is not here may not exist.
fn allowed(room: &str) -> Option<Vec<&'static str>> {
    let pure = |more: &[&'static str]| PURE.iter().chain(more).copied().collect::<Vec<_>>();
    Some(match room {
        "base" | "console" => Vec::new(),
        "series" | "sim" => vec!["base"],
        "fleet" => vec!["base", "series"],
        "operation" => vec!["base", "fleet"],
        "policy" => vec!["base", "series", "fleet", "operation"],
        "config" | "store" => pure(&[]),
        "openstack" => vec!["base", "operation", "store"],
        "watch" => vec!["base", "series", "fleet", "config", "openstack"],
        "worker" => pure(&["config", "store", "openstack", "watch"]),
        "console/app" => pure(&["config"]),
        "console/view" => pure(&["console/app"]),
        "console/run" => pure(&["config", "store", "openstack", "watch", "worker", "console/app", "console/view"]),
        "cli" | "main" | "lib" => pure(&[
            "config",
            "store",
            "openstack",
            "watch",
            "worker",
            "sim",
            "cli",
            "console/app",
            "console/view",
            "console/run",
        ]),
        _ => return None,
    })
}

/// A crate, or a part of one, and the rooms that may name it.
const FENCES: [(&[&str], &[&str]); 9] = [
    (&["ratatui"], &["console/view", "console/run"]),
    (&["tui_logger"], &["console/view", "console/run"]),
    (&["crossterm"], &["console/run"]),
    (&["crokey"], &["config", "console/run"]),
    (&["reqwest"], &["openstack", "watch"]),
    (&["axum"], &["sim"]),
    (&["hyper"], &["sim"]),
    (&["hyper_util"], &["sim"]),
    (&["rusqlite"], &["store"]),
];

/// What no pure room may name: it does I/O, waits, or reads a clock.
const IMPURE: [&[&str]; 10] = [
    &["tokio"],
    &["futures_util"],
    &["rustix"],
    &["fastrand"],
    &["std", "fs"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
];

const MOST_LINES_OF_A_FUNCTION: usize = 70;
const MOST_LINES_OF_A_FILE: usize = 600;

/// Words that say nothing, or that mean something else in OpenStack.
const EMPTY_WORDS: [&str; 10] =
    ["action", "task", "job", "item", "manager", "handler", "data", "info", "util", "helper"];

fn breach(source: &Source, line: usize, text: &str) -> String {
    format!("{}:{line}: {text}", source.path)
}

/// Arrows between rooms.
pub(super) fn arrows(source: &Source) -> Vec<String> {
    let Some(room) = source.room() else { return Vec::new() };
    let Some(allowed) = allowed(&room) else {
        return vec![breach(source, 1, &format!("no room is called {room}: the design's table has none"))];
    };
    let mut breaches = Vec::new();
    for named in source.paths() {
        let Some(target) = target(&named, &room) else { continue };
        let known = target == room || allowed.contains(&target.as_str());
        let declared = room == "console" && target.starts_with("console/");
        if !known && !declared {
            let path = named.parts.join("::");
            let rule = format!("{room} -> {target} is not in the design's table of rooms ({path})");
            breaches.push(breach(source, named.line, &rule));
        }
    }
    breaches
}

/// The room that a path leads to; `None` when it leaves the crate or names no room (`crate::NAME`).
fn target(named: &Named, room: &str) -> Option<String> {
    let root = named.parts.first()?;
    let ours = root == "crate" || (room == "main" && root == "stackdeck");
    if !ours {
        return None;
    }
    match (named.parts.get(1)?.as_str(), named.parts.get(2)) {
        ("console", Some(inner)) if ["app", "view", "run"].contains(&inner.as_str()) => {
            Some(format!("console/{inner}"))
        }
        (first, _) => Some(first.to_owned()),
    }
}

/// Crates that only some rooms may name.
pub(super) fn fences(source: &Source) -> Vec<String> {
    let Some(room) = source.room() else { return Vec::new() };
    let pure = PURE.contains(&room.as_str()) || room == "console/app";
    let mut breaches = Vec::new();
    for named in source.paths() {
        let path = named.parts.join("::");
        // ratatui hands its crossterm on.
        let parts = if named.parts.starts_with(&["ratatui".to_owned(), "crossterm".to_owned()]) {
            &named.parts[1..]
        } else {
            &named.parts[..]
        };
        let begins = |prefix: &[&str]| parts.len() >= prefix.len() && parts.iter().zip(prefix).all(|(a, b)| a == b);
        if let Some((fenced, rooms)) = FENCES.iter().find(|(fenced, _)| begins(fenced))
            && leads_into(&named)
            && !rooms.contains(&room.as_str())
        {
            let rule = format!("{} is only for {}, not for {room} ({path})", fenced.join("::"), rooms.join(", "));
            breaches.push(breach(source, named.line, &rule));
        }
        if pure && leads_into(&named) && IMPURE.iter().any(|prefix| begins(prefix)) {
            breaches.push(breach(source, named.line, &format!("{room} is pure and may not name {path}")));
        }
    }
    breaches
}

/// A crate's name alone is only a crate where something follows; a variable may have the same name.
fn leads_into(named: &Named) -> bool {
    named.parts.len() > 1 || named.renamed
}

/// Functions of at most 70 lines, files of at most 600.
pub(super) fn lengths(source: &Source) -> Vec<String> {
    let mut long = LongFunctions { source, breaches: Vec::new() };
    long.visit_file(&source.syntax);
    let lines = source.text.lines().count();
    if lines > MOST_LINES_OF_A_FILE {
        let rule = format!("the file has {lines} lines; {MOST_LINES_OF_A_FILE} are allowed: one idea per file");
        long.breaches.push(breach(source, lines, &rule));
    }
    long.breaches
}

struct LongFunctions<'a> {
    source: &'a Source,
    breaches: Vec<String>,
}

impl LongFunctions<'_> {
    fn judge(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let lines = block.span().end().line + 1 - first;
        if lines > MOST_LINES_OF_A_FUNCTION {
            let rule = format!("fn {} has {lines} lines; {MOST_LINES_OF_A_FUNCTION} are allowed", signature.ident);
            self.breaches.push(breach(self.source, first, &rule));
        }
    }
}

impl<'ast> Visit<'ast> for LongFunctions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.judge(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.judge(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.judge(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

/// Prints, ignored tests, sleeps, and markers of unfinished work.
pub(super) fn loose_ends(source: &Source) -> Vec<String> {
    let mut breaches = Vec::new();
    for named in source.paths() {
        let last = named.parts.last().map_or("", String::as_str);
        let prints = ["print", "println", "eprint", "eprintln"].contains(&last);
        let unfinished = ["dbg", "todo", "unimplemented"].contains(&last);
        // A benchmark prints its numbers; a test in the source has no screen to spoil.
        let may_print = source.path.starts_with("benches/") || source.is_test(named.line);
        if named.is_macro && (unfinished || (prints && !may_print)) {
            breaches.push(breach(source, named.line, &format!("{last}! is not used here: write to a given writer")));
        }
        if last == "ignore" && source.path.starts_with("tests/") && named.parts.len() == 1 && !named.is_macro {
            breaches.push(breach(source, named.line, "a test that is ignored proves nothing"));
        }
        if named.parts.ends_with(&["thread".to_owned(), "sleep".to_owned()]) {
            breaches.push(breach(source, named.line, "nothing sleeps: wait on a level with a deadline"));
        }
    }
    for (at, line) in source.text.lines().enumerate() {
        let comment = line.split_once("//").map_or("", |(_, comment)| comment);
        if ["TODO", "FIXME", "XXX", "HACK"].iter().any(|marker| words(comment).any(|word| word == *marker)) {
            breaches.push(breach(source, at + 1, "a marker of unfinished work: do it, or open an issue"));
        }
    }
    breaches
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric())
}

/// Names of functions, types, modules and files.
pub(super) fn names(source: &Source) -> Vec<String> {
    let mut found = Names { idents: Vec::new() };
    found.visit_file(&source.syntax);
    let file = source.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
    found.idents.push((file, 1));
    let empty = found.idents.iter().filter_map(|(name, line)| {
        // Nova's own word.
        let name_without = name.replace("task_state", "").replace("TaskState", "");
        let word = snake(&name_without).split('_').find(|word| is_empty_word(word))?.to_owned();
        Some(breach(source, *line, &format!("{name}: the word {word} says nothing here; name what it is")))
    });
    empty.collect()
}

fn is_empty_word(word: &str) -> bool {
    word == "common" || EMPTY_WORDS.iter().any(|empty| word == *empty || word.strip_suffix('s') == Some(empty))
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

struct Names {
    idents: Vec<(String, usize)>,
}

impl Names {
    fn note(&mut self, ident: &syn::Ident) {
        self.idents.push((ident.to_string(), ident.span().start().line));
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.note(&signature.ident);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        // What a test is called is a sentence.
        if !item.attrs.iter().any(|attribute| attribute.path().segments.iter().any(|part| part.ident == "test")) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        // The names of another's trait are not ours to choose.
        if item.trait_.is_none() {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.note(&item.ident);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.note(&item.ident);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.note(&item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.note(&item.ident);
        visit::visit_item_mod(self, item);
    }
}
