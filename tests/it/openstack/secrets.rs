//! No secret in a log, a failure or a `Debug`.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use stackdeck::openstack::{Cloud, ConnectOptions, Read};
use tracing_subscriber::fmt::MakeWriter;

use super::stub::{Reply, Stub, answer, config, get, grant, nova, options};
use crate::support::folder::Folder;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Lines;

    fn make_writer(&self) -> Lines {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_has_request_ids_and_no_secrets() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(lines.clone()).finish());
    let stub = Stub::serve(|request| match request.path.as_str() {
        "/v3/auth/tokens" => grant(request, "gAAAA-token-secret", super::stub::HOUR, &[]),
        "/compute/v2.1/" => nova("2.93"),
        path if path.starts_with("/compute/v2.1/gone") => Reply::Reset,
        _ => answer(200, &json!({"adminPass": "body-secret"})),
    })
    .await;
    let folder = Folder::new();
    let typed = Some("typed-secret".to_owned().into());
    let options = ConnectOptions { password: typed, token_cache: Some(folder.path().into()), ..options() };
    let said = format!("{options:?}");
    let cloud = Cloud::connect(&config(&stub), options).await.expect("sign-in");
    let query = vec![("token".to_owned(), "query-secret".to_owned())];
    let answer = cloud.read(Read { query: query.clone(), ..get("/servers") }).await.expect("an answer");
    let failure = cloud.read(Read { query, ..get("/gone") }).await.expect_err("broken");
    let log = String::from_utf8(lines.0.lock().expect("a lock").clone()).expect("text");
    assert!(log.contains("stackdeck::openstack") && log.contains("GET compute /servers"), "{log}");
    assert!(log.contains("status=200") && log.contains("global_request_id=\"req-"), "{log}");
    drop(answer);
    let ours: String = log.lines().filter(|line| line.contains("stackdeck")).collect();
    let said = format!("{said} {ours} {failure:?} {cloud:?} {:?}", config(&stub));
    for secret in ["gAAAA-token-secret", "typed-secret", "correct-horse", "body-secret", "query-secret"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}
