//! Shapes as `WIRE.md` has seen them, typed by hand.

use serde_json::{Value, json};
use stackdeck::sim::Scenario;

use super::client::{Client, password_auth, served, still};

const UUID: &str = "/servers/00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_token_has_roles_project_and_a_catalog_that_points_at_itself() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::anonymous(cloud.address().to_string());
    let body = password_auth("oncall", "night-shift", "bank-prod");
    let answer = client.post("/identity/v3/auth/tokens", &body).await;
    assert_eq!(answer.status, 201);
    assert!(answer.header("x-subject-token").unwrap().len() > 150);
    assert!(answer.header("x-openstack-request-id").unwrap().starts_with("req-"));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.header("date"), None, "keystone is under uwsgi");
    let token = &answer.json()["token"];
    assert_eq!(token["methods"], json!(["password"]));
    assert_eq!(token["project"]["name"], "bank-prod");
    assert_eq!(token["roles"].as_array().unwrap().len(), 3, "admin implies member implies reader");
    assert_eq!(token["issued_at"], "2026-11-22T09:00:00.000000Z");
    assert_eq!(token["expires_at"], "2026-11-22T10:00:00.000000Z");
    let types: Vec<&str> =
        token["catalog"].as_array().unwrap().iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["identity", "compute", "image", "network", "load-balancer", "metric", "metric-storage"]);
    for entry in token["catalog"].as_array().unwrap() {
        let url = entry["endpoints"][0]["url"].as_str().unwrap();
        assert!(url.starts_with(&format!("http://{}", cloud.address())), "{url}");
    }
    let bare = client.post("/identity/v3/auth/tokens?nocatalog", &body).await;
    assert_eq!(bare.json()["token"].get("catalog"), None);
}

#[tokio::test]
async fn without_a_scope_there_is_no_project_no_role_and_no_catalog() {
    let cloud = served(still(Scenario::Quiet)).await;
    let mut body = password_auth("oncall", "night-shift", "");
    body["auth"].as_object_mut().unwrap().remove("scope");
    let answer = Client::anonymous(cloud.address().to_string()).post("/identity/v3/auth/tokens", &body).await;
    assert_eq!(answer.status, 201);
    let keys: Vec<&String> =
        answer.json()["token"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().leak().iter().collect();
    assert_eq!(keys, ["audit_ids", "expires_at", "issued_at", "methods", "user"]);
}

#[tokio::test]
async fn a_wrong_password_and_a_foreign_project_look_alike() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::anonymous(cloud.address().to_string());
    for (password, project) in [("wrong", "bank-prod"), ("look-only", "bank-test"), ("look-only", "nowhere")] {
        let answer = client.post("/identity/v3/auth/tokens", &password_auth("auditor", password, project)).await;
        assert_eq!(answer.status, 401);
        let message = "The request you have made requires authentication.";
        assert_eq!(answer.json(), json!({"error": {"code": 401, "title": "Unauthorized", "message": message}}));
        assert!(answer.header("www-authenticate").unwrap().starts_with("Keystone uri="));
    }
}

#[tokio::test]
async fn an_application_credential_may_not_ask_for_a_scope() {
    let cloud = served(still(Scenario::Quiet)).await;
    let (id, secret) = cloud.world(|world| {
        let credential = &world.identity.credentials[0];
        (credential.id.hex().to_string(), credential.secret.clone())
    });
    let client = Client::anonymous(cloud.address().to_string());
    let mut body = json!({"auth": {"identity": {
        "methods": ["application_credential"], "application_credential": {"id": id, "secret": secret},
    }}});
    let answer = client.post("/identity/v3/auth/tokens", &body).await;
    assert_eq!(answer.status, 201);
    let token = answer.json()["token"].clone();
    assert_eq!(token["methods"], json!(["application_credential"]));
    assert_eq!(token["roles"].as_array().unwrap().len(), 2, "only the roles that the credential was given");
    body["auth"]["scope"] = json!({"project": {"name": "bank-prod", "domain": {"id": "default"}}});
    let answer = client.post("/identity/v3/auth/tokens", &body).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error"]["message"], "Application credentials cannot request a scope.");
}

