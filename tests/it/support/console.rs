//! The console's mind, with looks carried out at once: tests need not wait for them.

use stackdeck::base::clock::Timestamp;
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::model::Model;
use stackdeck::console::app::msg::Msg;

/// What `update` does, and what follows from the looks that it begins. Those are not among the effects.
pub(crate) fn update(model: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut next = Some(msg);
    while let Some(msg) = next.take() {
        for effect in stackdeck::console::app::update(model, msg, now) {
            match effect {
                Effect::Look(look) => next = Some(Msg::Looked(Box::new(look.carry_out()))),
                other => effects.push(other),
            }
        }
    }
    effects
}
