//! What the settings say of tables: columns, order, and what is told of names that do not exist.

use std::collections::BTreeMap;

use stackdeck::config::{Sort, ViewSettings};
use stackdeck::console::app::model::Start;

use super::console::{Console, fleet};

/// A table's name, its columns, and what it is sorted by: the column, and whether the greatest comes first.
type View<'a> = (&'a str, &'a [&'a str], Option<(&'a str, bool)>);

fn console(views: &[View<'_>]) -> Console {
    let view = |(name, columns, sort): &View<'_>| {
        let settings = ViewSettings {
            columns: (!columns.is_empty()).then(|| columns.iter().map(|name| (*name).to_owned()).collect()),
            sort: sort.map(|(column, descending)| Sort { column: column.to_owned(), descending }),
            columns_at: Some("config.toml:3".to_owned()),
            sort_at: Some("config.toml:4".to_owned()),
        };
        ((*name).to_owned(), settings)
    };
    let views: BTreeMap<String, ViewSettings> = views.iter().map(view).collect();
    let mut console = Console::with(Start { views, ..Start::default() });
    console.sign_in();
    console.fleet(fleet(&["web-1", "web-2", "db-1"]));
    console
}

fn told(console: &Console) -> Vec<String> {
    console.model.notices.newest_first().map(|notice| notice.line().text).collect()
}

#[test]
fn a_table_opens_with_the_columns_and_the_order_of_the_settings() {
    let mut console = console(&[("instances", &["name", "age"], Some(("name", true)))]);
    console.keys("2");
    assert_eq!(console.rows(), ["web-2", "web-1", "db-1"]);
    let columns: Vec<&str> = console.panel().columns.iter().map(|heading| heading.column.id).collect();
    assert_eq!(columns, ["name", "age"]);
    assert_eq!(told(&console), [""; 0]);
}

#[test]
fn names_that_do_not_exist_are_told_with_place_and_nearest_and_change_nothing_else() {
    let mut console =
        console(&[("instances", &["name", "helth"], Some(("agee", false))), ("servces", &["name"], None)]);
    let told = told(&console);
    assert_eq!(told.len(), 3, "{told:?}");
    let is_told = |part: &str| assert!(told.iter().any(|line| line.contains(part)), "{part}: {told:?}");
    is_told("`helth` is no column of instances. did you mean `health`?");
    is_told("`agee` is no column of instances. did you mean `age`?");
    is_told("`servces` is no view. did you mean `services`?");
    console.keys("2");
    assert_eq!(console.rows(), ["db-1", "web-1", "web-2"]);
    assert_eq!(console.panel().columns.len(), 1);
}
