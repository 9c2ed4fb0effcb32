//! The pictures of the README: frames of the demo's own cloud, over HTTP, at a fixed seed and a clock that stands.
//!
//! `UPDATE_SCREENSHOTS=1 cargo test --test it pictures` writes them; without it they are compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stackdeck::base::clock::{Clock, Pace};
use stackdeck::config::metrics::{Metrics, Prometheus};
use stackdeck::console::app::Model;
use stackdeck::console::app::layout::Size;
use stackdeck::console::app::model::{Scope, Session, Start};
use stackdeck::console::app::msg::{FleetNews, Msg, PollNews};
use stackdeck::console::view::svg::svg;
use stackdeck::console::view::theme::{self, ColourDepth, Shelf};
use stackdeck::fleet::Fleet;
use stackdeck::fleet::metric::{MeterStanding, MeterState};
use stackdeck::fleet::service::Standing;
use stackdeck::openstack::clouds::{self, Sources};
use stackdeck::openstack::{Cloud, ConnectOptions};
use stackdeck::sim::world::Options;
use stackdeck::sim::{Moment, Scenario, SimClock, World, serve};
use stackdeck::watch::{self, News};

use crate::support::console::update;

use super::console::{frame, press};
use super::fleet::at;
use crate::support::folder::Folder;

/// The pictures: a file's name, its theme, a size, and the keys that lead there.
const PICTURES: [(&str, &str, (u16, u16), &str); 6] = [
    ("services", "dark", (120, 36), "jjjj"),
    ("services-light", "light", (120, 36), "gg"),
    ("instances", "dark", (120, 36), "2 H gg j"),
    ("graphs", "dark", (120, 36), "1 /payments <enter> m"),
    ("heat", "dark", (120, 36), "1 /payments <enter> h"),
    ("help", "mono", (100, 30), "?"),
];

/// Nobody waits longer for a test's own cloud.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_pictures_are_current() {
    let model = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(PATIENCE, demo()).await.expect("the demo's fleet settles") })
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let nothing = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let shelf = Shelf { folder: None, read: &nothing };
    for (name, look, size, keys) in PICTURES {
        let mut model = model();
        press(&mut model, keys);
        // The strip follows the cursor once that rests.
        let rested = model.now + Duration::from_millis(150);
        update(&mut model, Msg::Tick, rested);
        let theme = theme::load(look, &shelf, ColourDepth::True).unwrap().theme;
        let picture = svg(&frame(&mut model, size, &theme), &theme);
        compare(&folder.join(format!("{name}.svg")), &picture);
    }
}

fn compare(file: &Path, picture: &str) {
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, picture).unwrap();
        return;
    }
    let kept = fs::read_to_string(file).unwrap_or_default();
    let name = file.display();
    assert!(kept == picture, "{name} is not current: UPDATE_SCREENSHOTS=1 cargo test --test it pictures");
}

/// The demo's company as the console sees it once all sources have answered.
async fn demo() -> Model {
    let start = at("14:00:00");
    let clock = SimClock::stepped(Moment::from_millis(start.as_millisecond()));
    let mut world = World::new(Options { clock, ..Options::new(Scenario::Busy) });
    world.step(Duration::from_secs(32 * 60));
    let now = world.now().timestamp();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let served = serve(listener, world).unwrap();
    let wall = Clock::manual(now);
    let cloud = connect(&served.clouds_yaml(), wall.clone()).await;
    let facts = cloud.session();
    let settings = watch::Settings {
        metrics: Some(measured(&format!("http://{}/prometheus", served.address()))),
        ..watch::Settings::default()
    };
    let (_watch, mut news) = watch::start(cloud, settings, wall, None);

    let scope = Scope { cloud: "demo".to_owned(), ..Scope::default() };
    let banner = Some("demo ×20".to_owned());
    let size = Size { width: 120, height: 36 };
    let mut model = Model::new(Start { scope: scope.clone(), banner, size, ..Start::default() }, now);
    let session = Session {
        scope,
        region: facts.region.clone(),
        regions: vec![],
        project: facts.project.clone(),
        project_domain: Some("Default".into()),
        project_id: facts.project_id.clone(),
        user: facts.user.clone(),
        roles: vec![],
        insecure: false,
        pace: Pace::REAL,
    };
    update(&mut model, Msg::SignedIn(Box::new(session)), now);
    let (mut samples, mut settled, mut measured) = (Vec::new(), false, false);
    while !(settled && measured) {
        match news.recv().await.expect("the watch goes on") {
            News::Fleet { fleet, as_of, from_cache, partial } => {
                settled |= !partial && is_settled(&fleet);
                update(&mut model, Msg::Fleet(FleetNews { fleet, as_of, from_cache, partial }), now);
            }
            News::Polled { at, interval, failure, missing } => {
                update(&mut model, Msg::Polled(PollNews { at, interval, failure, missing }), now);
            }
            News::Samples(told) => samples.extend(told),
            News::Meters(meters) => {
                let begins = |state: &MeterState| matches!(state.standing, MeterStanding::Awaited);
                measured = !meters.is_empty() && !meters.iter().any(begins);
                update(&mut model, Msg::Meters(meters), now);
            }
            _ => {}
        }
    }
    // Whichever source was the quickest: the picture is the same.
    samples.sort_by(|a, b| (&a.subject, a.metric, a.meter, a.at).cmp(&(&b.subject, b.metric, b.meter, b.at)));
    update(&mut model, Msg::Samples(samples), now);
    let later = now + Duration::from_secs(10);
    let interval = watch::Intervals::default().steady;
    update(&mut model, Msg::Polled(PollNews { at: later, interval, failure: None, missing: Vec::new() }), later);
    model
}

/// The sources that know a past: what was before the world was looked at is on the picture too.
fn measured(prometheus: &str) -> Metrics {
    // Graphs show an hour.
    let past = Duration::from_secs(4200);
    let mut metrics = Metrics { requests: 6000, past, ..Metrics::default() };
    let queries = vec!["octavia".to_owned()];
    let every = Duration::from_secs(60);
    let prometheus = Prometheus { url: prometheus.to_owned(), every, queries, ..Prometheus::default() };
    metrics.prometheus.insert("main".to_owned(), prometheus);
    metrics.octavia.enabled = false;
    metrics.nova.enabled = false;
    metrics
}

fn is_settled(fleet: &Fleet) -> bool {
    !fleet.services.is_empty()
        && fleet.services.iter().all(|service| !matches!(service.standing, Standing::Provisional(_)))
        && fleet.members.iter().any(|member| member.version.version.is_some())
}

async fn connect(clouds_yaml: &str, clock: Clock) -> Cloud {
    let folder = Folder::new();
    let file = folder.path().join("clouds.yaml");
    fs::write(&file, clouds_yaml).unwrap();
    let variables = [("OS_CLIENT_CONFIG_FILE".to_owned(), file.display().to_string())].into();
    let nowhere = PathBuf::from("/nonexistent");
    let sources = Sources { variables, cwd: nowhere.clone(), home: None, system: nowhere };
    let config = clouds::load(&sources).get(Some("sim")).expect("the simulator's own file is right").clone();
    Cloud::connect(&config, ConnectOptions { clock, ..ConnectOptions::default() }).await.expect("sign-in")
}
