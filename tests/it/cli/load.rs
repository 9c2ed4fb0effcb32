//! What is measured, from the shell: `top`, `graph`, `services` and `doctor` against a simulated cloud whose time runs fast.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::sim::end_demo;
use crate::support::process::{Ended, Home, end};

const DEMO: [&str; 3] = ["--demo=daily_peak", "--instances", "60"];

/// A demo's cloud, asked so often that no test waits.
struct Measured(Home);

impl Measured {
    fn start() -> Self {
        let home = Home::new();
        home.run(DEMO.iter().chain(&["instances"])).with_code(0);
        Self(home)
    }

    fn command(&self, settings: &[(&str, &str)]) -> Command {
        let quick = [("REQUESTS", "6000"), ("OCTAVIA_EVERY", "500ms"), ("BALANCERS_EVERY", "500ms")];
        let mut command = self.0.command();
        for (name, value) in quick.iter().chain(settings) {
            command.env(format!("STACKDECK_METRICS_{name}"), value);
        }
        command.args(DEMO);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        end(self.command(&[]).args(arguments))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(arguments).with_code(0).json()
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        end_demo(&self.0, "daily_peak-60");
    }
}

fn rows<'a>(document: &'a Value, name: &str) -> &'a Vec<Value> {
    document[name].as_array().unwrap_or_else(|| panic!("no {name} in {document}"))
}

fn named<'a>(rows: &'a [Value], name: &str) -> &'a Value {
    rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

/// Each field of a row is in the README's line that begins so.
#[track_caller]
fn documented(row: &Value, line: &str) {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let line = readme.lines().find(|known| known.starts_with(line)).unwrap_or_else(|| panic!("no line {line}"));
    for field in row.as_object().unwrap().keys() {
        assert!(line.contains(&format!("`{field}`")) || line.contains(&format!("`{field}[]`")), "{field}: {line}");
    }
}

#[test]
fn top_tells_load_and_health_of_services_and_instances_and_who_told() {
    let cloud = Measured::start();
    let all = cloud.json(&["top", "--once", "-o", "json"]);
    let services = rows(&all, "services");
    let payments = named(services, "payments");
    let load = &payments["load"];
    let number = |field: &str| load[field].as_f64().unwrap_or_else(|| panic!("no {field} in {load}"));
    assert!(number("requests_per_second") > 1.0 && number("active") >= 0.0, "{load}");
    assert!((0.0..=1.0).contains(&number("errors_share")) && (0.0..=1.0).contains(&number("cpu_share")), "{load}");
    assert!(number("response_mean_ms") > 0.1, "{load}");
    let told = rows(load, "sources").iter().find(|told| told["metric"] == "requests").unwrap();
    assert_eq!(told["source"], "balancer");
    let octavia = rows(&all, "sources").iter().find(|state| state["source"] == "octavia").unwrap();
    assert_eq!(octavia["standing"], "answers", "{octavia}");
    assert!(all["instances"].is_null());
    documented(payments, "| `top` |");
    documented(load, "| each `load` |");
    documented(told, "| each `load` |");
    documented(octavia, "| `top` |");
    for conclusion in services.iter().flat_map(|service| rows(service, "conclusions")) {
        documented(conclusion, "| each of `conclusions[]` |");
        rows(conclusion, "evidence").iter().for_each(|seen| documented(seen, "| each of `conclusions[]` |"));
    }
    let one = cloud.json(&["top", "payments", "--once", "-o", "json"]);
    assert_eq!(rows(&one, "services").len(), 1);
    let instances = rows(&one, "instances");
    assert_eq!(instances.len() as u64, named(rows(&one, "services"), "payments")["instances"].as_u64().unwrap());
    assert!(instances.iter().any(|row| row["load"]["cpu_share"].is_number()), "{one}");
    documented(&instances[0], "| `top` |");
    let people = cloud.run(&["top", "payments", "--once"]).with_code(0);
    assert!(people.out.starts_with("SERVICE") && people.out.contains("\nINSTANCE"), "{}", people.out);
    assert!(people.out.lines().all(|line| !line.contains('\u{1b}')), "{}", people.out);
    let nobody = cloud.run(&["top", "paymnets", "--once"]).with_code(4);
    assert!(nobody.err.contains("Did you mean payments?"), "{}", nobody.err);
}

