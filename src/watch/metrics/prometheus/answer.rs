//! What a Prometheus answers. Pure.
//!
//! Values come as text, because JSON has no NaN: what is no finite number is not told. A value's time is the server's.

use serde::Deserialize;
use serde_json::Value;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::openstack::lenient::{Entries, List, Object, Objects, Text};
use crate::watch::metrics::exporter::exposition::number;

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// Times and finite values, in their order.
    pub points: Vec<(Timestamp, f64)>,
}

impl Series {
    /// The value of that label; a label that is empty is none.
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// A success.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answered {
    /// All series.
    pub series: Vec<Series>,
    /// What the server says beside: a part of the answer may be missing.
    pub warnings: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    status: Text,
    data: Object<Told>,
    error: Text,
    #[serde(rename = "errorType")]
    error_type: Text,
    warnings: List<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    #[serde(rename = "resultType")]
    kind: Text,
    result: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    metric: Object<Entries<Text>>,
    value: Value,
    values: List<Value>,
}

/// Reads an answer.
pub fn read(status: u16, body: &[u8]) -> Result<Answered, Failure> {
    let Ok(Object(Some(envelope))) = serde_json::from_slice::<Object<Envelope>>(body) else {
        return Err(no_prometheus(status));
    };
    match (envelope.status.as_deref(), envelope.data.0) {
        (Some("success"), Some(told)) => {
            Ok(Answered { series: series(told)?, warnings: envelope.warnings.all().collect() })
        }
        (Some("error"), _) => {
            let kind = match envelope.error_type.as_deref() {
                Some("bad_data" | "execution") => FailureKind::Usage,
                _ => FailureKind::Retry,
            };
            Err(Failure::new(kind, "Prometheus refuses the query").cause(envelope.error.or_empty()))
        }
        _ => Err(no_prometheus(status)),
    }
}

fn no_prometheus(status: u16) -> Failure {
    match status {
        401 => Failure::new(FailureKind::Auth, "Prometheus wants other credentials (401)"),
        403 => Failure::new(FailureKind::Forbidden, "Prometheus forbids the query (403)"),
        404 => Failure::new(FailureKind::NotFound, "There is no Prometheus at this URL (404)")
            .hint("url ends before /api/v1: with Mimir it is http://HOST/prometheus"),
        300..=399 => Failure::new(FailureKind::Usage, format!("The URL of Prometheus leads elsewhere ({status})"))
            .hint("redirects are not followed: write the URL that it leads to"),
        500..=599 | 429 => Failure::new(FailureKind::Retry, format!("Prometheus answered {status}")),
        _ => Failure::new(FailureKind::Usage, format!("What answers is no Prometheus ({status})")),
    }
}

fn series(told: Told) -> Result<Vec<Series>, Failure> {
    match told.kind.as_deref() {
        Some("vector" | "matrix") => {
            let rows: Objects<Row> = serde_json::from_value(told.result).unwrap_or_default();
            Ok(rows.all().map(row).collect())
        }
        Some("scalar") => Ok(vec![Series { labels: Vec::new(), points: point(&told.result).into_iter().collect() }]),
        other => {
            let message = format!("Prometheus tells a {} where numbers are wanted", other.unwrap_or("thing"));
            Err(Failure::new(FailureKind::Usage, message))
        }
    }
}

fn row(row: Row) -> Series {
    let labels = row.metric.0.unwrap_or_default().texts().collect();
    let points = std::iter::once(&row.value).chain(&row.values.0).filter_map(point).collect();
    Series { labels, points }
}

/// `[1700000000.123, "4.2"]`
fn point(pair: &Value) -> Option<(Timestamp, f64)> {
    let [at, value] = pair.as_array()?.as_slice() else { return None };
    let at = Timestamp::from_millisecond((at.as_f64()? * 1000.0).round() as i64).ok()?;
    let value = number(value.as_str()?)?;
    value.is_finite().then_some((at, value))
}
