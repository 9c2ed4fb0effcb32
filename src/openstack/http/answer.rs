//! An HTTP answer, whatever its status, read to its end within bounds.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::base::clock::Timestamp;
use crate::base::id::RequestId;

/// An answer.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) took: Duration,
}

impl Incoming {
    pub(crate) fn success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Theirs; it may be ours sent back by no service that we know. Of a form that is safe to show.
    pub(crate) fn request_id(&self) -> Option<RequestId> {
        let id = self.header("x-openstack-request-id").or(self.header("x-compute-request-id"))?;
        let safe = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (safe && !id.is_empty()).then(|| id.into())
    }

    /// The `Date` header.
    pub(crate) fn date(&self) -> Option<Timestamp> {
        let text = self.header("date")?;
        jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
    }

    /// `Retry-After`, in seconds or as a date.
    pub(crate) fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(crate::base::clock::since(now, at))
    }
}
