//! What operations have left behind: listed by the doctor, and removed by `operations clean`.

use serde_json::json;
use stackdeck::base::clock::{Clock, Timestamp};
use stackdeck::openstack::ConnectOptions;
use stackdeck::operation::record::Verdict;
use stackdeck::operation::{Change, Event, OperationId, Plan};
use stackdeck::store::Journal;
use stackdeck::store::journal::Entry;

use super::changing::{configure, did, instances, text};
use super::sim::Cloud;
use crate::contract::raw::Raw;
use crate::contract::side::{Door, load};
use crate::support::operations::anna;
use crate::support::orphaned::given_up;

/// A simulated cloud whose payments have grown by one, and the plan of that.
struct Grown {
    cloud: Cloud,
    raw: Raw,
    plan: Plan,
    /// The first operation.
    done: OperationId,
    /// The instance that it has made.
    made: String,
}

async fn grown() -> Grown {
    let cloud = Cloud::at_rate("quiet", "20", "10");
    configure(&cloud, "");
    let config = load(&cloud.file).get(Some("sim")).expect("the simulated cloud").clone();
    let raw = Door::open(&config, ConnectOptions::default()).await.raw;
    let before: Vec<String> = instances(&cloud, "payments").into_iter().map(|(name, _)| name).collect();
    let to = (before.len() + 1).to_string();
    cloud.run(&["scale", "payments", "--to", &to, "--yes", "--wait"]).with_code(0);
    let (_, made) = instances(&cloud, "payments").into_iter().find(|(name, _)| !before.contains(name)).unwrap();
    let journal = Journal::open_to_read(&state(&cloud)).unwrap().unwrap();
    let done = journal.find("last").unwrap();
    let Event::Approved { plan } = journal.records(&done).unwrap().remove(0).event else { panic!("no approval") };
    Grown { cloud, raw, plan: *plan, done, made }
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn state(cloud: &Cloud) -> std::path::PathBuf {
    cloud.home.path().join(".local/state/stackdeck")
}

impl Grown {
    async fn port(&self, name: &str) -> String {
        let Change::CreatePort(new) = &self.plan.steps[0].change else { panic!("{:?}", self.plan.steps[0]) };
        let wanted = json!({ "port": { "network_id": new.network.as_str(), "name": name } });
        text(&self.raw.post("network", "/v2.0/ports", &wanted).await.expect("a port")["port"]["id"])
    }

    /// A server as the plan makes it, with this stamp.
    async fn server(&self, stamp: &str, port: &str) -> String {
        let Change::CreateServer(new) = &self.plan.steps[1].change else { panic!("{:?}", self.plan.steps[1]) };
        let wanted = json!({ "server": {
            "name": new.name, "imageRef": new.boot.image().unwrap().as_str(), "flavorRef": new.flavor.as_str(),
            "networks": [{ "port": port }], "metadata": { "service": "payments", "stackdeck": stamp },
        } });
        text(&self.raw.post("compute", "/v2.1/servers", &wanted).await.expect("a server")["server"]["id"])
    }

    /// A place in the plan's pool that gets nothing, for that port.
    async fn member(&self, port: &str) -> String {
        let Change::AddMember { pool, member } = &self.plan.steps[2].change else { panic!("{:?}", self.plan.steps[2]) };
        let port = self.raw.get("network", &format!("/v2.0/ports/{port}"), None).await.json();
        let wanted = json!({ "member": {
            "address": port["port"]["fixed_ips"][0]["ip_address"], "protocol_port": member.port, "weight": 0,
            "subnet_id": port["port"]["fixed_ips"][0]["subnet_id"],
        } });
        let path = format!("/v2/lbaas/pools/{pool}/members");
        text(&self.raw.post("load-balancer", &path, &wanted).await.expect("a member")["member"]["id"])
    }

    fn name(&self) -> &str {
        &self.plan.steps[1].target.name
    }

    /// What the journal tells of another operation with the same plan.
    fn tell(&self, operation: &OperationId, events: Vec<Event>) {
        let mut journal = Journal::open(&state(&self.cloud)).unwrap();
        let approved = Event::Approved { plan: Box::new(self.plan.clone()) };
        for event in [approved].into_iter().chain(events) {
            let entry = Entry { operation, at: now(), by: &anna(), event: &event };
            journal.append(entry, None).unwrap();
        }
    }

    /// It has failed.
    fn end(&self, operation: &OperationId) {
        let event = Event::Finished { verdict: Verdict::Failed };
        let entry = Entry { operation, at: now(), by: &anna(), event: &event };
        Journal::open(&state(&self.cloud)).unwrap().append(entry, None).unwrap();
    }

    /// The doctor's orphans: the subject, the verdict, all of it.
    fn orphans(&self) -> Vec<(String, String, String)> {
        let told = self.cloud.run(&["doctor", "-o", "json"]).with_code(0).json();
        let checks = told["checks"].as_array().unwrap().iter().filter(|check| check["part"] == "orphans");
        checks.map(|check| (text(&check["subject"]), text(&check["verdict"]), check.to_string())).collect()
    }

    async fn is_there(&self, service: &str, path: &str) -> bool {
        self.raw.get(service, path, None).await.status == 200
    }
}

#[tokio::test]
async fn what_an_operation_gave_up_is_listed_and_cleaned_and_nothing_else() {
    let grown = grown().await;
    assert_eq!(grown.orphans(), [], "what was made to stay is none");
    let operation = OperationId::new(now(), 0x5eed);
    let stamp = format!("sd-{operation}-0");
    let port = grown.port(&format!("{stamp}-0")).await;
    let server = grown.server(&stamp, &port).await;
    let member = grown.member(&port).await;
    let events = given_up(&grown.plan, &port, &server, Some(&member));
    grown.tell(&operation, events);
    let orphans = grown.orphans();
    let [(instance, verdict, told), (of_port, _, held)] = &orphans[..] else { panic!("{orphans:#?}") };
    assert_eq!((instance.as_str(), verdict.as_str()), (format!("instance {}", grown.name()).as_str(), "warning"));
    assert_eq!(*of_port, format!("port {stamp}-0"));
    let line = format!("operations clean {}", operation.short());
    for (part, all) in [(server.as_str(), told), ("aborted at", told), ("given it up", told), (port.as_str(), held)] {
        assert!(all.contains(part) && all.contains(&line), "{part}: {all}");
    }
    let id = operation.short();
    let read = grown.cloud.run(&["operations", "clean", id, "--plan"]).with_code(0).out;
    for part in [server.as_str(), &format!("delete port {port}"), "deleted at once", "is looked at right before"] {
        assert!(read.contains(part), "{part}: {read}");
    }
    let unsaid = grown.cloud.run(&["operations", "clean", id, "--yes"]).with_code(2);
    assert!(unsaid.err.contains(&format!("wants a name typed: {}", grown.name())), "{}", unsaid.err);
    grown.cloud.run(&["operations", "clean", id, "--yes", "--confirm", grown.name(), "--read-only"]).with_code(5);
    let words = ["operations", "clean", id, "--yes", "--confirm", grown.name(), "--wait", "-o", "json"];
    let cleaned = did(&grown.cloud.run(&words).with_code(0).json());
    let name = grown.name();
    let calls = ["delete member", "delete server", &format!("delete port {port}")];
    assert_eq!(cleaned, calls.map(|call| format!("{name} · {call} · done")));
    assert!(!grown.is_there("network", &format!("/v2.0/ports/{port}")).await);
    assert!(grown.is_there("compute", &format!("/v2.1/servers/{}", grown.made)).await, "the other one stays");
    assert_eq!(grown.orphans(), []);
    let idle = grown.cloud.run(&["operations", "clean", id, "--yes"]).with_code(0);
    assert!(idle.out.contains("has left nothing behind"), "{}", idle.out);
    grown.cloud.run(&["audit", "--verify"]).with_code(0);
}

#[tokio::test]
async fn what_came_twice_goes_and_what_another_journal_knows_or_is_in_use_stays() {
    let grown = grown().await;
    let stamp = format!("sd-{}-0", grown.done);
    let lone = grown.port(&format!("{stamp}-0")).await;
    let port = grown.port("somebody's").await;
    let twin = grown.server(&stamp, &port).await;
    let stranger = OperationId::new(now(), 1);
    let foreign = grown.port(&format!("sd-{stranger}-0-0")).await;
    let running = OperationId::new(now(), 2);
    let used = grown.port(&format!("sd-{running}-0-0")).await;
    grown.tell(&running, given_up(&grown.plan, &used, "s", None).into_iter().take(5).collect());
    let orphans = grown.orphans();
    let told = |id: &str| orphans.iter().find(|(.., all)| all.contains(id)).map(|(.., all)| all.as_str());
    assert!(told(&twin).unwrap().contains("was made twice"), "{orphans:#?}");
    assert!(told(&lone).unwrap().contains("was made twice"), "{orphans:#?}");
    assert!(told(&foreign).unwrap().contains("another journal knows of it"), "{orphans:#?}");
    assert_eq!((orphans.len(), told(&used)), (3, None), "{orphans:#?}");
    let refused = grown.cloud.run(&["operations", "clean", running.as_str(), "--yes"]).with_code(7);
    assert!(refused.err.contains("is not over"), "{}", refused.err);
    grown.cloud.run(&["operations", "clean", stranger.as_str(), "--yes"]).with_code(4);
    // A freeze holds as for any removal, and it can be saved as any plan.
    let freeze = "[[operations.freeze]]\nname = \"year-end\"\nfrom = \"2020-01-01T00:00\"\nto = \"2099-01-01T00:00\"\ntimezone = \"UTC\"\n";
    configure(&grown.cloud, freeze);
    let held = grown.cloud.run(&["operations", "clean", grown.done.short(), "--plan"]).with_code(7);
    assert!(held.out.contains("the freeze year-end holds"), "{}", held.out);
    configure(&grown.cloud, "");
    grown.end(&running);
    let file = grown.cloud.home.path().join("clean.json");
    let save = format!("--plan={}", file.display());
    grown.cloud.run(&["operations", "clean", grown.done.short(), &save]).with_code(0);
    let words = ["apply", file.to_str().unwrap(), "--yes", "--confirm", grown.name(), "--wait", "-o", "json"];
    let cleaned = did(&grown.cloud.run(&words).with_code(0).json());
    let expected =
        [format!("{} · delete server · done", grown.name()), format!("{stamp}-0 · delete port {lone} · done")];
    assert_eq!(cleaned, expected);
    for left in [&port, &foreign, &used] {
        assert!(grown.is_there("network", &format!("/v2.0/ports/{left}")).await, "{left}");
    }
    assert!(grown.is_there("compute", &format!("/v2.1/servers/{}", grown.made)).await);
}

#[tokio::test]
async fn what_stays_of_an_instance_that_somebody_deleted_by_hand_goes_with_its_place_in_the_pool() {
    let grown = grown().await;
    let path = format!("/v2.1/servers/{}", grown.made);
    while !grown.raw.delete("compute", &path).await {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let orphans = grown.orphans();
    let [(port, _, told)] = &orphans[..] else { panic!("{orphans:#?}") };
    assert_eq!(*port, format!("port sd-{}-0-0", grown.done));
    assert!(told.contains("nobody has it"), "{told}");
    let words = ["operations", "clean", grown.done.short(), "--yes", "--wait", "-o", "json"];
    let cleaned = did(&grown.cloud.run(&words).with_code(0).json());
    let [place, port] = &cleaned[..] else { panic!("{cleaned:#?}") };
    assert!(place.ends_with("delete member · done") && port.ends_with(" · done"), "{cleaned:#?}");
    assert_eq!(grown.orphans(), []);
}