#[tokio::test]
async fn a_server_has_the_keys_that_nova_gives_it() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::sign_in(&cloud, "dev", "day-shift", "bank-prod").await;
    let id = cloud.world(|world| world.server_named("payments-01").unwrap().id);
    let answer = client.get(&format!("/compute/v2.1/servers/{id}")).await;
    let server = answer.json()["server"].clone();
    let mut keys: Vec<&str> = server.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    // The sample of WIRE.md, section "A server", with the links that it leaves out.
    let mut wanted = vec![
        "id",
        "name",
        "status",
        "tenant_id",
        "user_id",
        "metadata",
        "hostId",
        "image",
        "flavor",
        "created",
        "updated",
        "addresses",
        "OS-DCF:diskConfig",
        "progress",
        "OS-EXT-AZ:availability_zone",
        "config_drive",
        "key_name",
        "OS-SRV-USG:launched_at",
        "OS-SRV-USG:terminated_at",
        "security_groups",
        "OS-EXT-STS:task_state",
        "OS-EXT-STS:vm_state",
        "OS-EXT-STS:power_state",
        "os-extended-volumes:volumes_attached",
        "locked",
        "locked_reason",
        "description",
        "tags",
        "trusted_image_certificates",
        "OS-EXT-SRV-ATTR:hostname",
        "server_groups",
        "links",
        "accessIPv4",
        "accessIPv6",
    ];
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    assert_eq!(server["status"], "ACTIVE");
    assert_eq!(server["flavor"]["original_name"], "c1.large");
    assert_eq!(server["flavor"].get("id"), None);
    assert!(server["created"].as_str().unwrap().ends_with('Z'));
    assert!(server["OS-SRV-USG:launched_at"].as_str().unwrap().ends_with(".000000"));
    let old = client.at("2.1").get(&format!("/compute/v2.1/servers/{id}")).await.json()["server"].clone();
    assert_eq!(old["flavor"]["id"], "3");
    assert_eq!(old.get("tags"), None);
    assert_eq!(old.get("locked"), None);
}

#[tokio::test]
async fn microversions_are_answered_and_refused_as_nova_does() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let answer = client.at("latest").get("/compute/v2.1/servers?limit=1").await;
    assert_eq!(answer.header("openstack-api-version"), Some("compute 2.93"));
    assert_eq!(answer.header("x-openstack-nova-api-version"), Some("2.93"));
    assert_eq!(answer.header("x-compute-request-id"), answer.header("x-openstack-request-id"));
    assert_eq!(answer.header("date"), Some("Sun, 22 Nov 2026 09:00:00 GMT"));
    let answer = client.at("2.999").get("/compute/v2.1/servers").await;
    assert_eq!(answer.status, 406);
    let message = "Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.";
    assert_eq!(answer.json(), json!({"computeFault": {"code": 406, "message": message}}));
    assert_eq!(answer.header("openstack-api-version"), Some("compute 2.999"));
}

#[tokio::test]
async fn every_service_says_no_in_its_own_way() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let nova = client.get(&format!("/compute/v2.1{UUID}")).await;
    assert_eq!((nova.status, &nova.json()["itemNotFound"]["code"]), (404, &json!(404)));
    let lost = client.get("/compute/v2.1/nothing").await;
    assert_eq!((lost.status, lost.header("content-type")), (404, Some("text/html; charset=UTF-8")));
    let glance = client.get("/image/v2/images/nope").await;
    assert_eq!(glance.status, 404);
    assert!(glance.text.contains("<h1>404 Not Found</h1>\n  No image found with ID nope<br />"), "{}", glance.text);
    let neutron = client.get("/network/v2.0/networks/nope").await;
    assert_eq!(
        neutron.json(),
        json!({"NeutronError": {"type": "NetworkNotFound", "message": "Network nope could not be found.", "detail": ""}})
    );
    let octavia = client.get("/load-balancer/v2/lbaas/pools/nope").await;
    assert_eq!(
        octavia.json(),
        json!({"faultcode": "Client", "faultstring": "Pool nope not found.", "debuginfo": null})
    );
    assert_eq!(octavia.header("connection"), Some("close"));
    let nobody = Client::anonymous(cloud.address().to_string());
    for (path, has_id) in
        [("/compute/v2.1/servers", true), ("/network/v2.0/ports", true), ("/load-balancer/v2/lbaas/pools", false)]
    {
        let answer = nobody.get(path).await;
        let message = "The request you have made requires authentication.";
        assert_eq!(answer.json(), json!({"error": {"code": 401, "title": "Unauthorized", "message": message}}));
        assert_eq!(answer.header("x-openstack-request-id").is_some(), has_id, "{path}");
    }
    assert!(nobody.get("/image/v2/images").await.text.starts_with("<html>"));
}

