//! Whoever consents has seen what for, and no letter that is meant for something else changes that.

use stackdeck::base::clock::Timestamp;
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::review::Focus;
use stackdeck::console::app::screen;
use stackdeck::console::app::screen::overlay::{Over, overlay};
use stackdeck::console::app::screen::review::ReviewBox;
use stackdeck::fleet::instance::Status;
use stackdeck::operation::freeze::{Freeze, Window};
use stackdeck::operation::{Reboot, Verb};

use super::changes::{approved, closed, guarded, open, review, showing, shown, targets};
use super::console::{Console, fleet, fleet_of, instance};

fn resize(console: &mut Console, width: u16, height: u16) {
    console.send(Msg::Resize { width, height });
}

fn seen(console: &Console) -> ReviewBox<'_> {
    let Some(Over::Review(seen)) = overlay(&console.model) else { panic!("no review") };
    seen
}

#[test]
fn where_nothing_can_be_seen_no_key_agrees_to_anything() {
    for keys in ["right enter", "tab enter", "t", "j right enter enter"] {
        let mut console = showing(&["web-1"]);
        open(&mut console, "2 space r");
        resize(&mut console, 40, 10);
        console.wait(1);
        assert!(approved(&console.keys(keys)).is_none(), "{keys}");
        resize(&mut console, 80, 24);
        assert_eq!(review(&console).focus, Focus::Cancel, "{keys}: it is as it was left");
        assert_eq!(review(&console).intent.verb, Verb::Restart(Reboot::Soft), "{keys}");
        assert!(approved(&console.keys("right enter")).is_some(), "{keys}: seen again, it can be agreed to");
    }
}

#[test]
fn a_freeze_speaks_against_it_until_it_is_over() {
    let mut console = showing(&["web-1"]);
    let to = console.now.checked_add(std::time::Duration::from_mins(10)).unwrap();
    console.model.start.freezes = vec![Freeze {
        name: "nights".into(),
        reason: "nobody is there".into(),
        window: Window::Once { from: Timestamp::MIN, to, zone: jiff::tz::TimeZone::UTC },
        pass: Freeze::PASS.into(),
        clouds: vec!["prod".into()],
    }];
    console.text(":stop web-1");
    open(&mut console, "enter");
    assert!(shown(&console).contains("the freeze nights holds until"), "{}", shown(&console));
    assert!(approved(&console.keys("tab tab enter")).is_none());
    console.keys("esc");
    console.text(":restart web-1");
    open(&mut console, "enter");
    assert!(!shown(&console).contains("freeze"), "{}", shown(&console));
    console.keys("esc");
    console.wait(601);
    console.text(":stop web-1");
    open(&mut console, "enter");
    assert!(!shown(&console).contains("freeze"), "{}", shown(&console));
}

#[test]
fn where_nothing_can_be_seen_one_can_only_leave_and_draw_anew() {
    let mut console = showing(&["web-1", "web-2"]);
    console.keys("2");
    resize(&mut console, 59, 24);
    console.keys("j space r");
    console.text(":restart web-1");
    console.keys("enter");
    console.send(Msg::Paste("web".into()));
    assert!(matches!(console.keys("ctrl-l")[..], [Effect::Redraw]));
    assert!(matches!(console.keys("ctrl-c ctrl-c")[..], [Effect::Quit]));
    resize(&mut console, 80, 24);
    assert!(closed(&console) && console.marked().is_empty());
    assert_eq!(console.cursor().as_deref(), Some("web-1"));
}

#[test]
fn letters_are_for_the_name_as_long_as_it_is_wanted() {
    let mut console = guarded(true, false, false);
    console.fleet(fleet(&["twy-1", "twy-2"]));
    console.wait(1);
    open(&mut console, "2 r");
    let hinted = |console: &Console, title| screen::hints(&console.model).iter().any(|hint| hint.title == title);
    assert_eq!((review(&console).focus, hinted(&console, "other way")), (Focus::Cancel, false));
    assert!(console.text("twy").is_empty(), "nothing is copied");
    assert_eq!(review(&console).intent.verb, Verb::Restart(Reboot::Soft));
    assert_eq!((review(&console).typed.text(), review(&console).focus), ("twy", Focus::Typed));
    // Once it is there, letters on a button mean what they mean elsewhere.
    console.keys("tab tab");
    assert!(hinted(&console, "other way"));
    console.keys("t");
    assert_eq!(review(&console).intent.verb, Verb::Restart(Reboot::Hard));
    console.breathe();
    assert_eq!(targets(approved(&console.keys("right enter")).unwrap().0), ["twy-1"]);

    open(&mut console, "r");
    assert!(closed_by_enter(&mut console), "enter still means cancel");
}

fn closed_by_enter(console: &mut Console) -> bool {
    approved(&console.keys("enter")).is_none() && closed(console)
}

#[test]
fn what_speaks_against_a_plan_stands_above_its_targets() {
    let mut console = showing(&[]);
    let stopped = |number: usize| {
        let mut one = instance(&format!("web-{number:02}"));
        if number >= 50 {
            one.status = Status::Shutoff;
        }
        one
    };
    console.fleet(fleet_of((0..60).map(stopped).collect()));
    console.wait(1);
    resize(&mut console, 80, 24);
    open(&mut console, "2 * r");
    let first = shown(&console);
    let counted = "10 of 60 targets are refused, so nothing is started. w leaves them out.";
    assert!(first.starts_with(counted), "{first}");
    assert!(first.contains("web-50 is SHUTOFF"), "{first}");
    console.keys("G");
    assert!(shown(&console).contains("web-49"), "{}", shown(&console));
    console.keys("w");
    console.breathe();
    assert!(shown(&console).starts_with("One after another"), "{}", shown(&console));
    assert_eq!(targets(approved(&console.keys("right enter")).unwrap().0).len(), 50);
}

#[test]
fn ten_thousand_marks_are_reviewed_line_by_line() {
    let names: Vec<String> = (0..10_000).map(|number| format!("web-{number}")).collect();
    let mut console = showing(&names.iter().map(String::as_str).collect::<Vec<_>>());
    console.keys("2 *");
    assert_eq!(console.model.table().unwrap().marks().len(), 10_000);
    console.keys("j");
    assert!(screen::hints(&console.model).iter().any(|hint| hint.title == "restart"));
    console.text("/web-9");
    console.keys("enter");
    assert_eq!(console.model.table().unwrap().hidden_marks(), 10_000 - 1_111);
    console.keys("esc");
    assert_eq!(console.model.table().unwrap().hidden_marks(), 0);
    open(&mut console, "r");
    assert_eq!(review(&console).draft.plan.steps.len(), 10_000);
    for (keys, expected) in [("j", "web-1 "), ("G", "web-9999"), ("k", "web-9998")] {
        console.keys(keys);
        let seen = seen(&console);
        assert!(seen.total > 10_000 && seen.lines.len() <= 36, "{keys}: {} of {}", seen.lines.len(), seen.total);
        assert!(shown(&console).contains(expected), "{keys}: {}", shown(&console));
    }
}
