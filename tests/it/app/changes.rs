//! What leads to a change: the wish, its review, consent. Nothing starts that was not read.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use stackdeck::base::id::InstanceId;
use stackdeck::console::app::cell::Cell;
use stackdeck::console::app::column::RowId;
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::model::{CloudChoice, Start};
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::notation;
use stackdeck::console::app::overlay::Overlay;
use stackdeck::console::app::review::{Focus, Review};
use stackdeck::console::app::screen::overlay::{Over, overlay};
use stackdeck::fleet::Fleet;
use stackdeck::fleet::instance::{Lock, Status};
use stackdeck::operation::{Aim, Change, Credentials, Draft, Reboot, Verb};

use super::console::{Console, fleet, fleet_of, instance};

pub(super) fn review(console: &Console) -> &Review {
    match &console.model.overlay {
        Some(Overlay::Review(review)) => review,
        other => panic!("no review: {other:?}; {}", console.notice()),
    }
}

pub(super) fn closed(console: &Console) -> bool {
    console.model.overlay.is_none()
}

pub(super) fn approved(effects: &[Effect]) -> Option<(&Draft, Option<&str>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Approve { draft, ticket } => Some((&**draft, ticket.as_deref())),
        _ => None,
    })
}

pub(super) fn targets(draft: &Draft) -> Vec<&str> {
    draft.plan.steps.iter().map(|step| step.target.name.as_str()).collect()
}

