//! `changes`: what has changed, and who wanted it.

use serde::Serialize;

use super::fleet::severity;
use crate::base::clock::Timestamp;
use crate::fleet::timeline::{Entry, Source};

/// `changes`.
#[derive(Clone, Debug, Serialize)]
pub struct Document<'a> {
    /// From when on everything that is known is told.
    pub since: Timestamp,
    /// What has changed, the newest first.
    pub changes: Vec<ChangeOf<'a>>,
}

/// One change, or many alike.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeOf<'a> {
    /// When it happened, in the cloud's time; by then at the latest where nobody knows exactly.
    pub at: Timestamp,
    /// It had not happened by then; null where `at` is known.
    pub not_before: Option<Timestamp>,
    /// When the last of it was seen.
    pub until: Timestamp,
    /// `created`, `appeared`, `gone`, `state`, `version`, `service`, `pool`, `request` or `operation`.
    pub kind: &'static str,
    /// What happened, in words.
    pub text: String,
    /// How bad that is.
    pub severity: &'static str,
    /// What it is called that it happened to; null for many.
    pub name: Option<&'a str>,
    /// Id of the instance; null for many, and for what is none.
    pub instance_id: Option<&'a str>,
    /// Name of the service.
    pub service: Option<&'a str>,
    /// Id of the project that owns it.
    pub project_id: Option<&'a str>,
    /// Who wanted it: a user's id or name; null where nobody tells.
    pub who: Option<&'a str>,
    /// The request in the cloud's own logs.
    pub request_id: Option<&'a str>,
    /// The operation.
    pub operation_id: Option<&'a str>,
    /// Who told it: `nova`, `history`, `octavia`, `versions` or `journal`.
    pub source: &'static str,
    /// How many it stands for.
    pub count: usize,
    /// Each of many, the oldest first.
    pub parts: Vec<ChangeOf<'a>>,
}

impl<'a> Document<'a> {
    /// Of entries.
    pub fn of(entries: &'a [Entry], since: Timestamp) -> Self {
        Self { since, changes: entries.iter().map(ChangeOf::of).collect() }
    }
}

impl<'a> ChangeOf<'a> {
    /// Of an entry.
    pub fn of(entry: &'a Entry) -> Self {
        let service = entry.whom.service.as_ref();
        Self {
            at: entry.at,
            not_before: entry.after,
            until: entry.until,
            kind: entry.kind().word(),
            text: entry.bare_text(),
            severity: severity(entry.severity()),
            name: entry.parts.is_empty().then_some(&*entry.whom.name),
            instance_id: entry.whom.instance.as_ref().map(crate::base::id::InstanceId::as_str),
            service: service.map(|key| &*key.name),
            project_id: service.map(|key| key.project.as_str()),
            who: entry.user(),
            request_id: entry.who.as_ref().and_then(|who| who.request.as_ref()).map(crate::base::id::RequestId::as_str),
            operation_id: entry.operation(),
            source: source(entry.source()),
            count: entry.count(),
            parts: entry.parts.iter().map(ChangeOf::of).collect(),
        }
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Nova => "nova",
        Source::History => "history",
        Source::Octavia => "octavia",
        Source::Versions => "versions",
        Source::Journal => "journal",
    }
}
