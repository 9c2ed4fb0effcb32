//! Text from the cloud never drives the terminal, and always fits.

use std::borrow::Cow;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::base::text::{pad, sanitise, sanitise_lines, truncate, truncate_with, width};

/// Pieces that hostile and foreign names are made of.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[a-z0-9 -]{0,12}".prop_map(String::from),
        prop::sample::select(vec![
            "\u{1b}[31m",
            "\u{1b}]52;c;aGk=\u{7}",
            "\u{1b}]0;x\u{1b}\\",
            "\u{1b}P1$r\u{1b}\\",
            "\u{1b}",
            "\u{1b}[",
            "\u{9b}2J",
            "\u{9d}0;t\u{9c}",
            "\u{1b}(0",
            "\u{1b}c",
            "\u{202e}",
            "\u{2066}",
            "\u{2069}",
            "\u{200b}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{feff}",
            "\u{e0041}",
            "\u{2028}",
            "\u{85}",
            "\r\n",
            "\n",
            "\t",
            "\r",
            "\u{0}",
            "\u{7f}",
            "e\u{301}",
            "漢字",
            "👨\u{200d}👩",
            "a\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}",
            "🇩🇪",
            "\u{301}",
            "لا",
            "ก็",
            "\u{600}",
        ])
        .prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn is_safe(text: &str, lines: bool) -> bool {
    text.chars().all(|c| {
        (lines && c == '\n')
            || !(c.is_control()
                || ('\u{200b}'..='\u{200f}').contains(&c)
                || ('\u{2028}'..='\u{202e}').contains(&c)
                || ('\u{2060}'..='\u{206f}').contains(&c)
                || ('\u{fe00}'..='\u{fe0f}').contains(&c)
                || ('\u{e0000}'..='\u{e0fff}').contains(&c)
                || c == '\u{feff}')
    })
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_unsafe_is_left(text in hostile()) {
        prop_assert!(is_safe(&sanitise(&text), false), "{:?}", sanitise(&text));
        prop_assert!(is_safe(&sanitise_lines(&text), true), "{:?}", sanitise_lines(&text));
    }

    #[test]
    fn sanitising_twice_is_sanitising_once(text in hostile()) {
        let once = sanitise(&text).into_owned();
        prop_assert!(matches!(sanitise(&once), Cow::Borrowed(again) if again == once));
        let once = sanitise_lines(&text).into_owned();
        prop_assert!(matches!(sanitise_lines(&once), Cow::Borrowed(again) if again == once));
    }

    #[test]
    fn what_is_cut_fits_and_is_a_beginning(text in hostile(), cells in 0_usize..40) {
        let safe = sanitise(&text);
        let cut = truncate(&safe, cells);
        prop_assert!(width(&cut) <= cells, "{cut:?} is {} wide", width(&cut));
        prop_assert_eq!(truncate(&cut, cells), cut.clone());
        let kept = cut.strip_suffix('…').unwrap_or(&cut);
        prop_assert!(safe.starts_with(kept));
        prop_assert_eq!(width(&pad(&safe, cells)), cells);
    }

    #[test]
    fn plain_text_is_left_alone(text in "[ -~]{0,300}") {
        prop_assert!(matches!(sanitise(&text), Cow::Borrowed(same) if same == text));
    }
}

#[test]
fn escape_sequences_go_whole() {
    for (told, shown) in [
        ("\u{1b}[1;31mred\u{1b}[0m", "red"),
        ("a\u{1b}]52;c;aGVsbG8=\u{7}b", "ab"),
        ("a\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\b", "alinkb"),
        ("a\u{1b}P1;2|payload\u{1b}\\b", "ab"),
        ("a\u{1b}_apc\u{9c}b", "ab"),
        ("a\u{9b}31mb", "ab"),
        ("a\u{9d}0;title\u{7}b", "ab"),
        ("a\u{1b}(0b\u{1b}cc", "abc"),
        ("\u{1b}[?2004hx", "x"),
        // Nothing ends it: only the introducer goes, or a line could hide the rest.
        ("a\u{1b}]0;title", "a0;title"),
        ("a\u{1b}[31", "a"),
        ("a\u{1b}", "a"),
        ("a\u{1b}é", "aé"),
    ] {
        assert_eq!(sanitise(told), shown, "{told:?}");
    }
}

#[test]
fn what_hides_or_reorders_goes_and_what_is_legible_stays() {
    for (told, shown) in [
        ("pay\u{200b}ments", "payments"),
        ("evil\u{202e}txt.exe", "eviltxt.exe"),
        ("\u{2066}a\u{2069}\u{200f}", "a"),
        ("a\tb", "a       b"),
        ("a\nb\r\nc\u{2028}d\u{85}e", "a b  c d e"),
        ("漢字 naïve e\u{301} ок 👍", "漢字 naïve e\u{301} ок 👍"),
        ("👨\u{200d}👩", "👨👩"),
        ("z\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}", "z\u{300}\u{300}\u{300}\u{300}"),
        ("\u{301}x", "x"),
        ("\u{e0061}\u{e007f}x", "x"),
        ("\u{0}\u{8}x\u{7f}", "x"),
    ] {
        assert_eq!(sanitise(told), shown, "{told:?}");
    }
}

#[test]
fn lines_stay_lines() {
    assert_eq!(sanitise_lines("one\r\ntwo\u{1b}[K\n\u{1b}]0;open\nthree\u{2029}four"), "one\ntwo\n0;open\nthree\nfour");
    assert_eq!(sanitise_lines("ab\n\tx"), "ab\n        x");
    assert!(matches!(sanitise_lines("a\nb"), Cow::Borrowed(_)));
}

#[test]
fn long_and_wide_names_are_cut_between_characters() {
    assert_eq!(truncate(&"x".repeat(255), 10), "xxxxxxxxx…");
    assert_eq!(truncate("漢字漢字", 6), "漢字…");
    assert_eq!(truncate("漢字", 4), "漢字");
    assert_eq!(truncate("漢字", 1), "…");
    assert_eq!(truncate("abc", 0), "");
    assert_eq!(truncate("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    assert_eq!(truncate_with("abcdef", 4, "~"), "abc~");
    assert_eq!(pad("漢", 4), "漢  ");
    assert_eq!(width(&"名".repeat(255)), 510);
}
