//! What holds for every cloud.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::base::observation::Observation;
use stackdeck::fleet::diff::diff;
use stackdeck::fleet::pool::Pool;
use stackdeck::fleet::service::{Fleet, NamedBy, Standing};
use stackdeck::fleet::sources::Sources;
use stackdeck::fleet::{Instance, Rules, group};

use super::build::{Row, Surroundings, cloud, instance, now, pool, port, server_group};

fn pick(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

fn row() -> impl Strategy<Value = Instance> {
    let name = pick(&[
        "web-1",
        "web-2",
        "web-x7f2a",
        "shop-01",
        "shop",
        "api12",
        "",
        "01",
        "db-az1",
        "漢字-3",
        "\u{202e}evil-1",
    ]);
    let keys = pick(&["service", "app", "role", "version", "metering.stack_name", "image", "tag", "other"]);
    let values = pick(&["web", "shop", "worker", "1.5.0", "registry/web:1.4.2", "", " "]);
    let tags = pick(&["service=web", "service=", "version=2", "blue", "app=shop"]);
    let status = pick(&[
        "ACTIVE",
        "ACTIVE",
        "ACTIVE",
        "ERROR",
        "SHUTOFF",
        "UNKNOWN",
        "BUILD",
        "REBUILD",
        "VERIFY_RESIZE",
        "ODD",
    ]);
    let meta = prop::collection::vec((keys, values), 0..3);
    (name, meta, prop::collection::vec(tags, 0..2), status, 0..3_u8, any::<bool>()).prop_map(
        |(name, meta, tags, status, project, doing)| {
            let mut row = meta.into_iter().fold(instance("x"), |row, (key, value)| row.meta(key, value));
            row = tags.into_iter().fold(row, Instance::tag).status(status);
            row.name = name.to_owned();
            row.project = format!("p{project}").as_str().into();
            row.task_state = doing.then(|| "rebooting".to_owned());
            row
        },
    )
}

fn pools() -> impl Strategy<Value = Vec<Pool>> {
    let status = pick(&["ONLINE", "ERROR", "OFFLINE", "DRAINING", "NO_MONITOR"]);
    let members = prop::collection::vec((0..25_usize, status), 0..8);
    let one = (pick(&["web", "shop", "lb-web-pool", "metrics", ""]), members, 0..3_u8);
    prop::collection::vec(one, 0..4).prop_map(|pools| {
        let made = pools.into_iter().enumerate().map(|(at, (name, members, project))| {
            let members: Vec<_> =
                members.iter().map(|(number, status)| (format!("10.0.0.{number}"), *status)).collect();
            let members: Vec<_> = members.iter().map(|(address, status)| (address.as_str(), *status)).collect();
            let mut made = pool(name, &members);
            made.id = format!("pool-{at}").as_str().into();
            made.project = format!("p{project}").as_str().into();
            made
        });
        made.collect()
    })
}

/// A cloud of up to twenty instances; which of the slower sources have answered is drawn, too.
fn sources() -> impl Strategy<Value = Sources> {
    let rows = prop::collection::vec(row(), 0..20);
    let groups =
        prop::collection::vec((pick(&["web", "sg-shop", ""]), prop::collection::btree_set(0..20_usize, 0..5)), 0..3);
    (rows, pools(), groups, any::<[bool; 3]>(), any::<u32>()).prop_map(|(rows, pools, groups, answered, gone)| {
        let id = |number: usize| format!("id-{number:02}");
        let rows: Vec<_> = rows
            .into_iter()
            .enumerate()
            .map(|(number, row)| Instance { id: id(number).as_str().into(), ..row })
            .collect();
        let ports = (0..20).map(|number| port(&id(number), &format!("10.0.0.{number}"))).collect();
        let groups = groups.iter().map(|(name, members)| {
            let members: Vec<String> = members.iter().map(|&number| id(number)).collect();
            server_group(name, &members.iter().map(String::as_str).collect::<Vec<_>>())
        });
        let mut sources = cloud(rows.clone()).pools(pools).ports(ports).groups(groups.collect());
        sources.unconfirmed =
            rows.iter().enumerate().filter(|(at, _)| gone >> at & 7 == 7).map(|(_, row)| row.id.clone()).collect();
        let [pools, ports, groups] = answered;
        if !pools {
            sources.pools = Observation::default();
        }
        if !ports {
            sources.ports = Observation::default();
        }
        if !groups {
            sources.server_groups = Observation::default();
        }
        sources
    })
}

fn at_noon(sources: &Sources, previous: Option<&Fleet>) -> Fleet {
    group(sources, &Rules::default(), previous, now())
}

/// Pools, ports and groups in another order; names of pools stay where they are seen.
fn shuffled(mut sources: Sources) -> Sources {
    fn turn<T: Clone>(source: &mut Observation<Arc<Vec<T>>>) {
        if let Some((list, _)) = &mut source.known {
            Arc::make_mut(list).reverse();
        }
    }
    turn(&mut sources.pools);
    turn(&mut sources.ports);
    turn(&mut sources.server_groups);
    if let Some((pools, _)) = &mut sources.pools.known {
        Arc::make_mut(pools).iter_mut().for_each(|pool| Arc::make_mut(&mut pool.members).reverse());
    }
    for row in sources.instances.values_mut() {
        Arc::make_mut(row).tags.reverse();
    }
    sources
}

/// All but where in the lists things stand.
fn meaning(fleet: &Fleet) -> String {
    let services = fleet.services.iter().map(|s| {
        format!(
            "{:?} {:?} {:?} {:?} {} {:?} {:?}\n",
            s.key, s.members, s.standing, s.versions, s.ready, s.findings, s.pools
        )
    });
    let members = fleet
        .members
        .iter()
        .map(|m| format!("{:?} {} {} {:?} {:?}\n", m.instance.id, m.service, m.named_by, m.version, m.findings));
    services.chain(members).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_instance_is_in_exactly_one_service(sources in sources()) {
        let fleet = at_noon(&sources, None);
        let ids: Vec<_> = fleet.members.iter().map(|member| &member.instance.id).collect();
        prop_assert_eq!(ids, sources.instances.keys().collect::<Vec<_>>());
        let mut seen = BTreeSet::new();
        for (at, service) in fleet.services.iter().enumerate() {
            prop_assert!(!service.key.name.is_empty());
            prop_assert_eq!(service.members.is_empty(), service.standing == Standing::Empty);
            prop_assert!(service.ready <= service.members.len());
            prop_assert_eq!(service.versions.iter().map(|(_, count)| count).sum::<usize>(), service.members.len());
            for &member in &service.members {
                prop_assert!(seen.insert(member), "{member} is in two services");
                prop_assert_eq!(fleet.members[member].service, at);
                prop_assert_eq!(&fleet.members[member].instance.project, &service.key.project);
            }
        }
        prop_assert_eq!(seen.len(), sources.instances.len());
        prop_assert!(fleet.services.windows(2).all(|pair| pair[0].key < pair[1].key));
    }

    #[test]
    fn the_order_in_which_things_were_told_does_not_matter(sources in sources()) {
        prop_assert_eq!(meaning(&at_noon(&sources, None)), meaning(&at_noon(&shuffled(sources), None)));
    }

    #[test]
    fn regrouping_is_stable(sources in sources()) {
        let first = at_noon(&sources, None);
        prop_assert_eq!(&at_noon(&sources, None), &first);
        let second = at_noon(&sources, Some(&first));
        prop_assert_eq!(&at_noon(&sources, Some(&second)), &second);
        prop_assert_eq!(diff(&second, &second), vec![]);
    }

    #[test]
    fn once_all_have_answered_the_past_does_not_matter(sources in sources(), past in sources()) {
        let all = Sources {
            pools: known(sources.pools.clone()),
            ports: known(sources.ports.clone()),
            server_groups: known(sources.server_groups.clone()),
            instances: sources.instances.into_iter().filter(|(_, row)| row.status.as_str() != "UNKNOWN").collect(),
            ..sources
        };
        prop_assert_eq!(at_noon(&all, Some(&at_noon(&past, None))), at_noon(&all, None));
    }

    /// Whatever is called settled before all have answered is the same afterwards.
    #[test]
    fn settled_is_settled(sources in sources()) {
        let early = Sources {
            pools: Observation::default(), ports: Observation::default(), server_groups: Observation::default(), ..sources.clone()
        };
        let (early, late) = (at_noon(&early, None), at_noon(&sources, None));
        for service in early.services.iter().filter(|service| service.standing == Standing::Settled) {
            let members = |fleet: &Fleet| -> Option<BTreeSet<_>> {
                let service = fleet.service(&service.key)?;
                Some(service.members.iter().map(|&at| fleet.members[at].instance.id.clone()).collect())
            };
            prop_assert_eq!(members(&early), members(&late));
        }
    }

    #[test]
    fn who_named_it_is_true(sources in sources()) {
        let fleet = at_noon(&sources, None);
        for member in &fleet.members {
            let metadata = &member.instance.metadata;
            let named = ["service", "app"].iter().any(|key| metadata.get(key).is_some_and(|text| !text.trim().is_empty()));
            prop_assert_eq!(named, member.named_by == NamedBy::Metadata);
            if member.named_by == NamedBy::Pool {
                prop_assert!(fleet.memberships(member).count() > 0);
            }
        }
    }
}

fn known<T: Default>(source: Observation<T>) -> Observation<T> {
    if source.known.is_some() { source } else { Observation::of(T::default(), now()) }
}
