//! Tables: order, windows, columns, drilling.

use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::{layout, screen};
use stackdeck::fleet::instance::Status;

use super::console::{Console, fleet, fleet_of, instance};

#[test]
fn services_are_home_and_open_to_their_instances_and_these_to_one() {
    let mut console = Console::showing(&["web-2", "web-10", "db-1"]);
    assert_eq!(console.rows(), ["db", "web"]);
    console.keys("j enter");
    assert_eq!(console.rows(), ["web-2", "web-10"]);
    let effects = console.keys("enter");
    assert!(matches!(&effects[..], [Effect::Follow(Some((id, _))), ..] if id.as_str() == "id-web-2"));
    let crumbs: Vec<String> = screen::crumbs(&console.model).iter().map(|cell| cell.text.clone()).collect();
    assert_eq!(crumbs, ["web", "web-2"]);
    let effects = console.keys("esc");
    assert!(matches!(effects[..], [Effect::Follow(None), ..]));
    console.keys("esc");
    assert_eq!(console.cursor().as_deref(), Some("web"));
}

#[test]
fn sorting_by_a_key_by_a_chosen_column_and_by_the_command_line() {
    let mut broken = instance("web-3");
    broken.status = Status::Error;
    let mut console = Console::showing(&[]);
    console.fleet(fleet_of(vec![instance("web-1"), instance("web-2"), broken]));
    console.keys("2 H");
    assert_eq!(console.rows(), ["web-3", "web-1", "web-2"]);
    console.keys("N N");
    assert_eq!(console.rows(), ["web-3", "web-2", "web-1"]);
    console.text(":sort name asc");
    console.keys("enter");
    assert_eq!(console.rows(), ["web-1", "web-2", "web-3"]);
    console.keys("> > O");
    let sorted = console.panel().columns.iter().find(|heading| heading.sorted.is_some()).unwrap().column.id;
    assert_eq!(sorted, "health");
    console.text(":sort agge");
    console.keys("enter");
    assert!(console.notice().contains("Did you mean age?"), "{}", console.notice());
}

#[test]
fn the_window_follows_the_cursor_and_never_computes_more_than_it_shows() {
    let names: Vec<String> = (0..10_000).map(|number| format!("web-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut console = Console::showing(&names);
    console.keys("2");
    for keys in ["G", "k", "pgup", "g g", "ctrl-d"] {
        console.keys(keys);
        let panel = console.panel();
        assert_eq!(panel.total, 10_000);
        assert_eq!(panel.rows.len(), layout::window(console.model.size, &console.model.pane()));
        assert!(panel.rows.len() < 36, "no more rows than the terminal has lines");
        assert_eq!(panel.rows.iter().filter(|row| row.cursor).count(), 1, "after {keys}");
    }
    console.keys("G");
    assert_eq!(console.cursor().as_deref(), Some("web-9999"));
}

#[test]
fn columns_are_chosen_moved_and_kept_for_tables_of_the_same_kind() {
    let mut console = Console::showing(&["web-1"]);
    console.keys("2 w j space K enter");
    let ids: Vec<&str> = console.panel().columns.iter().map(|heading| heading.column.id).collect();
    assert_eq!(ids[0], "name");
    assert!(!ids.contains(&"service"));
    console.keys("1 enter");
    let ids: Vec<&str> = console.panel().columns.iter().map(|heading| heading.column.id).collect();
    assert!(!ids.contains(&"service"));
}

#[test]
fn an_empty_panel_says_why() {
    let mut console = Console::new();
    let words = |console: &Console| console.panel().empty.iter().map(|cell| cell.text.clone()).collect::<String>();
    assert_eq!(words(&console), "Signing in …");
    console.sign_in();
    assert_eq!(words(&console), "Reading …");
    console.fleet(fleet(&[]));
    assert_eq!(words(&console), "There are no instances here");
    console.fleet(fleet(&["web-1"]));
    console.text("/nonsense");
    assert_eq!(words(&console), "Nothing matches /nonsense");
}

#[test]
fn the_cells_of_a_name_with_control_sequences_are_safe() {
    let mut nasty = instance("web-1");
    nasty.name = "web\u{1b}[2J-1".into();
    let mut console = Console::showing(&[]);
    console.fleet(fleet_of(vec![nasty]));
    console.keys("2");
    assert!(!console.rows()[0].contains('\u{1b}'), "{:?}", console.rows());
}
