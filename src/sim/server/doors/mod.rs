//! Doors: guests that answer probes, and the balancers' exporters, on addresses of loopback.
//!
//! 10.A.B.C in the cloud is 127.A.B.C here. One address that listens costs a descriptor and a small future; a door is
//! open as long as its guest would answer, so that a stopped one refuses, as a real one does. One listener for all of
//! 127/8 would cost less and could not refuse.

mod guest;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::reply::Reply;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::load::Serving;

/// Where guests listen, if nobody else does.
const GUEST: u16 = 8080;
/// More instances than these are not worth a descriptor each.
pub(in crate::sim) const MOST: usize = 2_000;
/// Where claims on ports are held: no guest has this address.
const NOBODY: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 254);
/// A client that has been gone for so long is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who is behind an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Guest(Uid),
    Exporter(Uid),
}

/// Where the balancers' exporters listen: 8088 as a rule.
pub(in crate::sim) fn exporter_port(world: &World) -> u16 {
    world.options().guest_port + 8
}

/// 10.A.B.C as it is reached here; other addresses are not.
fn here(ip: u32) -> Option<Ipv4Addr> {
    let [first, second, third, fourth] = ip.to_be_bytes();
    // 127.0.x.y has the machine's own services.
    (first == 10 && second > 0).then(|| Ipv4Addr::new(127, second, third, fourth))
}

/// The doors that are open now.
fn open_now(world: &World) -> BTreeMap<SocketAddr, Door> {
    let port = world.options().guest_port;
    let guests = world.servers().filter_map(|server| {
        let ip = here(server.addresses.iter().find(|address| !address.floating)?.ip)?;
        let answers = world.serving(server) != Serving::Refuses;
        answers.then_some((SocketAddr::new(IpAddr::V4(ip), port), Door::Guest(server.id)))
    });
    let exporters = world.balancers.all.iter().filter_map(|balancer| {
        let ip = here(balancer.vip)?;
        balancer.exporter.map(|_| (SocketAddr::new(IpAddr::V4(ip), exporter_port(world)), Door::Exporter(balancer.id)))
    });
    guests.chain(exporters).collect()
}

/// A port for a world's guests that no other simulated cloud on this machine takes, for as long as this is held.
pub(in crate::sim) struct Claim {
    /// Where guests listen.
    pub(in crate::sim) port: u16,
    _held: TcpListener,
}

/// Claims the usual port, or the next that is free. To try a guest's own address is not enough: it is free again
/// until its door opens, and two clouds that start together would answer for each other's guests.
pub(in crate::sim) async fn claim_port(world: &World) -> Option<Claim> {
    let first = world.servers().find_map(|server| here(server.addresses.first()?.ip))?;
    // Exporters listen eight above: blocks of eight, with a gap of eight behind each.
    for port in (0..8).flat_map(|block| GUEST + 16 * block..GUEST + 16 * block + 8) {
        let Ok(held) = TcpListener::bind((NOBODY, port)).await else { continue };
        // What is no simulated cloud claims nothing, and may listen there all the same.
        if TcpListener::bind((first, port)).await.is_ok() {
            return Some(Claim { port, _held: held });
        }
    }
    None
}

/// Keeps doors open and shut as the world goes on, until it is told to stop.
pub(super) async fn keep(shared: Arc<Shared>, stop: CancellationToken) {
    let mut open: BTreeMap<SocketAddr, (Door, CancellationToken)> = BTreeMap::new();
    loop {
        let (wanted, due) = {
            let mut inside = shared.lock();
            inside.world.advance();
            let near = inside.last_client.elapsed() < PATIENCE;
            (open_now(&inside.world), inside.world.next_due().filter(|_| near))
        };
        open.retain(|address, (door, shut)| {
            let stays = wanted.get(address) == Some(door);
            if !stays {
                shut.cancel();
            }
            stays
        });
        for (address, door) in wanted {
            if open.contains_key(&address) {
                continue;
            }
            match TcpListener::bind(address).await {
                Ok(listener) => {
                    let shut = stop.child_token();
                    tokio::spawn(shut.clone().run_until_cancelled_owned(admit(listener, door, Arc::clone(&shared))));
                    open.insert(address, (door, shut));
                }
                Err(error) => tracing::warn!(%address, %error, "nobody will answer there"),
            }
        }
        tokio::select! {
            () = shared.turned.notified() => {}
            () = pause(due) => {}
        }
    }
}

/// Waits until something is due; forever, if nothing is.
async fn pause(due: Option<Duration>) {
    match due {
        Some(length) => tokio::time::sleep(length.max(Duration::from_millis(100))).await,
        None => std::future::pending().await,
    }
}

async fn admit(listener: TcpListener, door: Door, shared: Arc<Shared>) {
    // Those inside go when the door shuts.
    let inside = CancellationToken::new();
    let _leave = inside.clone().drop_guard();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(inside.clone().run_until_cancelled_owned(converse(stream, door, Arc::clone(&shared))));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn converse(stream: TcpStream, door: Door, shared: Arc<Shared>) {
    let _best_effort = stream.set_nodelay(true);
    let answer = move |request: Request| {
        let (shared, path) = (Arc::clone(&shared), request.uri().path().to_owned());
        async move { answer(&shared, door, &path).await }
    };
    let router = axum::Router::new().fallback(answer);
    let served = hyper::server::conn::http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to a guest ended early");
    }
}

async fn answer(shared: &Shared, door: Door, path: &str) -> Response {
    let found = {
        let mut inside = shared.lock();
        inside.last_client = tokio::time::Instant::now();
        inside.world.advance();
        shared.tell_turns(&inside.world);
        match door {
            Door::Guest(id) => guest::answer(&inside.world, id, path),
            Door::Exporter(id) => guest::Answer::at_once(super::metrics::page::of_balancer(&inside.world, id)),
        }
    };
    match found {
        guest::Answer { reply: Some(reply), after } => {
            tokio::time::sleep(after).await;
            send(reply)
        }
        // It hangs.
        guest::Answer { reply: None, .. } => std::future::pending().await,
    }
}

fn send(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = axum::http::StatusCode::from_u16(reply.status).unwrap_or_default();
    for (name, value) in reply.headers {
        if let Ok(value) = axum::http::HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
