//! One look at everything: what is noted on the way.

use std::borrow::Cow;

use super::conclusion::{About, Conclusion, Trouble};
use super::memory::{Memory, Sight};
use super::scene::Scene;
use super::serving::title;
use crate::fleet::metric::{Meter, Metric};
use crate::fleet::service::{Member, Service};

/// A look under way.
pub(crate) struct Round<'a> {
    pub(crate) scene: &'a Scene<'a>,
    pub(crate) memory: Memory,
    pub(crate) conclusions: Vec<Conclusion>,
}

/// Whom something is noted of, before it is known whether there is anything to note.
#[derive(Clone, Copy, Default)]
pub(crate) struct Whom<'a> {
    service: Option<&'a Service>,
    member: Option<&'a Member>,
    metric: Option<Metric>,
    meter: Option<Meter>,
}

impl<'a> Whom<'a> {
    /// A service as a whole.
    pub(crate) fn service(service: &'a Service) -> Self {
        Self { service: Some(service), ..Self::default() }
    }

    /// An instance of a service.
    pub(crate) fn member(service: &'a Service, member: &'a Member) -> Self {
        Self { member: Some(member), ..Self::service(service) }
    }

    /// A source.
    pub(crate) fn meter(meter: Meter) -> Self {
        Self { meter: Some(meter), ..Self::default() }
    }

    /// In one metric of it.
    pub(crate) fn of(self, metric: Metric) -> Self {
        Self { metric: Some(metric), ..self }
    }

    /// What to call it.
    pub(crate) fn name(self) -> Cow<'a, str> {
        match (self.member, self.service) {
            (Some(member), _) => title(member).into(),
            (None, service) => service.map_or("", |service| &service.key.name).into(),
        }
    }

    fn about(self) -> About {
        About {
            service: self.service.map(|service| service.key.clone()),
            instance: self.member.map(|member| member.instance.id.clone()),
            metric: self.metric,
            meter: self.meter,
        }
    }
}

impl Round<'_> {
    /// Notes what was seen of a possible trouble. Most looks find nothing.
    pub(crate) fn note(&mut self, trouble: Trouble, whom: Whom<'_>, sight: Sight) {
        if sight == Sight::Not && !self.memory.suspects(whom.member.map(|member| &member.instance.id)) {
            return;
        }
        self.conclusions.extend(self.memory.note(trouble, &whom.about(), sight, self.scene.now));
    }
}
