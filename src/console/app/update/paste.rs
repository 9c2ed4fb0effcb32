//! Pasted text goes into the line being typed, and nowhere else.

use crate::console::app::commands::line;
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::review::Focus;

/// Text was pasted.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.last_key = model.now;
    model.pending.clear();
    if !model.size.is_enough() {
        return Vec::new();
    }
    match &mut model.overlay {
        Some(Overlay::Password(password)) => password.paste(text),
        Some(Overlay::Command(prompt) | Overlay::Filter(prompt) | Overlay::Search(prompt, _)) => {
            prompt.paste(text);
            line::changed(model);
        }
        Some(Overlay::Picker(picker)) => {
            picker.prompt.paste(text);
            line::changed(model);
        }
        Some(Overlay::Review(review)) if review.focus == Focus::Ticket => {
            review.ticket.paste(text);
            model.touch();
        }
        Some(Overlay::Review(review)) if review.focus == Focus::Reason => {
            review.reason.paste(text);
            review.take_reason();
            model.touch();
        }
        Some(Overlay::Review(_) | Overlay::Abort(_)) => {
            model.notices.tell("The paste was ignored: only a ticket or a reason can be pasted here", model.now);
        }
        Some(Overlay::Help { .. } | Overlay::Columns(_) | Overlay::Notices(_) | Overlay::Row(_)) | None => {
            model.notices.tell("The paste was ignored: open a line with / or : first", model.now);
        }
    }
    Vec::new()
}
