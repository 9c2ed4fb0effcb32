//! A cloud in memory with two services behind balancers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stackdeck::base::clock::{Clock, Pace};
use stackdeck::fleet::metric::{MeterState, Metric, Sample, Subject};
use stackdeck::fleet::{Fleet, ServiceKey};
use stackdeck::openstack::Reader;
use stackdeck::watch::{self, Handle, Intervals, News, Settings};
use tokio::sync::mpsc::Receiver;

use super::super::cloud::{MemoryCloud, server};

pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
pub(crate) const OFTEN: Duration = Duration::from_millis(20);

/// `web-1` and `web-2` behind pool `pw` of balancer `bw`, `pay-1` behind `pp` of `bp`.
pub(crate) fn cloud() -> MemoryCloud {
    let cloud = MemoryCloud::default();
    for (id, service, address) in
        [("web-1", "web", "10.0.0.1"), ("web-2", "web", "10.0.0.2"), ("pay-1", "pay", "10.0.0.3")]
    {
        let mut row = server(id, "ACTIVE", "2026-11-22T08:00:00Z");
        row["metadata"] = json!({ "service": service });
        row["addresses"] = json!({ "net": [{ "addr": address, "OS-EXT-IPS:type": "fixed", "version": 4 }] });
        row["flavor"] = json!({ "original_name": "m", "vcpus": 2, "ram": 1024, "disk": 1 });
        cloud.put(row);
    }
    let port = |id: &str, address: &str| {
        json!({ "id": format!("port-{id}"), "device_id": id, "device_owner": "compute:nova", "network_id": "net", "status": "ACTIVE",
                "fixed_ips": [{ "subnet_id": "sub", "ip_address": address }] })
    };
    let ports = [port("web-1", "10.0.0.1"), port("web-2", "10.0.0.2"), port("pay-1", "10.0.0.3")];
    cloud.fix("/ports", Ok(json!({ "ports": ports })));
    cloud.fix("/os-server-groups", Ok(json!({ "server_groups": [] })));
    let pool = |id: &str, balancer: &str| {
        json!({ "id": id, "name": id, "project_id": "p", "protocol": "HTTP", "operating_status": "ONLINE",
                "provisioning_status": "ACTIVE", "loadbalancers": [{ "id": balancer }], "members": [] })
    };
    cloud.fix("/lbaas/pools", Ok(json!({ "pools": [pool("pw", "bw"), pool("pp", "bp")] })));
    let member = |address: &str| {
        json!({ "id": format!("m-{address}"), "address": address, "protocol_port": 8080, "subnet_id": "sub",
                "weight": 1, "operating_status": "ONLINE", "provisioning_status": "ACTIVE", "admin_state_up": true })
    };
    cloud.fix("/lbaas/pools/pw/members", Ok(json!({ "members": [member("10.0.0.1"), member("10.0.0.2")] })));
    cloud.fix("/lbaas/pools/pp/members", Ok(json!({ "members": [member("10.0.0.3")] })));
    let balancer = |id: &str, pool: &str| {
        json!({ "id": id, "name": id, "provider": "amphora", "vip_subnet_id": "sub", "operating_status": "ONLINE",
                "provisioning_status": "ACTIVE", "pools": [{ "id": pool }], "listeners": [{ "id": format!("l-{id}") }] })
    };
    cloud.fix("/lbaas/loadbalancers", Ok(json!({ "loadbalancers": [balancer("bw", "pw"), balancer("bp", "pp")] })));
    let listener = |balancer: &str, pool: &str| {
        json!({ "id": format!("l-{balancer}"), "name": "l", "protocol": "HTTP", "protocol_port": 80,
                "default_pool_id": pool, "l7policies": [], "loadbalancers": [{ "id": balancer }] })
    };
    cloud.fix("/lbaas/listeners", Ok(json!({ "listeners": [listener("bw", "pw"), listener("bp", "pp")] })));
    cloud
}

/// The statistics as Octavia tells them.
pub(crate) fn stats(connections: i64, bytes: i64) -> Value {
    json!({ "stats": { "active_connections": 3, "total_connections": connections, "request_errors": 0,
                       "bytes_in": bytes, "bytes_out": 2 * bytes } })
}

/// A watch that measures, and hardly does anything else once it has seen the fleet.
pub(crate) fn measure(cloud: &impl CloneReader, metrics: watch::metrics::Settings) -> (Handle, Receiver<News>) {
    measure_at(Pace::REAL, cloud, metrics)
}

/// The same in a cloud whose time passes so fast.
pub(crate) fn measure_at(
    pace: Pace,
    cloud: &impl CloneReader,
    metrics: watch::metrics::Settings,
) -> (Handle, Receiver<News>) {
    let seldom = Duration::from_secs(3600);
    let intervals = Intervals { steady: seldom, transition: seldom, ..Intervals::default() };
    let settings = Settings { intervals, metrics: Some(metrics), pace, ..Settings::default() };
    watch::start(cloud.reader(), settings, Clock::system(), None)
}

/// A reader that a test keeps a copy of.
pub(crate) trait CloneReader {
    type Copy: Reader;
    fn reader(&self) -> Self::Copy;
}

impl<R: Reader + Clone> CloneReader for R {
    type Copy = R;
    fn reader(&self) -> R {
        self.clone()
    }
}

/// The first news that `pick` takes.
pub(crate) async fn until<T>(news: &mut Receiver<News>, mut pick: impl FnMut(News) -> Option<T>) -> T {
    let search = async {
        while let Some(news) = news.recv().await {
            if let Some(found) = pick(news) {
                return found;
            }
        }
        panic!("the watch has ended")
    };
    tokio::time::timeout(DEADLINE, search).await.expect("it comes in time")
}

/// The first state of the meters that is so.
pub(crate) async fn until_meters(news: &mut Receiver<News>, so: impl Fn(&[MeterState]) -> bool) -> Vec<MeterState> {
    until(news, |news| match news {
        News::Meters(states) if so(&states) => Some(states),
        _ => None,
    })
    .await
}

/// The first sample that is so.
pub(crate) async fn until_sample(news: &mut Receiver<News>, mut so: impl FnMut(&Sample) -> bool) -> Sample {
    until(news, |news| match news {
        News::Samples(samples) => samples.into_iter().find(|sample| so(sample)),
        _ => None,
    })
    .await
}

/// The fleet as the watch groups it.
pub(crate) async fn fleet_of(cloud: &MemoryCloud) -> Arc<Fleet> {
    let (_handle, mut news) = watch::start(cloud.clone(), Settings::default(), Clock::system(), None);
    until(&mut news, |news| match news {
        News::Fleet { fleet, .. }
            if fleet.pools.len() == 2 && fleet.members.iter().all(|member| !member.seats.is_empty()) =>
        {
            Some(fleet)
        }
        _ => None,
    })
    .await
}

/// Whether a sample is of that service.
pub(crate) fn of_service(sample: &Sample, name: &str, metric: Metric) -> bool {
    sample.metric == metric
        && matches!(&sample.subject, Subject::Service(ServiceKey { name: own, .. }) if **own == *name)
}
