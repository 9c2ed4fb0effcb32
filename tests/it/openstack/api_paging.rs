//! Lists, page by page, over answers as the services write them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use proptest::prelude::*;
use serde_json::{Value, json};
use stackdeck::base::failure::FailureKind;
use stackdeck::openstack::network::{self, Port, Whose};
use stackdeck::openstack::page::{Pages, Row};
use stackdeck::openstack::{Answer, CloudError, EndpointHealth, Read, Reader, ServiceType, SessionFacts, image};

use crate::watch::cloud::session;

/// Answers in turn, whatever is asked.
#[derive(Default)]
struct Script(Mutex<(VecDeque<String>, Vec<Read>)>);

impl Script {
    fn of(answers: impl IntoIterator<Item = Value>) -> Arc<Self> {
        Arc::new(Self(Mutex::new((answers.into_iter().map(|answer| answer.to_string()).collect(), Vec::new()))))
    }

    /// The marker of each request.
    fn markers(&self) -> Vec<Option<String>> {
        let asked = &self.0.lock().unwrap().1;
        let marker = |read: &Read| read.query.iter().find(|(name, _)| name == "marker").map(|(_, value)| value.clone());
        asked.iter().map(marker).collect()
    }
}

struct Scripted(Arc<Script>);

impl Reader for Scripted {
    fn read(&self, read: Read) -> BoxFuture<'_, Result<Answer, CloudError>> {
        let mut script = self.0.0.lock().unwrap();
        script.1.push(read);
        let body = script.0.pop_front().expect("no more was to be asked").into_bytes();
        let took = Duration::ZERO;
        let answer = Answer { body, status: 200, request_id: None, date: None, took, link: None, microversion: None };
        Box::pin(async move { Ok(answer) })
    }

    fn session(&self) -> SessionFacts {
        session()
    }

    fn endpoints(&self) -> Vec<EndpointHealth> {
        Vec::new()
    }
}

async fn ports(script: &Arc<Script>) -> Result<Vec<Port>, CloudError> {
    let reader: Arc<dyn Reader> = Arc::new(Scripted(Arc::clone(script)));
    network::ports(&reader, Whose::All, network::WHOLE).await
}

fn port(id: &str) -> Value {
    json!({ "id": id, "device_owner": "compute:nova" })
}

fn linked(ids: &[&str], next: &str) -> Value {
    let rows: Vec<Value> = ids.iter().map(|id| port(id)).collect();
    json!({ "ports": rows, "ports_links": [{ "rel": "previous", "href": "x" }, { "rel": "next", "href": next }] })
}

fn ids(ports: &[Port]) -> Vec<&str> {
    ports.iter().filter_map(Row::id).collect()
}

#[tokio::test]
async fn of_a_link_only_the_marker_is_taken() {
    let script = Script::of([
        linked(&["a", "b"], "http://10.0.0.1:1/inner?fields=id&marker=b%2Fb&limit=2#x"),
        json!({ "ports": [port("c")] }),
    ]);
    assert_eq!(ids(&ports(&script).await.unwrap()), ["a", "b", "c"]);
    assert_eq!(script.markers(), [None, Some("b/b".to_owned())]);
    let asked = &script.0.lock().unwrap().1;
    assert_eq!(asked[0].path, asked[1].path);
    assert!(asked[1].query.starts_with(&asked[0].query), "the filters are ours");
}

#[tokio::test]
async fn a_link_without_a_marker_goes_on_behind_the_last_row() {
    let script = Script::of([linked(&["a", "b"], "/v2.0/ports"), json!({ "ports": [] })]);
    assert_eq!(ids(&ports(&script).await.unwrap()), ["a", "b"]);
    assert_eq!(script.markers(), [None, Some("b".to_owned())]);
}

#[tokio::test]
async fn glances_next_is_a_path() {
    let image = |id: &str| json!({ "id": id, "service": "payments", "min_ram": 0 });
    let script = Script::of([
        json!({ "images": [image("a")], "next": "/v2/images?limit=1&marker=a", "first": "/v2/images" }),
        json!({ "images": [image("b")] }),
    ]);
    let reader: Arc<dyn Reader> = Arc::new(Scripted(Arc::clone(&script)));
    let images = image::images(&reader, &["a".into(), "b".into()]).await.unwrap();
    assert_eq!(images.len(), 2);
    assert_eq!(script.markers(), [None, Some("a".to_owned())]);
}

