//! Which source names an instance's service, and whether that can still change.

use std::borrow::Cow;
use std::sync::Arc;

use crate::base::failure::FailureKind;
use crate::base::id::InstanceId;
use crate::base::intern::Interner;
use crate::base::observation::Observation;
use crate::fleet::instance::{Instance, Status};
use crate::fleet::map::Map;
use crate::fleet::name;
use crate::fleet::rules::Rules;
use crate::fleet::seats::Seats;
use crate::fleet::service::{Fleet, NamedBy, Seat};
use crate::fleet::sources::{ServerGroup, Sources};

/// An instance's service by name.
pub(crate) struct Named {
    pub(crate) name: Arc<str>,
    pub(crate) named_by: NamedBy,
    /// Pools between which no other source decides.
    pub(crate) ambiguous: Vec<Arc<str>>,
    /// The row says nothing of itself and nothing was known of it: its cell is down.
    pub(crate) untold: bool,
}

/// What of the sources concerns names, made ready once.
pub(crate) struct Naming<'a> {
    sources: &'a Sources,
    rules: &'a Rules,
    seats: &'a Seats,
    /// The stem of each pool's name.
    stems: Vec<&'a str>,
    previous: Option<&'a Fleet>,
    groups: Map<&'a InstanceId, &'a ServerGroup>,
    /// The strongest naming source that has not answered yet: names by it, or weaker ones, may still change.
    pending_from: Option<NamedBy>,
}

/// Whether that source will say no more: it has answered, or this cloud or role does not have it.
fn has_answered<T>(source: &Observation<T>) -> bool {
    use FailureKind::{Forbidden, NotFound, Unsupported};
    let never = |kind| matches!(kind, Unsupported | NotFound | Forbidden);
    source.known.is_some() || source.failure.as_ref().is_some_and(|failure| never(failure.kind))
}

/// The sources that have not answered yet, by service type, each with the strongest name that hangs on it.
pub(crate) fn pending(sources: &Sources) -> Vec<(&'static str, NamedBy)> {
    let mut pending = Vec::new();
    let pools = has_answered(&sources.pools);
    let has_pools = sources.pools.value().is_none_or(|pools| !pools.is_empty());
    if !pools {
        pending.push(("load-balancer", NamedBy::Pool));
    }
    // Ports matter only for finding members.
    let wanted = if pools { sources.pools.known.is_some() && has_pools } else { true };
    if wanted && !has_answered(&sources.ports) {
        pending.push(("network", NamedBy::Pool));
    }
    if !has_answered(&sources.server_groups) {
        pending.push(("compute", NamedBy::ServerGroup));
    }
    pending
}

/// Of these the ones that tell who sits in which pool.
pub(crate) fn unseated(sources: &Sources) -> Vec<&'static str> {
    pending(sources).into_iter().filter(|(_, named_by)| *named_by == NamedBy::Pool).map(|(source, _)| source).collect()
}

impl<'a> Naming<'a> {
    pub(crate) fn new(sources: &'a Sources, rules: &'a Rules, seats: &'a Seats, previous: Option<&'a Fleet>) -> Self {
        let known = sources.server_groups.value().map_or(&[][..], |groups| groups.as_slice());
        let mut groups: Map<&InstanceId, &ServerGroup> = Map::default();
        for group in known {
            for member in &group.members {
                let kept = groups.entry(member).or_insert(group);
                // Nova has an instance in one group only; should it be in two, the order of listing must not matter.
                if (&group.name, &group.id) < (&kept.name, &kept.id) {
                    *kept = group;
                }
            }
        }
        let pending_from = pending(sources).iter().map(|(_, named_by)| *named_by).min();
        let pools = sources.pools.value().map_or(&[][..], |pools| pools.as_slice());
        let stems = pools.iter().map(|pool| name::pool_stem(pool.title())).collect();
        Self { sources, rules, seats, stems, previous, groups, pending_from }
    }

    /// Names the service of the instance at that position. Until all sources have answered, the last known name holds.
    pub(crate) fn name(&self, number: usize, instance: &Instance, names: &mut Interner) -> Named {
        let untold = instance.status == Status::Unknown && instance.metadata.is_empty() && instance.tags.is_empty();
        let own = self.own(instance);
        let weak = own.is_none() && self.pending_from.is_some();
        if (weak || untold)
            && let Some(held) = self.held(instance, untold)
        {
            return held;
        }
        let refined = |name: &str, names: &mut Interner| names.share(&self.refine(name, instance));
        if let Some((name, named_by)) = own {
            let name = if named_by == NamedBy::Rule { names.share(&name) } else { refined(&name, names) };
            return Named { name, named_by, ambiguous: Vec::new(), untold: false };
        }
        let (name, named_by, ambiguous) = self.others(number, instance, names);
        Named { name: refined(name, names), named_by, ambiguous, untold }
    }

