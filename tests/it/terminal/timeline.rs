//! What others did while no console was open: told when one opens, and to the shell.

use std::time::Duration;

use stackdeck::sim::Uid;
use stackdeck::sim::world::instance::NewServer;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;

use super::pty::Options;
use super::world::Stage;

fn wide() -> Options<'static> {
    Options { size: (200, 50), ..Options::default() }
}

/// Somebody else restarts one, deletes one and makes one.
fn meddle(stage: &Stage) {
    stage.served.world(|world| {
        let user = world.identity.user_named("dev").unwrap().id;
        let by = |number: u128| Caller { user, request: Uid(number), admin: true };
        let [restarted, deleted] = ["payments-01", "payments-02"].map(|name| world.server_named(name).unwrap().id);
        world.ask(restarted, Course::RebootSoft, &by(0xa1)).unwrap();
        world.delete(deleted, &by(0xa2)).unwrap();
        let project = world.server(restarted).unwrap().project;
        let wanted = NewServer {
            name: "payments-99".to_owned(),
            flavor: 0,
            image: None,
            network: None,
            metadata: [("service".to_owned(), "payments".to_owned())].into(),
            tags: Vec::new(),
            group: None,
            ..NewServer::default()
        };
        world.create(project, wanted, &by(0xa3)).unwrap();
        // Until all of it has come to its end.
        world.step(Duration::from_secs(120));
    });
}

#[test]
fn what_others_did_while_the_console_was_closed_is_told_with_who_it_was() {
    let stage = Stage::impatient();
    let instances = stage.home.run(["--cloud", "sim", "instances", "-o", "json"]).with_code(0).json();
    let mut terminal = stage.console(&wide());
    terminal.send("2");
    // The whole listing is there, so it is kept.
    terminal.wait(&format!("1 of {}", instances["instances"].as_array().unwrap().len()));
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(Duration::from_secs(20)), Ok(0));
    meddle(&stage);
    let dev = stage.served.world(|world| world.identity.user_named("dev").unwrap().id.hex().to_string());

    let told = stage.home.run(["--cloud", "sim", "changes", "payments", "-o", "json"]).with_code(0).json();
    let changes = told["changes"].as_array().unwrap();
    // That the balancer let go of it is another change.
    let of = |name: &str, kind: &str| {
        let found = changes.iter().find(|change| change["name"] == name && change["kind"] == kind);
        found.unwrap_or_else(|| panic!("no {kind} of {name} in {changes:#?}"))
    };
    for (name, kind) in [("payments-01", "request"), ("payments-02", "gone"), ("payments-99", "created")] {
        assert_eq!(of(name, kind)["who"], dev.as_str(), "{changes:#?}");
    }
    assert_eq!(of("payments-01", "request")["text"], "reboot");

    let mut terminal = stage.console(&wide());
    terminal.send("6");
    for text in ["payments-02", "deleted", "payments-99", "created", "payments-01", "reboot", &dev[..12]] {
        terminal.wait(text);
    }
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(Duration::from_secs(20)), Ok(0));
    // It is kept: the next console knows it from its file, and asks nobody.
    let histories = |stage: &Stage| {
        stage.served.ledger(|ledger| {
            let counts = ledger.counts().iter().filter(|(endpoint, _)| endpoint.contains("os-instance-actions"));
            counts.map(|(_, count)| *count).sum::<u64>()
        })
    };
    let before = histories(&stage);
    let mut terminal = stage.console(&wide());
    terminal.send("6");
    terminal.wait("deleted");
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(Duration::from_secs(20)), Ok(0));
    assert_eq!(histories(&stage), before, "who it was is known");
}
