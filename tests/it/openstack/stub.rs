//! A scripted server: every request is shown to a closure, which says what comes back, or that nothing does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use stackdeck::base::clock::Clock;
use stackdeck::openstack::auth::password::{Password, User};
use stackdeck::openstack::auth::{DomainRef, Method, ProjectRef, Scope};
use stackdeck::openstack::clouds::{Interface, Proxies, Tls};
use stackdeck::openstack::{Cloud, CloudConfig, ConnectOptions, Limits, Read, ServiceType};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the client sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What comes back.
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// The connection breaks without an answer.
    Reset,
    /// The connection breaks within the body.
    Cut,
    /// Nothing, for ever.
    Hang,
}

pub(crate) fn answer(status: u16, body: &Value) -> Reply {
    Reply::Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

pub(crate) fn with(status: u16, header: &'static str, value: &str, body: &str) -> Reply {
    Reply::Answer { status, headers: vec![(header, value.to_owned())], body: body.as_bytes().to_vec() }
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

/// Runs until the test ends.
pub(crate) struct Stub {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    pub(crate) async fn serve(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (kept, script): (_, Arc<Script>) = (Arc::clone(&seen), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, script) = (Arc::clone(&kept), Arc::clone(&script));
                tokio::spawn(async move { one(stream, &seen, &*script).await });
            }
        });
        Stub { url, seen }
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("a lock").clone()
    }

    /// How many requests went to a path.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.seen().iter().filter(|request| request.path.split('?').next() == Some(path)).count()
    }

    pub(crate) fn logins(&self) -> usize {
        self.count("/v3/auth/tokens")
    }
}

async fn one(mut stream: TcpStream, seen: &Mutex<Vec<Request>>, script: &Script) {
    let Some(request) = receive(&mut stream).await else { return };
    seen.lock().expect("a lock").push(request.clone());
    match script(&request) {
        Reply::Answer { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            let _ = stream.write_all(&[format!("{head}\r\n").as_bytes(), &body].concat()).await;
            let _ = stream.shutdown().await;
        }
        Reply::Reset => {}
        Reply::Cut => {
            let _ = stream.write_all(b"HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n{\"half").await;
            let _ = stream.shutdown().await;
        }
        Reply::Hang => std::future::pending().await,
    }
}

/// Reads one request.
pub(crate) async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into())).collect();
    let mut request = Request { method: first.next()?, path: first.next()?, headers, body: String::new() };
    let length = request.header("content-length").map_or(0, |text| text.parse().expect("a number"));
    while bytes.len() < end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    request.body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
    Some(request)
}

/// When manual clocks begin.
pub(crate) fn start() -> Timestamp {
    "2026-11-22T08:00:00Z".parse().expect("a time")
}

/// Keystone's grant of a token that lives so long; the catalog lists compute below `/compute/v2.1`, and what else is
/// given, at the host that was asked.
pub(crate) fn grant(request: &Request, token: &str, life: Duration, services: &[(&str, &str)]) -> Reply {
    let host = format!("http://{}", request.header("host").expect("a host"));
    let entry = |(kind, path): &(&str, &str)| {
        let url = if path.contains("://") { (*path).to_owned() } else { format!("{host}{path}") };
        json!({"type": kind, "name": format!("the-{kind}"), "endpoints": [
            {"interface": "internal", "region_id": "RegionOne", "url": "http://10.255.0.1:1"},
            {"interface": "public", "region_id": "RegionOne", "url": url}]})
    };
    let catalog: Vec<Value> = [("compute", "/compute/v2.1")].iter().chain(services).map(entry).collect();
    let issued: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let body = json!({"token": {"user": {"id": "u1", "name": "alice"}, "project": {"id": "p1", "name": "shop"},
        "roles": [{"id": "r1", "name": "member"}], "issued_at": "2026-01-01T00:00:00.000000Z",
        "expires_at": (issued + life).to_string(), "catalog": catalog}});
    Reply::Answer { status: 201, headers: vec![("X-Subject-Token", token.to_owned())], body: body.to_string().into() }
}

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// Nova's version document with this highest microversion.
pub(crate) fn nova(highest: &str) -> Reply {
    answer(200, &json!({"version": {"id": "v2.1", "status": "CURRENT", "version": highest, "min_version": "2.1"}}))
}

/// Answers sign-in and compute's discovery; everything else is the script's.
pub(crate) async fn cloud_stub(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Stub {
    Stub::serve(move |request| match request.path.as_str() {
        "/v3/auth/tokens" => grant(request, "token-1", HOUR, &[]),
        "/compute/v2.1/" => nova("2.93"),
        _ => script(request),
    })
    .await
}

pub(crate) fn config(stub: &Stub) -> CloudConfig {
    let domain = DomainRef::Name("Default".into());
    CloudConfig {
        name: "stub".into(),
        auth_url: format!("{}/v3", stub.url),
        method: Method::Password(Password {
            user: User::Name("alice".into(), domain.clone()),
            password: Some("correct-horse".to_owned().into()),
        }),
        scope: Scope::Project(ProjectRef::Name("shop".into(), domain)),
        region: Some("RegionOne".into()),
        regions: Vec::new(),
        interfaces: vec![Interface::Public],
        endpoint_overrides: Default::default(),
        default_microversions: Default::default(),
        tls: Tls { verify: true, cacert: None, cert: None, key: None },
        proxies: Proxies::default(),
        by_region: Default::default(),
    }
}

/// A manual clock, a fixed seed, and pauses that cost nothing.
pub(crate) fn options() -> ConnectOptions {
    let limits = Limits { pause: Duration::from_millis(1), ..Limits::default() };
    ConnectOptions { clock: Clock::manual(start()), seed: 7, limits, ..ConnectOptions::default() }
}

pub(crate) async fn connect(stub: &Stub) -> Cloud {
    Cloud::connect(&config(stub), options()).await.expect("sign-in")
}

pub(crate) fn get(path: &str) -> Read {
    read(ServiceType::COMPUTE, path)
}

pub(crate) fn read(service: ServiceType, path: &str) -> Read {
    Read { service, path: path.into(), query: Vec::new(), microversion: None, body: None }
}
