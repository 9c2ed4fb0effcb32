//! The watch and its API calls against the real cloud.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stackdeck::base::clock::Clock;
use stackdeck::base::failure::FailureKind;
use stackdeck::fleet::Fleet;
use stackdeck::fleet::detail::Interest;
use stackdeck::fleet::instance::{Instance, Status};
use stackdeck::openstack::Cloud;
use stackdeck::openstack::compute::{self, Servers};
use stackdeck::watch::{self, Handle, Intervals, News, Settings};
use tokio::sync::mpsc::Receiver;

use super::other::Other;
use super::{config, connect};

const DEADLINE: Duration = Duration::from_secs(120);

fn settings() -> Settings {
    let quick = Duration::from_millis(500);
    Settings {
        intervals: Intervals { steady: quick, transition: quick, ..Intervals::default() },
        ..Settings::default()
    }
}

async fn until<T>(news: &mut Receiver<News>, mut pick: impl FnMut(News) -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = pick(news.recv().await.expect("the watch goes on")) {
                return found;
            }
        }
    };
    tokio::time::timeout(DEADLINE, search).await.expect("it comes in time")
}

async fn fleet(news: &mut Receiver<News>, mut enough: impl FnMut(&Fleet) -> bool) -> Arc<Fleet> {
    until(news, |news| match news {
        News::Fleet { fleet, partial: false, .. } if enough(&fleet) => Some(fleet),
        _ => None,
    })
    .await
}

fn watch(cloud: &Cloud) -> (Handle, Receiver<News>) {
    watch::start(cloud.clone(), settings(), Clock::system(), None)
}

async fn pages_of_seven(cloud: &Cloud) -> Vec<compute::Server> {
    let mut which = Servers { limit: Some(7), ..Servers::default() };
    let mut paged = Vec::new();
    loop {
        let page = compute::servers(cloud, &which).await.expect("a page");
        assert!(page.rows.len() <= 7 && page.odd == 0);
        paged.extend(page.rows);
        which.marker = page.next;
        if which.marker.is_none() {
            return paged;
        }
    }
}

#[tokio::test]
async fn pages_of_seven_are_the_bare_list() {
    let Some(cloud) = connect("rig-demo").await else { return };
    let ids = |rows: &[compute::Server]| rows.iter().filter_map(|row| row.id.0.clone()).collect::<BTreeSet<_>>();
    let stable = |rows: BTreeSet<String>, other: &BTreeSet<String>| rows.intersection(other).count();
    let began = tokio::time::Instant::now();
    let paged = loop {
        let paged = pages_of_seven(&cloud).await;
        // A server that is deleted while its page is made leaves that page short, and Nova names no next one.
        if paged.len() > 14 {
            break paged;
        }
        assert!(began.elapsed() < DEADLINE, "the rig has some forty servers, and these came: {}", paged.len());
    };
    let bare = compute::servers(&cloud, &Servers::default()).await.expect("the bare list");
    let (paged_ids, bare_ids) = (ids(&paged), ids(&bare.rows));
    assert_eq!(paged_ids.len(), paged.len(), "no row twice");
    // Others may make and delete servers meanwhile.
    assert!(stable(paged_ids, &bare_ids) + 5 >= bare_ids.len());
}

#[tokio::test]
async fn changes_by_others_are_followed() {
    let (Some(config), Some(cloud)) = (config("rig-demo"), connect("rig-demo").await) else { return };
    let (_handle, mut news) = watch(&cloud);
    let seen = fleet(&mut news, |fleet| !fleet.members.is_empty()).await;
    let image = |instance: &Instance| match &instance.image {
        stackdeck::fleet::instance::ImageRef::Image(id) => Some(id.as_str().to_owned()),
        _ => None,
    };
    let image = seen.members.iter().find_map(|member| image(&member.instance)).expect("an image");
    let other = Other::sign_in(&config, &cloud).await;
    let id = other.create(&image, &format!("sd-test-{:08x}", fastrand::u32(..)), "sd-test", &"none".into()).await;
    let status = |fleet: &Fleet| fleet.member(&id).map(|member| member.instance.status.clone());
    let settled = |fleet: &Fleet, wanted: &Status| {
        status(fleet).as_ref() == Some(wanted)
            && fleet.member(&id).is_some_and(|member| member.instance.task_state.is_none())
    };
    fleet(&mut news, |fleet| settled(fleet, &Status::Active)).await;
    other.act(&id, &json!({ "os-stop": null })).await;
    fleet(&mut news, |fleet| settled(fleet, &Status::Shutoff)).await;
    other.act(&id, &json!({ "os-start": null })).await;
    fleet(&mut news, |fleet| settled(fleet, &Status::Active)).await;
    // States that follow each other within one second: what is seen last is what is.
    other.act(&id, &json!({ "reboot": { "type": "SOFT" } })).await;
    other.post(&format!("/servers/{id}/metadata"), &json!({ "metadata": { "step": "last" } })).await;
    fleet(&mut news, |fleet| {
        settled(fleet, &Status::Active)
            && fleet.member(&id).is_some_and(|member| member.instance.metadata.get("step").is_some())
    })
    .await;
    other.delete(&id).await;
    fleet(&mut news, |fleet| status(fleet).is_none()).await;
}

