//! What the first line keeps where there is little room.

use stackdeck::console::app::Model;
use stackdeck::console::view::theme::{ColourDepth, fallback};

use super::changes::operation;
use super::console::frame;
use super::frames::text;

fn first_line(model: &mut Model, size: (u16, u16)) -> String {
    let screen = text(&frame(model, size, &fallback(ColourDepth::None)));
    screen.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn alerts_and_what_is_under_way_stand_beside_a_badge_on_any_screen() {
    for name in ["running", "aborting", "paused: credentials", "interrupted", "approved"] {
        for width in [60, 66, 72, 80, 90, 100, 120, 200] {
            let mut model = operation(name);
            let line = first_line(&mut model, (width, 20));
            let progress = if name == "approved" { "0/2" } else { "1/2" };
            for part in ["prod-eu", "✖ 2 ▲ 3", progress, "PROTECTED", "14:32Z"] {
                assert!(line.contains(part), "{name} at {width}: no {part} in\n{line}");
            }
        }
    }
}

#[test]
fn the_words_of_what_is_under_way_are_as_many_as_there_is_room_for() {
    for (width, words) in
        [(60, " 1/2 "), (80, " 1/2 · aborting "), (200, "restart payments 1/2 · aborting, holding 5 s")]
    {
        let line = first_line(&mut operation("aborting"), (width, 20));
        assert!(line.contains(words), "{width}: {line}");
    }
}
