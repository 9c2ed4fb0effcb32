//! A console without a screen: keys in writing go in, what would be drawn comes out.

use std::sync::Arc;

use stackdeck::base::clock::{Pace, Timestamp};
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::layout::Size;
use stackdeck::console::app::model::{CloudChoice, Model, Scope, Session, Start};
use stackdeck::console::app::msg::{FleetNews, Msg};
use stackdeck::console::app::notation;
use stackdeck::console::app::screen::{self, Panel, TablePanel};
use stackdeck::fleet::census::Census;
use stackdeck::fleet::instance::{Address, FlavorRef, Instance, Status};
use stackdeck::fleet::service::{Finding, Member, NamedBy, Severity, Standing, VersionClaim};
use stackdeck::fleet::sources::Place;
use stackdeck::fleet::{Fleet, Service, ServiceKey};

use crate::support::console::update;
use crate::support::instance::bare;

pub(super) fn start_time() -> Timestamp {
    "2026-11-20T14:32:00Z".parse().unwrap()
}

/// The console and its time.
pub(super) struct Console {
    pub(super) model: Model,
    pub(super) now: Timestamp,
}

impl Console {
    pub(super) fn new() -> Self {
        Self::with(Start::default())
    }

    pub(super) fn with(start: Start) -> Self {
        let clouds = ["prod", "test"].map(|name| CloudChoice { name: name.into(), ..CloudChoice::default() });
        let scope = Scope { cloud: "prod".into(), ..Scope::default() };
        let start = Start { scope, clouds: clouds.into(), size: Size { width: 120, height: 36 }, ..start };
        Self { model: Model::new(start, start_time()), now: start_time() }
    }

    /// Signed in, looking at a fleet.
    pub(super) fn showing(names: &[&str]) -> Self {
        let mut console = Self::new();
        console.sign_in();
        console.fleet(fleet(names));
        console
    }

    pub(super) fn send(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.model, msg, self.now)
    }

    pub(super) fn sign_in(&mut self) -> Vec<Effect> {
        let session = Session {
            scope: self.model.scope.clone(),
            region: "RegionOne".into(),
            regions: vec!["RegionOne".into(), "RegionTwo".into()],
            project: Some("payments".into()),
            project_domain: Some("Default".into()),
            project_id: Some("project-1".into()),
            user: "anna".into(),
            roles: Vec::new(),
            insecure: false,
            pace: Pace::REAL,
        };
        self.send(Msg::SignedIn(Box::new(session)))
    }

    pub(super) fn fleet(&mut self, fleet: Fleet) -> Vec<Effect> {
        let news = FleetNews { fleet: Arc::new(fleet), as_of: self.now, from_cache: false, partial: false };
        self.send(Msg::Fleet(news))
    }

    /// Presses keys written as in the key file.
    pub(super) fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let keys = notation::parse(keys).unwrap();
        keys.into_iter().flat_map(|key| self.send(Msg::Key { key, burst: false })).collect()
    }

    /// Types letters.
    pub(super) fn text(&mut self, text: &str) -> Vec<Effect> {
        let space = |letter: char| if letter == ' ' { "space".to_owned() } else { letter.to_string() };
        text.chars().flat_map(|letter| self.keys(&space(letter))).collect()
    }

    /// Time passes.
    pub(super) fn wait(&mut self, seconds: i64) -> Vec<Effect> {
        self.now += std::time::Duration::from_secs(seconds.unsigned_abs());
        self.send(Msg::Tick)
    }

    /// A moment passes: whatever lies over the view hears keys again.
    pub(super) fn breathe(&mut self) {
        self.now += std::time::Duration::from_millis(300);
        self.send(Msg::Tick);
    }

    pub(super) fn panel(&self) -> TablePanel {
        match screen::panel(&self.model) {
            Panel::Table(panel) => panel,
            other => panic!("not a table: {other:?}"),
        }
    }

    /// The first cells of the visible rows.
    pub(super) fn rows(&self) -> Vec<String> {
        self.panel().rows.iter().map(|row| row.cells[0].text.clone()).collect()
    }

    /// The first cell of the row under the cursor.
    pub(super) fn cursor(&self) -> Option<String> {
        self.panel().rows.iter().find(|row| row.cursor).map(|row| row.cells[0].text.clone())
    }

    pub(super) fn marked(&self) -> Vec<String> {
        self.panel().rows.iter().filter(|row| row.marked).map(|row| row.cells[0].text.clone()).collect()
    }

    pub(super) fn notice(&self) -> String {
        self.model.notices.current(self.now).map(|notice| notice.text.clone()).unwrap_or_default()
    }
}

/// An instance whose id follows from its name.
pub(super) fn instance(name: &str) -> Instance {
    let flavor = FlavorRef { id: None, name: Some("m1.small".into()), vcpus: None, ram_mib: None, disk_gib: None };
    let address = "10.0.0.1".into();
    Instance {
        created: Some(start_time()),
        flavor,
        addresses: vec![Address { network: "net".into(), address, floating: false, mac: None, port: None }],
        ..bare(&format!("id-{name}"), name, "project-1")
    }
}

/// Instances grouped by their names up to the last hyphen.
pub(super) fn fleet(names: &[&str]) -> Fleet {
    fleet_of(names.iter().map(|name| instance(name)).collect())
}

pub(super) fn fleet_of(mut instances: Vec<Instance>) -> Fleet {
    instances.sort_by(|one, two| one.id.cmp(&two.id));
    let key = |instance: &Instance| ServiceKey {
        place: Place { cloud: "prod".into(), region: "RegionOne".into() },
        project: instance.project.clone(),
        name: instance.name.rsplit_once('-').map_or(instance.name.as_str(), |(service, _)| service).into(),
    };
    let mut keys: Vec<ServiceKey> = instances.iter().map(key).collect();
    keys.sort();
    keys.dedup();
    let members: Vec<Member> = instances
        .iter()
        .map(|instance| Member {
            service: keys.binary_search(&key(instance)).unwrap(),
            instance: Arc::new(instance.clone()),
            named_by: NamedBy::Name,
            version: VersionClaim {
                version: Some("1.4.2".into()),
                key: instance.metadata.get("version").map(|_| "version".into()),
                ..VersionClaim::default()
            },
            findings: findings(instance),
            seats: Vec::new(),
            unconfirmed: false,
        })
        .collect();
    let services = keys.into_iter().enumerate().map(|(at, key)| {
        let own: Vec<usize> = (0..members.len()).filter(|member| members[*member].service == at).collect();
        let versions = vec![(Some("1.4.2".into()), own.len())];
        Service {
            key,
            standing: Standing::Settled,
            census: Census::of(&versions, own.iter().map(|at| &members[*at]), Vec::new()),
            versions,
            ready: own.len(),
            findings: Vec::new(),
            pools: Vec::new(),
            members: own,
        }
    });
    Fleet { services: services.collect(), members, pools: Arc::default(), ..Fleet::default() }
}

fn findings(instance: &Instance) -> Vec<Finding> {
    let bad = instance.status == Status::Error;
    let finding = Finding {
        severity: Severity::Critical,
        title: "error",
        evidence: "Nova: ERROR".into(),
        since: None,
        instance: Some(instance.id.clone()),
    };
    bad.then_some(finding).into_iter().collect()
}
