//! A day in which something has happened to the fixture's fleet.

use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::timeline::{Deed, Sighting, What, Whom};
use stackdeck::fleet::{Fleet, ServiceKey, Timeline};

use super::fleet::{at, place};

fn key(service: &str) -> ServiceKey {
    ServiceKey { place: place(), project: "8f1c44d0b0a74c7c9d1f6f3f0f0a5a11".into(), name: service.into() }
}

/// As it is in the fleet, where it is; else gone.
fn whom(fleet: &Fleet, name: &str) -> Whom {
    let member = fleet.members.iter().find(|member| member.instance.name == name);
    let service = member.and_then(|member| fleet.services.get(member.service)).map(|service| service.key.clone());
    let id = member.map_or_else(|| format!("gone-{name}").as_str().into(), |member| member.instance.id.clone());
    let service = service.or_else(|| Some(key(name.rsplit_once('-').unwrap().0)));
    Whom { instance: Some(id), name: name.into(), service }
}

fn exactly(at: Timestamp, whom: Whom, what: What) -> Sighting {
    Sighting { at, after: None, stamped: true, whom, what }
}

fn between(from: &str, to: &str, whom: Whom, what: What) -> Sighting {
    Sighting { at: at(to), after: Some(at(from)), stamped: false, whom, what }
}

fn deed(verb: &str, request: u8, user: &str) -> What {
    What::Deed(Deed {
        verb: verb.into(),
        request: Some(format!("req-8c1f04aa-7d0c-4b8e-9c2a-0b6d5f7c1e{request:02}").into()),
        user: Some(user.into()),
        failed: false,
    })
}

/// What happened.
pub(crate) fn timeline(fleet: &Fleet) -> Timeline {
    let named = |name: &str| whom(fleet, name);
    let state = |from: &str, to: &str| What::Status(from.into(), to.into());
    let (operation, by) = ("01KAFQZ0000000000000005EED", "anna");
    let title = "Restart ledger";
    let group = Whom { instance: None, name: "ledger".into(), service: named("ledger-01").service };
    let began = What::Began { operation: operation.into(), title: title.into(), by: by.into() };
    let ended = What::Ended {
        operation: operation.into(),
        title: title.into(),
        word: "done".into(),
        good: true,
        by: by.into(),
    };
    let mut seen = vec![
        exactly(at("14:02:10"), named("payments-02"), deed("reboot", 1, "ben")),
        between("14:02:08", "14:02:13", named("payments-02"), state("ACTIVE", "REBOOT")),
        between("14:02:20", "14:02:25", named("payments-02"), state("REBOOT", "ACTIVE")),
        between("14:10:00", "14:10:15", named("payments-03"), What::Weight("lb-payments".into(), 100, 0)),
        between("13:50:00", "13:50:05", named("payments-05"), What::Version("1.4.2".into(), "1.5.0".into())),
        between("08:00:00", "13:05:00", named("tax-forms-02"), state("ACTIVE", "ERROR")),
        exactly(at("13:20:00"), named("reports-09"), deed("delete", 2, "5f0c2c7e8a7e4f0c9f7a3e6b1d2c3b4a")),
        between("13:20:05", "13:20:10", named("reports-09"), What::Gone),
        between(
            "13:58:00",
            "13:58:15",
            named("payments-02"),
            What::Operating("lb-payments".into(), "ONLINE".into(), "ERROR".into()),
        ),
        exactly(at("11:40:00"), group.clone(), began),
        exactly(at("11:52:30"), group, ended),
    ];
    let made = |number: i64| {
        let time = Timestamp::from_second(at("12:00:00").as_second() + number * 3).unwrap();
        exactly(time, named(&format!("search-{:02}", 10 + number)), What::Created)
    };
    seen.extend((0..12).map(made));
    Timeline::of(seen, None)
}