    /// What was known before, if a source that has not answered yet could have said it.
    fn held(&self, instance: &Instance, untold: bool) -> Option<Named> {
        let previous = self.previous?;
        let member = previous.member(&instance.id)?;
        let key = &previous.services.get(member.service)?.key;
        if key.place != self.sources.place || key.project != instance.project || &*key.name == name::UNNAMED {
            return None;
        }
        let may_hold = untold || self.pending_from.is_some_and(|from| member.named_by >= from);
        let name = Arc::clone(&key.name);
        may_hold.then(|| Named { name, named_by: member.named_by, ambiguous: Vec::new(), untold: false })
    }

    /// Sources that stand in the row itself.
    fn own<'i>(&self, instance: &'i Instance) -> Option<(Cow<'i, str>, NamedBy)> {
        if let Some(name) = self.rules.service(instance) {
            return Some((Cow::Owned(name), NamedBy::Rule));
        }
        let texts = &self.rules.texts;
        let metadata = || text_of(instance, &texts.service_keys).map(|name| (Cow::Borrowed(name), NamedBy::Metadata));
        let tag = || tag_of(instance, &texts.service_keys).map(|name| (Cow::Borrowed(name), NamedBy::Tag));
        let stack = || {
            let stack = text_of(instance, &texts.stack_keys).or_else(|| tag_of(instance, &texts.stack_keys))?;
            Some((stack_name(stack), NamedBy::Stack))
        };
        metadata().or_else(tag).or_else(stack)
    }

    /// Sources beside the row: pools, server group, and at last the name.
    fn others<'i>(
        &self,
        number: usize,
        instance: &'i Instance,
        names: &mut Interner,
    ) -> (&'i str, NamedBy, Vec<Arc<str>>)
    where
        'a: 'i,
    {
        let pools = self.pools(number);
        if let [pool] = pools[..] {
            return (pool, NamedBy::Pool, Vec::new());
        }
        let group = self.groups.get(&instance.id).map(|group| name::group_stem(&group.name)).filter(|n| !n.is_empty());
        let stem = || name::stem(&instance.name, instance.zone.as_deref());
        if !pools.is_empty() {
            let listed = |name: &&str| pools.contains(name);
            if let Some(pool) = group.filter(listed).or_else(|| Some(stem()).filter(listed)) {
                return (pool, NamedBy::Pool, Vec::new());
            }
        }
        let ambiguous = pools.iter().map(|pool| names.share(pool)).collect();
        match group {
            Some(group) => (group, NamedBy::ServerGroup, ambiguous),
            None => (stem(), NamedBy::Name, ambiguous),
        }
    }

    /// What the pools that count for grouping are called; each name once, sorted.
    fn pools(&self, number: usize) -> Vec<&'a str> {
        let pools = self.sources.pools.value().map_or(&[][..], |pools| pools.as_slice());
        let ports = &self.rules.texts.pool_ports;
        let counts = |seat: &&Seat| {
            let member = pools.get(seat.pool).and_then(|pool| pool.members.get(seat.member));
            member.is_some_and(|member| ports.is_empty() || ports.contains(&member.port))
        };
        let seats = self.seats.of_instance(number).iter();
        let mut names: Vec<&str> = seats.filter(counts).map(|seat| self.stems[seat.pool]).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// `shop` with role `worker` is `shop/worker`, unless the name ends with the role already.
    fn refine<'n>(&self, name: &'n str, instance: &Instance) -> Cow<'n, str> {
        match text_of(instance, &self.rules.texts.role_keys) {
            Some(role) if name != name::UNNAMED && !ends_with_word(name, role) => Cow::Owned(format!("{name}/{role}")),
            _ => Cow::Borrowed(name),
        }
    }
}

fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word).is_some_and(|head| head.is_empty() || head.ends_with(['-', '_', '.', '/', ' ']))
}

/// The first of these metadata keys that holds something.
pub(crate) fn text_of<'i>(instance: &'i Instance, keys: &[String]) -> Option<&'i str> {
    if instance.metadata.is_empty() {
        return None;
    }
    let texts = keys.iter().filter_map(|key| instance.metadata.get(key)).map(str::trim);
    texts.into_iter().find(|text| !text.is_empty())
}

/// What the first of these prefixes that a tag has says: `service=payments`. The smallest, should there be several.
pub(crate) fn tag_of<'i>(instance: &'i Instance, keys: &[String]) -> Option<&'i str> {
    keys.iter().find_map(|key| {
        let said = instance.tags.iter().filter_map(|tag| tag.strip_prefix(key.as_str())?.strip_prefix('='));
        said.map(str::trim).filter(|text| !text.is_empty()).min()
    })
}

/// A stack's name; of a bare id only its beginning, which people can read out.
fn stack_name(stack: &str) -> Cow<'_, str> {
    let is_id = stack.len() == 36 && name::is_uuid(stack);
    if is_id { Cow::Owned(format!("stack-{}", &stack[..8])) } else { Cow::Borrowed(stack) }
}