pub(super) fn shown(console: &Console) -> String {
    let Some(Over::Review(shown)) = overlay(&console.model) else { panic!("no review") };
    let lines =
        shown.lines.iter().map(|line| line.cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

/// Signed in, and long enough before the list to have looked at it.
pub(super) fn showing(names: &[&str]) -> Console {
    let mut console = Console::showing(names);
    console.wait(1);
    console
}

/// Opens the review of a key, and waits until it hears keys.
pub(super) fn open(console: &mut Console, keys: &str) {
    console.keys(keys);
    console.breathe();
}

pub(super) fn guarded(protected: bool, read_only: bool, ticket: bool) -> Console {
    let mut console = Console::with(Start::default());
    let cloud = CloudChoice { name: "prod".into(), protected, read_only, ticket, ..CloudChoice::default() };
    console.model.start.clouds = vec![cloud];
    console.sign_in();
    console.fleet(fleet(&["web-1", "web-2", "db-1"]));
    console.wait(1);
    console
}

#[test]
fn cancel_is_the_default_and_start_takes_two_keys() {
    let mut console = showing(&["web-1", "web-2"]);
    open(&mut console, "2 r");
    assert_eq!(review(&console).focus, Focus::Cancel);
    assert!(approved(&console.keys("enter")).is_none() && closed(&console));
    open(&mut console, "r");
    let effects = console.keys("tab enter");
    let (draft, ticket) = approved(&effects).unwrap();
    assert_eq!((targets(draft), ticket), (vec!["web-1"], None));
    assert_eq!(draft.plan.verb(), Verb::Restart(Reboot::Soft));
    assert!(closed(&console) && console.model.starting.is_some());
}

#[test]
fn every_verb_has_its_key_and_means_the_row_or_the_marked_ones_or_the_service() {
    for (keys, verb, names) in [
        ("2 r", Verb::Restart(Reboot::Soft), vec!["db-1"]),
        ("2 x", Verb::Stop, vec!["db-1"]),
        ("2 L", Verb::Lock, vec!["db-1"]),
        ("2 space j space g g r", Verb::Restart(Reboot::Soft), vec!["db-1", "web-2"]),
        ("1 j r", Verb::Restart(Reboot::Soft), vec!["web-1", "web-2"]),
        ("1 space x", Verb::Stop, vec!["db-1"]),
        ("2 enter r", Verb::Restart(Reboot::Soft), vec!["db-1"]),
        ("2 Q", Verb::Quarantine, vec!["db-1"]),
    ] {
        let mut console = showing(&["web-1", "web-2", "db-1"]);
        console.keys(keys);
        let review = review(&console);
        assert_eq!((review.intent.verb, targets(&review.draft)), (verb, names), "{keys}");
    }
    let mut stopped = instance("web-1");
    stopped.status = Status::Shutoff;
    stopped.locked = Some(Lock { locked: true, reason: None });
    for (keys, verb) in [("2 U", Verb::Unlock), ("2 p", Verb::Start), ("2 D", Verb::Drain), ("2 B", Verb::PutBack)] {
        let mut console = showing(&[]);
        console.fleet(fleet_of(vec![stopped.clone()]));
        console.wait(1);
        console.keys(keys);
        assert_eq!(review(&console).intent.verb, verb);
    }
}

#[test]
fn what_has_just_appeared_hears_no_key() {
    let mut console = showing(&["web-1"]);
    console.keys("2 r tab enter esc");
    assert_eq!(review(&console).focus, Focus::Cancel);
    console.now += std::time::Duration::from_millis(299);
    assert!(approved(&console.keys("tab enter")).is_none());
    assert_eq!(review(&console).focus, Focus::Cancel);
    console.now += std::time::Duration::from_millis(1);
    assert!(approved(&console.keys("tab enter")).is_some());
}

#[test]
fn a_clock_that_is_put_back_locks_nobody_out() {
    let mut console = showing(&["web-1"]);
    console.keys("2 r");
    console.now -= std::time::Duration::from_secs(3600);
    console.keys("esc");
    assert!(closed(&console));
}

#[test]
fn pastes_and_bursts_start_and_confirm_nothing() {
    let burst = |console: &mut Console, keys: &str| -> Vec<Effect> {
        let keys = notation::parse(keys).unwrap();
        keys.into_iter().flat_map(|key| console.send(Msg::Key { key, burst: true })).collect()
    };
    let mut console = showing(&["web-1"]);
    console.keys("2");
    for keys in ["r", "x", ": r e s t a r t space w e b - 1 enter"] {
        burst(&mut console, keys);
        assert!(!matches!(console.model.overlay, Some(Overlay::Review(_))), "{keys}");
        console.model.overlay = None;
    }
    console.send(Msg::Paste("r\ttab\r\n".into()));
    assert!(closed(&console));
    open(&mut console, "r");
    console.keys("tab");
    assert!(approved(&burst(&mut console, "enter")).is_none());
    console.send(Msg::Paste("\r\n".into()));
    assert_eq!(review(&console).focus, Focus::Start);
    // A ticket may be pasted, whichever way the terminal hands it on.
    console.keys("backtab backtab");
    console.send(Msg::Paste("CHG-1\n".into()));
    burst(&mut console, "0 4 enter");
    assert_eq!(review(&console).ticket().as_deref(), Some("CHG-104"));
}

#[test]
fn a_protected_cloud_wants_the_name_typed_by_hand() {
    let mut console = guarded(true, false, false);
    open(&mut console, "2 r");
    assert_eq!(review(&console).draft.typed.as_deref(), Some("db"));
    assert!(approved(&console.keys("tab enter")).is_none());
    assert_eq!(review(&console).focus, Focus::Typed, "what lacks takes the keys");
    console.send(Msg::Paste("db".into()));
    for key in notation::parse("d b").unwrap() {
        console.send(Msg::Key { key, burst: true });
    }
    assert_eq!(review(&console).typed.text(), "");
    console.text("dB");
    assert!(approved(&console.keys("tab tab tab enter")).is_none());
    console.keys("backspace");
    console.text("b");
    let effects = console.keys("enter enter tab enter");
    assert_eq!(targets(approved(&effects).unwrap().0), ["db-1"]);
}

#[test]
fn stopping_a_whole_service_wants_its_name_typed_even_where_nothing_is_protected() {
    let mut console = showing(&["web-1", "web-2"]);
    open(&mut console, "1 x");
    assert!(approved(&console.keys("tab enter")).is_none());
    console.text("web");
    let effects = console.keys("tab tab tab enter");
    assert_eq!(targets(approved(&effects).unwrap().0), ["web-1", "web-2"]);
}

#[test]
fn a_service_is_no_less_whole_when_its_instances_are_named_one_by_one() {
    let names = ["web-1", "web-2", "db-1", "db-2"];
    let typed = |keys: &str| {
        let mut console = showing(&names);
        match keys.strip_prefix(':') {
            Some(line) => {
                console.text(&format!(":{line}"));
                open(&mut console, "enter");
            }
            None => open(&mut console, keys),
        }
        review(&console).draft.typed.clone()
    };
    assert_eq!(typed(":stop web-1 web-2").as_deref(), Some("web"));
    assert_eq!(typed(":stop web-2").as_deref(), None, "the other one goes on");
    assert_eq!(typed(":stop web-1 web-2 db-1").as_deref(), Some("prod"), "several are meant: the cloud's name");
    assert_eq!(typed("2 * x").as_deref(), Some("prod"));
    assert_eq!(typed(":restart web-1 web-2").as_deref(), None, "each is back before the next goes");
    // The last one that is up is the whole of what serves.
    let mut console = showing(&names);
    let mut down = instance("web-1");
    down.status = Status::Shutoff;
    console.fleet(fleet_of(vec![down, instance("web-2"), instance("db-1")]));
    console.text(":stop web-2");
    open(&mut console, "enter");
    assert_eq!(review(&console).draft.typed.as_deref(), Some("web"));
}

#[test]
fn of_a_service_too_what_is_refused_can_be_left_out() {
    let mut console = showing(&["web-1", "web-2", "web-3"]);
    let mut locked = instance("web-2");
    locked.locked = Some(Lock { locked: true, reason: None });
    console.fleet(fleet_of(vec![instance("web-1"), locked, instance("web-3")]));
    open(&mut console, "1 r");
    assert!(approved(&console.keys("tab enter")).is_none());
    console.keys("w");
    console.breathe();
    let effects = console.keys("tab enter");
    assert_eq!(targets(approved(&effects).unwrap().0), ["web-1", "web-3"]);
}

#[test]
fn a_ticket_is_taken_along_and_demanded_where_the_settings_say_so() {
    let mut console = guarded(false, false, true);
    open(&mut console, "2 r");
    assert!(approved(&console.keys("tab enter")).is_none());
    assert_eq!(review(&console).focus, Focus::Ticket);
    console.text("CHG-7");
    let effects = console.keys("enter tab enter");
    assert_eq!(approved(&effects).unwrap().1, Some("CHG-7"));
}

#[test]
fn what_is_opened_read_only_can_be_rehearsed_and_not_started() {
    for keys in ["2 r", "2 x", "2 L"] {
        let mut console = guarded(false, true, false);
        open(&mut console, keys);
        assert!(shown(&console).contains("prod is opened read-only"), "{keys}: {}", shown(&console));
        assert_eq!(review(&console).draft.plan.steps.len(), 1, "{keys}: it can be rehearsed");
        let Some(Over::Review(seen)) = overlay(&console.model) else { panic!("no review") };
        assert!(seen.buttons.iter().any(|button| button.title == "Start" && button.barred), "{keys}");
        assert!(approved(&console.keys("tab enter")).is_none() && console.notice().contains("read-only"), "{keys}");
    }
    let mut console = guarded(false, true, false);
    console.text(":restart web-1");
    open(&mut console, "enter");
    assert!(shown(&console).contains("prod is opened read-only"), "{}", shown(&console));
    // The plan is the one that holds it up, whatever has led to it.
    let mut console = guarded(false, false, false);
    console.keys("2 r");
    console.model.start.clouds[0].read_only = true;
    console.fleet(fleet(&["web-1", "web-2", "db-1"]));
    console.breathe();
    assert!(approved(&console.keys("tab enter")).is_none());
    assert!(console.notice().contains("read-only"), "{}", console.notice());
}

#[test]
fn states_are_shown_fresh_and_what_changes_the_plan_must_be_read_again() {
    let mut console = showing(&["web-1", "web-2"]);
    console.keys("2 space space r");
    console.breathe();
    console.keys("tab");
    assert_eq!(review(&console).focus, Focus::Start);
    let mut busy = instance("web-1");
    busy.task_state = Some("rebooting".into());
    console.fleet(fleet_of(vec![busy, instance("web-2"), instance("web-3")]));
    assert!(shown(&console).contains("ACTIVE (rebooting)"), "{}", shown(&console));
    assert_eq!(review(&console).focus, Focus::Start, "the same calls to the same targets");
    console.fleet(fleet(&["web-2", "web-3"]));
    assert!(approved(&console.keys("enter")).is_none());
    console.breathe();
    assert_eq!(review(&console).focus, Focus::Cancel);
    assert!(shown(&console).contains("id-web-1 is not there any more"), "{}", shown(&console));
    assert!(approved(&console.keys("tab enter")).is_none());
    // The refused one can be left out; then it is another plan.
    console.keys("w");
    console.breathe();
    let effects = console.keys("tab enter");
    assert_eq!(targets(approved(&effects).unwrap().0), ["web-2"]);
}

#[test]
fn nobody_joins_a_service_behind_ones_back() {
    let mut console = showing(&["web-1", "web-2"]);
    console.keys("1 r");
    console.fleet(fleet(&["web-1", "web-2", "web-3"]));
    console.breathe();
    assert!(shown(&console).contains("have changed meanwhile"), "{}", shown(&console));
    assert!(approved(&console.keys("tab enter")).is_none());
    console.fleet(fleet(&["web-1", "web-2"]));
    console.breathe();
    let effects = console.keys("tab enter");
    assert_eq!(targets(approved(&effects).unwrap().0), ["web-1", "web-2"]);
}

#[test]
fn marked_rows_that_the_filter_hides_are_named() {
    let mut console = showing(&["web-1", "web-2", "db-1"]);
    console.keys("2 space space");
    console.text("/db");
    console.keys("enter r");
    assert_eq!(review(&console).hidden, ["id-web-1".into()] as [InstanceId; 1]);
    assert!(shown(&console).contains("web-1") && shown(&console).contains("not in the list shown"));
}

#[test]
fn a_hard_restart_is_a_key_away_and_is_another_plan() {
    let mut console = showing(&["web-1"]);
    open(&mut console, "2 r");
    console.keys("tab t");
    assert_eq!(review(&console).intent.verb, Verb::Restart(Reboot::Hard));
    assert_eq!(review(&console).focus, Focus::Cancel);
    console.breathe();
    let effects = console.keys("y");
    let [Effect::Copy(line)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(line, "stackdeck --cloud prod --region RegionOne --project project-1 restart id-web-1 --hard");
}

#[test]
fn targets_can_be_named_on_the_command_line() {
    let mut console = showing(&["web-1", "web-2", "db-1"]);
    console.text(":restart-hard web-2 id-db-1");
    console.keys("enter");
    assert_eq!(targets(&review(&console).draft), ["web-2", "db-1"]);
    console.model.overlay = None;
    console.text(":stop web");
    console.keys("enter");
    assert!(matches!(&review(&console).intent.aim, Aim::Service(key) if &*key.name == "web"));
    console.model.overlay = None;
    console.text(":stop web-3");
    console.keys("enter");
    assert!(closed(&console) && console.notice().contains("Did you mean web-"), "{}", console.notice());
}

#[test]
fn where_nothing_can_be_changed_the_reason_is_told() {
    let mut console = Console::new();
    console.keys("2 r");
    assert!(console.notice().contains("not signed in yet"), "{}", console.notice());
    console.sign_in();
    console.keys("r");
    assert!(console.notice().contains("there is nothing here"), "{}", console.notice());
    let mut console = showing(&["web-1", "db-1"]);
    console.keys("1 * r");
    assert!(console.notice().contains("one service at a time"), "{}", console.notice());
}

#[test]
fn a_long_plan_scrolls_and_keeps_its_buttons() {
    let names: Vec<String> = (0..60).map(|number| format!("web-{number:02}")).collect();
    let mut console = showing(&names.iter().map(String::as_str).collect::<Vec<_>>());
    console.send(Msg::Resize { width: 80, height: 24 });
    open(&mut console, "2 * r");
    assert!(!shown(&console).contains("web-59"));
    console.keys("G");
    assert!(shown(&console).contains("web-59"), "{}", shown(&console));
    console.keys("g g");
    assert!(shown(&console).contains("web-00"));
}

fn some_fleet(numbers: &BTreeSet<u8>, states: u8) -> Fleet {
    let one = |number: &u8| {
        let mut one = instance(&format!("web-{number}"));
        if (number ^ states) & 1 == 1 {
            one.status = Status::Error;
        }
        one
    };
    fleet_of(numbers.iter().map(one).collect())
}

#[derive(Clone, Debug)]
enum Step {
    Keys(&'static str),
    Filter(u8),
    Refresh(BTreeSet<u8>, u8),
    Look,
    Press(&'static str),
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let numbers = proptest::collection::btree_set(0_u8..20, 0..20);
    prop_oneof![
        proptest::sample::select(&["j", "k", "G", "N", "H", "S", "space", "*", "M"][..]).prop_map(Step::Keys),
        (0_u8..10).prop_map(Step::Filter),
        (numbers, any::<u8>()).prop_map(|(numbers, states)| Step::Refresh(numbers, states)),
        Just(Step::Look),
        proptest::sample::select(&["r", "x", "L"][..]).prop_map(Step::Press),
        (0_u16..2000).prop_map(Step::Wait),
    ]
}

/// What somebody who looks at the screen believes that a key will hit.
fn looked_at(console: &Console) -> BTreeSet<RowId> {
    let Some(table) = console.model.table() else { return BTreeSet::new() };
    match table.marks().is_empty() {
        true => table.cursor().cloned().into_iter().collect(),
        false => table.marks().clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// The list reorders between look and key, and between review and consent.
    #[test]
    fn no_other_target_is_ever_hit(steps in proptest::collection::vec(step(), 1..40)) {
        let mut console = showing(&["web-1", "web-2"]);
        console.keys("2 H");
        let mut looked = looked_at(&console);
        for step in steps {
            match step {
                // A hand on these keys is led by an eye.
                Step::Keys(keys) => {
                    console.keys(keys);
                    looked = looked_at(&console);
                }
                Step::Filter(number) => {
                    console.keys("/ ctrl-u");
                    console.text(&number.to_string());
                    console.keys("enter");
                    looked = looked_at(&console);
                }
                Step::Look => {
                    console.wait(1);
                    looked = looked_at(&console);
                }
                Step::Wait(millis) => {
                    console.now += std::time::Duration::from_millis(u64::from(millis).min(900));
                    console.send(Msg::Tick);
                    looked = looked_at(&console);
                }
                Step::Refresh(numbers, states) => drop(console.fleet(some_fleet(&numbers, states))),
                Step::Press(keys) => {
                    console.keys(keys);
                    let Some(Overlay::Review(review)) = &console.model.overlay else { continue };
                    let Aim::Instances(ids) = &review.intent.aim else { panic!("{:?}", review.intent) };
                    let ids = ids.clone();
                    for id in &ids {
                        prop_assert!(looked.contains(&RowId::Instance(id.clone())), "{id} was not looked at");
                    }
                    // Whatever the list does meanwhile: only what was shown is started.
                    console.fleet(some_fleet(&(0..20).collect(), 7));
                    console.breathe();
                    let effects = console.keys("tab enter");
                    if let Some((draft, _)) = approved(&effects) {
                        for step in &draft.plan.steps {
                            prop_assert!(ids.contains(&step.target.id));
                            prop_assert_eq!(step.change.server(), Some(&step.target.id));
                        }
                    }
                    console.model.overlay = None;
                    looked = looked_at(&console);
                }
            }
        }
    }
}

#[test]
fn a_service_that_is_not_surely_known_is_not_changed() {
    let mut console = showing(&["web-1"]);
    let mut provisional = fleet(&["web-1"]);
    provisional.services[0].standing = stackdeck::fleet::service::Standing::Provisional(vec!["load-balancer".into()]);
    console.fleet(provisional.clone());
    console.keys("1 r");
    assert!(closed(&console) && console.notice().contains("is provisional"), "{}", console.notice());
    console.text(":restart web");
    console.keys("enter");
    assert!(shown(&console).contains("web is provisional"), "{}", shown(&console));
    console.breathe();
    assert!(approved(&console.keys("tab enter")).is_none());
    // As it was told, with what is concluded of it, and for the next to be compared with.
    assert_eq!(Arc::strong_count(&console.model.fleet), 3);
}

#[test]
fn a_token_that_ends_before_the_plan_is_told_with_numbers() {
    let mut console = showing(&["web-1", "web-2", "db-1"]);
    let effects = console.keys("1 j r");
    assert!(matches!(effects[..], [Effect::TellCredentials]), "{effects:?}");
    console.breathe();
    assert!(!shown(&console).contains("token"), "nothing is said before it is known");
    let ends = |seconds: u64| Credentials::Token(Some(console.now + std::time::Duration::from_secs(seconds)));
    let (short, enough) = (ends(30), ends(3600));
    console.send(Msg::Credentials(short));
    assert!(
        shown(&console).contains("your token, which ends in 30 s, and this usually takes 40 s"),
        "{}",
        shown(&console)
    );
    console.send(Msg::Credentials(enough));
    assert!(shown(&console).contains("lasts another 60m"), "{}", shown(&console));
    assert_eq!(review(&console).focus, Focus::Cancel);
    assert!(approved(&console.keys("tab enter")).is_some(), "it warns, and holds nothing up");
    console.keys("r");
    assert!(!shown(&console).contains("token"), "it is asked anew for each plan");
    console.send(Msg::Credentials(Credentials::Lasting));
    assert!(!shown(&console).contains("token"), "{}", shown(&console));
}

#[test]
fn a_locks_reason_is_edited_in_its_review() {
    let mut console = showing(&["web-1", "db-1"]);
    open(&mut console, "2 space space L");
    let reason = |draft: &Draft| {
        let reasons = draft.plan.steps.iter().map(|step| match &step.change {
            Change::Lock { reason, .. } => reason.clone(),
            other => panic!("{other:?}"),
        });
        let reasons: BTreeSet<_> = reasons.chain([draft.plan.intent.reason.clone()]).collect();
        assert_eq!(reasons.len(), 1, "the plan says one thing");
        reasons.into_iter().next().unwrap()
    };
    assert_eq!(reason(&review(&console).draft).as_deref(), Some("locked by anna with Stackdeck"));
    console.keys("backtab backtab");
    assert_eq!(review(&console).focus, Focus::Reason);
    console.keys("ctrl-u");
    console.text("disk swap, ");
    console.send(Msg::Paste("CHG-7\n".into()));
    assert_eq!(review(&console).focus, Focus::Reason, "typing it is no news to whoever types");
    console.fleet(fleet(&["web-1", "db-1"]));
    assert_eq!(review(&console).focus, Focus::Reason, "and stays when the plan is made anew");
    assert!(review(&console).shell_line().contains("--reason 'disk swap, CHG-7'"), "{}", review(&console).shell_line());
    let effects = console.keys("enter enter tab enter");
    assert_eq!(reason(approved(&effects).unwrap().0).as_deref(), Some("disk swap, CHG-7"));

    open(&mut console, "L");
    console.keys("backtab backtab ctrl-u");
    assert_eq!(reason(&review(&console).draft), None, "none is a reason too");
    console.text(&"x".repeat(256));
    assert!(approved(&console.keys("enter enter tab enter")).is_none());
    assert!(console.notice().contains("at most 255 characters"), "{}", console.notice());
    assert_eq!(review(&console).focus, Focus::Reason);
    console.keys("backspace");
    assert!(approved(&console.keys("enter enter tab enter")).is_some());
    open(&mut console, "r");
    assert!(!review(&console).foci().contains(&Focus::Reason), "other verbs leave none");
}

#[test]
fn a_worker_that_ends_with_the_login_wants_that_agreed_to() {
    let told = |dies| Msg::Outlives { told: Cell::plain("The worker dies with this login: logind kills it"), dies };
    let mut console = showing(&["web-1"]);
    open(&mut console, "2 r");
    console.send(told(true));
    let bars = |console: &Console| {
        let Some(Over::Review(seen)) = overlay(&console.model) else { panic!("no review") };
        seen.buttons.iter().map(|button| (button.title, button.barred)).collect::<Vec<_>>()
    };
    assert_eq!(bars(&console)[0], ("Let it end with the login", false));
    assert_eq!(bars(&console)[2], ("Start", true));
    assert!(approved(&console.keys("tab enter")).is_none());
    assert!(console.notice().contains("may end with this login"), "{}", console.notice());
    assert_eq!(review(&console).focus, Focus::Dies, "what lacks takes the keys");
    console.keys("enter");
    assert_eq!(bars(&console)[0].0, "It may end with the login");
    assert!(review(&console).shell_line().contains("--dies-with-session"), "{}", review(&console).shell_line());
    console.keys("enter");
    assert_eq!(bars(&console)[2], ("Start", true), "it can be taken back");
    console.keys("enter");
    assert!(approved(&console.keys("tab tab enter")).is_some());

    let mut console = showing(&["web-1"]);
    console.send(told(false));
    open(&mut console, "2 r");
    assert!(approved(&console.keys("tab enter")).is_some(), "where it lives on, nothing is asked");
}
