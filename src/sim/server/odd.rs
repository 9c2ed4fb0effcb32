//! Bends a good answer's rows: missing keys, wrong types, hostile text.

use serde_json::Value;

use super::reply::Reply;
use crate::sim::fault::Odd;

pub(super) fn bend(reply: &mut Reply, odd: &Odd) {
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return };
    let Some(first) =
        body.as_object_mut().and_then(|body| body.values_mut().find(|value| value.is_array() || value.is_object()))
    else {
        return;
    };
    match first {
        Value::Array(rows) => {
            let every = odd.every.unwrap_or(1).max(1);
            rows.iter_mut().step_by(every).for_each(|row| bend_row(row, odd));
        }
        row => bend_row(row, odd),
    }
    reply.body = serde_json::to_vec(&body).unwrap_or_default();
}

fn bend_row(row: &mut Value, odd: &Odd) {
    let Some(row) = row.as_object_mut() else { return };
    match &odd.value {
        Some(value) => drop(row.insert(odd.key.clone(), value.clone())),
        None => drop(row.remove(&odd.key)),
    }
}
