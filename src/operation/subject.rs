//! What a step changes, as it was seen right now: an instance, its place in a pool, or its port. All are asked the same.

use crate::fleet::instance::Status;
use crate::operation::change::{Change, Made};
use crate::operation::plan::Step;
use crate::operation::record::Announcement;
use crate::operation::sight::{PortSeen, Seat, Share, Sight, State};
use crate::operation::state::{self, Fit};

/// What a step changes.
pub(super) enum Subject<'a> {
    /// The instance itself.
    Server(&'a State),
    /// Its place in a pool; `None` where the pool does not have it any more.
    Seat(Option<&'a Seat>),
    /// Its place in a pool, and pools may not be read.
    Unseen,
    /// A port of it; `None` where there is none.
    Port(Option<&'a PortSeen>),
}

impl<'a> Subject<'a> {
    /// Of this step.
    pub(super) fn of(step: &Step, state: &'a State, sight: &'a Sight) -> Self {
        let find = |is: &dyn Fn(&Seat) -> bool| match &sight.members {
            Some(seats) => Subject::Seat(seats.iter().find(|seat| is(seat))),
            None => Subject::Unseen,
        };
        match &step.change {
            Change::SetMember { member, .. } | Change::RemoveMember { member, .. } => {
                find(&|seat| seat.member == *member)
            }
            // What Octavia tells members of a pool apart by.
            Change::AddMember { pool, member } => {
                find(&|seat| seat.pool == *pool && seat.address == member.address && seat.port == member.port)
            }
            Change::CreatePort(_) | Change::DeletePort { .. } => Subject::Port(sight.port.as_ref()),
            _ => Subject::Server(state),
        }
    }

    /// Whether the change fits.
    pub(super) fn fit(&self, step: &Step) -> Fit {
        match self {
            Subject::Server(state) => state::fit(&step.change, state, step.past_lock),
            Subject::Unseen => Fit::Never("is in a pool whose members cannot be read".to_owned()),
            Subject::Port(port) => fit_port(&step.change, *port),
            Subject::Seat(None) if step.change.makes() => Fit::Now,
            Subject::Seat(Some(seat)) if step.change.makes() && seat.is_settled() => {
                Fit::Already(format!("has a member of its address there already: {}", seat.text))
            }
            Subject::Seat(None) => Fit::Already("is not in the pool any more".to_owned()),
            Subject::Seat(Some(seat)) => match &*seat.provisioning {
                _ if leads_to(&step.change, seat.share) && seat.is_settled() => {
                    Fit::Already(format!("has {} already", seat.share))
                }
                "ERROR" if !removes(&step.change) => {
                    Fit::Never("cannot be changed: Octavia shows its member as ERROR".to_owned())
                }
                doing if !matches!(doing, "ACTIVE" | "ERROR") => {
                    Fit::Busy(format!("is being changed by Octavia ({doing})"))
                }
                _ => Fit::Now,
            },
        }
    }

    /// What was approved was approved for a state. A transition that was waited for may end anywhere that fits.
    pub(super) fn drift(&self, step: &Step) -> Option<String> {
        let (planned, now) = match self {
            Subject::Server(state) => {
                let planned = &step.before;
                let settled = planned.task_state.is_none() && !planned.status.is_transition();
                let done = state::reached(&step.change, state);
                let drifted = settled && !done && planned.status != state.status && step.change.interrupts();
                let other = matches!(step.change, Change::Rebuild(_)) && planned.image != state.image;
                match () {
                    () if drifted => (planned.text(), state.text()),
                    () if other => (of_image(planned), of_image(state)),
                    () => return None,
                }
            }
            Subject::Seat(Some(seat)) => {
                let planned = step.share.filter(|planned| *planned != seat.share)?;
                (format!("at {planned}"), format!("at {}", seat.share))
            }
            Subject::Seat(None) | Subject::Unseen | Subject::Port(_) => return None,
        };
        Some(format!("{} was {planned} when the plan was made and is {now} now", step.target.name))
    }

    /// Whether an accepted change has come to its end. With the announcement, what Nova has not touched since does not
    /// count.
    pub(super) fn has_ended(&self, step: &Step, announced: Option<&Announcement>) -> bool {
        match self {
            Subject::Server(state) => {
                state::ended(&step.change, &step.before, announced.map(|announced| &announced.state), state)
            }
            Subject::Seat(Some(seat)) => leads_to(&step.change, seat.share) && seat.is_settled(),
            Subject::Seat(None) => removes(&step.change),
            Subject::Unseen => false,
            Subject::Port(port) => port.is_some() == step.change.makes(),
        }
    }

    /// Whether it shows that an announced call has been executed, as far as it can tell alone.
    pub(super) fn shows(&self, step: &Step, announced: &Announcement) -> bool {
        match self {
            Subject::Server(state) => {
                if step.change.makes() {
                    return state.status != Status::Deleted;
                }
                let touched = state.updated != announced.state.updated;
                let stamped = announced.change.stamp().is_some_and(|stamp| state.stamp.as_deref() == Some(stamp));
                stamped || state::reached(&step.change, state) || (touched && state::under_way(&step.change, state))
            }
            Subject::Seat(Some(seat)) if removes(&step.change) => &*seat.provisioning == "PENDING_DELETE",
            Subject::Seat(Some(seat)) => leads_to(&step.change, seat.share),
            Subject::Seat(None) => removes(&step.change),
            Subject::Unseen => false,
            Subject::Port(port) => port.is_some() == step.change.makes(),
        }
    }

    /// What the step has made, where this is it.
    pub(super) fn made(&self, step: &Step, sight: &Sight) -> Option<Made> {
        match self {
            _ if !step.change.makes() => None,
            Subject::Server(_) => sight.found.clone().map(Made::Server),
            Subject::Seat(seat) => seat.map(|seat| Made::Member(seat.member.clone())),
            Subject::Port(port) => port.map(|port| Made::Port(port.id.clone())),
            Subject::Unseen => None,
        }
    }

    /// The address of the port that the step has made.
    pub(super) fn address(&self, step: &Step) -> Option<String> {
        match self {
            Subject::Port(Some(port)) if step.change.makes() => port.address.clone(),
            _ => None,
        }
    }

    /// What its place in a pool gets, if it is one.
    pub(super) fn share(&self) -> Option<Share> {
        match self {
            Subject::Seat(Some(seat)) => Some(seat.share),
            Subject::Server(_) | Subject::Seat(None) | Subject::Unseen | Subject::Port(_) => None,
        }
    }

    /// In a few words.
    pub(super) fn text(&self) -> String {
        match self {
            Subject::Server(state) => state.text(),
            Subject::Seat(Some(seat)) if seat.is_settled() => format!("at {}", seat.share),
            Subject::Seat(Some(seat)) => format!("at {} ({})", seat.share, seat.provisioning),
            Subject::Seat(None) => "not in the pool any more".to_owned(),
            Subject::Unseen => "in a pool whose members cannot be read".to_owned(),
            Subject::Port(None) => "without that port".to_owned(),
            Subject::Port(Some(port)) => {
                format!("to be at {}", port.address.as_deref().unwrap_or("an address that Neutron does not tell"))
            }
        }
    }

    /// Whether it is in ERROR and nothing is being done to it.
    pub(super) fn is_error(&self) -> bool {
        match self {
            Subject::Server(state) => state.status == Status::Error && state.task_state.is_none(),
            Subject::Seat(seat) => seat.is_some_and(|seat| &*seat.provisioning == "ERROR"),
            Subject::Unseen | Subject::Port(_) => false,
        }
    }
}

/// A port that somebody uses is not deleted: Neutron would take it from under the instance.
fn fit_port(change: &Change, port: Option<&PortSeen>) -> Fit {
    match port {
        None if change.makes() => Fit::Now,
        None => Fit::Already("does not have that port any more".to_owned()),
        Some(_) if change.makes() => Fit::Already("has that port already".to_owned()),
        Some(PortSeen { device: Some(_), .. }) => Fit::Busy("still has its port".to_owned()),
        Some(_) => Fit::Now,
    }
}

fn of_image(state: &State) -> String {
    state.image.as_ref().map_or("of no image".to_owned(), |image| format!("of image {image}"))
}

/// Whether the member is gone afterwards.
fn removes(change: &Change) -> bool {
    matches!(change, Change::RemoveMember { .. })
}

/// Whether a member with that share is as the change wants it.
fn leads_to(change: &Change, share: Share) -> bool {
    if change.makes() {
        return true;
    }
    let Change::SetMember { weight, admin_state_up, .. } = change else { return false };
    weight.is_none_or(|weight| weight == share.weight) && admin_state_up.is_none_or(|up| up == share.admin_up)
}
