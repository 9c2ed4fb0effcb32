//! What changed between two fleets.

use stackdeck::fleet::Fleet;
use stackdeck::fleet::diff::{What, diff};

use super::build::{Row, ago, cloud, grouped, instance};

fn told(before: &Fleet, after: &Fleet) -> Vec<String> {
    let line = |what: &What| match what {
        What::Appeared => "appeared".to_owned(),
        What::Gone => "gone".to_owned(),
        What::Status(a, b) => format!("{a} > {b}"),
        What::TaskState(a, b) => format!("{a:?} > {b:?}"),
        What::Version(a, b) => format!("version {a:?} > {b:?}"),
        What::Moved(from) => format!("moved from {}", from.name),
        What::Found(finding) => format!("+ {}", finding.title),
        What::Cleared(finding) => format!("- {}", finding.title),
    };
    let whose = |name: &Option<(_, String)>| name.as_ref().map(|(_, name)| format!("/{name}")).unwrap_or_default();
    diff(before, after)
        .iter()
        .map(|one| format!("{}{}: {}", one.service.name, whose(&one.instance), line(&one.what)))
        .collect()
}

#[test]
fn nothing_differs_from_itself() {
    let fleet = grouped(&cloud([instance("web-1").status("ERROR"), instance("x-1")]));
    assert_eq!(diff(&fleet, &fleet), []);
    assert_eq!(diff(&fleet, &grouped(&cloud([instance("web-1").status("ERROR"), instance("x-1")]))), []);
}

#[test]
fn every_difference_is_told_once() {
    let row = |name: &str, version: &str| instance(name).meta("version", version);
    let before = grouped(&cloud([row("web-1", "1"), row("web-2", "1"), instance("old-1"), row("web-3", "1")]));
    let after = grouped(&cloud([
        row("web-1", "2").status("REBUILD").doing("rebuilding", ago(1)),
        row("web-2", "1"),
        row("web-3", "1").meta("service", "shop"),
        instance("zoo-1").status("ERROR"),
    ]));
    assert_eq!(
        told(&before, &after),
        [
            "old: gone",
            "shop: appeared",
            "zoo: appeared",
            "zoo: + down",
            "old/old-1: gone",
            "web/web-1: ACTIVE > REBUILD",
            "web/web-1: None > Some(\"rebuilding\")",
            "web/web-1: version Some(\"1\") > Some(\"2\")",
            "web/web-1: + rebuilding",
            "shop/web-3: moved from web",
            "zoo/zoo-1: appeared",
            "zoo/zoo-1: + error",
        ]
    );
    // What belongs to somebody who is gone is not told besides.
    assert_eq!(told(&after, &before).len(), 10);
}
