//! An answer before it goes out.

use serde::Serialize;

use crate::sim::world::refusal::Refusal;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=UTF-8";

/// Status, headers and body.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// How many servers it lists: nova takes its time for each.
    pub(super) rows: usize,
}

/// The status of a refusal: every service has the same, only its words are its own.
pub(super) fn status_of(refusal: &Refusal) -> u16 {
    match refusal {
        Refusal::NotFound(_) => 404,
        Refusal::Conflict(_) => 409,
        Refusal::Bad(_) => 400,
        Refusal::Forbidden(_) => 403,
    }
}

impl Reply {
    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        // Our own values: their keys are strings, so this cannot fail.
        Self::bytes(status, JSON, serde_json::to_vec(body).unwrap_or_default())
    }

    pub(super) fn bytes(status: u16, kind: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", kind.to_owned())], body, rows: 0 }
    }

    /// Nothing but a status; nova still calls that JSON.
    pub(super) fn empty(status: u16) -> Self {
        Self::bytes(status, JSON, Vec::new())
    }

    /// The page that Python's webob makes of an error.
    pub(super) fn html(status: u16, text: &str) -> Self {
        let title = format!("{status} {}", reason(status));
        let page = format!(
            "<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n  {text}<br /><br />\n\n\n\n </body>\n</html>"
        );
        Self::bytes(status, HTML, page.into_bytes())
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub(super) fn listing(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }
}

/// The reason phrase of a status.
pub(super) fn reason(status: u16) -> &'static str {
    axum::http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()).unwrap_or("Error")
}
