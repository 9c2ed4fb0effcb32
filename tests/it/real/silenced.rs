//! Sources that fall silent in the middle: the others go on, and who is missing is told. A door stands before each, and is
//! shut: the test bed's own daemons are everybody's.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::generator::{Balancer, behind};
use super::rig::Rig;
use super::scraped::{Block, Top};
use crate::support::process::Home;

/// The service that is looked at: others are other tests'.
const SERVICE: &str = "web";
/// Where the rig's Gnocchi listens.
const GNOCCHI: &str = "127.0.0.1:8041";
/// At which port a balancer's exporter does.
const EXPORTER: u16 = 19102;

/// Lets everybody through to somewhere, until it is dropped; then nobody, and those inside are put out.
struct Door {
    address: SocketAddr,
    _open: DropGuard,
}

impl Door {
    async fn to(address: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("its address");
        let shut = CancellationToken::new();
        let open = shut.clone().drop_guard();
        tokio::spawn(shut.clone().run_until_cancelled_owned(async move {
            while let Ok((mut inside, _)) = listener.accept().await {
                let (address, shut) = (address.clone(), shut.clone());
                tokio::spawn(shut.run_until_cancelled_owned(async move {
                    if let Ok(mut outside) = TcpStream::connect(address).await {
                        let _over = copy_bidirectional(&mut inside, &mut outside).await;
                    }
                }));
            }
        }));
        Self { address: own, _open: open }
    }
}

#[tokio::test]
async fn whoever_falls_silent_is_told_and_the_others_go_on() {
    let Some(rig) = Rig::here() else { return };
    behind(SERVICE, async |balancer| one_after_another(&rig, balancer).await).await;
}

async fn one_after_another(rig: &Rig, balancer: &Balancer) -> Result<(), String> {
    let gnocchi = Door::to(GNOCCHI.to_owned()).await;
    let exporter = Door::to(format!("{}:{EXPORTER}", balancer.host)).await;
    let home = Home::new();
    home.clouds(&format!("{}{}", rig.clouds(), cloud(gnocchi.address)));
    home.write(".config/stackdeck/config.toml", &settings(exporter.address));
    let mut top = Top::start(&home, "rig-door", SERVICE);
    let checked = |block: &Block| block.load()["probe_ms"].is_number();
    let by_gnocchi = |block: &Block| block.teller("cpu") == Some("gnocchi");
    let all = |block: &Block| block.teller("requests") == Some("balancer") && by_gnocchi(block) && checked(block);
    top.until("a word of each", all).await?;
    drop(exporter);
    let two = |block: &Block| block.is_silent("balancer") && by_gnocchi(block) && checked(block);
    top.until("Gnocchi and checks without the exporter", two).await?;
    drop(gnocchi);
    let one = |block: &Block| block.is_silent("gnocchi") && !by_gnocchi(block) && checked(block);
    top.until("checks alone", one).await.map(drop)
}

/// The rig, with Gnocchi behind its door.
fn cloud(gnocchi: SocketAddr) -> String {
    format!(
        "  rig-door:\n    auth:\n      auth_url: http://127.0.0.1:5000/v3\n      username: demo\n      password: rig\n      \
         project_name: demo\n      user_domain_name: Default\n      project_domain_name: Default\n    region_name: RegionOne\n    \
         metric_endpoint_override: http://{gnocchi}\n"
    )
}

fn settings(exporter: SocketAddr) -> String {
    format!(
        "[metrics]\nrequests = 600\npast = \"0s\"\n[metrics.nova]\nenabled = false\n[metrics.gnocchi]\nevery = \"3s\"\n\
         [metrics.balancers]\nenabled = true\naddress = \"{}\"\nport = {}\nevery = \"2s\"\n[metrics.probes]\nenabled = true\n\
         address = \"127.{{2}}.{{3}}.{{4}}\"\nevery = \"3s\"\n",
        exporter.ip(),
        exporter.port()
    )
}
