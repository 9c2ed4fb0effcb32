//! The contract asked of the real cloud, and the simulated one compared with it.

use crate::contract::side::Side;
use crate::contract::{calls, shape};

use super::{config, options};

pub(super) async fn real() -> Option<Side> {
    let (member, reader, admin) = (config("rig-demo")?, config("rig-reader")?, config("rig-admin")?);
    Some(Side::open([&member, &reader, &admin], options).await)
}

#[tokio::test]
async fn it_signs_in_and_refuses() {
    let Some(side) = real().await else { return };
    calls::signing_in(&side).await;
}

#[tokio::test]
async fn it_pages() {
    let Some(side) = real().await else { return };
    calls::paging(&side).await;
}

#[tokio::test]
async fn it_lets_one_look_into_a_server() {
    let Some(side) = real().await else { return };
    calls::one_server(&side).await;
}

#[tokio::test]
async fn it_tells_what_is_around_servers() {
    let Some(side) = real().await else { return };
    calls::surroundings(&side).await;
}

#[tokio::test]
async fn it_says_no_in_sentences() {
    let Some(side) = real().await else { return };
    calls::refusals(&side).await;
}

#[tokio::test]
async fn it_is_watched() {
    let Some(side) = real().await else { return };
    calls::watching(&side).await;
}

#[tokio::test]
async fn it_answers_the_table_and_the_simulated_cloud_has_its_shape() {
    let Some(there) = real().await else { return };
    let (here, _cloud) = Side::simulated().await;
    shape::the_same(&here, &there).await;
}
