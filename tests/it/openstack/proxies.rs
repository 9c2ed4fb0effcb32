//! Proxies: who is asked through one, how, and who is not.

use std::sync::{Arc, Mutex};

use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::openstack::clouds::Proxies;
use stackdeck::openstack::{Cloud, CloudConfig, ConnectError};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::stub::{Request, Stub, config, get, options, receive};
use super::tls::{Authority, Front, behind_a_front, checked, secured};

/// A forward proxy that keeps what it was asked for.
struct Proxy {
    /// `127.0.0.1:PORT`.
    address: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Proxy {
    /// One that wants these credentials, in base 64, or none.
    async fn serve(wanted: Option<&'static str>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(forward(stream, Arc::clone(&kept), wanted));
            }
        });
        Proxy { address, seen }
    }

    fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("a lock").clone()
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn forward(mut stream: TcpStream, seen: Arc<Mutex<Vec<Request>>>, wanted: Option<&str>) {
    let Some(request) = receive(&mut stream).await else { return };
    seen.lock().expect("a lock").push(request.clone());
    if let Some(wanted) = wanted
        && request.header("proxy-authorization") != Some(wanted)
    {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let _ = stream.write_all(refusal.as_bytes()).await;
        return;
    }
    if request.method == "CONNECT" {
        let mut behind = TcpStream::connect(&request.path).await.expect("the front");
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.expect("the client");
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
        return;
    }
    let rest = request.path.strip_prefix("http://").expect("an absolute address");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut head = format!("{} /{path} HTTP/1.1\r\n", request.method);
    for (name, value) in request.headers.iter().filter(|(name, _)| !name.starts_with("proxy-")) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut behind = TcpStream::connect(host).await.expect("the stub");
    behind.write_all(format!("{head}\r\n{}", request.body).as_bytes()).await.expect("the stub");
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
}

fn through(config: CloudConfig, proxies: Proxies) -> CloudConfig {
    CloudConfig { proxies, ..config }
}

async fn use_it(config: &CloudConfig) -> Cloud {
    let cloud = Cloud::connect(config, options()).await.expect("sign-in");
    cloud.read(get("/servers")).await.expect("an answer");
    cloud
}

