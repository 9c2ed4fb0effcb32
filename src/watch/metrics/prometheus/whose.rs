//! Whose a series is, by its labels: an instance by id, name or address, a service by its pool. Pure.

use std::collections::{BTreeSet, HashMap};

use crate::base::id::InstanceId;
use crate::fleet::metric::Subject;
use crate::fleet::{Fleet, ServiceKey};
use crate::watch::metrics::prometheus::answer::Series;

/// Labels that may hold an instance's id, or something with it inside.
const IDS: [&str; 7] =
    ["instance_id", "uuid", "server_id", "vm_uuid", "resource", "vm_instance", "openstack_instance_id"];
/// Labels that may hold its name.
const NAMES: [&str; 7] = ["instance_name", "server", "vm_name", "nodename", "hostname", "name", "instance"];
/// Labels that may hold its address, with or without a port.
const ADDRESSES: [&str; 5] = ["instance", "address", "ip", "host", "target"];

/// The fleet by what labels say.
pub struct Whose<'a> {
    by_id: HashMap<&'a str, &'a InstanceId>,
    /// `None` for a name or address that several have.
    by_name: HashMap<&'a str, Option<&'a InstanceId>>,
    by_address: HashMap<&'a str, Option<&'a InstanceId>>,
    by_member: HashMap<&'a str, &'a InstanceId>,
    by_pool: HashMap<&'a str, BTreeSet<&'a ServiceKey>>,
}

impl<'a> Whose<'a> {
    /// Looks through the fleet once.
    pub fn new(fleet: &'a Fleet) -> Self {
        let mut whose = Self {
            by_id: HashMap::new(),
            by_name: HashMap::new(),
            by_address: HashMap::new(),
            by_member: HashMap::new(),
            by_pool: HashMap::new(),
        };
        for member in &fleet.members {
            let (instance, id) = (&member.instance, &member.instance.id);
            whose.by_id.insert(id.as_str(), id);
            only(&mut whose.by_name, &instance.name, id);
            instance.addresses.iter().for_each(|address| only(&mut whose.by_address, &address.address, id));
            for (pool, seat) in fleet.memberships(member) {
                whose.by_member.insert(seat.id.as_str(), id);
                if let Some(service) = fleet.services.get(member.service) {
                    whose.by_pool.entry(pool.id.as_str()).or_default().insert(&service.key);
                }
            }
        }
        whose
    }

    /// Whose that series is, if anybody's.
    pub fn of(&self, series: &Series) -> Option<Subject> {
        if let Some(pool) = series.label("pool").or(series.label("proxy")) {
            let pool = pool.split_once(':').map_or(pool, |(pool, _)| pool);
            let services = self.by_pool.get(pool)?;
            let one = services.first().filter(|_| services.len() == 1)?;
            return Some(Subject::Service((*one).clone()));
        }
        let labels = |names: &'static [&'static str]| names.iter().filter_map(|name| series.label(name));
        let by_id = || labels(&IDS).find_map(|label| self.by_id.get(label).copied().or_else(|| self.inside(label)));
        let by_member = || labels(&["member", "server"]).find_map(|label| self.by_member.get(label).copied());
        let by_name = || labels(&NAMES).find_map(|label| self.by_name.get(label).copied().flatten());
        let by_address = || labels(&ADDRESSES).find_map(|label| self.by_address.get(host(label)).copied().flatten());
        let id = by_id().or_else(by_member).or_else(by_name).or_else(by_address)?;
        Some(Subject::Instance(id.clone()))
    }

    /// An instance whose id is a part of the text: `instance-0000001c-UUID-tap…`, `UUID-vda`.
    fn inside(&self, text: &str) -> Option<&'a InstanceId> {
        const UUID: usize = 36;
        let starts = (0..=text.len().checked_sub(UUID)?).filter(|at| text.is_char_boundary(*at));
        starts.filter_map(|at| text.get(at..at + UUID)).find_map(|part| self.by_id.get(part).copied())
    }
}

fn only<'a>(map: &mut HashMap<&'a str, Option<&'a InstanceId>>, key: &'a str, id: &'a InstanceId) {
    if !key.is_empty() {
        map.entry(key).and_modify(|known| *known = known.filter(|known| *known == id)).or_insert(Some(id));
    }
}

/// `10.0.0.5:9100`, `[fd00::5]:9100` and the bare addresses.
fn host(text: &str) -> &str {
    if let Some(inner) = text.strip_prefix('[') {
        return inner.split_once(']').map_or(inner, |(host, _)| host);
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => text,
    }
}
