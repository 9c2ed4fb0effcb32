//! The calls that change a cloud, made on the real one with what the test makes for them and takes away again.

use std::panic::AssertUnwindSafe;

use super::balanced::{Balance, balance};
use super::contract::real;
use super::made::{Made, take_away};
use crate::contract::changing::members::{self, Balanced};
use crate::contract::changing::{leases, servers};
use crate::contract::raw::Raw;
use crate::contract::side::Side;
use futures_util::FutureExt as _;

/// Runs a test, and takes away what was made also if it fails.
async fn tidily(side: &Side, made: &Made, test: impl Future<Output = ()>) {
    let outcome = AssertUnwindSafe(test).catch_unwind().await;
    let left = take_away(&side.member.raw, made).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
    assert_eq!(left, [""; 0], "everything was taken away");
}

#[tokio::test]
async fn members_and_listeners_change_as_they_must() {
    let Some(side) = real().await else { return };
    let made = Made::default();
    tidily(&side, &made, async {
        let balance = balance(&side, &made).await.expect("a balancer");
        let balanced = balanced(balance, addresses(&side.member.raw).await);
        members::all(&side, &balanced).await;
    })
    .await;
}

#[tokio::test]
async fn servers_and_their_ports_come_and_go_as_they_must() {
    let Some(side) = real().await else { return };
    let made = Made::default();
    tidily(&side, &made, servers::all(&side, &|service, path| made.lock().expect("a lock").push((service, path))))
        .await;
}

/// A true compare-and-swap: a hundred rounds here, and as many as `STACKDECK_LEASE_ROUNDS` says by hand.
#[tokio::test]
async fn leases_are_claimed_once() {
    let Some(side) = real().await else { return };
    let rounds = std::env::var("STACKDECK_LEASE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let made = Made::default();
    tidily(&side, &made, async {
        let note = |service, path| made.lock().expect("a lock").push((service, path));
        leases::one(&side, &note).await;
        leases::race(&side, rounds, &|_, _| {}).await;
    })
    .await;
}

/// Where two guests answer, and one address that nobody has.
async fn addresses(raw: &Raw) -> [String; 3] {
    let servers = raw.get("compute", "/v2.1/servers/detail?name=payments&status=ACTIVE&limit=2", None).await.json();
    let of = |place: usize| {
        let nets = servers["servers"][place]["addresses"].as_object().expect("networks");
        nets.values().next().expect("one")[0]["addr"].as_str().expect("an address").to_owned()
    };
    [of(0), of(1), "10.10.255.250".to_owned()]
}

fn balanced(balance: Balance, addresses: [String; 3]) -> Balanced {
    let Balance { id, listener, pool, spare, subnet, octavia, .. } = balance;
    Balanced {
        balancer: id.clone().into(),
        listener: listener.into(),
        pool: pool.into(),
        spare: spare.into(),
        subnet: subnet.into(),
        addresses,
        port: 8080,
        mark: Box::new(move |status| {
            octavia.run(&format!("UPDATE load_balancer SET provisioning_status = '{status}' WHERE id = '{id}'"));
        }),
    }
}
