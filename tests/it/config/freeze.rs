//! `[[operations.freeze]]`: what can be written, and what is said of mistakes.

use std::collections::BTreeSet;

use stackdeck::config::{self, Settings};
use stackdeck::operation::freeze::{End, Freeze, Window};
use stackdeck::operation::{Reboot, Verb};

use super::read;

/// Whether the first freeze of that text holds then, and until when.
fn end(text: &str, now: &str) -> Option<String> {
    let (loaded, told) = read(&format!("[[operations.freeze]]\n{text}\n"));
    assert_eq!(told, [""; 0], "{text}");
    match loaded.settings.operations.freezes[0].window.end(now.parse().unwrap())? {
        End::At(end) => Some(end.strftime("%a %d %H:%M %Z").to_string()),
        End::Never => Some("never".to_owned()),
    }
}

#[test]
fn each_way_to_say_when_is_understood() {
    let now = "2026-11-28T12:00:00Z";
    for (text, expected) in [
        ("from = \"10:00\"\nto = \"13:00\"", Some("Sat 28 13:00 UTC")),
        ("from = 10:00:00\nto = 13:00:00", Some("Sat 28 13:00 UTC")),
        ("from = \"13:00\"\nto = \"13:00\"\ndays = [\"fri\"]", Some("Sat 28 13:00 UTC")),
        ("from = \"10:00\"\nto = \"24:00\"\ndays = [\"Sat\"]", Some("Sun 29 00:00 UTC")),
        ("from = \"10:00\"\nto = \"24:00\"\ndays = [\"sun\"]", None),
        ("days = [\"sat\", \"sun\"]\nzone = \"Europe/Berlin\"", Some("Mon 30 00:00 CET")),
        ("from = \"fri 20:00\"\nto = \"mon 07:00\"\nzone = \"Europe/Berlin\"", Some("Mon 30 07:00 CET")),
        ("from = \"sat 00:00\"\nto = \"sun 24:00\"", Some("Mon 30 00:00 UTC")),
        ("from = \"sat 13:00\"\nto = \"sat 13:00\"", Some("never")),
        ("from = \"2026-11-28\"\nto = \"2026-11-29\"\nzone = \"Asia/Kolkata\"", Some("Sun 29 00:00 IST")),
        ("from = 2026-11-28\nto = 2026-11-28T18:00:00", Some("Sat 28 18:00 UTC")),
        ("from = \"2026-11-28T13:00:00+01:00\"\nto = \"2026-11-28T20:00\"", Some("Sat 28 20:00 UTC")),
        ("from = \"2026-11-28T13:00:01+01:00\"\nto = \"2026-11-28T20:00\"", None),
    ] {
        assert_eq!(end(text, now).as_deref(), expected, "{text}");
    }
}

#[test]
fn what_is_left_out_is_what_the_shipped_file_says() {
    let (loaded, _) = read(
        "[[operations.freeze]]\ndays = [\"sat\"]\npass = [\"restart\", \"scale\"]\nclouds = [\"a\"]\n[[operations.freeze]]\ndays = [\"sat\"]\n",
    );
    let freezes = &loaded.settings.operations.freezes;
    let pass = [Verb::Restart(Reboot::Soft), Verb::Restart(Reboot::Hard), Verb::Scale];
    assert_eq!((&freezes[0].pass, freezes[0].clouds.as_slice()), (&pass.into(), &["a".to_owned()][..]));
    assert_eq!((freezes[1].name.as_str(), &freezes[1].clouds), ("2", &Vec::new()));
    assert!(loaded.settings.origins.contains_key("operations.freeze"));
    let said = config::DEFAULT.lines().find(|line| line.contains("as it is without")).unwrap();
    let said: BTreeSet<&str> = said.split('"').skip(1).step_by(2).collect();
    assert_eq!(said, Freeze::PASS.map(Verb::word).into());
    assert_eq!(Settings::default().operations.freezes, []);
}

