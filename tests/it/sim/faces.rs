//! All faces tell one story: octavia's statistics, a Prometheus, gnocchi, nova's diagnostics, the guests themselves.

use std::time::Duration;

use serde_json::{Value, json};
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::load::Counts;
use stackdeck::sim::{Options, Scenario, Served, Uid};
use tokio::net::TcpListener;

use super::client::{Answer, Client, served, still};

const OWNER: Caller = Caller { user: Uid(1), request: Uid(2), admin: true };
const MINUTE: Duration = Duration::from_secs(60);

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn asked(client: &Client, query: &str) -> Answer {
    client.get(&format!("/prometheus/api/v1/query?query={}", encoded(query))).await
}

/// The one number of an instant query.
async fn number(client: &Client, query: &str) -> f64 {
    let body = asked(client, query).await.json();
    let rows = body["data"]["result"].as_array().unwrap_or_else(|| panic!("{query}: {body}")).clone();
    assert_eq!(rows.len(), 1, "{query}: {body}");
    rows[0]["value"][1].as_str().unwrap().parse().unwrap()
}

fn near(one: f64, other: f64, share: f64) -> bool {
    (one - other).abs() <= share * other.abs().max(1.0)
}

/// Ids that several tests ask for: of balancer, listener, and of one server that it sends requests to.
fn payments(cloud: &Served) -> (Uid, Uid, Uid) {
    cloud.world(|world| {
        let balancer = world.balancer_named("lb-payments").unwrap();
        (balancer.id, balancer.listener.id, balancer.pool.members[2].server)
    })
}

#[tokio::test]
async fn octavia_and_prometheus_and_the_guests_count_the_same_requests() {
    let cloud = served(still(Scenario::DailyPeak)).await;
    cloud.world(|world| world.step(10 * MINUTE));
    let client = Client::oncall(&cloud).await;
    let (balancer, listener, _) = payments(&cloud);
    let counted = cloud.world(|world| world.load.behind(balancer).unwrap().counts(world.now()).total(Counts::ever));
    let query = format!("octavia_listener_http_requests_total{{listener=\"{listener}\"}}");
    let listened = number(&client, &query).await;
    assert!(near(listened, counted.sent, 1e-6), "{listened} {counted:?}");
    let proxied = number(&client, &format!("haproxy_frontend_http_requests_total{{proxy=\"{listener}\"}}")).await;
    assert_eq!(listened, proxied);
    let members = number(&client, &format!("sum(octavia_member_sessions_total{{pool=~\".*:{listener}\"}})")).await;
    assert!(near(members, counted.sent, 1e-6), "{members} {counted:?}");
    let stats = client.get(&format!("/load-balancer/v2.0/lbaas/loadbalancers/{balancer}/stats")).await.json();
    let bytes = number(&client, &format!("octavia_listener_bytes_in_total{{listener=\"{listener}\"}}")).await;
    assert_eq!(stats["stats"]["bytes_in"].as_f64().unwrap(), bytes);
    let own = client.get(&format!("/load-balancer/v2.0/lbaas/listeners/{listener}/stats")).await.json();
    assert_eq!(own, stats);
    let rate =
        number(&client, &format!("sum(rate(octavia_listener_http_requests_total{{listener=\"{listener}\"}}[5m]))"))
            .await;
    let asked_for = cloud.world(|world| world.load.behind(balancer).unwrap().demand.rate(world.now()));
    assert!(near(rate, asked_for, 0.15), "{rate} {asked_for}");
    let addresses: Vec<String> = cloud.world(|world| {
        let members = world.balancer_named("lb-payments").unwrap().pool.members.clone();
        members.iter().map(|member| format!("{}:8080", std::net::Ipv4Addr::from(member.ip))).collect()
    });
    let guests =
        number(&client, &format!("sum(rate(http_requests_total{{instance=~\"{}\"}}[5m]))", addresses.join("|"))).await;
    assert!(near(guests, rate, 0.001), "{guests} {rate}");
}