#[tokio::test]
async fn an_instance_is_looked_into() {
    let Some(cloud) = connect("rig-demo").await else { return };
    let (handle, mut news) = watch(&cloud);
    let seen = fleet(&mut news, |fleet| !fleet.members.is_empty()).await;
    let payments = seen.members.iter().find(|member| member.instance.name.starts_with("payments-"));
    let id = payments.expect("a seeded server").instance.id.clone();
    handle.follow(Some((id.clone(), Interest { console: true, raw: true })));
    let detail = until(&mut news, |news| match news {
        News::Detail(of) => Some(of.detail).filter(|detail| {
            detail.instance.value().is_some()
                && detail.ports.value().is_some()
                && detail.volumes.value().is_some()
                && detail.history.value().is_some()
                && detail.console.value().is_some()
                && detail.raw.value().is_some()
        }),
        _ => None,
    })
    .await;
    let history = detail.history.value().expect("waited for");
    let created = history.last().expect("at least its creation");
    assert_eq!(created.verb, "create");
    let request = created.request_id.clone().expect("a request id");
    assert!(request.as_str().starts_with("req-"));
    assert!(detail.raw.value().expect("waited for").contains(id.as_str()));
    handle.fetch_events(id, request);
    until(&mut news, |news| match news {
        News::Detail(of) => of.detail.history.value()?.last().filter(|entry| !entry.events.is_empty()).map(|_| ()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn an_image_and_ports_are_read_by_need() {
    let Some(cloud) = connect("rig-demo").await else { return };
    let (_handle, mut news) = watch(&cloud);
    let versioned = |fleet: &Fleet| fleet.members.iter().filter(|member| member.version.version.is_some()).count();
    fleet(&mut news, |fleet| versioned(fleet) > 10).await;
    let missing = until(&mut news, |news| match news {
        News::Polled { missing, failure: None, .. } => Some(missing),
        _ => None,
    });
    assert_eq!(missing.await, []);
}

#[tokio::test]
async fn a_reader_sees_the_fleet_and_an_admin_the_cloud() {
    let Some(reader) = connect("rig-reader").await else { return };
    let (handle, mut news) = watch(&reader);
    fleet(&mut news, |fleet| !fleet.members.is_empty()).await;
    handle.watch_control_plane(true);
    let seen = until(&mut news, |news| match news {
        News::ControlPlane(seen) => Some(seen),
        _ => None,
    })
    .await;
    let refused = seen.compute_services.failure.as_ref().map(|failure| failure.kind);
    assert_eq!(refused, Some(FailureKind::Forbidden));
    let quotas = seen.quotas.value().expect("quotas are for everybody");
    for service in ["compute", "network", "load-balancer"] {
        assert!(quotas.iter().any(|quota| quota.service == service), "{service}: {quotas:?}");
    }
    let admin = connect("rig-admin").await.expect("the same rig");
    let (handle, mut news) = watch(&admin);
    handle.watch_control_plane(true);
    let seen = until(&mut news, |news| match news {
        News::ControlPlane(seen) => Some(seen),
        _ => None,
    })
    .await;
    let services = seen.compute_services.value().expect("services");
    assert!(services.iter().any(|service| service.binary == "nova-compute" && service.host == "fake-1"));
    let hypervisors = seen.hypervisors.value().expect("hypervisors");
    assert!(hypervisors.iter().any(|host| host.name.contains("fake") && host.vcpus.is_some()), "{hypervisors:?}");
}