#[test]
fn top_goes_on_block_by_block_until_nobody_reads() {
    let cloud = Measured::start();
    let mut command = cloud.0.command();
    let mut child = command.args(DEMO).args(["top", "--every", "200ms"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let headings = lines.by_ref().map(Result::unwrap).filter(|line| line.starts_with("SERVICE")).take(3).count();
    assert_eq!(headings, 3);
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(0), "a reader that stops reading is no failure");
}

#[test]
fn services_have_what_one_look_tells_and_nothing_is_zero_because_it_is_unknown() {
    let cloud = Measured::start();
    let payments = |settings: &[(&str, &str)]| {
        let told = end(cloud.command(settings).args(["services", "-o", "json"])).with_code(0).json();
        named(rows(&told, "services"), "payments")["load"].clone()
    };
    let load = payments(&[]);
    assert!(load["active"].is_number() && load["cpu_share"].as_f64().unwrap() > 0.01, "{load}");
    let load = payments(&[("GNOCCHI_ENABLED", "no"), ("AETOS_ENABLED", "no"), ("BALANCERS_ENABLED", "no")]);
    assert!(load["active"].is_number(), "{load}");
    for unknown in ["requests_per_second", "errors_share", "cpu_share", "response_p95_ms"] {
        assert!(load[unknown].is_null(), "{unknown}: {load}");
    }
    let load = payments(&[("GNOCCHI_ENABLED", "no"), ("PAST", "0s"), ("BALANCERS_ENABLED", "no")]);
    let cpu = rows(&load, "sources").iter().find(|source| source["metric"] == "cpu");
    assert_eq!(cpu.map(|cpu| &cpu["source"]), Some(&"prometheus".into()), "Aetos, by the catalog: {load}");
    assert_eq!(payments(&[("ENABLED", "no")])["sources"], Value::Array(Vec::new()));
}

#[test]
fn graphs_reach_back_where_somebody_keeps_the_past() {
    let cloud = Measured::start();
    let document = cloud.json(&["graph", "payments", "cpu", "-o", "json"]);
    let graph = &document["graph"];
    documented(graph, "| `graph` |");
    assert_eq!(
        (&graph["source"], &graph["unit"], &graph["step_ms"]),
        (&"gnocchi".into(), &"share".into(), &300_000.into())
    );
    let points = rows(graph, "points");
    documented(&points[0], "| `graph` |");
    let known = points.iter().filter(|point| point["mean"].is_number()).count();
    assert!(points.len() == 72 && known > 36, "{known} of {}", points.len());
    let response = cloud.json(&["graph", "payments", "response-mean", "-o", "json"]);
    let known = rows(&response["graph"], "points").iter().filter(|point| point["mean"].is_number()).count();
    assert!(known > 36, "six hours of response times, from the demo's Prometheus: {known}");
    let csv = cloud.run(&["graph", "payments", "cpu", "--range", "1h", "-o", "csv"]).with_code(0);
    assert_eq!(csv.out.lines().next(), Some("at,mean,min,max"));
    assert!(csv.out.lines().count() == 61 && csv.out.lines().all(|line| line.split(',').count() == 4), "{}", csv.out);
    let id = rows(&cloud.json(&["instances", "-o", "json"]), "instances")
        .iter()
        .find(|row| row["service"] == "payments")
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .unwrap();
    let drawn = cloud.run(&["graph", "payments", "cpu", "--instance", &id, "--range", "15m"]).with_code(0);
    assert!(drawn.out.is_ascii() && drawn.out.contains(" %") && drawn.out.contains("UTC"), "{}", drawn.out);
    assert!(drawn.out.lines().all(|line| line.len() <= 80), "{}", drawn.out);
    let wrong = cloud.run(&["graph", "payments", "reqests"]).with_code(2);
    assert!(wrong.err.contains("did you mean requests?"), "{}", wrong.err);
    assert!(cloud.run(&["graph", "payments", "cpu", "--range", "25h"]).with_code(2).err.contains("24h"));
    let untold = cloud.run(&["graph", "payments", "saturation", "--range", "15m"]).with_code(4);
    assert!(untold.err.contains("stackdeck doctor"), "{}", untold.err);
}

#[test]
fn the_doctor_says_who_measures_which_service_and_what_to_paste() {
    let cloud = Measured::start();
    let configured = "[metrics.prometheus.lost]\nurl = \"http://127.0.0.1:1\"\n[services.paymnets]\nfloor = 2\n";
    cloud.0.write(".config/stackdeck/config.toml", configured);
    let mut command = cloud.command(&[("BALANCERS_ENABLED", "no")]);
    let doctor = end(command.args(["doctor", "-o", "json"])).with_code(0).json();
    let checks: Vec<&Value> = rows(&doctor, "checks").iter().filter(|check| check["part"] == "load").collect();
    let of = |subject: &str| {
        let found = checks.iter().find(|check| check["subject"] == subject);
        *found.unwrap_or_else(|| panic!("no {subject} in {checks:#?}"))
    };
    assert!(of("Octavia")["found"].as_str().unwrap().contains("tells of"), "{}", of("Octavia"));
    assert_eq!(of("Prometheus lost")["verdict"], "warning");
    let balancer = of("the balancer's exporter")["advice"].to_string();
    assert!(balancer.contains("[metrics.balancers]"), "{balancer}");
    let probes = of("our health checks")["advice"].to_string();
    assert!(probes.contains("config.toml") && probes.contains("[metrics.probes]"), "{probes}");
    let payments = of("payments")["found"].as_str().unwrap();
    // Refused requests come with Octavia's second round, or not yet.
    assert!(payments.contains("by Octavia") && payments.contains("nobody tells"), "{payments}");
    assert!(of("paymnets")["advice"].to_string().contains("[services.payments]"), "{}", of("paymnets"));
}