#[tokio::test]
async fn the_hypervisor_says_one_thing_to_nova_gnocchi_and_prometheus() {
    let cloud = served(still(Scenario::DailyPeak)).await;
    cloud.world(|world| world.step(10 * MINUTE));
    let client = Client::oncall(&cloud).await;
    let (_, _, server) = payments(&cloud);
    let path = format!("/compute/v2.1/servers/{server}/diagnostics");
    let (new, old) = (client.get(&path).await.json(), client.at("2.1").get(&path).await.json());
    let cpus = new["cpu_details"].as_array().unwrap();
    let new_time: u64 = cpus.iter().map(|cpu| cpu["time"].as_u64().unwrap()).sum();
    let old_time: u64 = (0..cpus.len()).map(|cpu| old[format!("cpu{cpu}_time")].as_u64().unwrap()).sum();
    assert_eq!(new_time, old_time);
    assert_eq!(new["nic_details"][0]["rx_octets"], old["vnet1_rx"]);
    assert_eq!(old["memory"].as_u64().unwrap(), new["memory_details"]["maximum"].as_u64().unwrap() * 1024);
    let of_libvirt = asked(&client, &format!("libvirt_domain_info_meta{{uuid=\"{server}\"}}")).await.json();
    let domain = of_libvirt["data"]["result"][0]["metric"]["domain"].as_str().unwrap().to_owned();
    let name = format!("libvirt_domain_info_cpu_time_seconds_total{{domain=\"{domain}\"}}");
    assert!(near(number(&client, &name).await, new_time as f64 / 1e9, 1e-6));
    let rate = number(&client, &format!("rate({name}[5m])")).await;
    let joined = format!("rate({name}[5m]) * on(domain) group_left(uuid) libvirt_domain_info_meta");
    let row = asked(&client, &joined).await.json()["data"]["result"][0].clone();
    assert_eq!(row["metric"]["uuid"], json!(server));
    let ceilometer = number(&client, &format!("rate(ceilometer_cpu{{resource=\"{server}\"}}[5m])")).await / 1e9;
    assert!(near(ceilometer, rate, 1e-6), "{ceilometer} {rate}");
    let node = "sum(rate(node_cpu_seconds_total{mode!=\"idle\",instance=\"INSTANCE\"}[5m]))";
    let ip = cloud.world(|world| std::net::Ipv4Addr::from(world.server(server).unwrap().addresses[0].ip));
    let node = number(&client, &node.replace("INSTANCE", &format!("{ip}:9100"))).await;
    assert!(near(node, rate, 1e-3), "{node} {rate}");
    let body = json!({
        "operations": ["metric", ["cpu", "rate:mean"], ["cpu", "mean"]], "resource_type": "instance",
        "search": {"and": [{"=": {"ended_at": null}}, {"=": {"id": server}}]},
    });
    let told = client.post("/metric/v1/aggregates?granularity=60&start=-5minutes", &body).await.json();
    let rates = told["measures"][server.to_string()]["cpu"]["rate:mean"].as_array().unwrap().clone();
    let means: Vec<f64> = rates.iter().map(|point| point[2].as_f64().unwrap() / 60e9).collect();
    assert!(means.len() >= 4, "{told}");
    assert!(means.iter().all(|mean| near(*mean, rate, 0.12)), "{means:?} {rate}");
    let counters = told["measures"][server.to_string()]["cpu"]["mean"].as_array().unwrap();
    assert!(counters.windows(2).all(|two| two[0][2].as_f64() < two[1][2].as_f64()));
}

#[tokio::test]
async fn quantiles_and_errors_are_those_of_the_world() {
    let cloud = served(still(Scenario::Outage)).await;
    cloud.world(|world| world.step(26 * MINUTE));
    let client = Client::oncall(&cloud).await;
    let (lately, quantile) = cloud.world(|world| {
        let app = world.load.named("gateway").unwrap();
        let total = |at| app.counts(at).total(Counts::ever);
        let (outcomes, _) = app.outcomes_at(world.now());
        (total(world.now()).since(&total(world.now().minus(5 * MINUTE))), outcomes[0].quantile(0.95))
    });
    let addresses: Vec<String> = cloud.world(|world| {
        let members = world.balancer_named("lb-gateway").unwrap().pool.members.clone();
        members.iter().map(|member| format!("{}:8080", std::net::Ipv4Addr::from(member.ip))).collect()
    });
    let of = format!("instance=~\"{}\"", addresses.join("|"));
    let sum = format!("sum by (le) (rate(http_request_duration_seconds_bucket{{{of}}}[1m]))");
    let told = number(&client, &format!("histogram_quantile(0.95, {sum})")).await;
    assert!(told > 0.5 * quantile && told < 2.0 * quantile, "{told} {quantile}");
    let recorded =
        "rate(service:http_request_duration_seconds_bucket:sum{project_name=\"bank-prod\",service=\"gateway\"}[1m])";
    let recorded = number(&client, &format!("histogram_quantile(0.95, sum by (le) ({recorded}))")).await;
    assert!(near(recorded * 1000.0, told * 1000.0, 0.02), "the rule has what the instances told: {recorded} {told}");
    let errors = format!(
        "sum(rate(http_requests_total{{code=~\"5..\",{of}}}[5m])) / sum(rate(http_requests_total{{{of}}}[5m]))"
    );
    let errors = number(&client, &errors).await;
    assert!(near(errors * 1000.0, lately.errors() / lately.sent * 1000.0, 0.15), "{errors} {lately:?}");
    let mean =
        "sum(rate(http_request_duration_seconds_sum{OF}[5m])) / sum(rate(http_request_duration_seconds_count{OF}[5m]))";
    let mean = number(&client, &mean.replace("OF", &of)).await;
    assert!(near(mean * 1000.0, lately.took / lately.answered() * 1000.0, 0.1), "{mean} {lately:?}");
}

