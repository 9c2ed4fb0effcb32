//! What lies over a view: help, pickers, passwords, notices.

use secrecy::ExposeSecret as _;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::screen::overlay::{Over, overlay};

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
    assert!(matches!(&effects[..], [Effect::Switch(scope)] if scope.project.as_deref() == Some("id-2")));
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