#[tokio::test]
async fn an_unknown_service_is_loud_and_in_the_ledger() {
    let cloud = served(still(Scenario::Quiet)).await;
    let answer = Client::oncall(&cloud).await.get("/volume/v3/volumes?limit=1").await;
    assert_eq!(answer.status, 404);
    assert!(answer.text.contains("no service at this path"), "{}", answer.text);
    let unknown = cloud.ledger(|ledger| {
        ledger.entries().filter(|entry| entry.unknown).map(|entry| entry.path.clone()).collect::<Vec<_>>()
    });
    assert_eq!(unknown, ["/volume/v3/volumes"]);
}

#[tokio::test]
async fn versions_are_told_without_a_token() {
    let cloud = served(still(Scenario::Quiet)).await;
    let nobody = Client::anonymous(cloud.address().to_string());
    let nova = nobody.get("/compute/").await;
    assert_eq!(nova.status, 200);
    assert_eq!(nova.json()["versions"][1]["version"], "2.93");
    assert_eq!(nova.header("x-openstack-request-id"), None);
    assert_eq!(nobody.get("/compute/v2.1").await.json()["version"]["min_version"], "2.1");
    assert_eq!(nobody.get("/identity/").await.status, 300);
    assert_eq!(nobody.get("/identity/v3").await.json()["version"]["id"], "v3.14");
    assert_eq!(nobody.get("/image/").await.status, 300);
    assert_eq!(nobody.get("/network/").await.json()["versions"][0]["id"], "v2.0");
    assert_eq!(nobody.get("/load-balancer/").await.json()["versions"][0]["id"], "v2.0");
}

#[tokio::test]
async fn without_dates_nova_sends_none() {
    let cloud = served(stackdeck::sim::Options { dates: false, ..still(Scenario::Quiet) }).await;
    let answer = Client::oncall(&cloud).await.get("/compute/v2.1/servers?limit=1").await;
    assert_eq!((answer.status, answer.header("date")), (200, None));
}

#[tokio::test]
async fn a_members_eyes_see_less_than_an_admins() {
    let cloud = served(still(Scenario::Quiet)).await;
    let (dev, admin) = (Client::sign_in(&cloud, "dev", "day-shift", "bank-prod").await, Client::oncall(&cloud).await);
    for (path, rule) in [
        ("/compute/v2.1/os-services", "os-services:list"),
        ("/compute/v2.1/os-hypervisors/detail", "os-hypervisors:list-detail"),
        ("/compute/v2.1/servers?all_tenants=1", "servers:index:get_all_tenants"),
    ] {
        let answer = dev.get(path).await;
        let message = format!("Policy doesn't allow os_compute_api:{rule} to be performed.");
        assert_eq!(answer.json(), json!({"forbidden": {"code": 403, "message": message}}));
        assert_eq!(admin.get(path).await.status, 200);
    }
    assert_eq!(dev.get("/network/v2.0/agents").await.json(), json!({"agents": []}));
    let agents = admin.get("/network/v2.0/agents").await.json();
    assert!(
        agents["agents"]
            .as_array()
            .is_some_and(|agents: &Vec<Value>| agents.iter().any(|agent| agent["alive"] == false))
    );
}
