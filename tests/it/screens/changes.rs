//! Reviews and operations as they stand on the screen.

use std::sync::Arc;
use std::time::Duration;

use stackdeck::base::id::InstanceId;
use stackdeck::console::app::Model;
use stackdeck::console::app::cell::{Cell, Glyph, Tone};
use stackdeck::console::app::followed::Followed;
use stackdeck::console::app::layout::SMALLEST;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::view::theme::{ColourDepth, fallback};
use stackdeck::fleet::instance::{Lock, Status};
use stackdeck::fleet::release::Release;
use stackdeck::operation::{Aim, Credentials, Guard, Intent, Limits, Plan, Reboot, Verb, draft};

use crate::support::console::update;

use super::console::{frame, normal, now, press, sign_in, started, tell_fleet};
use super::fleet::{fleet, id, place};
use super::frames::{SIZES, keep, looks, section, text};
use super::states::{self, Scene};
use crate::support::operations::every_state;

fn plan() -> Plan {
    let ids: Vec<InstanceId> = vec![id("payments", 1), id("payments", 2)];
    let intent = Intent { undrained: true, ..Intent::new(Verb::Restart(Reboot::Soft), Aim::Instances(ids)) };
    let project = "8f1c44d0b0a74c7c9d1f6f3f0f0a5a11".into();
    draft(&intent, &fleet(), &place(), &project, &Guard::default(), Limits::default()).plan
}

fn tell(model: &mut Model, operations: Vec<Followed>) {
    let now = model.now;
    update(model, Msg::Operations(operations.into_iter().map(Arc::new).collect()), now);
}

/// All states, each of an operation of its own, the newest first.
fn all_states() -> Vec<Followed> {
    let count = every_state(&plan(), now()).len();
    let approved = |at: usize| now() - Duration::from_secs(70 + 3600 * at as u64);
    (0..count).map(|at| every_state(&plan(), approved(at)).swap_remove(at).1).collect()
}

pub(super) fn operation(name: &str) -> Model {
    let mut model = normal();
    let all = every_state(&plan(), now() - Duration::from_secs(70));
    tell(&mut model, all.into_iter().filter(|(other, _)| *other == name).map(|(_, followed)| followed).collect());
    press(&mut model, "3 <enter>");
    model
}

/// Of a rollout that brings all of payments to a version that some of it runs.
fn rolling() -> Model {
    let mut model = normal();
    let release = Release {
        image: "image-payments-1.5.0".into(),
        name: "payments-1.5.0".to_owned(),
        version: Some("1.5.0".to_owned()),
        status: "active".to_owned(),
        min_disk_gib: 0,
        min_ram_mib: 0,
        created: None,
    };
    let ids = vec![id("payments", 1), id("payments", 2)];
    let (undrained, release) = (true, Some(release));
    let intent = Intent { undrained, release, ..Intent::new(Verb::RollOut, Aim::Instances(ids)) };
    let plan = draft(&intent, &model.fleet, &place(), &"p".into(), &Guard::default(), Limits::default()).plan;
    let all = every_state(&plan, now() - Duration::from_secs(70));
    tell(&mut model, all.into_iter().filter(|(name, _)| *name == "running").map(|(_, followed)| followed).collect());
    press(&mut model, "3 <enter>");
    model
}

/// A fleet in which one of the payments is locked and one is down.
fn troubled() -> Model {
    let mut fleet = fleet();
    for (number, change) in [(3, true), (4, false)] {
        let id = id("payments", number);
        let member = fleet.members.iter_mut().find(|member| member.instance.id == id).unwrap();
        let instance = Arc::make_mut(&mut member.instance);
        if change {
            instance.locked = Some(Lock { locked: true, reason: Some("disk is being replaced".into()) });
        } else {
            instance.status = Status::Shutoff;
        }
    }
    let mut model = started();
    sign_in(&mut model);
    tell_fleet(&mut model, fleet, now());
    model
}

const REVIEWS: [Scene; 6] = [
    ("two instances", || {
        let mut model = normal();
        states::service(&mut model, "payments");
        press(&mut model, "<space> <space> r");
        model
    }),
    ("a service, with what speaks against it", || {
        let mut model = troubled();
        model.start.clouds.iter_mut().for_each(|cloud| cloud.protected = true);
        states::service(&mut model, "payments");
        press(&mut model, "*r");
        model
    }),
    ("a whole service to be stopped", || {
        let mut model = normal();
        press(&mut model, "jjjjjjjx");
        let now = model.now;
        let text = "The worker dies with this login: logind kills what a session leaves";
        let told = Cell::new(text, Tone::Warn).sign(Glyph::Warning);
        update(&mut model, Msg::Outlives { told, dies: true }, now);
        model
    }),
    ("all instances", || {
        let mut model = normal();
        press(&mut model, "2*r");
        model
    }),
    ("a lock, with a token that ends too early", || {
        let mut model = normal();
        states::service(&mut model, "payments");
        press(&mut model, "<space> <space> L");
        let now = model.now;
        let ends = Credentials::Token(Some(now + Duration::from_secs(1)));
        update(&mut model, Msg::Credentials(ends), now);
        let told = Cell::new("The worker dies with this login: logind kills it", Tone::Warn).sign(Glyph::Warning);
        update(&mut model, Msg::Outlives { told, dies: true }, now);
        model
    }),
    ("an abort", || {
        let mut model = operation("running");
        press(&mut model, "x");
        model
    }),
];

