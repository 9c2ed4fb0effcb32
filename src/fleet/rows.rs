//! What each instance says by itself: its service's name, its version, what is wrong with it.
//!
//! One look at each row, as most of the time goes into fetching ten thousand of them from memory.

use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::id::{ImageId, ProjectId};
use crate::base::intern::Interner;
use crate::fleet::health::{self, nova, octavia};
use crate::fleet::instance::{ImageRef, Instance};
use crate::fleet::map::Map;
use crate::fleet::naming::{Named, Naming};
use crate::fleet::pool::{self, Pool};
use crate::fleet::rules::Rules;
use crate::fleet::seats::Seats;
use crate::fleet::service::{Finding, Member, Seat};
use crate::fleet::sources::Sources;
use crate::fleet::version::{self, ImageSays};

/// What of an instance services are made of.
pub(crate) struct Row<'a> {
    pub(crate) title: &'a str,
    pub(crate) project: &'a ProjectId,
    pub(crate) named: Named,
    /// Up, listed, and failing in no pool.
    pub(crate) serves: bool,
}

/// What rows are read with.
pub(crate) struct Reading<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) rules: &'a Rules,
    pub(crate) seats: &'a Seats,
    pub(crate) naming: Naming<'a>,
    /// In the cloud.
    pub(crate) now: Timestamp,
}

impl<'a> Reading<'a> {
    /// Reads every instance, in the order of the list. Which service a member is of is not known before all are named.
    pub(crate) fn all(&self) -> (Vec<Row<'a>>, Vec<Member>) {
        let mut texts = Interner::default();
        let mut images = Images { sources: self.sources, said: Map::default() };
        let rows = self.sources.instances.values().enumerate();
        rows.map(|(number, instance)| self.row(number, instance, &mut texts, &mut images)).unzip()
    }

    fn row(
        &self,
        number: usize,
        instance: &'a Arc<Instance>,
        texts: &mut Interner,
        images: &mut Images<'a>,
    ) -> (Row<'a>, Member) {
        let named = self.naming.name(number, instance, texts);
        let unconfirmed = !self.sources.unconfirmed.is_empty() && self.sources.unconfirmed.contains(&instance.id);
        let seats = self.seats.of_instance(number).to_vec();
        let image = images.say(instance, &named.name, texts);
        let itself = self.sources.reported.get(&instance.id).map(|version| &**version);
        let serves = !unconfirmed
            && health::is_up(instance)
            && self.places(&seats).all(|(pool, member)| octavia::takes_requests(pool, member));
        let member = Member {
            instance: Arc::clone(instance),
            service: 0,
            named_by: named.named_by,
            version: version::claim(instance, itself, image, self.rules, texts),
            findings: self.findings(instance, unconfirmed, &seats),
            seats,
            unconfirmed,
        };
        (Row { title: &instance.name, project: &instance.project, named, serves }, member)
    }

    fn places<'s>(&'s self, seats: &'s [Seat]) -> impl Iterator<Item = (&'s Pool, &'s pool::Member)> {
        let pools = self.sources.pools.value().map_or(&[][..], |pools| pools.as_slice());
        seats.iter().map(|seat| (&pools[seat.pool], &pools[seat.pool].members[seat.member]))
    }

    fn findings(&self, instance: &Instance, unconfirmed: bool, seats: &[Seat]) -> Vec<Finding> {
        let mut findings = nova::of_instance(instance, unconfirmed, self.now);
        for (pool, member) in self.places(seats) {
            findings.extend(octavia::of_member(pool, member, &instance.id, self.now));
        }
        findings
    }
}

/// Of which service, and what.
type Said = (Arc<str>, Option<ImageSays>);

/// What images say of services: asked once for each pair, however many instances share it.
struct Images<'a> {
    sources: &'a Sources,
    said: Map<&'a ImageId, Vec<Said>>,
}

impl<'a> Images<'a> {
    fn say(&mut self, instance: &'a Instance, service: &Arc<str>, texts: &mut Interner) -> Option<&ImageSays> {
        let ImageRef::Image(id) = &instance.image else { return None };
        let said = self.said.entry(id).or_default();
        // An image is of one service, or of few; and names are shared, so that an address tells.
        let at = said.iter().position(|(name, _)| Arc::ptr_eq(name, service));
        let at = at.unwrap_or_else(|| {
            let image = self.sources.images.get(id).and_then(Option::as_deref);
            said.push((Arc::clone(service), image.map(|image| ImageSays::of(image, service, texts))));
            said.len() - 1
        });
        said[at].1.as_ref()
    }
}
