//! The operations on the screen: what the journal tells, and what can be asked of it.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::followed::Followed;
use stackdeck::console::app::model::SignIn;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::overlay::Overlay;
use stackdeck::console::app::screen::overlay::{Over, overlay};
use stackdeck::console::app::screen::{self, Panel};
use stackdeck::console::app::{next_wake, notation};
use stackdeck::operation::record::Wish;
use stackdeck::operation::{Aim, Guard, Intent, Limits, Plan, Reboot, Verb, draft};

use super::console::{Console, fleet, start_time};
use crate::support::operations::every_state;

fn plan() -> Plan {
    let aim = Aim::Instances(["id-payments-01", "id-payments-02"].map(Into::into).to_vec());
    let intent = Intent::new(Verb::Restart(Reboot::Soft), aim);
    let fleet = fleet(&["payments-01", "payments-02"]);
    let place = fleet.services[0].key.place.clone();
    draft(&intent, &fleet, &place, &"project-1".into(), &Guard::default(), Limits::default()).plan
}

fn states() -> Vec<(&'static str, Followed)> {
    every_state(&plan(), start_time())
}

pub(super) fn state(name: &str) -> Followed {
    states().into_iter().find(|(other, _)| *other == name).unwrap().1
}

/// A console with one operation, seventy seconds after its approval.
pub(super) fn following(followed: &Followed) -> Console {
    let mut console = Console::showing(&["payments-01", "payments-02"]);
    console.now += Duration::from_secs(70);
    tell(&mut console, followed);
    console
}

pub(super) fn tell(console: &mut Console, followed: &Followed) -> Vec<Effect> {
    console.send(Msg::Operations(vec![Arc::new(followed.clone())]))
}

pub(super) fn header(console: &Console) -> String {
    screen::header(&console.model).under_way.first().map(|cell| cell.text.clone()).unwrap_or_default()
}

