//! A bare HTTP client, so that the simulator is not tested with the product's own: it sees every byte.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stackdeck::sim::{Moment, Options, Scenario, Served, SimClock, World, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// When every stepped world begins.
pub(super) const START: Moment = Moment::from_millis(1_795_338_000_000);

pub(super) struct Answer {
    pub(super) status: u16,
    /// Lower-case names; of several the last.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// A client of one cloud with one token.
pub(super) struct Client {
    pub(super) address: String,
    pub(super) token: Option<String>,
    pub(super) microversion: Option<&'static str>,
}

impl Client {
    pub(super) fn anonymous(address: impl Into<String>) -> Self {
        Self { address: address.into(), token: None, microversion: None }
    }

    /// Signs in by password.
    pub(super) async fn sign_in(served: &Served, user: &str, password: &str, project: &str) -> Self {
        let mut client = Self::anonymous(served.address().to_string());
        let answer = client.post("/identity/v3/auth/tokens", &password_auth(user, password, project)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        client.token = answer.header("x-subject-token").map(str::to_owned);
        client.microversion = Some("2.93");
        client
    }

    pub(super) async fn oncall(served: &Served) -> Self {
        Self::sign_in(served, "oncall", "night-shift", "bank-prod").await
    }

    pub(super) fn at(&self, microversion: &'static str) -> Self {
        Self { address: self.address.clone(), token: self.token.clone(), microversion: Some(microversion) }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await.unwrap()
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await.unwrap()
    }

    pub(super) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.address).await?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        if let Some(token) = &self.token {
            head += &format!("X-Auth-Token: {token}\r\n");
        }
        if let Some(version) = self.microversion {
            head += &format!("OpenStack-API-Version: compute {version}\r\n");
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        parse(&bytes)
    }
}

pub(super) fn password_auth(user: &str, password: &str, project: &str) -> Value {
    json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {"name": user, "domain": {"name": "Default"}, "password": password}}},
        "scope": {"project": {"name": project, "domain": {"name": "Default"}}},
    }})
}

fn parse(bytes: &[u8]) -> std::io::Result<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else { return Err(std::io::ErrorKind::UnexpectedEof.into()) };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut text = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
    if headers.get("transfer-encoding").is_some_and(|kind| kind == "chunked") {
        text = unchunk(&text);
    }
    Ok(Answer { status, headers, text })
}

fn unchunk(mut rest: &str) -> String {
    let mut out = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let Ok(size @ 1..) = usize::from_str_radix(size, 16) else { break };
        out += &after[..size];
        rest = &after[size + 2..];
    }
    out
}

/// A world that stands still until it is stepped.
pub(super) fn still(scenario: Scenario) -> Options {
    Options { clock: SimClock::stepped(START), ..Options::new(scenario) }
}

pub(super) async fn served(options: Options) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve(listener, World::new(options)).unwrap()
}
