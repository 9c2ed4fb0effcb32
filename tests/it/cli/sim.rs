//! The verbs against a simulated cloud in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::process::{Ended, Home, until};

/// `stackdeck sim` as a child, and a home whose `clouds.yaml` leads to it.
pub struct Cloud {
    pub home: Home,
    pub(super) file: PathBuf,
    child: Child,
}

impl Cloud {
    fn start(scenario: &str, instances: &str) -> Self {
        Self::at_rate(scenario, instances, "1")
    }

    /// One whose time runs so much faster.
    pub fn at_rate(scenario: &str, instances: &str, rate: &str) -> Self {
        let home = Home::new();
        let file = home.write(".config/openstack/clouds.yaml", "");
        let mut command = home.command();
        command.args(["sim", "--scenario", scenario, "--instances", instances, "--rate", rate, "--clouds"]).arg(&file);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("Serving {scenario} at http://127.0.0.1:")), "{line}");
        Self { home, file, child }
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.home.run(arguments)
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rows<'a>(document: &'a Value, name: &str) -> &'a Vec<Value> {
    document[name].as_array().unwrap_or_else(|| panic!("no {name} in {document}"))
}

#[test]
fn services_and_instances_are_told_with_their_documented_fields() {
    let cloud = Cloud::start("quiet", "40");
    let services = cloud.run(&["services", "-o", "json"]).with_code(0).json();
    assert_eq!(services["schema"], 1);
    assert_eq!((&services["scope"]["cloud"], &services["scope"]["all_projects"]), (&"sim".into(), &false.into()));
    let instances = cloud.run(&["instances", "-o", "json"]).with_code(0).json();
    let known = rows(&instances, "instances").len();
    assert!(known >= 40, "{known} instances");
    let counted: u64 = rows(&services, "services").iter().map(|service| service["instances"].as_u64().unwrap()).sum();
    assert_eq!(counted, known as u64, "every instance is in exactly one service");
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let told = |row: &Value, verb: &str| {
        let line = readme.lines().find(|line| line.starts_with(&format!("| `{verb}` | `{verb}[]`"))).unwrap();
        for field in row.as_object().unwrap().keys() {
            assert!(line.contains(&format!("`{field}`")) || line.contains(&format!("`{field}[]`")), "{verb}: {field}");
        }
    };
    told(&rows(&services, "services")[0], "services");
    told(&rows(&instances, "instances")[0], "instances");
}

#[test]
fn one_instance_is_found_by_name_and_told_with_its_history() {
    let cloud = Cloud::start("quiet", "20");
    let all = cloud.run(&["instances", "-o", "json"]).with_code(0).json();
    let first = &rows(&all, "instances")[0];
    let (id, name) = (first["id"].as_str().unwrap(), first["name"].as_str().unwrap());
    let told = cloud.run(&["instance", name, "-o", "json"]).with_code(0).json();
    assert_eq!(told["instance"]["id"], id);
    for part in ["ports", "volumes", "history"] {
        assert!(told[part]["value"].is_array(), "{part}: {}", told[part]);
    }
    let people = cloud.run(&["instance", id]).with_code(0);
    assert!(people.out.contains(name) && people.out.contains("\nHistory\n"), "{}", people.out);
    let nobody = cloud.run(&["instance", "no-such-instance-here"]).with_code(4);
    assert!(nobody.err.contains("no-such-instance-here"), "{}", nobody.err);
}

#[test]
fn the_cloud_itself_is_told_and_the_doctor_is_content() {
    let cloud = Cloud::start("quiet", "20");
    let told = cloud.run(&["cloud", "-o", "json"]).with_code(0).json();
    let compute = rows(&told, "endpoints").iter().find(|endpoint| endpoint["service_type"] == "compute").unwrap();
    assert!(compute["microversion_max"].is_string() && compute["latency_ms"].is_number(), "{compute}");
    assert!(!rows(&told["quotas"], "value").is_empty());
    let people = cloud.run(&["cloud"]).with_code(0);
    assert!(people.out.contains("\nQuotas\n"), "{}", people.out);
    let doctor = cloud.run(&["doctor", "-o", "json"]).with_code(0).json();
    let sign_in = rows(&doctor, "checks").iter().find(|check| check["subject"] == "sign-in").unwrap();
    assert_eq!(sign_in["verdict"], "ok", "{sign_in}");
}

#[test]
fn a_wrong_password_has_its_own_exit_code() {
    let cloud = Cloud::start("quiet", "20");
    let good = std::fs::read_to_string(&cloud.file).unwrap();
    std::fs::write(&cloud.file, good.replace("password: night-shift", "password: mistaken-for-another")).unwrap();
    let ended = cloud.run(&["--no-token-cache", "services"]).with_code(3);
    assert!(ended.err.starts_with("stackdeck: ") && !ended.err.contains("mistaken-for-another"), "{}", ended.err);
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    let cloud = Cloud::start("quiet", "20");
    let mut child =
        cloud.home.command().args(["instances"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_simulated_cloud_takes_its_file_away_when_it_is_told_to_end() {
    let mut cloud = Cloud::start("quiet", "20");
    let file = cloud.file.to_str().unwrap().to_owned();
    let second = cloud.run(&["sim", "--clouds", &file]).with_code(7);
    assert!(second.err.contains("Another simulated cloud"), "{}", second.err);
    kill_process(Pid::from_child(&cloud.child), Signal::TERM).unwrap();
    assert_eq!(cloud.child.wait().unwrap().code(), Some(0));
    assert!(!cloud.file.exists());
    let ended = cloud.run(&["sim", "--scenario", "bussy"]).with_code(2);
    assert!(ended.err.contains("slow_api"), "{}", ended.err);
}

#[test]
fn a_demo_is_started_once_and_found_again() {
    let home = Home::new();
    let folder = home.path().join(".local/state/stackdeck/demo/quiet-20");
    let arguments = ["--demo=quiet", "--instances", "20", "instances", "-o", "json"];
    let first = home.run(arguments).with_code(0).json();
    let number = || std::fs::read_to_string(folder.join("clouds.lock")).unwrap().trim().parse::<i32>().unwrap();
    let process = number();
    let second = home.run(arguments).with_code(0).json();
    assert_eq!(number(), process, "the same process serves both");
    assert_eq!(first["instances"][0]["id"], second["instances"][0]["id"]);
    end_demo(&home, "quiet-20");
    assert!(!home.path().join(".cache/stackdeck").exists(), "nothing of a demo is beside what is real");
}

/// Ends the cloud of a demo.
pub(super) fn end_demo(home: &Home, name: &str) {
    let folder = home.path().join(".local/state/stackdeck/demo").join(name);
    let process = std::fs::read_to_string(folder.join("clouds.lock")).unwrap().trim().parse::<i32>().unwrap();
    kill_process(Pid::from_raw(process).unwrap(), Signal::TERM).unwrap();
    until("the demo's cloud to end", || (!folder.join("clouds.yaml").exists()).then_some(()));
}