async fn refused(config: &CloudConfig) -> Failure {
    match Cloud::connect(config, options()).await {
        Err(ConnectError::Failed(failure)) => *failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn plain_http_asks_the_proxy_for_the_whole_address() {
    let (stub, proxy) = (behind_a_front().await, Proxy::serve(None).await);
    let proxies = Proxies { http: Some(proxy.url().into()), ..Proxies::default() };
    use_it(&through(config(&stub), proxies)).await;
    let asked: Vec<String> = proxy.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    assert_eq!(asked[0], format!("POST {}/v3/auth/tokens", stub.url));
    assert!(asked.contains(&format!("GET {}/compute/v2.1/servers", stub.url)), "{asked:?}");
    assert_eq!(asked.len(), stub.seen().len(), "nothing went past it");
}

#[tokio::test]
async fn https_goes_through_a_tunnel_that_shows_no_token() {
    let (stub, authority, proxy) = (behind_a_front().await, Authority::new(), Proxy::serve(None).await);
    let front = Front::of(&stub, &authority).await;
    let config = secured(&stub, &front.url, checked(Some(authority.file())));
    let url = proxy.url();
    for proxies in [
        Proxies { https: Some(url.clone().into()), ..Proxies::default() },
        Proxies { all: Some(url.clone().into()), ..Proxies::default() },
    ] {
        let before = proxy.seen().len();
        use_it(&through(config.clone(), proxies)).await;
        let seen = proxy.seen().split_off(before);
        assert!(!seen.is_empty());
        for request in seen {
            assert_eq!((request.method.as_str(), request.path.as_str()), ("CONNECT", &front.url["https://".len()..]));
            assert_eq!(request.header("x-auth-token"), None);
        }
    }
}

#[tokio::test]
async fn each_proxy_is_for_its_own_scheme_and_no_proxy_goes_before() {
    let (stub, proxy) = (behind_a_front().await, Proxy::serve(None).await);
    let url = proxy.url();
    let other = Proxies { https: Some(url.clone().into()), ..Proxies::default() };
    use_it(&through(config(&stub), other)).await;
    for excepted in ["127.0.0.1", "10.0.0.0/8, 127.0.0.0/8", "*"] {
        let http = Some(url.clone().into());
        let proxies = Proxies { http, no_proxy: Some(excepted.to_owned()), ..Proxies::default() };
        use_it(&through(config(&stub), proxies)).await;
    }
    let (_, here) = stub.url.rsplit_once('/').expect("an address");
    let http = Some(url.clone().into());
    let proxies = Proxies { http, no_proxy: Some(format!("example.org, {here}")), ..Proxies::default() };
    use_it(&through(config(&stub), proxies)).await;
    assert!(proxy.seen().is_empty());
    let http = Some(url.clone().into());
    let proxies = Proxies { http, no_proxy: Some("127.0.0.1:1".to_owned()), ..Proxies::default() };
    use_it(&through(config(&stub), proxies)).await;
    assert!(!proxy.seen().is_empty(), "another port is another matter");
    let before = proxy.seen().len();
    let proxies = Proxies { http: Some(url.into()), no_proxy: Some("example.org".to_owned()), ..Proxies::default() };
    use_it(&through(config(&stub), proxies)).await;
    assert!(proxy.seen().len() > before);
}

#[tokio::test]
async fn a_proxy_without_scheme_is_an_http_proxy() {
    let (stub, proxy) = (behind_a_front().await, Proxy::serve(None).await);
    let proxies = Proxies { http: Some(proxy.address.clone().into()), ..Proxies::default() };
    use_it(&through(config(&stub), proxies)).await;
    assert!(!proxy.seen().is_empty());
}

#[tokio::test]
async fn a_proxy_may_want_credentials() {
    // alice:wonder-land
    const WANTED: &str = "Basic YWxpY2U6d29uZGVyLWxhbmQ=";
    let (stub, authority, proxy) = (behind_a_front().await, Authority::new(), Proxy::serve(Some(WANTED)).await);
    let front = Front::of(&stub, &authority).await;
    let clouds = [config(&stub), secured(&stub, &front.url, checked(Some(authority.file())))];
    for cloud in clouds {
        let good = format!("http://alice:wonder-land@{}", proxy.address);
        let proxies = |url: &str| Proxies { all: Some(url.to_owned().into()), ..Proxies::default() };
        use_it(&through(cloud.clone(), proxies(&good))).await;
        let bad = format!("http://alice:not-so@{}", proxy.address);
        let failure = refused(&through(cloud, proxies(&bad))).await;
        assert_eq!(failure.kind, FailureKind::Usage, "{failure:?}");
        assert_eq!(failure.message, "The proxy wants a user and a password, or others");
        assert!(failure.hints[0].contains("all_proxy") && !format!("{failure:?}").contains("not-so"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_by_its_variable() {
    let stub = behind_a_front().await;
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let proxies = Proxies { http: Some(format!("http://alice:secret@{gone}").into()), ..Proxies::default() };
    let failure = refused(&through(config(&stub), proxies)).await;
    assert_eq!(failure.message, format!("Cannot connect to {} through a proxy", stub.url), "{failure:?}");
    assert!(failure.hints[0].contains("http_proxy") && !format!("{failure:?}").contains("secret"), "{failure:?}");
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn a_proxy_that_is_no_address_is_refused() {
    let stub: Stub = behind_a_front().await;
    let proxies = Proxies { http: Some("http://alice:secret@".to_owned().into()), ..Proxies::default() };
    let failure = refused(&through(config(&stub), proxies)).await;
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Usage, "The variable http_proxy is no URL"));
}
