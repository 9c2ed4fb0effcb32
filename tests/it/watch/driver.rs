//! The whole watch over a cloud in memory.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use stackdeck::base::clock::Clock;
use stackdeck::base::failure::FailureKind;
use stackdeck::base::id::InstanceId;
use stackdeck::fleet::Fleet;
use stackdeck::fleet::detail::{Detail, Interest};
use stackdeck::fleet::instance::Status;
use stackdeck::fleet::snapshot::{Keep, Snapshot};
use stackdeck::watch::{self, Handle, Intervals, News, Settings};
use tokio::sync::mpsc::Receiver;

use super::cloud::{MemoryCloud, server};

const DEADLINE: Duration = Duration::from_secs(20);

/// Everything often, but the instances: those only when a test asks, or by the short interval it sets.
fn settings(steady: Duration) -> Settings {
    let intervals = Intervals {
        steady,
        transition: steady.min(Duration::from_millis(20)),
        detail: Duration::from_millis(20),
        console: Duration::from_millis(20),
        control_plane: Duration::from_millis(20),
        ..Intervals::default()
    };
    Settings { intervals, ..Settings::default() }
}

const SELDOM: Duration = Duration::from_secs(3600);
const OFTEN: Duration = Duration::from_millis(20);

fn watch(cloud: &MemoryCloud, settings: Settings) -> (Handle, Receiver<News>) {
    watch::start(cloud.clone(), settings, Clock::system(), None)
}

