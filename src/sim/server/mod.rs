//! The HTTP server: one address, one prefix per service, as development clouds have it.
//!
//! Every request goes one way: ledger, script of faults, the service's route, its headers, the delays. Routing is by
//! hand: the bodies of errors and the header shapes differ per service, and an unknown route must be loud.

mod admin;
mod ask;
pub(in crate::sim) mod doors;
mod glance;
mod gnocchi;
mod keystone;
mod line;
mod metrics;
mod neutron;
mod nova;
mod octavia;
mod odd;
mod reply;
mod road;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::sim::fault::{Fault, Script};
use crate::sim::ledger::Ledger;
use crate::sim::world::World;
use ask::Ask;
use line::{Cut, Line};
use reply::Reply;

/// A simulated cloud that is being served. Dropping it ends the service.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
}

/// What every request touches.
#[derive(Debug)]
pub(in crate::sim) struct Shared {
    state: Mutex<Inside>,
    /// Rung when who answers may have changed.
    pub(in crate::sim) turned: Notify,
    told: AtomicU64,
}

/// All behind one lock: an answer is made in microseconds, delays are waited for outside.
#[derive(Debug)]
pub(in crate::sim) struct Inside {
    pub(in crate::sim) world: World,
    pub(in crate::sim) script: Script,
    pub(in crate::sim) ledger: Ledger,
    /// When a client was last there.
    pub(in crate::sim) last_client: Instant,
    pub(in crate::sim) stop: CancellationToken,
}

impl Shared {
    pub(in crate::sim) fn lock(&self) -> MutexGuard<'_, Inside> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings, if anything has changed since it last rang.
    pub(in crate::sim) fn tell_turns(&self, world: &World) {
        if self.told.swap(world.load.turns, Ordering::Relaxed) != world.load.turns {
            self.turned.notify_one();
        }
    }
}

impl Inside {
    fn around(world: World, stop: CancellationToken) -> Self {
        Self { world, script: Script::default(), ledger: Ledger::default(), last_client: Instant::now(), stop }
    }
}

/// Serves a world until the handle is dropped. Call it inside a tokio runtime.
pub fn serve(listener: TcpListener, world: World) -> std::io::Result<Served> {
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let shared = Arc::new(Shared {
        state: Mutex::new(Inside::around(world, stop.clone())),
        turned: Notify::new(),
        told: AtomicU64::new(0),
    });
    tokio::spawn(stop.clone().run_until_cancelled_owned(accept(listener, Arc::clone(&shared), stop.clone())));
    Ok(Served { address, shared, stop })
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(stop.clone().run_until_cancelled_owned(converse(stream, Arc::clone(&shared))));
            }
            // Out of descriptors, most likely: those that close give some back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Serves one connection to its end.
async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let cut = Cut::default();
    let line = TokioIo::new(Line::new(stream, cut.clone()));
    let router = axum::Router::new().fallback(answer).with_state((shared, cut));
    let outcome = hyper::server::conn::http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(line, TowerToHyperService::new(router))
        .await;
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection to the simulated cloud ended early");
    }
}

async fn answer(State((shared, cut)): State<(Arc<Shared>, Cut)>, request: Request) -> Response {
    road::travel(&shared, &cut, request).await
}

impl Served {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Keystone's URL.
    pub fn auth_url(&self) -> String {
        format!("http://{}/identity/v3", self.address)
    }

    /// A `clouds.yaml` with the one cloud `sim`, signed in by password.
    pub fn clouds_yaml(&self) -> String {
        clouds_yaml(self.address)
    }

    /// Looks at the world, or changes it, at the clock's now.
    pub fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let mut inside = self.shared.lock();
        inside.world.advance();
        let seen = look(&mut inside.world);
        inside.world.settle_load();
        self.shared.tell_turns(&inside.world);
        seen
    }

    /// Lets guests answer probes, and balancers tell their exporters' figures, on addresses of loopback: 10.A.B.C is
    /// 127.A.B.C. Call it inside a tokio runtime, once.
    pub fn open_doors(&self) {
        tokio::spawn(
            self.stop.clone().run_until_cancelled_owned(doors::keep(Arc::clone(&self.shared), self.stop.clone())),
        );
    }

    /// Adds a rule to the script of faults.
    pub fn fault(&self, fault: Fault) {
        self.shared.lock().script.add(fault);
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.shared.lock().script.clear();
    }

    /// Looks at what was asked so far.
    pub fn ledger<T>(&self, look: impl FnOnce(&mut Ledger) -> T) -> T {
        look(&mut self.shared.lock().ledger)
    }

    /// Returns once somebody has asked it to end.
    pub async fn ended(&self) {
        self.stop.cancelled().await;
    }

    /// How long no client has asked anything.
    pub fn idle(&self) -> Duration {
        self.shared.lock().last_client.elapsed()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The file that makes a client find the simulated cloud at an address.
pub fn clouds_yaml(address: SocketAddr) -> String {
    format!(
        "# Stackdeck's simulated cloud. Its passwords are no secrets; it listens on loopback only.\n\
         clouds:\n  sim:\n    auth_type: password\n    auth:\n      auth_url: http://{address}/identity/v3\n      \
         username: oncall\n      password: night-shift\n      project_name: bank-prod\n      user_domain_name: Default\n      \
         project_domain_name: Default\n    region_name: RegionOne\n    interface: public\n    identity_api_version: 3\n"
    )
}

/// 401 as the token middleware says it, whatever the service's own shape is.
fn unauthorized(ask: &Ask) -> Reply {
    let message = "The request you have made requires authentication.";
    Reply::json(401, &json!({"error": {"code": 401, "title": "Unauthorized", "message": message}}))
        .with("www-authenticate", format!("Keystone uri=\"{}/identity/v3\"", ask.root))
}
