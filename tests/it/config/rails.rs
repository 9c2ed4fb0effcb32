//! Guard rails: each cloud's own, else those for all; what cannot be read is at its strictest.

use std::path::PathBuf;

use stackdeck::operation::Rails;
use stackdeck::operation::ticket::Pattern;

use super::read;

#[test]
fn without_a_word_there_are_none() {
    let (loaded, _) = read("");
    assert_eq!(loaded.settings.rails("prod"), Rails::default());
    assert_eq!(loaded.settings.allowed_signers("prod"), None);
}

#[test]
fn a_clouds_own_come_before_those_for_all() {
    let (loaded, told) = read(
        "[operations]\nticket_pattern = \"CHG-[0-9]+\"\nsecond_approver_above = 25\nallowed_signers = \"/all\"\n\
         protected_services = [\"ledger\"]\nmost_at_once = 20\n\
         [clouds.test]\nticket_pattern = \"\"\nsecond_approver_above = 100\nallowed_signers = \"/test\"\n\
         protected_services = [\"*\"]\nmost_at_once = 0\n",
    );
    assert_eq!(told, [""; 0]);
    let settings = loaded.settings;
    let all = Rails {
        second_above: Some(25),
        signers: true,
        ticket: Some(Pattern::read("CHG-[0-9]+").unwrap()),
        protected: vec!["ledger".to_owned()],
        most: Some(20),
    };
    assert_eq!(settings.rails("prod"), all);
    let own = Rails { signers: true, protected: vec!["*".to_owned()], ..Rails::default() };
    assert_eq!(settings.rails("test"), own);
    let signers = ["prod", "test"].map(|cloud| settings.allowed_signers(cloud));
    assert_eq!(signers, ["/all", "/test"].map(|file| Some(PathBuf::from(file))));
    assert!(own.protects("ledger") && all.protects("ledger") && !all.protects("batch"));
}

#[test]
fn what_cannot_be_read_is_at_its_strictest_and_told() {
    let wrong = "ticket_pattern = \"CHG-(\"\nsecond_approver_above = \"25 %\"\nprotected_services = \"ledger\"\nmost_at_once = -1\n";
    let (loaded, told) = read(&format!("[operations]\n{wrong}[clouds.test]\n{wrong}allowed_signers = \"~/signers\"\n"));
    let (settings, expected) =
        (loaded.settings, ["(it counts as one that no ticket fits)", "as 0)", "as all of them)"]);
    assert_eq!(told.len(), 9, "{told:#?}");
    for hint in expected {
        assert_eq!(told.iter().filter(|line| line.ends_with(hint)).count(), 2, "{hint}: {told:#?}");
    }
    assert!(
        told[0].starts_with("config.toml:2: `operations.ticket_pattern` wants a regular expression"),
        "{}",
        told[0]
    );
    for cloud in ["prod", "test"] {
        let rails = settings.rails(cloud);
        assert_eq!((rails.second_above, rails.most, rails.protects("any")), (Some(0), Some(1), true), "{cloud}");
        assert_eq!(rails.ticket, Some(Pattern::unread()), "{cloud}");
    }
}
