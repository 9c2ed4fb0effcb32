//! One of the two clouds, with somebody of each role signed in.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use stackdeck::openstack::clouds::{self, Sources};
use stackdeck::openstack::{Cloud, CloudConfig, ConnectOptions, Reader};
use stackdeck::sim::{Options, Scenario, Served, World, serve};

use super::raw::Raw;
use crate::support::folder::Folder;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Member,
    Reader,
    Admin,
}

/// One role's ways into a cloud: the product's, and a bare one.
pub(crate) struct Door {
    pub(crate) config: CloudConfig,
    pub(crate) cloud: Cloud,
    pub(crate) raw: Raw,
}

/// A cloud, and what the reads of the table need to know of it.
pub(crate) struct Side {
    pub(crate) member: Door,
    pub(crate) reader: Door,
    pub(crate) admin: Door,
    /// Names in paths and what they stand for: `server`, `request`, `image`, `flavor`, `port`, `network`, `project`.
    pub(crate) ids: Vec<(&'static str, String)>,
    pub(crate) options: fn() -> ConnectOptions,
}

impl Door {
    pub(crate) async fn open(config: &CloudConfig, options: ConnectOptions) -> Self {
        let cloud = Cloud::connect(config, options).await.expect("sign-in");
        let raw = Raw::sign_in(config, &cloud.session()).await;
        Self { config: config.clone(), cloud, raw }
    }

    pub(crate) fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(self.cloud.clone())
    }
}

impl Side {
    /// Signs in three times and looks for what the table's paths name.
    pub(crate) async fn open(configs: [&CloudConfig; 3], options: fn() -> ConnectOptions) -> Self {
        let [member, reader, admin] = configs.map(|config| Door::open(config, options()));
        let (member, reader, admin) = (member.await, reader.await, admin.await);
        let ids = ids(&member).await;
        Self { member, reader, admin, ids, options }
    }

    pub(crate) fn door(&self, role: Role) -> &Door {
        match role {
            Role::Member => &self.member,
            Role::Reader => &self.reader,
            Role::Admin => &self.admin,
        }
    }

    /// A path with its names filled in.
    pub(crate) fn filled(&self, path: &str) -> String {
        self.ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }

    /// What a path may name.
    pub(crate) fn id(&self, wanted: &str) -> &str {
        &self.ids.iter().find(|(name, _)| *name == wanted).expect("a name of the table").1
    }

    /// The simulated cloud in this process. It lives as long as what is beside it.
    pub(crate) async fn simulated() -> (Self, Served) {
        Self::simulated_with(Options::new(Scenario::Quiet)).await
    }

    /// The same with other options.
    pub(crate) async fn simulated_with(world: Options) -> (Self, Served) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let served = serve(listener, World::new(world)).expect("a server");
        let folder = Folder::new();
        let people =
            [("member", "dev", "day-shift"), ("reader", "auditor", "look-only"), ("admin", "oncall", "night-shift")];
        let entries: String =
            people.iter().map(|(name, user, word)| entry(&served.auth_url(), name, user, word)).collect();
        let file = folder.path().join("clouds.yaml");
        std::fs::write(&file, format!("clouds:\n{entries}")).expect("written");
        let found = load(&file);
        let config = |name| found.get(Some(name)).expect("written just now");
        let side = Self::open([config("member"), config("reader"), config("admin")], ConnectOptions::default).await;
        (side, served)
    }
}

fn entry(url: &str, name: &str, user: &str, password: &str) -> String {
    format!(
        "  {name}:\n    auth:\n      auth_url: {url}\n      username: {user}\n      password: {password}\n      \
         project_name: bank-prod\n      user_domain_name: Default\n      project_domain_name: Default\n    \
         region_name: RegionOne\n"
    )
}

/// The clouds of a file, and of nothing else.
pub(crate) fn load(file: &Path) -> clouds::Clouds {
    let variables = [("OS_CLIENT_CONFIG_FILE".to_owned(), file.display().to_string())].into();
    let nowhere = || "/nonexistent".into();
    clouds::load(&Sources { variables, cwd: nowhere(), home: None, system: nowhere() })
}

/// A payments server that runs, as both clouds have them, and what belongs to it.
async fn ids(member: &Door) -> Vec<(&'static str, String)> {
    let raw = &member.raw;
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let servers = raw.get("compute", "/v2.1/servers/detail?name=payments&status=ACTIVE&limit=1", None).await.json();
    let server = &servers["servers"][0];
    let id = text(&server["id"]);
    let history = raw.get("compute", &format!("/v2.1/servers/{id}/os-instance-actions"), None).await.json();
    let request = text(&history["instanceActions"][0]["request_id"]);
    let ports = raw.get("network", &format!("/v2.0/ports?device_id={id}"), None).await.json();
    let (port, network) = (text(&ports["ports"][0]["id"]), text(&ports["ports"][0]["network_id"]));
    let (image, project) = (text(&server["image"]["id"]), text(&server["tenant_id"]));
    let flavor = text(&server["flavor"]["id"]);
    let found = [("server", id), ("request", request), ("port", port), ("network", network)];
    found.into_iter().chain([("image", image), ("project", project), ("flavor", flavor)]).collect()
}