#[test]
fn reviews() {
    let theme = fallback(ColourDepth::None);
    for size in SIZES {
        let mut page = String::new();
        for (name, make) in REVIEWS {
            section(&mut page, name, &text(&frame(&mut make(), size, &theme)));
        }
        keep(&format!("review-{}x{}", size.0, size.1), &page);
    }
}

#[test]
fn on_the_smallest_screen_every_button_of_a_review_is_there() {
    let theme = fallback(ColourDepth::None);
    for (name, make) in REVIEWS {
        let screen = text(&frame(&mut make(), (SMALLEST.width, SMALLEST.height), &theme));
        let dies = make().dies && name != "an abort";
        let start = if name == "an abort" { ["[ Abort ]"; 2] } else { ["[ Start ]", "( Start )"] };
        let dies = dies.then_some(["[ Let it end with the login ]"; 2]);
        for either in [["❯ Cancel ❮"; 2], start].into_iter().chain(dies) {
            assert!(either.iter().any(|button| screen.contains(button)), "{name}: {either:?} is missing\n{screen}");
        }
    }
}

#[test]
fn operations_in_every_state() {
    let theme = fallback(ColourDepth::None);
    for size in SIZES {
        let mut page = String::new();
        let mut model = normal();
        press(&mut model, "3");
        section(&mut page, "loading", &text(&frame(&mut model, size, &theme)));
        tell(&mut model, Vec::new());
        section(&mut page, "none", &text(&frame(&mut model, size, &theme)));
        tell(&mut model, all_states());
        section(&mut page, "all", &text(&frame(&mut model, size, &theme)));
        keep(&format!("operations-{}x{}", size.0, size.1), &page);
        let mut page = String::new();
        for name in ["approved", "running", "paused: credentials", "interrupted", "failed", "done"] {
            section(&mut page, name, &text(&frame(&mut operation(name), size, &theme)));
        }
        section(&mut page, "rolling", &text(&frame(&mut rolling(), size, &theme)));
        keep(&format!("operation-{}x{}", size.0, size.1), &page);
    }
}

#[test]
fn the_looks_of_reviews_and_operations_with_and_without_colour() {
    for (name, theme) in [("colour", fallback(ColourDepth::True)), ("no-colour", fallback(ColourDepth::None))] {
        let mut page = String::new();
        section(&mut page, "review", &looks(&frame(&mut REVIEWS[1].1(), (80, 24), &theme)));
        let mut model = normal();
        press(&mut model, "3");
        tell(&mut model, all_states());
        section(&mut page, "operations", &looks(&frame(&mut model, (80, 24), &theme)));
        section(&mut page, "operation", &looks(&frame(&mut operation("failed"), (80, 24), &theme)));
        keep(&format!("looks-changes-{name}"), &page);
    }
}

#[test]
fn ascii_mode_has_no_other_character_on_these_either() {
    let theme = fallback(ColourDepth::True).ascii(true);
    let made = REVIEWS.iter().map(|(_, make)| make()).chain(["running", "failed"].map(operation)).chain([rolling()]);
    for mut model in made {
        for size in SIZES {
            let frame = frame(&mut model, size, &theme);
            let odd: Vec<&str> =
                frame.content.iter().map(ratatui::buffer::Cell::symbol).filter(|text| !text.is_ascii()).collect();
            assert_eq!(odd, Vec::<&str>::new());
        }
    }
}

#[test]
fn who_what_when_state_and_ticket_of_an_operation_have_room_at_80_columns() {
    let theme = fallback(ColourDepth::None);
    for width in [80, 100, 120, 200] {
        let mut model = normal();
        press(&mut model, "3");
        tell(&mut model, all_states());
        let screen = text(&frame(&mut model, (width, 24), &theme));
        for heading in ["WHEN▾", "WHAT", "STATE", "WHO", "TICKET"] {
            assert!(screen.contains(heading), "{width}: no {heading}\n{screen}");
        }
        assert!(screen.contains("14:30 ") && screen.contains("CHG-1042") && screen.contains("anna"), "{screen}");
        assert_eq!(screen.contains("TOOK"), width >= 120, "{width}\n{screen}");
    }
}
