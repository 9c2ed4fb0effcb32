//! What is kept from one frame to the next: no key leaves an old row on the screen.

use proptest::prelude::*;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::screen::{self, Panel, Row};

use super::console::{Console, fleet, instance};

const NAMES: [&str; 6] = ["web-1", "web-2", "web-3", "db-1", "db-2", "shop-1"];

const KEYS: &[&str] = &[
    "j", "k", "g g", "G", "pgdn", "ctrl-u", "1", "2", "3", "enter", "esc", "space", "S", "R", "H", "o", "h", "v", "w",
    "tab", "backtab", "x", "C", "K", "J", "D", "*", "/ w", "ctrl-c",
];

fn rows(console: &Console) -> Vec<Row> {
    match screen::panel(&console.model) {
        Panel::Table(panel) => panel.rows,
        _ => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// A tick of no time forgets what was kept: what is drawn then is what the model says.
    #[test]
    fn what_is_drawn_after_any_keys_is_what_the_model_says(steps in proptest::collection::vec(0..KEYS.len() + 1, 1..40)) {
        let mut console = Console::showing(&NAMES);
        console.keys("2");
        for step in steps {
            match KEYS.get(step) {
                Some(keys) => {
                    console.keys(keys);
                }
                None => {
                    let mut changed = instance(NAMES[0]);
                    changed.task_state = Some("rebooting".into());
                    let mut fleet = fleet(&NAMES);
                    for member in &mut fleet.members {
                        if member.instance.name == NAMES[0] {
                            member.instance = changed.clone().into();
                        }
                    }
                    console.fleet(fleet);
                }
            }
            let kept = rows(&console);
            console.send(Msg::Tick);
            prop_assert_eq!(kept, rows(&console));
        }
    }
}

#[test]
fn a_step_of_the_cursor_draws_the_rows_that_it_drew_before() {
    let mut console = Console::showing(&NAMES);
    console.keys("2");
    let before = rows(&console);
    console.keys("j");
    let after = rows(&console);
    let same = |(one, other): (&Row, &Row)| std::ptr::eq(&raw const *one.cells, &raw const *other.cells);
    assert!(before.iter().zip(&after).all(same), "no cell was made anew");
    console.now += std::time::Duration::from_secs(1);
    console.keys("j");
    assert!(!before.iter().zip(&rows(&console)).any(same), "a second later ages may read otherwise");
}
