//! No secret in a log or on a screen, however much is logged.

use stackdeck::sim::{Bend, Fault};

use super::pty::Options;
use super::world::Stage;

#[test]
fn no_password_and_no_token_is_logged_or_shown() {
    let stage = Stage::quiet();
    let password: String = std::iter::repeat_with(fastrand::alphanumeric).take(24).collect();
    stage.served.world(|world| {
        let user = world.identity.users.iter_mut().find(|user| user.name == "oncall").unwrap();
        user.password.clone_from(&password);
    });
    stage.home.clouds(&stage.served.clouds_yaml().replace("night-shift", &password));
    // What goes wrong is told at length: that must not tell too much.
    stage.served.fault(Fault::new("/identity/v3/auth/tokens", Bend::status(500)).times(1));
    stage.served.fault(Fault::new("/compute/v2.1/servers/detail", Bend::ExpireTokens).after(2).times(1));
    let mut terminal = stage
        .console(&Options { arguments: &["--log-level", "trace,hyper=trace,reqwest=trace"], ..Options::default() });
    terminal.send(":log\r");
    terminal.wait_for("lines in the log view", |seen| seen.text().contains("GET"));
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(std::time::Duration::from_secs(10)), Ok(0));
    let log = std::fs::read_to_string(stage.home.path().join(".local/state/stackdeck/stackdeck.log")).unwrap();
    assert!(log.contains("POST identity") && log.contains("GET compute"), "{log}");
    let screen = terminal.seen(super::pty::Seen::raw);
    for (what, text) in [("log", &log), ("screen", &screen)] {
        assert!(!text.contains(&password), "the password is in the {what}");
        // Every token of this cloud begins so.
        assert!(!text.contains("gAAAAA"), "a token is in the {what}");
    }
    let kept = stage.home.path().join(".cache/stackdeck/tokens");
    let known = std::fs::read_dir(kept).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    assert!(known.into_iter().any(|text| text.contains("gAAAAA")), "there was a token to look for");
}
