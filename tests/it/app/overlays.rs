//! What lies over a view: help, pickers, passwords, notices.

use secrecy::ExposeSecret as _;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::screen::overlay::{Over, overlay};
use stackdeck::console::app::screen::status::status;

use super::console::Console;

#[test]
fn a_password_is_taken_and_never_shown() {
    let mut console = Console::new();
    console.send(Msg::PasswordWanted { whom: "anna on prod".into() });
    console.text("s3cret:j ");
    let shown = format!("{:?} {:?}", overlay(&console.model), console.model);
    assert!(!shown.contains("s3cret"), "{shown}");
    let effects = console.keys("enter");
    let [Effect::SignIn(secret)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(secret.expose_secret(), "s3cret:j ");
    assert!(!format!("{effects:?}").contains("s3cret"));
}

#[test]
fn help_lists_what_cannot_be_done_with_the_reason() {
    let mut console = Console::showing(&["web-1"]);
    console.keys("?");
    let Some(Over::List(list)) = overlay(&console.model) else { panic!("no help") };
    let text = |row: &stackdeck::console::app::screen::overlay::ListRow| {
        row.cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>().join(" ")
    };
    assert!(list.total > list.rows.len() || list.rows.len() == list.total);
    let rows = stackdeck::console::app::screen::overlay::help(
        &console.model,
        stackdeck::console::app::command::contexts_below(&console.model),
    );
    let all: Vec<String> = rows.iter().map(text).collect();
    assert!(all.iter().any(|line| line.contains("clear-marks") && line.contains("nothing is marked")), "{all:#?}");
}

#[test]
fn projects_are_fetched_and_chosen_by_a_few_letters() {
    let mut console = Console::showing(&["web-1"]);
    assert!(matches!(console.keys("f4")[..], [Effect::ListProjects]));
    let projects = vec![("id-1".to_owned(), "payments".to_owned()), ("id-2".to_owned(), "shop".to_owned())];
    console.send(Msg::Projects(Ok(projects)));
    console.text("sh");
    let effects = console.keys("enter");
    assert!(matches!(&effects[..], [.., Effect::Switch(scope)] if scope.project.as_deref() == Some("id-2")));
}

#[test]
fn notices_are_counted_listed_and_copied_whole() {
    let mut console = Console::showing(&["web-1"]);
    let mut failure = Failure::new(FailureKind::Retry, "nova did not answer").hint("It is tried again");
    failure.request_id = Some("req-1".into());
    console.send(Msg::Trouble(failure.clone()));
    console.send(Msg::Trouble(failure));
    assert_eq!(console.model.notices.newest_first().len(), 1);
    let line = console.model.notices.current(console.now).unwrap().line().text;
    assert_eq!(line, "nova did not answer (×2). It is tried again [req-1]");
    let effects = console.keys("! y");
    let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
    assert!(text.contains("request: req-1") && text.contains("hint: It is tried again"), "{text}");
}

#[test]
fn copy_offers_id_name_and_address() {
    let mut console = Console::showing(&["web-1"]);
    console.keys("2 c");
    console.text("addr");
    let effects = console.keys("enter");
    assert!(matches!(&effects[..], [Effect::Copy(text)] if text == "10.0.0.1"), "{effects:?}");
}

#[test]
fn several_troubles_at_once_say_how_many_have_no_line() {
    let mut console = Console::showing(&["web-1"]);
    let trouble = |line: u32| {
        let mut failure = Failure::new(FailureKind::Usage, format!("key {line} is wrong"));
        failure.place = Some(format!("/home/me/keys.toml:{line}"));
        Msg::Trouble(failure)
    };
    for line in 1..=3 {
        console.send(trouble(line));
    }
    let said = |console: &Console| {
        let status = status(&console.model);
        status.left.iter().chain(&status.right).map(|cell| cell.text.clone()).collect::<Vec<_>>().join(" | ")
    };
    assert!(said(&console).starts_with("keys.toml:3: key 3 is wrong"), "{}", said(&console));
    assert!(said(&console).contains("+2 more, see :notices"), "{}", said(&console));
    console.keys("esc");
    assert!(!said(&console).contains("more"), "{}", said(&console));
    console.send(trouble(4));
    assert!(!said(&console).contains("more"), "what was put away stays away: {}", said(&console));
    console.send(trouble(5));
    assert!(said(&console).contains("+1 more"), "{}", said(&console));
    console.wait(21);
    assert!(!said(&console).contains("more") && !said(&console).contains("key 5"), "{}", said(&console));
}

#[test]
fn a_row_is_shown_whole_and_each_of_its_columns_can_be_copied() {
    let mut console = Console::showing(&["web-1"]);
    console.keys("2 i");
    let shown = |console: &Console| match overlay(&console.model) {
        Some(Over::List(list)) => list.rows,
        other => panic!("no row: {other:?}"),
    };
    let at = |text: &str, console: &Console| shown(console).iter().position(|row| row.cells[0].text == text);
    for title in ["NAME", "STATUS", "ID"] {
        assert!(at(title, &console).is_some(), "{title} is missing: {:?}", shown(&console));
    }
    let id = at("ID", &console).unwrap();
    for _ in 0..id {
        console.keys("j");
    }
    let effects = console.keys("c");
    let [Effect::Copy(copied)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*copied, shown(&console)[id].cells[1].text);
    console.fleet(super::console::fleet(&["web-2"]));
    assert!(shown(&console).is_empty(), "another row never takes its place");
    console.keys("esc");
    assert!(overlay(&console.model).is_none());
}
