//! What a guest answers: its work at `/`, `/health`, `/version`, `/metrics`.

use std::time::Duration;

use serde_json::json;

use super::super::metrics::page;
use super::super::reply::Reply;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::load::Serving;

/// An answer, and when it comes; none ever comes from one that hangs.
pub(super) struct Answer {
    pub(super) reply: Option<Reply>,
    pub(super) after: Duration,
}

impl Answer {
    pub(super) fn at_once(reply: Reply) -> Self {
        Self { reply: Some(reply), after: Duration::ZERO }
    }
}

pub(super) fn answer(world: &World, id: Uid, path: &str) -> Answer {
    let silent = Answer { reply: None, after: Duration::ZERO };
    let Some(server) = world.server(id) else { return silent };
    let Some(guest) = world.guest_now(server).filter(|guest| guest.serving == Serving::Serves) else { return silent };
    let (service, version) = world.runs(server);
    let served_by = |reply: Reply| reply.with("x-served-by", server.name.clone());
    let outcome = guest.outcome;
    let chance = fastrand::f64();
    let shed = outcome.sent > 0.0 && chance < outcome.shed / outcome.sent;
    let overloaded = || Answer::at_once(served_by(Reply::json(503, &json!({"error": "overloaded"}))));
    // Some of them are quicker than others, as the histogram says; one in a hundred thousand is the slowest.
    let drawn = outcome.quantile(fastrand::f64().clamp(1e-5, 1.0 - 1e-5));
    let took = Duration::try_from_secs_f64(drawn).unwrap_or(Duration::ZERO);
    match path {
        "/" if shed => overloaded(),
        "/" => {
            let fails =
                outcome.sent > 0.0 && fastrand::f64() < outcome.failed / (outcome.ok + outcome.failed).max(1e-9);
            let body = json!({"service": service, "version": version, "server": server.name, "id": server.id});
            let reply = if fails { Reply::json(500, &json!({"error": "internal"})) } else { Reply::json(200, &body) };
            Answer { reply: Some(served_by(reply)), after: took }
        }
        // A check waits in the same queue, and costs no work.
        "/health" if shed => overloaded(),
        "/health" => {
            let sick = world.is_sick(id);
            let (code, word) = if sick { (503, "failing") } else { (200, "ok") };
            let queued = took.saturating_sub(world.usual_work(id)) + Duration::from_millis(1);
            Answer { reply: Some(served_by(Reply::json(code, &json!({"status": word})))), after: queued }
        }
        "/version" => Answer::at_once(served_by(Reply::json(200, &json!({"service": service, "version": version})))),
        "/metrics" => Answer::at_once(served_by(page::of_guest(world, server, &guest))),
        _ => Answer::at_once(served_by(Reply::json(404, &json!({"error": "no such page"})))),
    }
}
