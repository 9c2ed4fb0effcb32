//! Certificates: theirs, ours, and what a person is told when they do not fit.
//!
//! A front with certificates of its own authority stands before the scripted cloud and passes on what it hears.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::json;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::openstack::clouds::Tls;
use stackdeck::openstack::{Cloud, CloudConfig, ConnectError};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::stub::{Stub, answer, cloud_stub, config, get, options};
use crate::support::folder::Folder;

/// Who signs certificates.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
    folder: Folder,
}

/// A certificate and its key.
struct Signed {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { certificate, issuer: Issuer::new(params, key), folder: Folder::new() }
    }

    fn sign(&self, name: &str, last_year: i32) -> Signed {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_after = date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().expect("a key");
        Signed { certificate: params.signed_by(&key, &self.issuer).expect("a certificate"), key }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The file for `cacert`.
    pub(super) fn file(&self) -> PathBuf {
        self.write("ca.pem", &self.certificate.pem())
    }

    /// The files for `cert` and `key`.
    fn client(&self) -> (PathBuf, PathBuf) {
        let signed = self.sign("alice", 2090);
        (self.write("cert.pem", &signed.certificate.pem()), self.write("key.pem", &signed.key.serialize_pem()))
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).expect("a root");
        roots
    }
}

/// A server that speaks TLS, before a stub that does not.
pub(super) struct Front {
    pub(super) url: String,
    /// How many connections have shown a certificate of the client.
    shown: Arc<AtomicUsize>,
}

impl Front {
    pub(super) async fn of(stub: &Stub, authority: &Authority) -> Front {
        Self::with(stub, &authority.sign("127.0.0.1", 2090), None).await
    }

    async fn with(stub: &Stub, signed: &Signed, clients: Option<&Authority>) -> Front {
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&ring)).with_safe_default_protocol_versions();
        let builder = builder.expect("versions");
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let roots = Arc::new(authority.roots());
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, ring).build();
                builder.with_client_cert_verifier(verifier.expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::try_from(signed.key.serialize_der()).expect("a key");
        let config = builder.with_single_cert(vec![signed.certificate.der().clone()], key).expect("a certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        let (shown, behind) = (Arc::new(AtomicUsize::new(0)), stub.url.trim_start_matches("http://").to_owned());
        let counted = Arc::clone(&shown);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass_on(acceptor.clone(), stream, behind.clone(), Arc::clone(&counted)));
            }
        });
        Front { url, shown }
    }
}

async fn pass_on(acceptor: TlsAcceptor, stream: TcpStream, behind: String, shown: Arc<AtomicUsize>) {
    let Ok(mut ours) = acceptor.accept(stream).await else { return };
    if ours.get_ref().1.peer_certificates().is_some() {
        shown.fetch_add(1, Ordering::SeqCst);
    }
    let mut theirs = TcpStream::connect(behind).await.expect("the stub");
    // The client may hang up in the middle.
    let _ = tokio::io::copy_bidirectional(&mut ours, &mut theirs).await;
}

pub(super) async fn behind_a_front() -> Stub {
    cloud_stub(|_| answer(200, &json!({"ok": true}))).await
}

/// Keystone and Nova, both behind the front.
pub(super) fn secured(stub: &Stub, url: &str, tls: Tls) -> CloudConfig {
    let overrides = [("compute".to_owned(), format!("{url}/compute/v2.1"))];
    CloudConfig { auth_url: format!("{url}/v3"), endpoint_overrides: overrides.into(), tls, ..config(stub) }
}

pub(super) fn checked(cacert: Option<PathBuf>) -> Tls {
    Tls { verify: true, cacert, cert: None, key: None }
}

