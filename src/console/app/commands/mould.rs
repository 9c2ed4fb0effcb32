//! What new instances are made like is read before their plan can be made: between the key and the review.

use crate::base::failure::Failure;
use crate::base::id::InstanceId;
use crate::console::app::commands::change;
use crate::console::app::effect::Effect;
use crate::console::app::model::{Model, Moulding};
use crate::fleet::mould::Mould;
use crate::operation::Intent;
use crate::operation::draft::likes;

type Effects = Vec<Effect>;

/// Opens the review of a wish; of one that makes instances, once it was read what these are made like.
pub(super) fn open(model: &mut Model, intent: Intent, hidden: Vec<InstanceId>) -> Effects {
    let likes = likes(&intent, &model.fleet);
    let Some(first) = likes.first() else { return change::open(model, intent, hidden) };
    let others = if likes.len() > 1 { format!(" and {} more are", likes.len() - 1) } else { " is".to_owned() };
    model.notices.tell(format!("Reading what {}{others} made like", first.name), model.now);
    let ids = likes.iter().map(|like| like.id.clone()).collect();
    model.moulding = Some(Moulding { likes: ids, intent, hidden });
    vec![Effect::ReadMoulds(likes)]
}

/// It was read: the plan can be. What somebody reads or types meanwhile is not taken away.
pub(in crate::console::app) fn read(
    model: &mut Model,
    likes: &[InstanceId],
    read: Result<Vec<Mould>, Failure>,
) -> Effects {
    let Some(Moulding { intent, hidden, .. }) = model.moulding.take_if(|moulding| moulding.likes == likes) else {
        return Vec::new();
    };
    match read {
        Ok(_) if model.overlay.is_some() => {
            let text = format!("{}: something else was opened meanwhile: ask for it again", intent.verb);
            model.notices.tell(text, model.now);
            Vec::new()
        }
        Ok(moulds) => {
            // That it is being read is over.
            model.notices.dismiss(model.now);
            change::open(model, Intent { moulds, ..intent }, hidden)
        }
        Err(failure) => {
            model.notices.fail(failure, model.now);
            Vec::new()
        }
    }
}
