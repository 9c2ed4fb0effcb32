//! What a change is on the wire.

use reqwest::Method;
use serde_json::Value;

use crate::openstack::request::{Microversion, ServiceType, Wanted};
use crate::operation::change::Made;

/// One mutating request.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) service: ServiceType,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Value>,
    /// What goes instead to a service whose microversion is below the best one.
    pub(super) older: Option<Value>,
    /// The body's type, if not plain JSON.
    pub(super) media: Option<&'static str>,
    pub(super) microversion: Option<Wanted>,
    /// The release of a service without microversions from which on it reads the call as it is meant.
    pub(super) release: Option<Microversion>,
    pub(super) makes: Option<Makes>,
}

/// What a call makes.
#[derive(Clone, Copy)]
pub(super) struct Makes {
    /// The key of the object in the answer; empty where the object is the answer.
    pub(super) key: &'static str,
    /// What its id is of.
    pub(super) made: fn(String) -> Made,
}

impl Call {
    pub(super) fn new(method: Method, service: ServiceType, path: impl Into<String>) -> Self {
        Self {
            method,
            service,
            path: path.into(),
            query: Vec::new(),
            body: None,
            older: None,
            media: None,
            microversion: None,
            release: None,
            makes: None,
        }
    }

    pub(super) fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The lowest microversion that has what is needed, and no other: newer ones change what is refused.
    pub(super) fn at(mut self, minor: u16) -> Self {
        let exactly = Microversion(2, minor);
        self.microversion = Some(Wanted { floor: exactly, best: exactly });
        self
    }

    pub(super) fn making(mut self, key: &'static str, made: fn(String) -> Made) -> Self {
        self.makes = Some(Makes { key, made });
        self
    }

    /// The body for the microversion that was settled.
    pub(super) fn body(&self, settled: Option<Microversion>) -> Option<&Value> {
        match (&self.older, self.microversion) {
            (Some(older), Some(wanted)) if settled.is_none_or(|version| version < wanted.best) => Some(older),
            _ => self.body.as_ref(),
        }
    }

    /// `POST compute /servers`: no query, no secret.
    pub(super) fn place(&self) -> String {
        format!("{} {} {}", self.method, self.service.0, self.path)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::openstack::perform::server;
    use crate::openstack::request::Microversion;

    #[test]
    fn an_old_nova_gets_a_lock_without_its_reason() {
        let lock = server::lock(&"s".into(), Some("hands off"));
        assert_eq!(lock.body(Some(Microversion(2, 72))), Some(&json!({"lock": null})));
        assert_eq!(lock.body(Some(Microversion(2, 73))), Some(&json!({"lock": {"locked_reason": "hands off"}})));
    }
}
