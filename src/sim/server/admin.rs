//! `/sim`: the handles that a person or another process has on the simulated cloud itself.
//!
//! | | |
//! | --- | --- |
//! | `GET /sim/health` | scenario, size, rate, the cloud's now |
//! | `POST /sim/faults` | one rule, or a list of them; `GET` lists them, `DELETE` ends them |
//! | `POST /sim/clock/step` | `{"seconds": 90}` |
//! | `GET /sim/ledger` | what was asked, and counts per endpoint; `DELETE` forgets |
//! | `POST /sim/tokens/expire` | every token ends |
//! | `POST /sim/hosts/NAME` | `{"up": false}` |
//! | `POST /sim/cells/NUMBER` | `{"down": true}` |
//! | `POST /sim/end` | it ends |
//! | `POST /sim/servers/NAME` | any of `{"sick": true, "rename": "…", "doom": "…"}` |

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::Inside;
use super::ask::Ask;
use super::reply::Reply;
use crate::sim::fault::Fault;

pub(super) fn route(inside: &mut Inside, ask: &Ask) -> Reply {
    let body = ask.json().unwrap_or_default();
    match (&ask.method, ask.segments().as_slice()) {
        (&Method::GET, ["health"]) => health(inside),
        (&Method::GET, ["faults"]) => Reply::json(200, &inside.script.rules().collect::<Vec<_>>()),
        (&Method::POST, ["faults"]) => add_faults(inside, body),
        (&Method::DELETE, ["faults"]) => done(|| inside.script.clear()),
        (&Method::POST, ["clock", "step"]) => {
            let seconds = body["seconds"].as_f64().filter(|seconds| (0.0..=1e9).contains(seconds));
            match seconds {
                Some(seconds) => done(|| inside.world.step(Duration::from_secs_f64(seconds))),
                None => wrong("a step wants {\"seconds\": a number from 0 to 1e9}"),
            }
        }
        (&Method::GET, ["ledger"]) => {
            let entries: Vec<_> = inside.ledger.entries().collect();
            Reply::json(
                200,
                &json!({"total": inside.ledger.total(), "counts": inside.ledger.counts(), "entries": entries}),
            )
        }
        (&Method::DELETE, ["ledger"]) => done(|| inside.ledger.clear()),
        (&Method::POST, ["tokens", "expire"]) => done(|| inside.world.identity.expire_tokens()),
        (&Method::POST, ["hosts", name]) => match inside.world.set_host_up(name, body["up"].as_bool().unwrap_or(false))
        {
            true => done(|| ()),
            false => wrong(&format!("no compute host is called {name}")),
        },
        (&Method::POST, ["cells", number]) => match number.parse() {
            Ok(cell) => done(|| inside.world.set_cell_down(cell, body["down"].as_bool().unwrap_or(true))),
            Err(_) => wrong("cells are 1 and 2"),
        },
        (&Method::POST, ["end"]) => done(|| inside.stop.cancel()),
        (&Method::POST, ["servers", name]) => change_server(inside, name, &body),
        _ => wrong(&format!("the simulated cloud has no handle {} /sim/{}", ask.method, ask.path)),
    }
}

fn done(change: impl FnOnce()) -> Reply {
    change();
    Reply::json(200, &json!({"done": true}))
}

fn wrong(text: &str) -> Reply {
    Reply::json(400, &json!({"wrong": text}))
}

fn health(inside: &Inside) -> Reply {
    let options = inside.world.options();
    Reply::json(
        200,
        &json!({
            "scenario": options.scenario, "instances": options.instances, "rate": options.clock.rate(),
            "pid": std::process::id(), "now": inside.world.now().zulu(), "requests": inside.ledger.total(),
        }),
    )
}

fn add_faults(inside: &mut Inside, body: Value) -> Reply {
    let list = if body.is_array() { body } else { json!([body]) };
    match serde_json::from_value::<Vec<Fault>>(list) {
        Ok(faults) => done(|| faults.into_iter().for_each(|fault| inside.script.add(fault))),
        Err(error) => wrong(&format!("that is no fault: {error}")),
    }
}

fn change_server(inside: &mut Inside, name: &str, body: &Value) -> Reply {
    let world = &mut inside.world;
    let Some(id) = world.server_named(name).map(|server| server.id) else {
        return wrong(&format!("no server is called {name}"));
    };
    if let Some(sick) = body["sick"].as_bool() {
        world.set_sick(id, sick);
    }
    if let Some(name) = body["rename"].as_str() {
        world.edit_server(id, |server| name.clone_into(&mut server.name));
    }
    if let Some(message) = body["doom"].as_str()
        && !world.doom(id, 500, message)
    {
        return wrong("it is on no course that could fail");
    }
    done(|| ())
}