async fn refused(config: &CloudConfig) -> Failure {
    match Cloud::connect(config, options()).await {
        Err(ConnectError::Failed(failure)) => *failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_of_the_named_authority_is_trusted() {
    let (stub, authority) = (behind_a_front().await, Authority::new());
    let front = Front::of(&stub, &authority).await;
    let config = secured(&stub, &front.url, checked(Some(authority.file())));
    let cloud = Cloud::connect(&config, options()).await.expect("sign-in");
    cloud.read(get("/servers")).await.expect("an answer");
    assert!(!cloud.session().insecure);
    assert_eq!(stub.count("/compute/v2.1/servers"), 1);
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_not_and_the_key_is_named() {
    let (stub, authority) = (behind_a_front().await, Authority::new());
    let front = Front::of(&stub, &authority).await;
    for cacert in [None, Some(Authority::new().file())] {
        let failure = refused(&secured(&stub, &front.url, checked(cacert))).await;
        assert_eq!(failure.kind, FailureKind::Usage);
        assert_eq!(failure.message, format!("The certificate of {} is not trusted", front.url));
        assert!(failure.hints[0].contains("cacert"), "{failure:?}");
    }
    assert!(stub.seen().is_empty(), "the password was not sent");
}

#[tokio::test]
async fn verify_false_trusts_anybody_and_says_so() {
    let (stub, authority) = (behind_a_front().await, Authority::new());
    for signed in [authority.sign("127.0.0.1", 2090), authority.sign("elsewhere.example", 2001)] {
        let front = Front::with(&stub, &signed, None).await;
        let tls = Tls { verify: false, ..checked(None) };
        let cloud = Cloud::connect(&secured(&stub, &front.url, tls), options()).await.expect("sign-in");
        cloud.read(get("/servers")).await.expect("an answer");
        assert!(cloud.session().insecure);
    }
}

#[tokio::test]
async fn a_certificate_that_is_over_or_of_another_host_is_not_cured_by_cacert() {
    let (stub, authority) = (behind_a_front().await, Authority::new());
    let cases = [("127.0.0.1", 2001, "has expired"), ("elsewhere.example", 2090, "is for another name")];
    for (name, year, said) in cases {
        let front = Front::with(&stub, &authority.sign(name, year), None).await;
        let failure = refused(&secured(&stub, &front.url, checked(Some(authority.file())))).await;
        assert_eq!(failure.message, format!("The certificate of {} {said}", front.url));
        assert!(!failure.hints.concat().contains("cacert"), "{failure:?}");
    }
}

#[tokio::test]
async fn our_certificate_is_sent_where_it_is_asked_for() {
    let (stub, authority) = (behind_a_front().await, Authority::new());
    let front = Front::with(&stub, &authority.sign("127.0.0.1", 2090), Some(&authority)).await;
    let (cert, key) = authority.client();
    let tls = Tls { cert: Some(cert), key: Some(key), ..checked(Some(authority.file())) };
    let cloud = Cloud::connect(&secured(&stub, &front.url, tls), options()).await.expect("sign-in");
    cloud.read(get("/servers")).await.expect("an answer");
    assert!(front.shown.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn one_file_may_hold_our_certificate_and_its_key() {
    let (stub, authority) = (behind_a_front().await, Authority::new());
    let front = Front::with(&stub, &authority.sign("127.0.0.1", 2090), Some(&authority)).await;
    let (cert, key) = authority.client();
    let text = [cert, key].map(|path| std::fs::read_to_string(path).expect("a file")).concat();
    let tls = Tls { cert: Some(authority.write("both.pem", &text)), ..checked(Some(authority.file())) };
    Cloud::connect(&secured(&stub, &front.url, tls), options()).await.expect("sign-in");
}

#[tokio::test]
async fn a_server_that_wants_our_certificate_is_told_of_by_the_keys_to_set() {
    let (stub, authority) = (behind_a_front().await, Authority::new());
    let front = Front::with(&stub, &authority.sign("127.0.0.1", 2090), Some(&authority)).await;
    let failure = refused(&secured(&stub, &front.url, checked(Some(authority.file())))).await;
    assert_eq!(failure.kind, FailureKind::Usage, "{failure:?}");
    assert_eq!(failure.message, format!("{} asks for a certificate of ours", front.url));
    assert!(failure.hints[0].contains("cert and key"), "{failure:?}");
    // One that it does not know.
    let (cert, key) = Authority::new_client_elsewhere(&authority);
    let tls = Tls { cert: Some(cert), key: Some(key), ..checked(Some(authority.file())) };
    let failure = refused(&secured(&stub, &front.url, tls)).await;
    assert_eq!(failure.message, format!("{} does not accept our certificate", front.url), "{failure:?}");
}

impl Authority {
    /// A certificate that another authority has signed, in this one's folder.
    fn new_client_elsewhere(here: &Authority) -> (PathBuf, PathBuf) {
        let signed = Authority::new().sign("mallory", 2090);
        (here.write("other.pem", &signed.certificate.pem()), here.write("other.key", &signed.key.serialize_pem()))
    }
}

#[tokio::test]
async fn files_that_hold_no_certificate_are_named() {
    let (stub, authority) = (behind_a_front().await, Authority::new());
    let junk = authority.write("junk.pem", "secret, but no certificate");
    let gone = authority.folder.path().join("gone.pem");
    let (cert, _) = authority.client();
    let cases = [
        (checked(Some(junk.clone())), format!("cacert: {} holds no usable PEM", junk.display())),
        (checked(Some(gone.clone())), format!("cacert: {} cannot be read: entity not found", gone.display())),
        (Tls { cert: Some(junk.clone()), ..checked(None) }, format!("cert: {} holds no usable PEM", junk.display())),
        (Tls { cert: Some(cert.clone()), ..checked(None) }, format!("cert: {} holds no key", cert.display())),
    ];
    for (tls, said) in cases {
        let failure = refused(&secured(&stub, "https://127.0.0.1:1", tls)).await;
        assert_eq!((failure.kind, failure.message), (FailureKind::Usage, said));
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_told_as_such() {
    let stub = behind_a_front().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad request version\r\nConnection: close\r\n\r\n").await;
        }
    });
    let failure = refused(&secured(&stub, &url, checked(None))).await;
    assert_eq!(failure.message, format!("{url} does not speak TLS"), "{failure:?}");
    assert!(failure.hints[0].contains("http://"), "{failure:?}");
}