#[test]
fn mistakes_name_file_line_field_and_the_nearest_right_answer() {
    let text = "[[operations.freeze]]\nname = \"n\"\nform = \"18:00\"\nto = \"7\"\n\
         [[operations.freeze]]\ndays = [\"mon\", \"tuesday\"]\nzone = \"Europe/Berln\"\n\
         [[operations.freeze]]\nfrom = \"18:00\"\n\
         [[operations.freeze]]\nfrom = \"fri 18:00\"\nto = \"mon 7\"\n\
         [[operations.freeze]]\nfrom = \"2026-12-24\"\nto = \"2026-12-18\"\n\
         [[operations.freeze]]\nfrom = \"2026-12-24\"\nto = \"18:00\"\n\
         [[operations.freeze]]\ndays = [\"mon\"]\npass = [\"restart\", \"drian\"]\nclouds = \"prod\"\nreason = 1\n\
         [[operations.freeze]]\nfrom = \"fri 18:00\"\nto = \"mon 07:00\"\ndays = [\"mon\"]\n";
    let (loaded, told) = read(text);
    let always = "(until it is right this freeze always holds)";
    let wants = "wants a time such as \"18:00\", \"fri 18:00\", \"2026-12-18\" or \"2026-12-18T18:00\"";
    let verbs = "restart, stop, start, lock, unlock, drain, put-back, quarantine, rebuild, rollout, rollback, scale, remove, replace";
    assert_eq!(
        told,
        [
            format!("config.toml:3: freeze 1: `form` is not an option; did you mean `from`? {always}"),
            format!("config.toml:6: freeze 2: `days` wants one of mon, tue, wed, thu, fri, sat, sun, not `tuesday` {always}"),
            format!("config.toml:7: freeze 2: `zone` wants a time zone such as \"Europe/Berlin\" or \"UTC\", not `Europe/Berln`; did you mean `Europe/Berlin`? {always}"),
            format!("config.toml:8: freeze 3: `to` is missing: it {wants} {always}"),
            format!("config.toml:10: freeze 4: `to` {wants}, not `mon 7` {always}"),
            format!("config.toml:13: freeze 5: `to` is not after `from`: 2026-12-24 to 2026-12-18 {always}"),
            format!("config.toml:16: freeze 6: `from` and `to` want times of one kind, not `2026-12-24` and `18:00` {always}"),
            format!("config.toml:21: freeze 7: `pass` wants one of {verbs}, not `drian`; did you mean `drain`? (what cannot be read does not pass)"),
            "config.toml:22: freeze 7: `clouds` wants a list such as [\"a\", \"b\"], not a text (it holds in all clouds)".to_owned(),
            "config.toml:23: freeze 7: `reason` wants a text in quotes, not a number (the freeze holds all the same)".to_owned(),
            format!("config.toml:24: freeze 8: `days` goes with times such as \"18:00\", not with `fri 18:00` and `mon 07:00` {always}"),
        ]
    );
    let freezes = &loaded.settings.operations.freezes;
    assert_eq!(freezes.iter().filter(|one| matches!(one.window, Window::Unread { .. })).count(), 7);
    assert_eq!(freezes[6].pass, [Verb::Restart(Reboot::Soft), Verb::Restart(Reboot::Hard)].into());
}

#[test]
fn what_is_no_freeze_where_one_is_wanted_always_holds() {
    for text in
        ["[operations]\nfreeze = true\n", "[operations]\nfreeze = [1]\n", "[operations.freeze]\ndays = [\"mon\"]\n"]
    {
        let (loaded, told) = read(text);
        let wants =
            "`operations.freeze` wants tables: [[operations.freeze]] (until it is right this freeze always holds)";
        assert!(told.len() == 1 && told[0].ends_with(wants), "{told:?}");
        let [one] = &loaded.settings.operations.freezes[..] else { panic!("{text}") };
        assert!(matches!(one.window, Window::Unread { .. }), "{text}");
    }
}
