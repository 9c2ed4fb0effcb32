//! The first line: which clock it shows, and of which cloud it tells.

use std::time::Duration;

use stackdeck::base::clock::Pace;
use stackdeck::console::app::next_wake;
use stackdeck::console::app::screen;

use super::console::{Console, start_time};
use super::operations::{following, header, state};

#[test]
fn the_clock_is_the_one_that_records_are_told_by_and_goes_as_fast() {
    let mut console = Console::showing(&["web-1"]);
    let ahead = start_time() + Duration::from_secs(3 * 60 + 30);
    console.model.session.as_mut().unwrap().pace = Pace::scaled(start_time(), ahead, 20.0);
    let clock = |console: &Console| screen::header(&console.model).clock;
    assert_eq!(clock(&console), "14:35Z");
    // Half a minute there is a second and a half here.
    let wake = next_wake(&console.model, console.now).unwrap();
    assert!(wake <= Duration::from_millis(1500), "{wake:?}");
    let drawn = console.model.generation();
    console.now += Duration::from_millis(1500);
    console.send(stackdeck::console::app::msg::Msg::Tick);
    assert_eq!(clock(&console), "14:36Z");
    assert_ne!(console.model.generation(), drawn);
}

#[test]
fn an_operation_of_another_cloud_is_told_with_its_cloud_in_any_room() {
    let mut elsewhere = state("running");
    elsewhere.operation.plan.place.cloud = "rig".into();
    let console = following(&elsewhere);
    assert_eq!(header(&console), "rig: restart payments 1/2 · holding 5 s");
    let lines = screen::header(&console.model).under_way;
    assert!(lines.iter().all(|line| line.text.starts_with("rig")), "{lines:?}");
    let here = screen::header(&following(&state("running")).model).under_way;
    assert_eq!(here.last().map(|line| line.text.as_str()), Some("1/2"));
}
