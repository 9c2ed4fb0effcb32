//! Nova's diagnostics in both of their forms, and the loop that asks for them.

use serde_json::{Value, json};
use stackdeck::base::failure::FailureKind;
use stackdeck::fleet::metric::{Meter, MeterStanding, Metric};
use stackdeck::openstack::diagnostics::{Diagnostics, parse};
use stackdeck::watch::metrics::Settings;

use super::scenery::{OFTEN, cloud, measure, until_meters, until_sample};

fn read(told: &Value) -> Diagnostics {
    parse(told.as_object().expect("an object"))
}

/// As Nova's API reference has it for 2.48.
fn uniform(time: u64) -> Value {
    json!({ "config_drive": true, "driver": "libvirt", "hypervisor": "kvm", "state": "running", "uptime": 46664,
        "num_cpus": 2, "num_disks": 1, "num_nics": 1,
        "cpu_details": [{ "id": 0, "time": time, "utilisation": 15 }, { "id": 1, "time": 1000, "utilisation": null }],
        "disk_details": [{ "errors_count": 1, "read_bytes": 262144, "read_requests": 112, "write_bytes": 5778432,
                           "write_requests": 488 }],
        "memory_details": { "maximum": 1024, "used": 256 },
        "nic_details": [{ "mac_address": "01:23:45:67:89:ab", "rx_octets": 2070139, "tx_octets": 140208 }] })
}

#[test]
fn the_uniform_shape_of_2_48_is_read() {
    let told = read(&uniform(17_300_000_000));
    let expected = Diagnostics {
        cpu: Some(17_300_001_000.0),
        memory: Some(0.25),
        received: Some(2_070_139.0),
        sent: Some(140_208.0),
        disk_read: Some(262_144.0),
        disk_written: Some(5_778_432.0),
    };
    assert_eq!(told, expected);
}

#[test]
fn libvirts_own_names_before_2_48_are_read() {
    let told = read(&json!({ "cpu0_time": 17_300_000_000_u64, "cpu1_time": 700_000_000, "memory": 524_288,
        "memory-available": 1000, "memory-unused": 750, "memory-rss": 1, "vda_errors": -1, "vda_read": 262_144,
        "vda_read_req": 112, "vda_write": 5_778_432, "vda_write_req": 488, "tap0_rx": 10, "tap0_rx_drop": 0,
        "tap0_rx_errors": 0, "tap0_rx_packets": 26701, "tap0_tx": 20, "tap1_rx": 5, "tap1_tx": 6 }));
    let expected = Diagnostics {
        cpu: Some(18_000_000_000.0),
        memory: Some(0.25),
        received: Some(15.0),
        sent: Some(26.0),
        disk_read: Some(262_144.0),
        disk_written: Some(5_778_432.0),
    };
    assert_eq!(told, expected);
}

#[test]
fn what_a_driver_does_not_tell_is_not_zero() {
    assert_eq!(read(&json!({})), Diagnostics::default());
    let told =
        read(&json!({ "cpu_details": [{ "id": 0, "time": null }], "nic_details": [], "memory_details": { "used": 1 },
        "disk_details": [{ "read_bytes": -1 }] }));
    assert_eq!(told, Diagnostics::default());
}

fn settings() -> Settings {
    let mut settings = Settings { requests: 6000, ..Settings::default() };
    settings.octavia.enabled = false;
    settings.gnocchi.enabled = false;
    settings.aetos.enabled = false;
    settings.nova.every = OFTEN;
    settings
}

#[tokio::test]
async fn only_instances_that_somebody_looks_at_are_asked() {
    let cloud = cloud();
    cloud.fix("/servers/web-1/diagnostics", Ok(uniform(0)));
    let (handle, mut news) = measure(&cloud, settings());
    until_meters(&mut news, |states| matches!(states[0].standing, MeterStanding::Answers(_))).await;
    assert_eq!(cloud.asked("/diagnostics"), 0);
    handle.measure(vec!["web-1".into()]);
    let memory = until_sample(&mut news, |sample| sample.metric == Metric::Memory).await;
    assert_eq!((memory.value, memory.meter), (0.25, Meter::Nova));
    cloud.fix("/servers/web-1/diagnostics", Ok(uniform(2_000_000_000)));
    until_sample(&mut news, |sample| sample.metric == Metric::Cpu && sample.value > 0.0).await;
    assert_eq!(cloud.asked("/diagnostics"), cloud.asked("/servers/web-1/diagnostics"));
}

#[tokio::test]
async fn a_role_that_may_not_is_told() {
    let cloud = cloud();
    cloud.fix("/servers/web-1/diagnostics", Err(FailureKind::Forbidden));
    let (handle, mut news) = measure(&cloud, settings());
    handle.measure(vec!["web-1".into()]);
    let silent = |standing: &MeterStanding| matches!(standing, MeterStanding::Silent(_, why) if why.kind == FailureKind::Forbidden);
    until_meters(&mut news, |states| silent(&states[0].standing)).await;
}
