//! Guard rails of the configuration: what a ticket looks like, services that are protected, how many at once.

use serde_json::json;

use super::changing::{configure, quick};

#[test]
fn a_ticket_fits_the_pattern_as_a_whole() {
    let cloud = quick();
    configure(&cloud, "ticket_pattern = \"CHG-[0-9]+\"\n");
    let lock = |more: &[&str]| cloud.run(&[&["lock", "batch-01", "--yes", "--wait"], more].concat());
    for ticket in ["CHG-", "CHG-7x", "chg-7"] {
        let refused = lock(&["--ticket", ticket]).with_code(2).err;
        let why = format!("A ticket of sim looks like CHG-[0-9]+, and {ticket} does not");
        assert!(refused.contains(&why) && refused.contains("--ticket TICKET"), "{refused}");
    }
    // Nobody wants one: then none is right too.
    lock(&[]).with_code(0);
    configure(&cloud, "ticket = \"required\"\nticket_pattern = \"CHG-[0-9]+\"\n");
    let planned = cloud.run(&["unlock", "batch-01", "--plan"]).with_code(0).out;
    assert!(planned.contains("wanted: --ticket TICKET, like CHG-[0-9]+"), "{planned}");
    let unlock = ["unlock", "batch-01", "--yes", "--wait"];
    cloud.run(&unlock).with_code(2);
    cloud.run(&[&unlock[..], &["--ticket", "CHG-7"]].concat()).with_code(0);
    configure(&cloud, "ticket_pattern = \"CHG-(\"\n");
    let refused = lock(&["--ticket", "CHG-7"]).with_code(2).err;
    assert!(refused.contains("looks like a pattern that could not be read"), "{refused}");
}

#[test]
fn a_protected_service_wants_its_name_typed_and_its_neighbours_do_not() {
    let cloud = quick();
    configure(&cloud, "protected_services = [\"payments\"]\n");
    let restart = |more: &[&str]| cloud.run(&[&["restart", "payments-01", "--wait"], more].concat());
    let refused = restart(&["--yes"]).with_code(2).err;
    assert!(refused.contains("This wants a name typed: payments"), "{refused}");
    restart(&["--confirm", "batch"]).with_code(2);
    restart(&["--confirm", "payments"]).with_code(0);
    cloud.run(&["restart", "batch-01", "--yes", "--wait"]).with_code(0);
    // One of several is enough, and then it is the cloud's name that all share.
    let planned = cloud.run(&["restart", "payments-01", "batch-01", "--plan"]).with_code(0).out;
    assert!(planned.contains("confirm  sim is to be typed"), "{planned}");
    configure(&cloud, "protected_services = [\"payments\"]\n[clouds.sim]\nprotected_services = []\n");
    restart(&["--yes"]).with_code(0);
}

#[test]
fn more_at_once_than_is_allowed_breaks_the_glass_or_is_refused() {
    let cloud = quick();
    configure(&cloud, "most_at_once = 1\n");
    let restart = ["restart", "payments-01", "batch-01"];
    let refused = cloud.run(&[&restart[..], &["--yes"]].concat()).with_code(7).err;
    let why = "it changes 2 instances, and at most 1 instance at once may be (most_at_once)";
    assert!(refused.contains(why) && refused.contains("--break-glass REASON"), "{refused}");
    let grown = cloud.run(&["scale", "payments", "--to", "9", "--plan"]).with_code(7).out;
    assert!(grown.contains("at most 1 instance at once may be"), "{grown}");
    cloud.run(&["restart", "batch-01", "--yes", "--wait"]).with_code(0);
    let glass = ["--break-glass", "all of them hang", "--yes", "--wait", "-o", "json"];
    let told = cloud.run(&[&restart[..], &glass].concat()).with_code(0).json();
    assert_eq!(told["operation"]["waived"], json!(["at most 1 instance at once"]));
    configure(&cloud, "most_at_once = 1\n[clouds.sim]\nmost_at_once = 0\n");
    cloud.run(&[&restart[..], &["--plan"]].concat()).with_code(0);
}