#[tokio::test]
async fn a_day_back_is_there_at_once_and_the_future_is_not() {
    let cloud = served(still(Scenario::DailyPeak)).await;
    let client = Client::oncall(&cloud).await;
    let (_, listener, server) = payments(&cloud);
    let now = cloud.world(|world| world.now().as_millis() / 1000);
    let query = encoded(&format!("sum(rate(octavia_listener_http_requests_total{{listener=\"{listener}\"}}[5m]))"));
    let path =
        format!("/prometheus/api/v1/query_range?query={query}&start={}&end={}&step=5m", now - 86_400, now + 3600);
    let body = client.get(&path).await.json();
    let values = body["data"]["result"][0]["values"].as_array().unwrap().clone();
    let rates: Vec<f64> = values.iter().map(|value| value[1].as_str().unwrap().parse().unwrap()).collect();
    assert!((280..=289).contains(&rates.len()), "{}", rates.len());
    let (least, most) =
        rates.iter().fold((f64::MAX, 0.0f64), |(least, most), rate| (least.min(*rate), most.max(*rate)));
    assert!(most > 4.0 * least && least > 0.0, "night and day: {least} {most}");
    let body = json!({"operations": "(metric memory.usage mean)", "search": format!("id={server}"), "resource_type": "instance"});
    let told = client.post("/metric/v1/aggregates?granularity=300&start=-1day&groupby=id", &body).await.json();
    let points = told[0]["measures"]["measures"][server.to_string()]["memory.usage"]["mean"].as_array().unwrap();
    assert!(points.len() >= 287, "{}", points.len());
}

#[tokio::test]
async fn what_prometheus_cannot_do_it_says_in_its_own_shape() {
    let cloud = served(Options { instances: 30, ..still(Scenario::Quiet) }).await;
    let client = Client::anonymous(cloud.address().to_string());
    for (query, status, kind) in [
        ("sum(rate(up[5m]", 400, "bad_data"),
        ("up{job=~\"(\"}", 400, "bad_data"),
        ("predict_linear(up[5m], 3600)", 422, "execution"),
        ("holt_winters(up[5m])", 422, "execution"),
        ("{job=\"node\"}", 422, "execution"),
        ("", 400, "bad_data"),
    ] {
        let answer = asked(&client, query).await;
        let body = answer.json();
        assert_eq!(
            (answer.status, body["status"].as_str(), body["errorType"].as_str()),
            (status, Some("error"), Some(kind)),
            "{query}"
        );
    }
    assert_eq!(asked(&client, "nobody_tells_this").await.json()["data"]["result"], json!([]));
    assert_eq!(asked(&client, "1 + 2 * 3 ^ 2").await.json()["data"]["result"][1], "19");
    let up = asked(&client, "count by (job) (up == 1)").await.json();
    assert_eq!(up["data"]["result"].as_array().unwrap().len(), 2, "{up}");
    let names = client.get("/prometheus/api/v1/label/__name__/values").await.json();
    assert!(names["data"].as_array().unwrap().contains(&json!("octavia_pool_response_time_average_seconds")));
    let series = client.get(&format!("/prometheus/api/v1/series?match[]={}", encoded("build_info"))).await.json();
    assert!(series["data"][0]["version"].is_string(), "{series}");
}

#[tokio::test]
async fn gnocchi_answers_as_gnocchi_does() {
    let cloud = served(Options { instances: 30, ..still(Scenario::Quiet) }).await;
    let client = Client::oncall(&cloud).await;
    let newest = client
        .post("/metric/v1/search/resource/instance?limit=1&sort=started_at:desc", &json!({"=": {"ended_at": null}}))
        .await;
    assert!(newest.header("link").is_some_and(|link| link.ends_with("rel=\"next\"")));
    let resource = newest.json()[0].clone();
    let metric =
        client.get(&format!("/metric/v1/metric/{}", resource["metrics"]["cpu"].as_str().unwrap())).await.json();
    assert_eq!((&metric["name"], &metric["unit"]), (&json!("cpu"), &json!("ns")));
    assert_eq!(metric["archive_policy"]["definition"][0]["granularity"], "0:01:00");
    let id = resource["id"].as_str().unwrap();
    let body = |name: &str| json!({"operations": ["metric", [name, "mean"]], "search": {"=": {"id": id}}, "resource_type": "instance"});
    let missing = client.post("/metric/v1/aggregates?granularity=60", &body("nope")).await;
    let description = json!({"cause": "Metrics not found", "detail": ["nope"]});
    assert_eq!(
        (missing.status, missing.json()),
        (400, json!({"code": 400, "title": "Bad Request", "description": description}))
    );
    let odd = client.post("/metric/v1/aggregates?granularity=7", &body("cpu")).await;
    assert_eq!((odd.status, odd.json()["description"]["reason"].clone()), (400, json!("Granularities are missing")));
    let measures =
        client.get(&format!("/metric/v1/resource/instance/{id}/metric/cpu/measures?start=-10minutes")).await.json();
    let steps: Vec<f64> = measures.as_array().unwrap().iter().map(|point| point[1].as_f64().unwrap()).collect();
    assert!(steps.contains(&300.0) && steps.contains(&60.0) && steps[0] == 300.0, "{measures}");
    let stranger = Client::sign_in(&cloud, "dev", "day-shift", "bank-prod").await;
    assert_eq!(stranger.get(&format!("/metric/v1/resource/instance/{id}")).await.status, 404);
    let anonymous = Client::anonymous(cloud.address().to_string());
    assert_eq!(anonymous.get("/metric/v1/resource/instance").await.status, 401);
}