/// The first news that `pick` takes.
async fn until<T>(news: &mut Receiver<News>, mut pick: impl FnMut(News) -> Option<T>) -> T {
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

async fn whole_fleet(news: &mut Receiver<News>) -> Arc<Fleet> {
    until(news, |news| match news {
        News::Fleet { fleet, partial: false, from_cache: false, .. } => Some(fleet),
        _ => None,
    })
    .await
}

async fn detail(news: &mut Receiver<News>, mut enough: impl FnMut(&Detail) -> bool) -> Arc<Detail> {
    until(news, |news| match news {
        News::Detail(of) if enough(&of.detail) => Some(of.detail),
        _ => None,
    })
    .await
}

fn two() -> MemoryCloud {
    let rows = ["a", "b"].map(|id| server(id, "ACTIVE", "2026-11-22T08:00:00Z"));
    let cloud = MemoryCloud::with(rows);
    cloud.0.lock().unwrap().date = Some("2026-11-22T09:00:00Z".parse().unwrap());
    cloud
}

#[tokio::test]
async fn the_first_screen_comes_before_the_whole_list() {
    let cloud = two();
    let (_handle, mut news) = watch(&cloud, settings(SELDOM));
    let partial = until(&mut news, |news| match news {
        News::Fleet { partial, fleet, .. } => Some((partial, fleet.members.len())),
        _ => None,
    });
    assert_eq!(partial.await, (true, 2));
    assert_eq!(whole_fleet(&mut news).await.members.len(), 2);
    let asked = cloud.0.lock().unwrap().asked.clone();
    assert_eq!(&asked[..2], ["/servers/detail?limit=100", "/servers/detail?"], "the whole list is bare");
}

#[tokio::test]
async fn an_unchanged_refresh_is_one_request_and_no_fleet() {
    let cloud = two();
    let (handle, mut news) = watch(&cloud, settings(SELDOM));
    until(&mut news, |news| matches!(news, News::Polled { failure: None, .. }).then_some(())).await;
    let before = cloud.asked("/servers/detail");
    handle.refresh();
    let fleets = until(&mut news, {
        let mut fleets = Vec::new();
        move |news| match news {
            News::Fleet { fleet, .. } => {
                fleets.push(fleet.members.clone());
                None
            }
            News::Polled { .. } => Some(std::mem::take(&mut fleets)),
            _ => None,
        }
    })
    .await;
    assert_eq!(cloud.asked("/servers/detail"), before + 1);
    assert_eq!(cloud.asked("changes-since=2026-11-22T08:59:30Z"), 1);
    // Surroundings that failed for the first time may regroup; the instances are what they were.
    assert!(fleets.iter().all(|members| members.len() == 2));
}

/// Our clock is an hour ahead, and no answer has a `Date`.
#[tokio::test]
async fn the_tokens_time_of_issue_tells_where_polls_begin() {
    let cloud = MemoryCloud::with([server("a", "ACTIVE", "2026-11-22T05:00:00Z")]);
    let (issued, here) = ("2026-11-22T08:00:00Z".parse().unwrap(), "2026-11-22T09:00:00Z".parse().unwrap());
    cloud.0.lock().unwrap().issued = Some((issued, here));
    let (handle, mut news) = watch::start(cloud.clone(), settings(SELDOM), Clock::manual(here), None);
    until(&mut news, |news| matches!(news, News::Polled { failure: None, .. }).then_some(())).await;
    handle.refresh();
    until(&mut news, |_| (cloud.asked("changes-since") > 0).then_some(())).await;
    assert_eq!(cloud.asked("changes-since=2026-11-22T07:58:30Z"), 1);
}

#[tokio::test]
async fn a_change_a_new_one_and_a_deletion_are_told() {
    let cloud = two();
    let (_handle, mut news) = watch(&cloud, settings(OFTEN));
    whole_fleet(&mut news).await;
    cloud.put(server("a", "SHUTOFF", "2026-11-22T09:00:00Z"));
    cloud.put(server("c", "BUILD", "2026-11-22T09:00:00Z"));
    cloud.put(server("b", "DELETED", "2026-11-22T09:00:01Z"));
    let fleet = until(&mut news, |news| match news {
        News::Fleet { fleet, .. } if fleet.member(&"b".into()).is_none() => Some(fleet),
        _ => None,
    })
    .await;
    let status = |id: &str| fleet.member(&InstanceId::from(id)).map(|member| member.instance.status.clone());
    assert_eq!((status("a"), status("c")), (Some(Status::Shutoff), Some(Status::Build)));
}

#[tokio::test]
async fn a_cloud_that_fails_is_told_and_comes_back() {
    let cloud = two();
    let (_handle, mut news) = watch(&cloud, settings(OFTEN));
    whole_fleet(&mut news).await;
    cloud.0.lock().unwrap().down = Some(FailureKind::Retry);
    let failure = until(&mut news, |news| match news {
        News::Polled { failure: Some(failure), .. } => Some(failure),
        _ => None,
    });
    assert_eq!(failure.await.kind, FailureKind::Retry);
    cloud.0.lock().unwrap().down = None;
    until(&mut news, |news| matches!(news, News::Polled { failure: None, .. }).then_some(())).await;
}

#[tokio::test]
async fn members_stay_while_they_are_told_as_before_and_change_when_they_are_not() {
    let cloud = two();
    cloud.fix("/ports", Ok(json!({ "ports": [] })));
    cloud.fix("/lbaas/loadbalancers", Ok(json!({ "loadbalancers": [] })));
    let pool = json!({ "id": "p", "operating_status": "DEGRADED", "provisioning_status": "ACTIVE" });
    cloud.fix("/lbaas/pools", Ok(json!({ "pools": [pool] })));
    let told = |status: &str| {
        let members = json!({ "members": [{ "id": "m", "address": "10.0.0.1", "operating_status": status }] });
        cloud.fix("/lbaas/pools/p/members", Ok(members));
    };
    told("ERROR");
    let mut settings = settings(OFTEN);
    settings.intervals.pools = OFTEN;
    let (_handle, mut news) = watch(&cloud, settings);
    let status = |news| match news {
        News::Fleet { fleet, .. } => Some(fleet.pools.first()?.members.first()?.operating_status.clone()),
        _ => None,
    };
    assert_eq!(&*until(&mut news, status).await, "ERROR");
    let before = cloud.asked("/members");
    until(&mut news, |_| (cloud.asked("/members") > before + 2).then_some(())).await;
    told("ONLINE");
    until(&mut news, |news| status(news).filter(|status| &**status == "ONLINE")).await;
    // Another instance changes the fleet: the members are still there.
    cloud.put(server("c", "ACTIVE", "2026-11-22T09:00:00Z"));
    let members = until(&mut news, |news| match news {
        News::Fleet { fleet, .. } if fleet.members.len() == 3 => Some(fleet.pools[0].members.len()),
        _ => None,
    });
    assert_eq!(members.await, 1);
}

#[tokio::test]
async fn of_many_pools_one_is_read_every_second_time_and_each_has_its_turn() {
    let cloud = two();
    cloud.fix("/ports", Ok(json!({ "ports": [] })));
    let balancer = json!({ "id": "l", "provisioning_status": "ACTIVE", "operating_status": "DEGRADED" });
    cloud.fix("/lbaas/loadbalancers", Ok(json!({ "loadbalancers": [balancer] })));
    let degraded = |id: &str| json!({ "id": id, "operating_status": "DEGRADED", "provisioning_status": "ACTIVE" });
    cloud.fix("/lbaas/pools", Ok(json!({ "pools": [degraded("p"), degraded("q"), degraded("r")] })));
    let told = |pool: &str, status: &str| {
        let members = json!({ "members": [{ "id": "m", "address": "10.0.0.1", "operating_status": status }] });
        cloud.fix(&format!("/lbaas/pools/{pool}/members"), Ok(members));
    };
    ["p", "q", "r"].iter().for_each(|pool| told(pool, "ONLINE"));
    let mut settings = settings(OFTEN);
    settings.intervals.pools = OFTEN;
    let (_handle, mut news) = watch(&cloud, settings);
    until(&mut news, |news| matches!(news, News::Fleet { fleet, .. } if fleet.pools.len() == 3).then_some(())).await;
    let asked = || {
        let members = cloud.asked("/members");
        (cloud.asked("/lbaas/pools") - members, members, cloud.asked("/lbaas/loadbalancers"))
    };
    let (rows, members, balancers) = asked();
    until(&mut news, |_| (asked().0 > rows + 6).then_some(())).await;
    let (more, after, same) = asked();
    assert!(
        after - members <= (more - rows) / 2 + 1,
        "{} readings of members in {} of pools",
        after - members,
        more - rows
    );
    assert_eq!(same, balancers, "at rest they are not read each time");
    for pool in ["r", "q", "p"] {
        told(pool, "ERROR");
        let seen = until(&mut news, |news| match news {
            News::Fleet { fleet, .. } => {
                let pool = fleet.pools.iter().find(|known| known.id.as_str() == pool)?;
                (&*pool.members[0].operating_status == "ERROR").then_some(())
            }
            _ => None,
        });
        seen.await;
    }
}

#[tokio::test]
async fn a_service_that_is_missing_degrades_with_its_reason() {
    let cloud = two();
    cloud.fix("/lbaas/pools", Err(FailureKind::Unsupported));
    cloud.fix("/os-server-groups", Err(FailureKind::Forbidden));
    cloud.fix("/ports", Ok(json!({ "ports": [] })));
    let (_handle, mut news) = watch(&cloud, settings(OFTEN));
    let missing = until(&mut news, |news| match news {
        News::Polled { missing, failure: None, .. } if missing.len() >= 2 => Some(missing),
        _ => None,
    })
    .await;
    let kind = |service| missing.iter().find(|(name, _)| *name == service).map(|(_, failure)| failure.kind);
    assert_eq!(kind("load-balancer"), Some(FailureKind::Unsupported));
    assert_eq!(kind("server-groups"), Some(FailureKind::Forbidden));
    assert_eq!(kind("network"), None);
    assert_eq!(cloud.asked("/lbaas/pools"), 1, "what is missing is not asked for all the time");
}

#[tokio::test]
async fn images_are_read_by_need_and_a_gone_one_is_remembered() {
    let cloud = two();
    cloud.fix("/images", Ok(json!({ "images": [] })));
    let dir = Arc::new(Shelf::default());
    let keeper: Arc<dyn Keep> = dir.clone();
    let (handle, mut news) = watch::start(cloud.clone(), settings(OFTEN), Clock::system(), Some(keeper));
    until(&mut news, |_| (cloud.asked("/images/img") > 0).then_some(())).await;
    for _ in 0..5 {
        until(&mut news, |news| matches!(news, News::Polled { .. }).then_some(())).await;
    }
    assert_eq!(cloud.asked("/images/img"), 1);
    assert!(cloud.0.lock().unwrap().asked.contains(&"/images?id=in:img&limit=1".to_owned()));
    handle.stop().await;
    let kept = dir.0.lock().unwrap().clone().expect("kept at a clean stop");
    assert_eq!(kept.sources.images.get("img"), Some(&None));
}

#[derive(Default)]
struct Shelf(Mutex<Option<Snapshot>>);

impl Keep for Shelf {
    fn load(&self) -> Option<Snapshot> {
        self.0.lock().unwrap().clone()
    }

    fn keep(&self, snapshot: &Snapshot) {
        *self.0.lock().unwrap() = Some(snapshot.clone());
    }
}

#[tokio::test]
async fn the_last_runs_fleet_comes_first_and_what_is_gone_since_is_confirmed() {
    let shelf: Arc<Shelf> = Arc::default();
    let keeper = || Some(shelf.clone() as Arc<dyn Keep>);
    let (handle, mut news) = watch::start(two(), settings(SELDOM), Clock::system(), keeper());
    whole_fleet(&mut news).await;
    handle.stop().await;
    let left = MemoryCloud::with([server("a", "ACTIVE", "2026-11-22T08:00:00Z")]);
    left.0.lock().unwrap().down = Some(FailureKind::Retry);
    let (_handle, mut news) = watch::start(left.clone(), settings(OFTEN), Clock::system(), keeper());
    let first = tokio::time::timeout(DEADLINE, news.recv()).await.unwrap().unwrap();
    assert!(matches!(first, News::Fleet { from_cache: true, ref fleet, .. } if fleet.members.len() == 2), "{first:?}");
    left.0.lock().unwrap().down = None;
    until(&mut news, |news| match news {
        News::Fleet { fleet, partial: false, from_cache: false, .. } if fleet.members.len() == 1 => Some(()),
        _ => None,
    })
    .await;
    assert_eq!(left.asked("/servers/b?"), 1, "a GET has said that it is gone");
}

#[tokio::test]
async fn each_part_of_a_detail_comes_and_fails_by_itself() {
    let cloud = two();
    cloud.fix("/ports", Ok(json!({ "ports": [{ "id": "port", "device_owner": "compute:nova", "device_id": "a" }] })));
    cloud.fix("/servers/a/os-volume_attachments", Err(FailureKind::Retry));
    let entry = json!({ "action": "reboot", "request_id": "req-1", "start_time": "2026-11-22T08:00:00.000000" });
    cloud.fix("/servers/a/os-instance-actions", Ok(json!({ "instanceActions": [entry] })));
    let events = json!({ "instanceAction": { "events": [{ "event": "compute_reboot", "result": "Success" }] } });
    cloud.fix("/servers/a/os-instance-actions/req-1", Ok(events));
    cloud.fix("/servers/a/action", Ok(json!({ "output": "one\ntwo\n" })));
    let (handle, mut news) = watch(&cloud, settings(SELDOM));
    handle.follow(Some(("a".into(), Interest::default())));
    let seen = detail(&mut news, |detail| {
        detail.instance.value().is_some() && detail.history.value().is_some() && detail.volumes.failure.is_some()
    });
    assert!(seen.await.console.value().is_none());
    assert_eq!(cloud.asked("/servers/a/action"), 0, "nobody looks at the console");
    handle.follow(Some(("a".into(), Interest { console: true, raw: true })));
    handle.fetch_events("a".into(), "req-1".into());
    let seen = detail(&mut news, |detail| {
        detail.console.value().is_some()
            && detail.raw.value().is_some()
            && detail.history.value().is_some_and(|history| !history[0].events.is_empty())
    })
    .await;
    let lines = &seen.console.value().unwrap().lines;
    assert_eq!(lines.iter().map(|line| &**line).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(seen.ports.value().unwrap().len(), 1);
    cloud.fix("/servers/a/action", Ok(json!({ "output": "one\ntwo\nthree" })));
    detail(&mut news, |detail| detail.console.value().is_some_and(|log| log.lines.len() == 3)).await;
}

#[tokio::test]
async fn the_control_plane_is_read_only_while_somebody_looks() {
    let cloud = two();
    cloud.fix("/os-services", Err(FailureKind::Forbidden));
    let limits = json!({ "totalInstancesUsed": 2, "maxTotalInstances": 10, "totalCoresUsed": 2, "maxTotalCores": -1 });
    cloud.fix("/limits", Ok(json!({ "limits": { "absolute": limits } })));
    let (handle, mut news) = watch(&cloud, settings(SELDOM));
    whole_fleet(&mut news).await;
    assert_eq!(cloud.asked("/os-services"), 0);
    handle.watch_control_plane(true);
    let mut looks = 0;
    let seen = until(&mut news, |news| match news {
        News::ControlPlane(seen) => {
            looks += 1;
            (looks == 3).then_some(seen)
        }
        _ => None,
    })
    .await;
    assert_eq!(cloud.asked("/os-services"), 1, "a refusal is not asked for again");
    assert_eq!(seen.compute_services.failure.as_ref().unwrap().kind, FailureKind::Forbidden);
    let cores = seen.quotas.value().unwrap().iter().find(|quota| quota.resource == "cores").unwrap();
    assert_eq!((cores.used, cores.limit), (2, None));
}

#[tokio::test]
async fn projects_are_listed_once_asked_for() {
    let cloud = two();
    let rows =
        json!([{ "id": "2", "name": "b" }, { "id": "1", "name": "a" }, { "id": "3", "name": "c", "enabled": false }]);
    cloud.fix("/auth/projects", Ok(json!({ "projects": rows, "links": { "next": null } })));
    let (handle, mut news) = watch(&cloud, settings(SELDOM));
    handle.list_projects();
    let projects = until(&mut news, |news| match news {
        News::Projects(outcome) => Some(outcome),
        _ => None,
    });
    let pair = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    assert_eq!(projects.await, Ok(vec![pair("1", "a"), pair("2", "b")]));
}

#[tokio::test]
async fn all_projects_are_named_once_where_the_role_may_know() {
    let row = json!({ "id": "9", "name": "foreign", "enabled": false });
    for (answer, named) in [
        (Ok(json!({ "projects": [row], "links": { "next": null } })), vec![("9".to_owned(), "foreign".to_owned())]),
        (Err(FailureKind::Forbidden), Vec::new()),
    ] {
        for all_projects in [true, false] {
            let cloud = two();
            cloud.fix("/projects", answer.clone());
            let (_handle, mut news) = watch(&cloud, Settings { all_projects, ..settings(OFTEN) });
            if all_projects {
                let told = until(&mut news, |news| match news {
                    News::ProjectNames(told) => Some(told),
                    _ => None,
                });
                assert_eq!(told.await, named);
            }
            for _ in 0..3 {
                until(&mut news, |news| matches!(news, News::Polled { .. }).then_some(())).await;
            }
            assert_eq!(cloud.asked("/projects"), usize::from(all_projects));
        }
    }
}

#[tokio::test]
async fn dropping_the_handle_ends_everything() {
    let cloud = two();
    let (handle, mut news) = watch(&cloud, settings(OFTEN));
    whole_fleet(&mut news).await;
    drop(handle);
    let end = async { while news.recv().await.is_some() {} };
    tokio::time::timeout(DEADLINE, end).await.expect("the news end");
}

#[tokio::test]
async fn dropping_the_handle_keeps_the_last_snapshot() {
    let shelf: Arc<Shelf> = Arc::default();
    let keeper = Some(shelf.clone() as Arc<dyn Keep>);
    let (handle, mut news) = watch::start(two(), settings(SELDOM), Clock::system(), keeper);
    whole_fleet(&mut news).await;
    assert_eq!(shelf.load(), None, "it is not yet due");
    drop(handle);
    let end = async { while news.recv().await.is_some() {} };
    tokio::time::timeout(DEADLINE, end).await.expect("the news end");
    assert_eq!(shelf.load().map(|kept| kept.sources.instances.len()), Some(2));
}

/// Wherever it happens: in the listing, beside it, in the control plane's loop itself, in a look, in a wish.
#[tokio::test]
async fn a_panic_is_told_and_ends_the_watch() {
    let places = [
        ("/servers/detail", "the instances"),
        ("/lbaas/pools", "the instances"),
        ("/os-services", "the cloud's own services"),
        ("/servers/a/os-instance-actions", "the instance that is looked into"),
        ("/auth/projects", "the instance that is looked into"),
    ];
    for (path, what) in places {
        let cloud = two();
        cloud.0.lock().unwrap().breaks = Some(path);
        let (handle, mut news) = watch(&cloud, settings(SELDOM));
        handle.watch_control_plane(true);
        handle.follow(Some(("a".into(), Interest::default())));
        handle.list_projects();
        let failure = until(&mut news, |news| match news {
            News::Broken(failure) => Some(failure),
            _ => None,
        })
        .await;
        assert_eq!(failure.message, format!("Stackdeck's own part that reads {what} broke"), "{path}");
        assert_eq!((failure.kind, failure.causes), (FailureKind::Bug, vec!["a fault of our own".to_owned()]));
        let end = async { while news.recv().await.is_some() {} };
        tokio::time::timeout(DEADLINE, end).await.expect("the news end");
    }
}

#[tokio::test]
async fn flavors_below_2_47_are_filled_in_by_id() {
    let mut row = server("a", "ACTIVE", "2026-11-22T08:00:00Z");
    row["flavor"] = json!({ "id": "7" });
    let cloud = MemoryCloud::with([row]);
    cloud.fix(
        "/flavors/7",
        Ok(json!({ "flavor": { "id": "7", "name": "m1.tiny", "vcpus": 1, "ram": 512, "disk": 1 } })),
    );
    let (_handle, mut news) = watch(&cloud, settings(OFTEN));
    let flavor = until(&mut news, |news| match news {
        News::Fleet { fleet, .. } => {
            Some(fleet.members[0].instance.flavor.clone()).filter(|flavor| flavor.name.is_some())
        }
        _ => None,
    })
    .await;
    assert_eq!((flavor.name.as_deref(), flavor.vcpus, flavor.ram_mib), (Some("m1.tiny"), Some(1), Some(512)));
}
