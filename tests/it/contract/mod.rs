//! What a cloud owes its clients, told once and asked of two: the simulated one, always, and a real one where there is.
//!
//! - [`calls`]: the product's own calls, with what they must answer on any cloud.
//! - [`changing`]: the calls that change it.
//! - [`table`]: reads with the status that any cloud gives them.
//! - [`shape`]: whether two clouds answer the same reads in the same shape. Where they differ the simulator is wrong,
//!   or the difference stands in [`allowed`], with its reason.
//!
//! Here it is asked of the simulator; `real::contract` asks a real cloud, and compares.

mod allowed;
pub(crate) mod calls;
pub(crate) mod changing;
pub(crate) mod raw;
pub(crate) mod shape;
pub(crate) mod side;
pub(crate) mod table;

use side::Side;
use stackdeck::openstack::compute;

#[tokio::test]
async fn the_simulated_cloud_signs_in_and_refuses() {
    let (side, _cloud) = Side::simulated().await;
    calls::signing_in(&side).await;
}

#[tokio::test]
async fn the_simulated_cloud_pages() {
    let (side, _cloud) = Side::simulated().await;
    calls::paging(&side).await;
}

#[tokio::test]
async fn the_simulated_cloud_lets_one_look_into_a_server() {
    let (side, _cloud) = Side::simulated().await;
    calls::one_server(&side).await;
}

#[tokio::test]
async fn the_simulated_cloud_tells_what_is_around_servers() {
    let (side, _cloud) = Side::simulated().await;
    calls::surroundings(&side).await;
}

#[tokio::test]
async fn the_simulated_cloud_says_no_in_sentences() {
    let (side, _cloud) = Side::simulated().await;
    calls::refusals(&side).await;
}

#[tokio::test]
async fn the_simulated_cloud_is_watched() {
    let (side, _cloud) = Side::simulated().await;
    calls::watching(&side).await;
}

#[tokio::test]
async fn the_simulated_clouds_hosts_say_how_loaded_they_are_beside_their_numbers() {
    let (side, _cloud) = Side::simulated().await;
    let hosts = compute::hypervisors(&side.admin.reader()).await.expect("an admin may");
    let uptimes: Vec<&str> = hosts.iter().filter_map(|host| host.uptime.as_deref()).collect();
    let up = hosts.iter().filter(|host| host.state.as_deref() == Some("up")).count();
    assert!(up > 1 && uptimes.len() == up, "{hosts:?}");
    assert!(uptimes.iter().all(|uptime| uptime.contains("load average: ")), "{uptimes:?}");
}

#[tokio::test]
async fn the_simulated_cloud_answers_the_table() {
    let (side, _cloud) = Side::simulated().await;
    table::statuses(&side).await;
}
