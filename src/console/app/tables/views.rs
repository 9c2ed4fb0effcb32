//! What the settings say of views, held against the tables that there are.

use std::collections::BTreeMap;

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::config::ViewSettings;
use crate::console::app::column::{Column, Kind};
use crate::console::app::tables::{changes, cloud, heat, instance, instances, operations, services};

/// Every table's name, and its columns.
pub fn known() -> Vec<(&'static str, Vec<&'static Column>)> {
    vec![
        of(&services::SERVICES),
        of(&instances::INSTANCES),
        of(&heat::HEAT),
        of(&instance::NETWORK),
        of(&instance::VOLUMES),
        of(&instance::POOLS),
        of(&instance::HISTORY),
        of(&changes::CHANGES),
        of(&operations::OPERATIONS),
        of(&cloud::ENDPOINTS),
        of(&cloud::COMPUTE),
        of(&cloud::HYPERVISORS),
        of(&cloud::AGENTS),
        of(&cloud::QUOTAS),
    ]
}

fn of<D>(kind: &Kind<D>) -> (&'static str, Vec<&'static Column>) {
    (kind.name, kind.fields.iter().map(|field| &field.column).collect())
}

/// What is wrong with the settings of views: names of views and columns that do not exist.
pub fn misfits(views: &BTreeMap<String, ViewSettings>) -> Vec<Failure> {
    let tables = known();
    let mut failures = Vec::new();
    for (name, view) in views {
        let place = view.columns_at.as_ref().or(view.sort_at.as_ref());
        let Some((_, columns)) = tables.iter().find(|(table, _)| table == name) else {
            failures.push(misfit("view", name, tables.iter().map(|(table, _)| *table), place));
            continue;
        };
        let columns_named = view.columns.iter().flatten().map(|column| (column, &view.columns_at));
        let sorted = view.sort.iter().map(|sort| (&sort.column, &view.sort_at));
        for (wanted, place) in columns_named.chain(sorted) {
            if !columns.iter().any(|column| column.is_called(wanted)) {
                let kind = format!("column of {name}");
                failures.push(misfit(&kind, wanted, columns.iter().map(|column| column.id), place.as_ref()));
            }
        }
    }
    failures
}

fn misfit<'k>(
    kind: &str,
    written: &str,
    known: impl Iterator<Item = &'k str> + Clone,
    place: Option<&String>,
) -> Failure {
    let mut failure = Failure::new(FailureKind::Usage, format!("`{written}` is no {kind}"));
    failure.place = place.cloned();
    match nearest(written, known.clone()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("there are {}", known.collect::<Vec<_>>().join(", "))),
    }
}
