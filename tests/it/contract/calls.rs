//! The product's own calls, and what they must bring home from any cloud.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use stackdeck::base::clock::Clock;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::id::{ImageId, InstanceId, ProjectId, RequestId};
use stackdeck::fleet::detail::{Detail, Interest};
use stackdeck::openstack::auth::Method;
use stackdeck::openstack::auth::token::Token;
use stackdeck::openstack::compute::{self, Servers};
use stackdeck::openstack::network::Whose;
use stackdeck::openstack::{
    Cloud, ConnectError, ConnectOptions, Microversion, Read, ServiceType, balancer, identity, image, network,
};
use stackdeck::watch::{self, News, Settings};
use tokio::sync::mpsc::Receiver;

use super::side::Side;

const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";
const DEADLINE: Duration = Duration::from_secs(120);

fn get(service: ServiceType, path: &str) -> Read {
    Read { service, path: path.to_owned(), query: Vec::new(), microversion: None, body: None }
}

fn server(side: &Side) -> InstanceId {
    side.id("server").into()
}

fn project(side: &Side) -> ProjectId {
    side.member.cloud.session().project_id.expect("a project")
}

/// Roles, a project and a region come with a good password; a bad one is refused in a sentence.
pub(crate) async fn signing_in(side: &Side) {
    let [member, reader, admin] = [&side.member, &side.reader, &side.admin].map(|door| door.cloud.session());
    let has = |roles: &[String], name: &str| roles.iter().any(|role| role == name);
    assert!(has(&member.roles, "member") && !has(&member.roles, "admin"), "{member:?}");
    assert!(has(&reader.roles, "reader") && !has(&reader.roles, "member"), "{reader:?}");
    assert!(has(&admin.roles, "admin"), "{admin:?}");
    assert_eq!((member.region.as_str(), member.insecure, member.system), ("RegionOne", false, false));
    let wrong = ConnectOptions { password: Some("not-it-4711".to_owned().into()), ..(side.options)() };
    let refused = Cloud::connect(&side.member.config, wrong).await;
    let Err(ConnectError::Failed(failure)) = refused else { panic!("refused") };
    let (cloud, user) = (&side.member.config.name, &member.user);
    assert_eq!(failure.kind, FailureKind::Auth);
    assert_eq!(failure.message, format!("Cloud {cloud} refuses {user} of domain Default"));
    assert!(failure.request_id.is_some() && !format!("{failure:?}").contains("4711"), "{failure:?}");

    let mut dead = side.member.config.clone();
    dead.method = Method::Token(Token("gAAAAABno-token-4711".to_owned().into()));
    let refused = Cloud::connect(&dead, (side.options)()).await;
    let Err(ConnectError::Failed(failure)) = refused else { panic!("refused") };
    assert_eq!(failure.kind, FailureKind::Auth, "and not that anything is not found");
    assert_eq!(failure.message, format!("Cloud {cloud} refuses the holder of the token"));
    assert!(!format!("{failure:?}").contains("4711"), "{failure:?}");
}

/// Pages of seven bring every server once, and the last has no next.
pub(crate) async fn paging(side: &Side) {
    let cloud = &side.member.cloud;
    let mut which = Servers { limit: Some(7), ..Servers::default() };
    let mut seen = Vec::new();
    loop {
        let page = compute::servers(cloud, &which).await.expect("a page");
        assert!(page.rows.len() <= 7 && page.odd == 0 && page.date.is_some(), "{page:?}");
        seen.extend(page.rows.into_iter().filter_map(|row| row.id.0));
        which.marker = page.next;
        if which.marker.is_none() {
            break;
        }
    }
    assert!(seen.len() > 14, "there are some pages: {}", seen.len());
    let distinct: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "no row twice");
    assert!(seen.iter().any(|id| id == side.id("server")));
    let bad = Servers { marker: Some("abc".to_owned()), limit: Some(7), ..Servers::default() };
    let failure = compute::servers(cloud, &bad).await.expect_err("no such marker");
    assert_eq!(failure.message, "marker [abc] not found");
}

/// A server, its history with events, its console log, its attachments, as members see them.
pub(crate) async fn one_server(side: &Side) {
    let (cloud, reader, id) = (&side.member.cloud, side.member.reader(), server(side));
    let row = compute::server(cloud, &id).await.expect("a server");
    assert_eq!((row.id.as_deref(), row.status.as_deref()), (Some(id.as_str()), Some("ACTIVE")));
    assert!(row.created.time().is_some() && row.updated.time().is_some(), "{row:?}");
    assert!(row.flavor.0.is_some() && !row.host_id.or_empty().is_empty());
    let raw = compute::server_raw(cloud, &id).await.expect("the same as it came");
    assert_eq!(raw["server"]["id"], id.as_str());
    let history = compute::history(cloud, &id).await.expect("a history");
    let first = history.last().expect("its creation");
    assert_eq!(first.verb.as_deref(), Some("create"));
    let request = RequestId::from(first.request_id.as_deref().expect("a request id"));
    assert!(request.as_str().starts_with("req-"));
    let events = compute::events(cloud, &id, &request).await.expect("events");
    let done = events.iter().find(|event| event.event.as_deref() == Some("compute__do_build_and_run_instance"));
    assert_eq!(done.expect("it was built").result.as_deref(), Some("Success"));
    compute::console_log(cloud, &id, 20).await.expect("a console log");
    compute::attachments(&reader, &id).await.expect("attachments");
    let ports =
        network::ports(&reader, Whose::Instances(std::slice::from_ref(&id)), network::WHOLE).await.expect("ports");
    let port = ports.iter().find(|port| port.id.as_deref() == Some(side.id("port"))).expect("its port");
    assert_eq!(port.device_id.as_deref(), Some(id.as_str()));
}

