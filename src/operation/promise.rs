//! Promises: what a plan calls a thing that is not there yet.
//!
//! A plan leaves nothing to choose, and yet a port must be named that has no id before Neutron makes it. So a step that
//! makes something bears a promise, and later steps of its slot name that. The fold puts the cloud's own id in its place as
//! soon as a record tells it: what has no id yet is a promise, and what has one is like anything else.
//!
//! No cloud makes an id that begins like one.

use std::borrow::Borrow;

use crate::base::id::{InstanceId, MemberId, PortId};
use crate::operation::change::{Change, NewServer};
use crate::operation::plan::Step;

const MARK: char = '@';

/// The instance of that slot.
pub fn server(slot: usize) -> InstanceId {
    format!("{MARK}server-{slot}").as_str().into()
}

/// Its port of that number.
pub fn port(slot: usize, number: usize) -> PortId {
    format!("{MARK}port-{slot}-{number}").as_str().into()
}

/// The address of that port.
pub fn address(slot: usize, number: usize) -> String {
    address_of(port(slot, number).as_str())
}

/// Its place behind a balancer, of that number.
pub fn member(slot: usize, number: usize) -> MemberId {
    format!("{MARK}member-{slot}-{number}").as_str().into()
}

/// Whether this is no id yet.
pub fn is_promise(id: &str) -> bool {
    id.starts_with(MARK)
}

pub(super) fn address_of(port: &str) -> String {
    port.replacen("port", "address", 1)
}

/// Puts what was made in the place of its promise.
pub(super) fn keep(step: &mut Step, promise: &str, made: &str) {
    let swap = Swap { promise, made };
    swap.id(&mut step.target.id);
    step.own.iter_mut().for_each(|member| swap.id(member));
    match &mut step.change {
        Change::CreateServer(new) => swap.server(new),
        Change::DeleteServer { server } => swap.id(server),
        Change::DeletePort { port } => swap.id(port),
        Change::AddMember { member, .. } => swap.id(&mut member.address),
        Change::SetMember { member, .. } | Change::RemoveMember { member, .. } => swap.id(member),
        _ => {}
    }
}

struct Swap<'a> {
    promise: &'a str,
    made: &'a str,
}

impl<'a> Swap<'a> {
    fn id<I: Borrow<str> + From<&'a str>>(&self, id: &mut I) {
        if (*id).borrow() == self.promise {
            *id = self.made.into();
        }
    }

    fn server(&self, new: &mut NewServer) {
        new.ports.iter_mut().for_each(|port| self.id(port));
        for value in new.metadata.values_mut().filter(|value| value.contains(self.promise)) {
            let kept = value.split(',').map(|word| if word == self.promise { self.made } else { word });
            *value = kept.collect::<Vec<_>>().join(",");
        }
    }
}
