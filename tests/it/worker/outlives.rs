//! Whether a worker outlives the login: what the system's answers mean.

use stackdeck::worker::launch::Under;
use stackdeck::worker::outlives::{Outlives, Said, judge};

const SESSION: &str = "0::/user.slice/user-1000.slice/session-3.scope\n";
const KILLS: &str = "b true\nas 0\nas 1 \"root\"\n";

fn said(cgroup: &str, logind: Option<&str>) -> Said {
    Said {
        user: "anna".to_owned(),
        systemd: true,
        cgroup: Some(cgroup.to_owned()),
        logind: logind.map(str::to_owned),
        lingers: false,
        takes: false,
    }
}

#[test]
fn what_the_system_says_decides() {
    let manager = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/tmux.scope\n";
    for (what, said, word) in [
        ("no systemd", Said { systemd: false, ..said(SESSION, Some(KILLS)) }, "yes"),
        ("killed", said(SESSION, Some(KILLS)), "no"),
        ("killed, lingering, and nothing takes it", Said { lingers: true, ..said(SESSION, Some(KILLS)) }, "no"),
        ("killed, lingering, and taken", Said { lingers: true, takes: true, ..said(SESSION, Some(KILLS)) }, "yes"),
        ("taken by what does not stay", Said { takes: true, ..said(SESSION, Some(KILLS)) }, "no"),
        ("left alone", said(SESSION, Some("b false\nas 0\nas 1 \"root\"\n")), "yes"),
        ("excluded", said(SESSION, Some("b true\nas 0\nas 2 \"root\" \"anna\"\n")), "yes"),
        ("only others", said(SESSION, Some("b true\nas 1 \"bert\"\nas 1 \"root\"\n")), "yes"),
        ("only her", said(SESSION, Some("b true\nas 2 \"bert\" \"anna\"\nas 1 \"root\"\n")), "no"),
        ("no answer", said(SESSION, None), "unknown"),
        ("an odd answer", said(SESSION, Some("Access denied\n")), "unknown"),
        ("no session", said("0::/system.slice/cron.service\n", Some(KILLS)), "yes"),
        ("no cgroup, killed", Said { cgroup: None, ..said(SESSION, Some(KILLS)) }, "no"),
        ("the user's manager", said(manager, Some(KILLS)), "no"),
        ("it lingers", Said { lingers: true, ..said(manager, Some(KILLS)) }, "yes"),
        ("control groups of old", said("4:memory:/\n1:name=systemd:/user.slice/session-c1.scope\n", Some(KILLS)), "no"),
    ] {
        assert_eq!(judge(&said).word(), word, "{what}: {:?}", judge(&said));
    }
}

#[test]
fn it_is_told_in_a_sentence() {
    let text = judge(&said(SESSION, Some(KILLS))).text();
    assert_eq!(text, "dies with this login: logind kills what it leaves (KillUserProcesses=yes)");
    let lives = judge(&Said { lingers: true, takes: true, ..said(SESSION, Some(KILLS)) });
    assert_eq!(lives.text(), "outlives this login: it is started under anna's service manager, which lingers");
    assert_eq!([Under::of(&lives), Under::of(&judge(&said(SESSION, Some(KILLS))))], [Under::Manager, Under::This]);
    assert!(Outlives::Untold("x".to_owned()).text().starts_with("may die with this login"));
}