/// Images, ports, pools, groups, limits, quotas and projects.
pub(crate) async fn surroundings(side: &Side) {
    let (cloud, reader, project) = (&side.member.cloud, side.member.reader(), project(side));
    let wanted = [ImageId::from(side.id("image")), ImageId::from(NOBODY)];
    let images = image::images(&reader, &wanted).await.expect("images");
    let found: Vec<_> = images.iter().filter_map(|image| image.id.as_deref()).collect();
    assert_eq!(found, [side.id("image")], "the other one does not exist");
    assert_eq!(image::image(cloud, &wanted[0]).await.expect("an image").status.as_deref(), Some("active"));
    let ports = network::ports(&reader, Whose::Project(&project), network::FIXED).await.expect("ports");
    assert!(ports.len() > 14 && ports.iter().all(|port| port.fixed_ips.0.len() == 1), "{}", ports.len());
    for pool in balancer::pools(&reader, Some(&project)).await.expect("pools").into_iter().take(1) {
        let pool = pool.id.0.expect("an id").as_str().into();
        balancer::members(&reader, &pool).await.expect("members");
    }
    balancer::load_balancers(&reader, Some(&project)).await.expect("load balancers");
    compute::server_groups(&reader, false).await.expect("server groups");
    let limits = compute::limits(cloud).await.expect("limits");
    for name in ["maxTotalInstances", "totalInstancesUsed", "maxTotalCores", "totalCoresUsed"] {
        assert!(limits.iter().any(|(key, value)| key == name && *value != 0), "{name}: {limits:?}");
    }
    let quotas = network::quotas(cloud, &project).await.expect("quotas");
    let port = quotas.iter().find(|(name, _)| name == "port").expect("ports have a quota");
    assert!(port.1.used.0.is_some_and(|used| used > 14), "{port:?}");
    let quotas = balancer::quotas(cloud, &project).await.expect("quotas");
    assert!(quotas.iter().any(|(name, _)| name == "load_balancer"), "{quotas:?}");
    let projects = identity::projects(&reader).await.expect("projects");
    assert!(projects.iter().any(|entry| entry.id.as_deref() == Some(project.as_str())), "{projects:?}");
}

/// What is not there, and what a role may not, is told in one sentence of the right kind.
pub(crate) async fn refusals(side: &Side) {
    let (cloud, nobody) = (&side.member.cloud, InstanceId::from(NOBODY));
    let told = |failure: Failure| (failure.kind, failure.message, failure.request_id.is_some());
    let sentence = |text: &str| text.replace("NOBODY", NOBODY);
    let missing = compute::server(cloud, &nobody).await.expect_err("no such server");
    assert_eq!(told(missing), (FailureKind::NotFound, sentence("Instance NOBODY could not be found"), true));
    let past = RequestId::from("req-nope");
    let missing = compute::events(cloud, &server(side), &past).await.expect_err("no such request");
    assert_eq!(missing.kind, FailureKind::NotFound);
    assert!(missing.message.contains("req-nope"), "{missing:?}");
    let missing = image::image(cloud, &ImageId::from(NOBODY)).await.expect_err("no such image");
    assert_eq!(missing.kind, FailureKind::NotFound);
    assert!(missing.message.contains(NOBODY) && !missing.message.contains('<'), "{missing:?}");
    let read = get(ServiceType::NETWORK, &sentence("/networks/NOBODY"));
    let missing = cloud.read(read).await.expect_err("no such network");
    assert_eq!(told(missing), (FailureKind::NotFound, sentence("Network NOBODY could not be found"), true));
    let read = get(ServiceType::COMPUTE, "/nothing");
    assert_eq!(cloud.read(read).await.expect_err("no such path").kind, FailureKind::NotFound);
    let refused = compute::services(&side.reader.reader()).await.expect_err("for admins");
    let rule = "Policy doesn't allow os_compute_api:os-services:list to be performed".to_owned();
    assert_eq!(told(refused), (FailureKind::Forbidden, rule, true));
    compute::services(&side.admin.reader()).await.expect("an admin may");
    assert_eq!(network::agents(&side.reader.reader()).await.expect("policy hides them"), []);
    let latest = compute::hypervisors(&side.admin.reader()).await.expect("an admin may");
    assert!(latest.iter().all(|host| host.vcpus.0.is_some()), "below {:?} they have numbers", Microversion(2, 88));
}

/// The watch lists the fleet, follows a server, and tells of the cloud what the role may see.
pub(crate) async fn watching(side: &Side) {
    let clock = Clock::system();
    let (handle, mut news) = watch::start(side.reader.cloud.clone(), Settings::default(), clock, None);
    let id = server(side);
    until(&mut news, |news| match news {
        News::Fleet { fleet, partial: false, .. } => fleet.member(&id).map(|_| ()),
        _ => None,
    })
    .await;
    handle.follow(Some((id.clone(), Interest { console: false, raw: true })));
    let whole = |detail: &Detail| {
        detail.history.value().is_some() && detail.ports.value().is_some() && detail.raw.value().is_some()
    };
    let detail = until(&mut news, |news| match news {
        News::Detail(of) if whole(&of.detail) => Some(of.detail),
        _ => None,
    })
    .await;
    assert_eq!(detail.history.value().expect("waited for").last().expect("its creation").verb, "create");
    handle.watch_control_plane(true);
    let seen = until(&mut news, |news| match news {
        News::ControlPlane(seen) => Some(Arc::clone(&seen)),
        _ => None,
    })
    .await;
    assert_eq!(seen.compute_services.failure.as_ref().map(|failure| failure.kind), Some(FailureKind::Forbidden));
    assert!(seen.quotas.value().expect("for everybody").iter().any(|quota| quota.service == "network"));
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
