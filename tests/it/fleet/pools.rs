//! Octavia's pools: who is in them, and what that names.

use std::sync::Arc;

use stackdeck::fleet::pool::Member;
use stackdeck::fleet::service::Standing;
use stackdeck::fleet::{Rules, group};

use super::build::{
    Row, Surroundings, cloud, grouped, instance, member, names, now, pool, port, server_group, service, service_of,
    titles,
};

#[test]
fn a_member_is_matched_by_port_and_subnet_never_by_address_alone() {
    let mut elsewhere = port("twin", "10.0.0.1");
    elsewhere.subnet = "other-subnet".into();
    let fleet = grouped(
        &cloud([instance("right"), instance("twin")])
            .pools(vec![pool("web", &[("10.0.0.1", "ONLINE")])])
            .ports(vec![port("right", "10.0.0.1"), elsewhere]),
    );
    assert_eq!(names(&fleet), ["right: web by pool", "twin: twin by name"]);
    let (pool, seat) = fleet.memberships(member(&fleet, "right")).next().unwrap();
    assert_eq!((pool.name.as_str(), &*seat.address), ("web", "10.0.0.1"));
    assert_eq!(fleet.memberships(member(&fleet, "twin")).count(), 0);
    assert_eq!(service(&fleet, "web").pools, [Arc::from("web")]);
}

#[test]
fn a_member_without_a_subnet_is_looked_for_in_the_balancers() {
    let mut bare = pool("web", &[("10.0.0.1", "ONLINE")]);
    Arc::make_mut(&mut bare.members)[0].subnet = None;
    let sources = |pool| cloud([instance("a")]).pools(vec![pool]).ports(vec![port("a", "10.0.0.1")]);
    bare.balancers[0].vip_subnet = Some("s".into());
    assert_eq!(names(&grouped(&sources(bare.clone()))), ["a: web by pool"]);
    bare.balancers[0].vip_subnet = None;
    let fleet = grouped(&sources(bare));
    assert_eq!(names(&fleet), ["a: a by name"]);
    assert_eq!(titles(&service(&fleet, "web").findings), ["Unknown member unmatched"]);
}

#[test]
fn in_several_pools_the_one_that_another_source_names_else_ambiguous() {
    let both = |id: &str| {
        cloud([instance(id)])
            .pools(vec![pool("shop", &[("10.0.0.1", "ONLINE")]), pool("metrics", &[("10.0.0.1", "ONLINE")])])
            .ports(vec![port(id, "10.0.0.1")])
    };
    let named = grouped(&both("shop-01"));
    assert_eq!(names(&named), ["shop-01: shop by pool"]);
    assert_eq!(service(&named, "shop").standing, Standing::Settled);
    assert_eq!(service(&named, "shop").pools, [Arc::from("metrics"), Arc::from("shop")]);

    let grouped_so = grouped(&both("x-01").groups(vec![server_group("metrics-anti-affinity", &["x-01"])]));
    assert_eq!(names(&grouped_so), ["x-01: metrics by pool"]);

    let open = grouped(&both("x-01"));
    assert_eq!(names(&open), ["x-01: x by name"]);
    assert_eq!(service(&open, "x").standing, Standing::Ambiguous(vec![Arc::from("metrics"), Arc::from("shop")]));

    // A rule says which ports count.
    let mut sources = both("x-01");
    let pools = sources.pools.known.as_mut().unwrap();
    let shop = &mut Arc::make_mut(&mut pools.0)[1];
    Arc::make_mut(&mut shop.members)[0].port = 9100;
    let rules: Rules = toml::from_str("pool_ports = [8080]").unwrap();
    assert_eq!(names(&group(&sources, &rules, None, now())), ["x-01: shop by pool"]);
}

#[test]
fn pools_of_one_service_at_two_ports_are_one_name() {
    let fleet = grouped(
        &cloud([instance("x-01")])
            .pools(vec![
                pool("web-http-80", &[("10.0.0.1", "ONLINE")]),
                pool("web-https-443", &[("10.0.0.1", "ONLINE")]),
            ])
            .ports(vec![port("x-01", "10.0.0.1")]),
    );
    assert_eq!(names(&fleet), ["x-01: web by pool"]);
}

#[test]
fn a_pool_with_nobody_in_it_is_an_empty_service() {
    let fleet = grouped(&cloud([instance("web-1")]).pools(vec![pool("web", &[]), pool("ghost", &[])]));
    assert_eq!(service(&fleet, "ghost").standing, Standing::Empty);
    assert_eq!(titles(&service(&fleet, "ghost").findings), ["Warning empty pool"]);
    // One that bears an existing service's name is that service's.
    assert_eq!(service(&fleet, "web").standing, Standing::Settled);
    assert_eq!(titles(&service(&fleet, "web").findings), ["Warning empty pool"]);
    assert_eq!(fleet.services.len(), 2);
}

#[test]
fn an_instance_that_the_list_has_not_come_to_is_no_stray() {
    let fleet = grouped(
        &cloud([instance("a")])
            .pools(vec![pool("web", &[("10.0.0.1", "ONLINE"), ("10.0.0.2", "ONLINE"), ("10.0.0.9", "ERROR")])])
            .ports(vec![port("a", "10.0.0.1"), port("later", "10.0.0.2")]),
    );
    let web = service_of(&fleet, "a");
    assert_eq!(titles(&web.findings), ["Warning stray member"]);
    assert!(web.findings[0].evidence.contains("10.0.0.9:8080 of web is ERROR"), "{}", web.findings[0].evidence);
    assert_eq!(web.findings[0].instance, None);
}

#[test]
fn ready_is_what_is_up_and_fails_in_no_pool() {
    let states = [("10.0.0.1", "ONLINE"), ("10.0.0.2", "ERROR"), ("10.0.0.3", "NO_MONITOR"), ("10.0.0.4", "DRAINING")];
    let mut web = pool("web", &states);
    let weightless = Member { address: "10.0.0.5".into(), weight: 0, ..web.members[0].clone() };
    web.members = web.members.iter().cloned().chain([weightless]).collect();
    let rows = (1..=7).map(|number| instance(&format!("web-{number}")));
    let ports = (1..=5).map(|number| port(&format!("web-{number}"), &format!("10.0.0.{number}"))).collect();
    let rows = rows.map(|row| if row.name == "web-6" { row.status("ERROR") } else { row });
    let mut sources = cloud(rows).pools(vec![web]).ports(ports);
    sources.unconfirmed.insert("web-7".into());
    let fleet = grouped(&sources);
    assert_eq!(service(&fleet, "web").ready, 2);
    assert_eq!(service(&fleet, "web").members.len(), 7);
}
