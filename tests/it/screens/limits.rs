//! What no frame may do: panic, cost more than its bytes, move without cause, show a character that is not ASCII.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::{Model, layout, next_wake};
use stackdeck::console::view::theme::{ColourDepth, fallback};

use crate::support::console::update;

use super::console::{frame, normal, now, press, sign_in, started, tell_fleet};
use super::fleet::{fleet, large};
use super::states::{self, OVERLAYS, TABS};

/// What a terminal is sent to turn one frame into the next, by ratatui's own backend; ours sends less.
fn bytes(before: &Buffer, after: &Buffer) -> usize {
    let mut out = Vec::new();
    CrosstermBackend::new(&mut out).draw(before.diff(after).into_iter()).unwrap();
    out.len()
}

/// The rows in which two frames differ.
fn changed_rows(before: &Buffer, after: &Buffer) -> Vec<u16> {
    let mut rows: Vec<u16> = before.diff(after).into_iter().map(|(_, y, _)| y).collect();
    rows.dedup();
    rows
}

fn of_many(count: usize) -> Model {
    let mut model = started();
    sign_in(&mut model);
    tell_fleet(&mut model, large(count), now());
    press(&mut model, "2");
    model
}

#[test]
fn bytes_stay_within_their_budget_at_120x40() {
    let theme = fallback(ColourDepth::True);
    let size = (120, 40);
    let mut model = of_many(500);
    let first = frame(&mut model, size, &theme);
    let paint = bytes(&Buffer::empty(first.area), &first);
    assert!(paint <= 11_000, "first paint {paint}");

    press(&mut model, "j");
    let next = frame(&mut model, size, &theme);
    let step = bytes(&first, &next);
    assert!(step <= 600, "cursor step {step}");

    let mut fleet = large(500);
    for member in fleet.members.iter_mut().step_by(20) {
        let instance = Arc::make_mut(&mut member.instance);
        instance.status = "REBOOT".into();
        instance.task_state = Some("rebooting".to_owned());
    }
    tell_fleet(&mut model, fleet, now());
    let after = frame(&mut model, size, &theme);
    assert!(!changed_rows(&next, &after).is_empty());
    let refresh = bytes(&next, &after);
    assert!(refresh <= 1_500, "refresh {refresh}");
}

#[test]
fn a_step_of_the_cursor_changes_its_two_rows_and_the_position() {
    let theme = fallback(ColourDepth::True);
    let mut model = of_many(500);
    let before = frame(&mut model, (120, 40), &theme);
    press(&mut model, "j");
    let after = frame(&mut model, (120, 40), &theme);
    assert_eq!(changed_rows(&before, &after), [4, 5, 38]);
}

#[test]
fn the_same_model_draws_the_same_frame_and_an_unchanged_refresh_moves_nothing() {
    let theme = fallback(ColourDepth::True);
    let mut model = normal();
    let before = frame(&mut model, (120, 40), &theme);
    tell_fleet(&mut model, fleet(), now());
    assert_eq!(changed_rows(&before, &frame(&mut model, (120, 40), &theme)), Vec::<u16>::new());
}

#[test]
fn a_frame_costs_the_same_however_many_instances_there_are() {
    let theme = fallback(ColourDepth::None);
    let few = frame(&mut of_many(100), (120, 40), &theme);
    let many = frame(&mut of_many(5_000), (120, 40), &theme);
    // The same rows are on the screen; only counts and the scroll bar differ.
    let rows = changed_rows(&few, &many);
    assert!(rows.contains(&1), "the count of instances is told");
    let body = |frame: &Buffer, y: u16| (0..118).map(|x| frame[(x, y)].symbol().to_owned()).collect::<String>();
    for y in 4..37 {
        assert_eq!(body(&few, y), body(&many, y));
    }
}

#[test]
fn ascii_mode_has_no_other_character_on_any_screen() {
    let theme = fallback(ColourDepth::True).ascii(true);
    let mut models: Vec<Model> = OVERLAYS.iter().map(|(_, make)| make()).collect();
    models.extend([normal(), of_many(200)]);
    for tab in TABS {
        let mut model = normal();
        states::instance(&mut model, tab);
        models.push(model);
    }
    for model in &mut models {
        for size in [(80, 24), (200, 50), (40, 10)] {
            let frame = frame(model, size, &theme);
            let odd: Vec<&str> = frame.content.iter().map(Cell::symbol).filter(|text| !text.is_ascii()).collect();
            assert_eq!(odd, Vec::<&str>::new());
        }
    }
}

/// Names as nobody should give them.
const HOSTILE: [&str; 8] = [
    "\u{1b}]0;owned\u{7}\u{1b}[2J",
    "\u{202e}desrever",
    "世界世界世界世界世界世界世界",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{200b}\u{feff}\u{200d}",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
    "",
    "\n\r\t",
];

fn hostile() -> Model {
    let mut fleet = fleet();
    for (at, member) in fleet.members.iter_mut().enumerate() {
        let instance = Arc::make_mut(&mut member.instance);
        let name = HOSTILE[at % HOSTILE.len()];
        instance.name = name.repeat(1 + at % 40);
        instance.task_state = Some(name.to_owned());
        let long = name.repeat(20);
        instance.metadata = instance.metadata.iter().chain([(name, long.as_str())]).collect();
        member.version.version = Some(name.into());
        for finding in &mut member.findings {
            finding.evidence = name.repeat(30);
        }
    }
    let mut model = started();
    sign_in(&mut model);
    tell_fleet(&mut model, fleet, now());
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_size_no_selection_and_no_name_makes_drawing_panic(
        width in 1u16..250,
        height in 1u16..80,
        keys in prop::collection::vec(prop::sample::select(vec![
            "j", "k", "G", "1", "2", "3", "4", "5", "r", "x", "p", "<enter>", "<tab>", "<esc>", "?", ":", "/", "!", "w", "c", "d", "e", "l",
            "y", "<space>", "O", "H", "ins", "pay",
        ]), 0..14),
        colour in any::<bool>(),
    ) {
        let theme = fallback(if colour { ColourDepth::True } else { ColourDepth::None });
        let mut model = hostile();
        for key in keys {
            press(&mut model, key);
            let frame = frame(&mut model, (width, height), &theme);
            for cell in &frame.content {
                prop_assert!(!cell.symbol().chars().any(char::is_control), "{:?}", cell.symbol());
            }
        }
    }
}

#[test]
fn a_step_in_the_services_stays_within_its_budget_and_the_strip_follows_at_rest() {
    let theme = fallback(ColourDepth::True);
    let mut model = normal();
    let mut before = frame(&mut model, (120, 40), &theme);
    for _ in 0..8 {
        press(&mut model, "j");
        let after = frame(&mut model, (120, 40), &theme);
        let step = bytes(&before, &after);
        assert!(step <= 900, "step {step}, by a backend that sends more than ours");
        before = after;
    }
    let rest = next_wake(&model, model.now).unwrap();
    assert_eq!(rest, Duration::from_millis(150));
    let (later, drawn) = (model.now + rest, model.generation());
    update(&mut model, Msg::Tick, later);
    assert_ne!(model.generation(), drawn);
    let rested = frame(&mut model, (120, 40), &theme);
    let window = layout::window(model.size, &model.pane());
    let changed = changed_rows(&before, &rested);
    assert!(!changed.is_empty());
    assert!(changed.iter().all(|row| usize::from(*row) > window), "only the strip: {changed:?}");
}