/// A port of loopback that nobody has, for guests of this test's own.
async fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        // Exporters want one a little above.
        if port < 65_000 {
            return port;
        }
    }
}

/// Asks until it is answered, or refused, as wanted.
async fn until(client: &Client, path: &str, answers: bool) -> Option<Answer> {
    for _ in 0..200 {
        match client.send("GET", path, None).await {
            Ok(answer) if answers => return Some(answer),
            Err(_) if !answers => return None,
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("{path} does not come to {answers}");
}

#[tokio::test]
async fn guests_answer_probes_while_they_run_and_refuse_when_they_do_not() {
    let port = free_port().await;
    let cloud = served(Options { instances: 30, guest_port: port, ..still(Scenario::DailyPeak) }).await;
    cloud.open_doors();
    let (id, name, ip, vip) = cloud.world(|world| {
        let balancer = world.balancer_named("lb-payments").unwrap();
        let server = world.server(balancer.pool.members[0].server).unwrap();
        (server.id, server.name.clone(), server.addresses[0].ip, balancer.vip)
    });
    let here = |ip: u32, port: u16| {
        let [_, a, b, c] = ip.to_be_bytes();
        Client::anonymous(format!("127.{a}.{b}.{c}:{port}"))
    };
    let guest = here(ip, port);
    let health = until(&guest, "/health", true).await.unwrap();
    assert_eq!(
        (health.status, health.json(), health.header("x-served-by")),
        (200, json!({"status": "ok"}), Some(name.as_str()))
    );
    assert_eq!(guest.get("/version").await.json()["service"], "payments");
    assert_eq!(guest.get("/").await.json()["id"], json!(id));
    let page = guest.get("/metrics").await.text;
    let told = page.lines().find_map(|line| line.strip_prefix("http_requests_total{handler=\"/\",code=\"200\"} "));
    let counted = cloud.world(|world| world.guest_now(world.server(id).unwrap()).unwrap().counts.ok);
    assert!(near(told.unwrap().parse().unwrap(), counted, 1e-6), "{page}");
    let exporter = until(&here(vip, port + 8), "/metrics", true).await.unwrap();
    assert!(exporter.text.contains("\noctavia_listener_http_requests_total{listener="), "{}", exporter.text);
    cloud.world(|world| world.set_sick(id, true));
    assert_eq!(guest.get("/health").await.status, 503);
    cloud.world(|world| {
        world.ask(id, Course::Stop, &OWNER).unwrap();
        world.step(MINUTE);
    });
    until(&guest, "/health", false).await;
    cloud.world(|world| {
        world.ask(id, Course::Start, &OWNER).unwrap();
        world.step(MINUTE);
    });
    until(&guest, "/version", true).await;
}

#[tokio::test]
async fn a_listener_of_protocol_prometheus_is_listed_with_its_port() {
    let cloud = served(Options { instances: 30, ..still(Scenario::Quiet) }).await;
    let client = Client::oncall(&cloud).await;
    let all = client.get("/load-balancer/v2.0/lbaas/listeners").await.json();
    let exporters: Vec<&Value> =
        all["listeners"].as_array().unwrap().iter().filter(|row| row["protocol"] == "PROMETHEUS").collect();
    assert!(!exporters.is_empty());
    for row in exporters {
        assert_eq!((&row["protocol_port"], &row["default_pool_id"]), (&json!(8088), &Value::Null));
        let stats =
            client.get(&format!("/load-balancer/v2.0/lbaas/listeners/{}/stats", row["id"].as_str().unwrap())).await;
        assert_eq!(stats.json()["stats"]["total_connections"], 0);
    }
}
