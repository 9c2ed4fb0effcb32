//! Files that nobody compiles in.

use std::collections::BTreeSet;

use super::source::Source;

/// Files below `under` that no `mod` line reaches from `root`.
pub(super) fn forgotten(house: &[Source], root: &str, under: &str, others: &[&str]) -> Vec<String> {
    let mut reached = BTreeSet::from([root.to_owned()]);
    let mut next = vec![root.to_owned()];
    while let Some(path) = next.pop() {
        let Some(source) = house.iter().find(|source| source.path == path) else { continue };
        let folder = folder_of(&path);
        for candidate in declared(&source.syntax.items, &folder) {
            if house.iter().any(|source| source.path == candidate) && reached.insert(candidate.clone()) {
                next.push(candidate);
            }
        }
    }
    house
        .iter()
        .filter(|source| source.path.starts_with(under))
        .filter(|source| !reached.contains(&source.path) && !others.contains(&source.path.as_str()))
        .map(|source| format!("{}:1: no `mod` line leads here from {root}: it is never compiled", source.path))
        .collect()
}

/// Where the files of a module's own modules are.
fn folder_of(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    match file {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ => format!("{folder}/{}", file.trim_end_matches(".rs")),
    }
}

/// The paths that `mod x;` may mean, also inside inline modules.
fn declared(items: &[syn::Item], folder: &str) -> Vec<String> {
    let modules = items.iter().filter_map(|item| if let syn::Item::Mod(module) = item { Some(module) } else { None });
    modules
        .flat_map(|module| {
            let below = format!("{folder}/{}", module.ident);
            match &module.content {
                Some((_, inner)) => declared(inner, &below),
                None => vec![format!("{below}.rs"), format!("{below}/mod.rs")],
            }
        })
        .collect()
}

/// Shipped files that no `include_str!` names.
pub(super) fn not_embedded(house: &[Source], shipped: &[String]) -> Vec<String> {
    let included: Vec<&str> = house
        .iter()
        .filter(|source| source.path.starts_with("src/"))
        .flat_map(|source| source.text.split("include_str!(").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .collect();
    shipped
        .iter()
        .filter(|file| !included.iter().any(|argument| argument.contains(file.as_str())))
        .map(|file| format!("{file}: no include_str! in src names it: it is shipped and never read"))
        .collect()
}
