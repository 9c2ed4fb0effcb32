//! How one gets to the views, and what is known there.

use std::sync::Arc;
use std::time::Duration;

use stackdeck::base::awaited::{Awaited, Silence};
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::id::InstanceId;
use stackdeck::base::observation::Observation;
use stackdeck::console::app::Model;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::trail::{CloudTab, InstanceTab, View};
use stackdeck::fleet::control_plane::{Agent, ComputeService, ControlPlane, Endpoint, Quota};
use stackdeck::fleet::detail::DetailOf;
use stackdeck::fleet::service::ServiceKey;

use crate::support::console::update;

use super::console::{break_down, normal, press, sign_in, started};
use super::fleet::{at, detail, id, place};

/// The tabs of an instance.
pub(crate) const TABS: [InstanceTab; 11] = InstanceTab::ALL;

/// A name, and what makes the model of it.
pub(crate) type Scene = (&'static str, fn() -> Model);

/// Pop-ups and lines being typed, and how one gets there.
pub(crate) const OVERLAYS: [Scene; 15] = [
    ("help", || pressed("?")),
    ("command line", || pressed(":")),
    ("command line, typed", || pressed(":inst")),
    ("filter", || pressed("/pay")),
    ("columns", || pressed("2w")),
    ("copy", || pressed("2c")),
    ("notices", || {
        let mut model = normal();
        let mut failure = Failure::new(FailureKind::Quota, "the quota of cores is used up");
        failure.place = Some("POST compute /servers".to_owned());
        failure.request_id = Some("req-8c1f04aa-7d0c-4b8e-9c2a-0b6d5f7c1e2d".into());
        let failure = failure.cause("160 of 160 cores are in use").hint("ask for more, or remove what is not needed");
        let now = model.now;
        update(&mut model, Msg::Trouble(failure), now);
        press(&mut model, "!");
        model
    }),
    ("row", || {
        let mut model = normal();
        cloud(&mut model, CloudTab::Endpoints);
        press(&mut model, "jj <enter>");
        model
    }),
    ("row of the history", || {
        let mut model = normal();
        instance(&mut model, InstanceTab::History);
        press(&mut model, "ijjjjj");
        model
    }),
    ("troubles", || {
        let mut model = normal();
        let now = model.now;
        for (line, what) in [(3, "`hyper-x` is not a key"), (7, "There is no command refrsh"), (9, "x is already stop")]
        {
            let mut failure = Failure::new(FailureKind::Usage, what);
            failure.place = Some(format!("/home/anna/.config/stackdeck/keys.toml:{line}"));
            update(&mut model, Msg::Trouble(failure), now);
        }
        model
    }),
    ("marks", || pressed("2jj <space> <space> j <space>")),
    ("hanging", || hanging(normal())),
    ("hanging from the start", || {
        let mut model = started();
        sign_in(&mut model);
        hanging(model)
    }),
    ("failing, its notice gone", || {
        let mut model = normal();
        break_down(&mut model, Duration::from_secs(60));
        let later = model.now + Duration::from_secs(30);
        let awaited = Awaited { silences: Vec::new(), next_try: Some(later + Duration::from_secs(12)) };
        update(&mut model, Msg::Awaited(awaited), later);
        model
    }),
    ("password", || {
        let mut model = started();
        let now = model.now;
        update(&mut model, Msg::PasswordWanted { whom: "anna (domain Default) on prod-eu".to_owned() }, now);
        model
    }),
];

/// Nova and Neutron have not answered for a while.
fn hanging(mut model: Model) -> Model {
    let later = model.now + Duration::from_secs(12);
    let silence = |service: &str, path: &str, seconds| Silence {
        service: service.to_owned(),
        place: format!("GET {service} {path}"),
        since: later - Duration::from_secs(seconds),
    };
    let silences = vec![silence("compute", "/servers/detail", 12), silence("network", "/ports", 8)];
    update(&mut model, Msg::Awaited(Awaited { silences, next_try: None }), later);
    model
}

fn pressed(keys: &str) -> Model {
    let mut model = normal();
    press(&mut model, keys);
    model
}

fn go(model: &mut Model, view: View) {
    model.trail.go(view);
    tick(model);
}

fn tick(model: &mut Model) {
    let now = model.now;
    update(model, Msg::Tick, now);
}

/// Goes to the instances of a service.
pub(crate) fn service(model: &mut Model, name: &str) {
    let project = "8f1c44d0b0a74c7c9d1f6f3f0f0a5a11".into();
    go(model, View::Services);
    model.trail.open(View::Instances(Some(ServiceKey { place: place(), project, name: name.into() })));
    tick(model);
}

/// Presses a key on a service.
pub(crate) fn opened(model: &mut Model, name: &str, key: &str) {
    press(model, &format!("1/{name} <enter>"));
    press(model, key);
}

/// Looks into the instance of the story, on a tab.
pub(crate) fn instance(model: &mut Model, tab: InstanceTab) {
    let id = match tab {
        InstanceTab::Faults => id("tax-forms", 1),
        _ => id("payments", 2),
    };
    service(model, if tab == InstanceTab::Faults { "tax-forms" } else { "payments" });
    model.trail.open(View::Instance(id.clone()));
    model.instance_tab = tab;
    tick(model);
    if model.fleet.member(&id).is_some() {
        tell_detail(model, id);
    }
}

fn tell_detail(model: &mut Model, id: InstanceId) {
    let detail = Arc::new(detail(&model.fleet, &id));
    let now = model.now;
    update(model, Msg::Detail(DetailOf { id, detail }), now);
}

/// Looks at the cloud, on a tab.
pub(crate) fn cloud(model: &mut Model, tab: CloudTab) {
    go(model, View::Cloud);
    model.cloud_tab = tab;
    tick(model);
    if model.session.is_some() {
        let now = model.now;
        update(model, Msg::ControlPlane(Arc::new(control_plane())), now);
    }
}

fn control_plane() -> ControlPlane {
    let now = at("14:31:58");
    let forbidden = Failure::new(FailureKind::Forbidden, "the role may not list hypervisors")
        .hint("an administrator's role shows them");
    ControlPlane {
        endpoints: endpoints(),
        compute_services: Observation::of(
            vec![compute("cmp-01", true), compute("cmp-02", true), compute("cmp-03", false)],
            now,
        ),
        hypervisors: Observation { known: None, failure: Some(forbidden) },
        agents: Observation::of(
            vec![
                agent("L3 agent", "net-01", true),
                agent("DHCP agent", "net-01", true),
                agent("Open vSwitch agent", "cmp-03", false),
            ],
            now,
        ),
        quotas: Observation::of(quotas(), now),
    }
}

fn endpoints() -> Vec<Endpoint> {
    let endpoint = |service: &str, url: &str, version: Option<&str>, ms: u64, requests_per_minute| Endpoint {
        service_type: service.to_owned(),
        name: service.to_owned(),
        url: url.to_owned(),
        version: version.map(str::to_owned),
        microversions: (service == "compute").then(|| ("2.1".into(), "2.96".into())),
        latency: (ms > 0).then(|| Duration::from_millis(ms)),
        last_failure: None,
        requests_per_minute,
        used: requests_per_minute > 0,
    };
    let mut balancer = endpoint("load-balancer", "https://cloud.example:9876", Some("v2.26"), 61, 6);
    let failure = Failure::new(FailureKind::Retry, "load-balancer answered 503 Service Unavailable");
    balancer.last_failure = Some((failure, at("14:22:10")));
    vec![
        endpoint("identity", "https://cloud.example:5000", Some("v3.14"), 38, 1),
        endpoint("compute", "https://cloud.example:8774/v2.1", Some("v2.1"), 112, 24),
        endpoint("image", "https://cloud.example:9292", Some("v2.16"), 22, 2),
        endpoint("network", "https://cloud.example:9696", Some("v2.0"), 47, 12),
        balancer,
        endpoint("volumev3", "https://cloud.example:8776/v3", None, 0, 0),
    ]
}

fn compute(host: &str, up: bool) -> ComputeService {
    ComputeService {
        binary: "nova-compute".to_owned(),
        host: host.to_owned(),
        zone: "az-1".to_owned(),
        enabled: up,
        up,
        reason: (!up).then(|| "disk replaced".to_owned()),
        updated: Some(at("14:31:50")),
    }
}

fn agent(kind: &str, host: &str, alive: bool) -> Agent {
    Agent { kind: kind.to_owned(), host: host.to_owned(), alive, admin_up: true, heartbeat: Some(at("14:31:40")) }
}

fn quotas() -> Vec<Quota> {
    let quota = |service, resource: &str, used, limit| Quota { service, resource: resource.to_owned(), used, limit };
    vec![
        quota("compute", "instances", 52, Some(60)),
        quota("compute", "cores", 148, Some(160)),
        quota("compute", "ram_mib", 280_576, Some(400_000)),
        quota("network", "ports", 71, Some(500)),
        quota("network", "floatingips", 4, None),
        quota("load-balancer", "loadbalancers", 10, Some(10)),
    ]
}
