//! What a step changes, as it was seen right now: an instance, or its place in a pool. Both are asked the same.

use crate::operation::change::Change;
use crate::operation::plan::Step;
use crate::operation::record::Announcement;
use crate::operation::sight::{Seat, Share, Sight, State};
use crate::operation::state::{self, Fit};

/// What a step changes.
pub(super) enum Subject<'a> {
    /// The instance itself.
    Server(&'a State),
    /// Its place in a pool; `None` where the pool does not have it any more.
    Seat(Option<&'a Seat>),
    /// Its place in a pool, and pools may not be read.
    Unseen,
}

impl<'a> Subject<'a> {
    /// Of this step.
    pub(super) fn of(step: &Step, state: &'a State, sight: &'a Sight) -> Self {
        let (Change::SetMember { member, .. } | Change::RemoveMember { member, .. }) = &step.change else {
            return Subject::Server(state);
        };
        let Some(seats) = &sight.members else { return Subject::Unseen };
        Subject::Seat(seats.iter().find(|seat| seat.member == *member))
    }

    /// Whether the change fits.
    pub(super) fn fit(&self, step: &Step) -> Fit {
        match self {
            Subject::Server(state) => state::fit(&step.change, state, step.past_lock),
            Subject::Unseen => Fit::Never("is in a pool whose members cannot be read".to_owned()),
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
            Subject::Seat(None) | Subject::Unseen => return None,
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
        }
    }

    /// Whether it shows that an announced call has been executed, as far as it can tell alone.
    pub(super) fn shows(&self, step: &Step, announced: &Announcement) -> bool {
        match self {
            Subject::Server(state) => {
                let touched = state.updated != announced.state.updated;
                let stamped = announced.change.stamp().is_some_and(|stamp| state.stamp.as_deref() == Some(stamp));
                stamped || state::reached(&step.change, state) || (touched && state::under_way(&step.change, state))
            }
            Subject::Seat(Some(seat)) if removes(&step.change) => &*seat.provisioning == "PENDING_DELETE",
            Subject::Seat(Some(seat)) => leads_to(&step.change, seat.share),
            Subject::Seat(None) => removes(&step.change),
            Subject::Unseen => false,
        }
    }

    /// What its place in a pool gets, if it is one.
    pub(super) fn share(&self) -> Option<Share> {
        match self {
            Subject::Seat(Some(seat)) => Some(seat.share),
            Subject::Server(_) | Subject::Seat(None) | Subject::Unseen => None,
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
        }
    }

    /// Whether it is in ERROR and nothing is being done to it.
    pub(super) fn is_error(&self) -> bool {
        match self {
            Subject::Server(state) => {
                state.status == crate::fleet::instance::Status::Error && state.task_state.is_none()
            }
            Subject::Seat(seat) => seat.is_some_and(|seat| &*seat.provisioning == "ERROR"),
            Subject::Unseen => false,
        }
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
    let Change::SetMember { weight, admin_state_up, .. } = change else { return false };
    weight.is_none_or(|weight| weight == share.weight) && admin_state_up.is_none_or(|up| up == share.admin_up)
}
