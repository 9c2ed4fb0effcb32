//! Which operation somebody means.

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::operation::OperationId;

/// The one that `text` means: its id, a beginning or an end of it, or `last`. The ids are in order, newest first.
pub(in crate::store) fn find(text: &str, ids: &[OperationId]) -> Result<OperationId, Failure> {
    let text = text.trim();
    let Some(newest) = ids.first() else {
        return Err(Failure::new(FailureKind::NotFound, "there are no operations yet"));
    };
    if text.eq_ignore_ascii_case("last") {
        return Ok(newest.clone());
    }
    let meant: Vec<&OperationId> = ids.iter().filter(|id| id.answers_to(text)).collect();
    match meant[..] {
        [one] => Ok(one.clone()),
        [] => Err(nobody(text, ids)),
        [first, second, ..] => Err(Failure::new(
            FailureKind::Usage,
            format!("{text} may be {} operations, for example {first} and {second}", meant.len()),
        )
        .hint("Write more of its beginning or of its end")),
    }
}

fn nobody(text: &str, ids: &[OperationId]) -> Failure {
    let failure = Failure::new(FailureKind::NotFound, format!("there is no operation {text}"));
    let names = ids.iter().flat_map(|id| [id.short(), id.as_str()]);
    match (nearest(text, names), ids.first()) {
        (Some(near), _) => failure.hint(format!("Is {near} meant?")),
        (None, Some(newest)) if text.len() < 4 => {
            failure.hint(format!("Write at least four characters of its id, or `last`, which is {newest}"))
        }
        (None, Some(newest)) => failure.hint(format!("The last one is {newest}; `stackdeck operations` lists them")),
        (None, None) => failure,
    }
}
