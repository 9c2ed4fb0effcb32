//! Whose the sums of a balancer are.

use serde_json::{Value, json};
use stackdeck::openstack::statistics::{Balancer, Listener};
use stackdeck::watch::metrics::octavia_plan::{Plan, Target, plan};

use super::scenery::{cloud, fleet_of};

fn balancer(id: &str, provider: &str, pools: &[&str]) -> Balancer {
    let pools: Vec<Value> = pools.iter().map(|id| json!({ "id": id })).collect();
    serde_json::from_value(json!({ "id": id, "name": id, "provider": provider, "pools": pools })).unwrap()
}

fn listener(id: &str, balancer: &str, protocol: &str, pool: Option<&str>, policies: usize) -> Listener {
    let policies: Vec<Value> = (0..policies).map(|at| json!({ "id": format!("l7-{at}") })).collect();
    let row = json!({ "id": id, "name": id, "protocol": protocol, "default_pool_id": pool, "l7policies": policies,
                      "loadbalancers": [{ "id": balancer }] });
    serde_json::from_value(row).unwrap()
}

/// Services and their targets, for comparison.
fn counts(plan: &Plan) -> Vec<(String, Vec<Target>)> {
    plan.counts.iter().map(|(service, targets)| (service.name.to_string(), targets.clone())).collect()
}

fn whole(id: &str) -> Target {
    Target::Balancer(id.to_owned())
}

fn part(id: &str) -> Target {
    Target::Listener(id.to_owned())
}

#[tokio::test]
async fn a_balancer_of_one_service_is_one_request_whatever_its_listeners() {
    let fleet = fleet_of(&cloud()).await;
    let listeners = [listener("a", "bw", "HTTP", Some("pw"), 0), listener("b", "bw", "TCP", Some("pw"), 0)];
    let plan = plan(&[balancer("bw", "amphora", &["pw"]), balancer("bp", "octavia", &["pp"])], &listeners, &fleet);
    assert_eq!(counts(&plan), [("pay".to_owned(), vec![whole("bp")]), ("web".to_owned(), vec![whole("bw")])]);
    assert_eq!(plan.lacks, []);
}

#[tokio::test]
async fn our_own_questions_to_an_exporter_are_nobodys_load() {
    let fleet = fleet_of(&cloud()).await;
    let listeners = [listener("a", "bw", "HTTP", Some("pw"), 0), listener("m", "bw", "PROMETHEUS", None, 0)];
    let plan = plan(&[balancer("bw", "amphora", &["pw"])], &listeners, &fleet);
    assert_eq!(counts(&plan), [("web".to_owned(), vec![part("a")])]);
}

#[tokio::test]
async fn a_balancer_of_two_services_is_asked_listener_by_listener() {
    let fleet = fleet_of(&cloud()).await;
    let listeners = [listener("a", "b", "HTTP", Some("pw"), 0), listener("c", "b", "HTTP", Some("pp"), 0)];
    let plan = plan(&[balancer("b", "amphora", &["pw", "pp"])], &listeners, &fleet);
    assert_eq!(counts(&plan), [("pay".to_owned(), vec![part("c")]), ("web".to_owned(), vec![part("a")])]);
}

#[tokio::test]
async fn a_listener_whose_policies_may_lead_to_two_services_is_nobodys() {
    let fleet = fleet_of(&cloud()).await;
    let listeners = [listener("a", "b", "HTTP", Some("pw"), 1)];
    let plan = plan(&[balancer("b", "amphora", &["pw", "pp"])], &listeners, &fleet);
    assert_eq!(counts(&plan), []);
    assert_eq!(plan.lacks.len(), 2, "each of the two services is told");
    assert_eq!(plan.lacks[0].why, "Listener a of load balancer b leads to several services: its sum is nobody's");
}

#[tokio::test]
async fn ovn_is_not_asked_and_its_services_are_told_why() {
    let fleet = fleet_of(&cloud()).await;
    let plan = plan(&[balancer("bw", "ovn", &["pw"])], &[listener("a", "bw", "TCP", Some("pw"), 0)], &fleet);
    assert_eq!(counts(&plan), []);
    assert_eq!(plan.lacks[0].why, "Load balancer bw is of the provider ovn, which counts nothing");
    assert_eq!(plan.lacks[0].service.as_ref().map(|service| &*service.name), Some("web"));
}

#[tokio::test]
async fn two_balancers_of_one_service_count_together() {
    let fleet = fleet_of(&cloud()).await;
    let plan = plan(&[balancer("b1", "amphora", &["pw"]), balancer("b2", "amphora", &["pw"])], &[], &fleet);
    assert_eq!(counts(&plan), [("web".to_owned(), vec![whole("b1"), whole("b2")])]);
}

#[tokio::test]
async fn a_balancer_behind_which_no_instance_is_known_is_not_asked() {
    let fleet = fleet_of(&cloud()).await;
    let plan = plan(&[balancer("x", "amphora", &["other"]), Balancer::default()], &[Listener::default()], &fleet);
    assert_eq!(plan, Plan::default());
}