fn page(console: &Console) -> String {
    let Panel::Text(panel) = screen::panel(&console.model) else { panic!("not a text") };
    let line = |line: &screen::TextLine| line.cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>().join(" ");
    panel.lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_header_tells_what_is_under_way_and_is_silent_otherwise() {
    for (name, line) in [
        ("approved", "restart payments 0/2 · approved"),
        ("running", "restart payments 1/2 · holding 5 s"),
        ("aborting", "restart payments 1/2 · aborting, holding 5 s"),
        ("interrupted", "restart payments 1/2 · interrupted"),
        ("paused: credentials", "restart payments 1/2 · paused: credentials"),
        ("failed", ""),
        ("aborted", ""),
        ("done", ""),
    ] {
        assert_eq!(header(&following(&state(name))), line, "{name}");
    }
}

#[test]
fn only_what_runs_lets_the_screen_change_by_time() {
    let soon = |console: &Console| next_wake(&console.model, console.now).unwrap() <= Duration::from_secs(5);
    for (name, followed) in states() {
        let mut console = following(&followed);
        // Notices fade by time too.
        console.wait(25);
        assert_eq!(soon(&console), followed.is_driven(), "{name}");
    }
}

#[test]
fn every_state_is_told_in_the_list_and_in_its_own_view() {
    for (name, followed) in states() {
        let mut console = following(&followed);
        assert!(matches!(console.keys("3")[..], [Effect::WatchOperations(true)]));
        let panel = console.panel();
        let row: Vec<String> = panel.rows[0].cells.iter().map(|cell| cell.text.clone()).collect();
        assert!(row.contains(&name.to_owned()) && row.contains(&"CHG-1042".to_owned()), "{row:?}");
        console.keys("enter");
        let page = page(&console);
        for part in ["payments-01", "payments-02", "reboot SOFT", "anna@jump-1", "203.0.113.7", "CHG-1042"] {
            assert!(page.contains(part), "{name}: {part} in\n{page}");
        }
        let requests = followed.operation.steps.iter().flat_map(|step| &step.requests);
        for request in requests {
            assert!(page.contains(request.as_str()), "{name}: {request} in\n{page}");
        }
        assert!(matches!(console.keys("1")[..], [Effect::WatchOperations(false)]));
    }
}

#[test]
fn what_can_be_asked_depends_on_where_it_stands() {
    for (name, resumes, aborts) in [
        ("approved", true, true),
        ("running", false, true),
        ("aborting", false, false),
        ("interrupted", true, true),
        ("paused: credentials", true, true),
        ("failed", false, false),
        ("done", false, false),
    ] {
        let followed = state(name);
        for keys in ["3", "3 enter"] {
            let mut console = following(&followed);
            console.keys(keys);
            let effects = console.keys("r");
            let asked = matches!(&effects[..], [Effect::Ask(id, Wish::Resume)] if id == followed.id());
            assert_eq!(asked, resumes, "{name}: {effects:?}");
            console.keys("x");
            assert_eq!(matches!(console.model.overlay, Some(Overlay::Abort(_))), aborts, "{name}");
        }
    }
}

#[test]
fn an_abort_asks_and_cancel_is_the_default() {
    let followed = state("running");
    let mut console = following(&followed);
    console.keys("3 x");
    assert!(console.keys("tab enter").is_empty(), "too soon");
    console.breathe();
    assert!(console.keys("enter").is_empty() && console.model.overlay.is_none());
    console.keys("x");
    console.breathe();
    console.keys("tab");
    let burst = Msg::Key { key: notation::parse("enter").unwrap()[0], burst: true };
    assert!(console.send(burst).is_empty(), "a burst confirms nothing");
    let effects = console.keys("enter");
    assert!(matches!(&effects[..], [Effect::Ask(id, Wish::Abort)] if id == followed.id()), "{effects:?}");
}

#[test]
fn started_is_said_when_a_worker_has_it_and_not_before() {
    let mut console = Console::showing(&["web-1"]);
    console.wait(1);
    console.keys("2 r");
    console.breathe();
    console.keys("tab enter");
    let said = |console: &Console| console.model.notices.newest_first().any(|one| one.text.starts_with("Started"));
    assert!(!said(&console) && header(&console).starts_with("starting: Restart web-1"));
    console.send(Msg::Started(state("running").id().clone()));
    assert!(said(&console) && header(&console).is_empty());
    let mut console = Console::showing(&["web-1"]);
    console.wait(1);
    console.keys("2 r");
    console.breathe();
    console.keys("tab enter");
    let failure = Failure::new(FailureKind::Bug, "The worker was started and has not begun").hint("Resume it");
    console.send(Msg::NotStarted(failure));
    assert!(!said(&console) && header(&console).is_empty());
    assert!(console.notice().contains("has not begun"), "{}", console.notice());
}

#[test]
fn the_end_and_a_worker_that_dies_are_told() {
    let mut console = following(&state("running"));
    tell(&mut console, &state("interrupted"));
    assert!(console.notice().contains("was interrupted"), "{}", console.notice());
    tell(&mut console, &state("done"));
    assert_eq!(console.notice(), "Restart 2 instances of payments: done");
    let mut console = following(&state("done"));
    assert_eq!(console.notice(), "", "what was over before is no news");
    tell(&mut console, &state("done"));
    assert_eq!(console.notice(), "");
}

#[test]
fn an_operation_is_found_by_the_end_of_its_id_and_its_requests_can_be_copied() {
    let followed = state("done");
    let mut console = following(&followed);
    console.text(&format!(":operations {}", followed.id().short()));
    console.keys("enter");
    assert!(page(&console).contains(followed.id().as_str()));
    console.keys("c");
    console.text("request of payments-02");
    let effects = console.keys("enter");
    assert!(matches!(&effects[..], [Effect::Copy(text)] if text.starts_with("req-")), "{effects:?}");
}

#[test]
fn a_password_that_resuming_needs_is_asked_for_and_given_for_that_alone() {
    let followed = state("paused: credentials");
    let mut console = following(&followed);
    console.keys("3 r");
    let wanted = |refused: Option<&str>| Msg::PasswordToResume {
        operation: followed.id().clone(),
        cloud: "prod".into(),
        whom: "anna on prod".into(),
        refused: refused.map(|why| Failure::new(FailureKind::Auth, why)),
    };
    console.send(wanted(None));
    let whom = |console: &Console| match overlay(&console.model) {
        Some(Over::Password { whom, .. }) => whom.text,
        other => panic!("no password is asked for: {other:?}"),
    };
    assert_eq!(whom(&console), format!("anna on prod, to resume {}", followed.id().short()));
    console.sign_in();
    assert!(!whom(&console).is_empty(), "signing in where we look is another thing");
    console.text("s3cret");
    assert!(!format!("{:?}", console.model).contains("s3cret"));
    let effects = console.keys("enter");
    let [Effect::ResumeWith { operation, cloud, password }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((operation, cloud.as_str(), password.expose_secret()), (followed.id(), "prod", "s3cret"));
    assert!(!format!("{effects:?}").contains("s3cret"));
    assert_eq!(console.model.sign_in, SignIn::Done, "we are signed in as before");

    console.send(wanted(Some("Keystone refuses anna")));
    assert!(console.notice().contains("refuses anna") && !whom(&console).is_empty(), "{}", console.notice());
    assert!(console.keys("esc").is_empty() && console.model.overlay.is_none());
    console.keys("?");
    console.send(wanted(None));
    assert!(matches!(console.model.overlay, Some(Overlay::Help { .. })), "what is read is not taken away");
    assert!(console.notice().contains("resume it again"), "{}", console.notice());
}

#[test]
fn where_the_question_cannot_be_seen_nothing_is_aborted() {
    let mut console = following(&state("running"));
    console.keys("3 enter x");
    console.breathe();
    console.send(Msg::Resize { width: 40, height: 10 });
    assert!(console.keys("right enter").is_empty());
    console.send(Msg::Resize { width: 80, height: 24 });
    assert!(matches!(console.keys("right enter")[..], [Effect::Ask(_, Wish::Abort)]));
}

#[test]
fn at_the_end_of_an_operation_its_new_records_are_followed_until_one_looks_back() {
    let mut followed = state("running");
    let grow = |followed: &mut Followed| {
        let mut record = followed.records.last().unwrap().clone();
        record.sequence += 1;
        let name = format!("#{}", record.sequence);
        followed.records.push(record);
        name
    };
    let mut console = following(&followed);
    console.send(Msg::Resize { width: 80, height: 15 });
    console.keys("3 enter");
    assert!(page(&console).contains("Restart 2 instances"), "one begins with what it is: {}", page(&console));
    let unseen = grow(&mut followed);
    tell(&mut console, &followed);
    assert!(!page(&console).contains(&unseen), "{}", page(&console));
    console.keys("G");
    for _ in 0..3 {
        let newest = grow(&mut followed);
        tell(&mut console, &followed);
        assert!(page(&console).contains(&newest), "{newest} in\n{}", page(&console));
    }
    console.keys("k");
    let before = page(&console);
    grow(&mut followed);
    tell(&mut console, &followed);
    assert_eq!(page(&console), before);
}

#[test]
fn operations_of_a_day_are_told_apart_by_the_hour_and_the_newest_stand_first() {
    let hours = |hours: u64| start_time() - Duration::from_secs(hours * 3600);
    let one = |approved| every_state(&plan(), approved).swap_remove(0).1;
    let told = [0, 2, 15, 24 * 365].map(|ago| Arc::new(one(hours(ago))));
    let mut console = Console::showing(&["payments-01"]);
    console.send(Msg::Operations(told.into_iter().rev().collect()));
    console.keys("3");
    let panel = console.panel();
    assert_eq!(panel.columns[0].sorted, Some(true), "the greatest time is above");
    assert_eq!(console.rows(), ["14:32", "12:32", "11-19 23:32", "2025-11-20"]);
    console.keys("O");
    assert_eq!(console.panel().columns[0].sorted, Some(false));
    assert_eq!(console.rows()[0], "2025-11-20");
    console.text(":sort who");
    console.keys("enter");
    assert_eq!(console.panel().columns[0].sorted, None);
    console.text(":sort when");
    console.keys("enter");
    assert_eq!(console.rows()[0], "14:32", "by time one begins with the newest");
}

#[test]
fn why_an_operation_has_failed_stands_whole_above_its_targets() {
    let mut console = following(&state("failed"));
    console.send(Msg::Resize { width: 80, height: 24 });
    console.keys("3 enter");
    let page = page(&console);
    let (above, _) = page.split_once("TARGET").unwrap();
    assert!(
        above.contains("payments-02 is locked: maintenance") && !above.contains("payments-02: payments-02"),
        "{page}"
    );
    assert!(above.contains("req-11112222-3333-4444-5555-666677778888"), "{page}");
}