#[tokio::test]
async fn pages_come_one_by_one() {
    let script = Script::of([linked(&["a"], "?marker=a")]);
    let reader: Arc<dyn Reader> = Arc::new(Scripted(Arc::clone(&script)));
    let read =
        Read { service: ServiceType::NETWORK, path: "/ports".into(), query: vec![], microversion: None, body: None };
    let mut pages = Pages::<Port>::new(&reader, read);
    assert_eq!(ids(&pages.next().await.unwrap().unwrap().rows), ["a"], "with no second request made");
}

#[tokio::test]
async fn what_is_told_as_before_in_one_page_is_not_taken_apart_again() {
    let (one, two) = (json!({ "ports": [port("a")] }), json!({ "ports": [port("a"), port("b")] }));
    let pages = [linked(&["a"], "?marker=a"), json!({ "ports": [port("b")] })];
    let script = Script::of([one.clone(), one, two].into_iter().chain(pages.clone()).chain(pages));
    let reader: Arc<dyn Reader> = Arc::new(Scripted(Arc::clone(&script)));
    let read =
        Read { service: ServiceType::NETWORK, path: "/ports".into(), query: vec![], microversion: None, body: None };
    let told = async |before| Pages::<Port>::new(&reader, read.clone()).unless(before).await.unwrap();
    let (rows, print) = told(None).await.unwrap();
    assert_eq!((ids(&rows), print.is_some()), (vec!["a"], true));
    assert!(told(print).await.is_none(), "the same bytes");
    let (rows, other) = told(print).await.unwrap();
    assert_eq!(ids(&rows), ["a", "b"]);
    assert_ne!(other, print);
    for _ in 0..2 {
        let (rows, print) = told(other).await.unwrap();
        assert_eq!((ids(&rows), print), (vec!["a", "b"], None), "its first page does not tell of its second");
    }
}

#[tokio::test]
async fn a_list_in_a_circle_fails_clearly() {
    let script = Script::of([linked(&["a"], "?marker=a"), linked(&["b"], "?marker=b"), linked(&["a"], "?marker=a")]);
    let failure = ports(&script).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Bug);
    assert!(failure.message.contains("list of ports goes in a circle"), "{failure}");
}

#[tokio::test]
async fn an_answer_without_its_list_is_a_failure_and_never_nothing() {
    for body in [json!({}), json!({ "ports": null }), json!([]), json!("ports"), json!({ "servers": [] })] {
        let failure = ports(&Script::of([body])).await.unwrap_err();
        assert!(failure.message.contains("about ports cannot be read"), "{failure}");
    }
}

#[tokio::test]
async fn a_broken_row_costs_only_itself() {
    let rows = json!([port("a"), null, 7, "x", [], {}, { "id": "" }, { "id": null }, port("b")]);
    assert_eq!(ids(&ports(&Script::of([json!({ "ports": rows })])).await.unwrap()), ["a", "b"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Between two pages rows are made and deleted, and a service that pages by position shows some twice.
    #[test]
    fn shifting_pages_double_no_row(pages in prop::collection::vec(prop::collection::vec(0..9u8, 1..5), 1..6)) {
        let last = pages.len() - 1;
        let answers = pages.iter().enumerate().map(|(at, rows)| {
            let names: Vec<String> = rows.iter().map(ToString::to_string).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            if at == last {
                json!({ "ports": names.iter().map(|id| port(id)).collect::<Vec<_>>() })
            } else {
                linked(&names, &format!("?marker=page-{at}"))
            }
        });
        let script = Script::of(answers);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let got = runtime.block_on(ports(&script)).unwrap();
        let mut seen: Vec<&str> = ids(&got);
        seen.sort_unstable();
        let mut told: Vec<String> = pages.into_iter().flatten().map(|id| id.to_string()).collect();
        told.sort();
        told.dedup();
        prop_assert_eq!(seen, told);
    }
}
