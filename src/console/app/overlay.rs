//! What lies over the present view and takes the keys first. At most one at a time.

use std::sync::Arc;

use crate::base::id::InstanceId;
use crate::console::app::column::RowId;
use crate::console::app::keymap::Context;
use crate::console::app::pane::Scroll;
use crate::console::app::prompt::{Password, Prompt};
use crate::console::app::review::{AbortQuestion, Review};
use crate::console::app::scope::Scope;
use crate::operation::Intent;

/// What lies over the view.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The commands of where it was opened.
    Help {
        /// The contexts that were active there.
        contexts: &'static [Context],
        /// The first line shown.
        top: usize,
    },
    /// The command line.
    Command(Prompt),
    /// The table's filter, live while typing.
    Filter(Prompt),
    /// What to look for in a text, live while typing; and how one read it before.
    Search(Prompt, Box<Scroll>),
    /// Which columns are shown.
    Columns(ColumnChooser),
    /// A choice.
    Picker(Picker),
    /// A password is wanted.
    Password(Password),
    /// All notices; the number is the chosen one, newest first.
    Notices(usize),
    /// A row of the table below, whole.
    Row(WholeRow),
    /// A plan that waits for consent.
    Review(Box<Review>),
    /// Whether an operation shall really begin nothing more.
    Abort(Box<AbortQuestion>),
}

/// A row of which every column is shown, whatever room the table has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeRow {
    /// Which.
    pub id: RowId,
    /// The column under the cursor.
    pub cursor: usize,
}

/// Which columns a table shows, and in which order: a draft until it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnChooser {
    /// Positions of all columns in the draft's order, and whether they are shown.
    pub draft: Vec<(usize, bool)>,
    /// The one under the cursor.
    pub cursor: usize,
}

/// What a choice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Another cloud.
    Cloud,
    /// Another region.
    Region,
    /// Another project.
    Project,
    /// What to put on the clipboard.
    Copy,
    /// What to roll out.
    Release,
}

/// One of the things to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it is called.
    pub title: String,
    /// What else is to be said of it.
    pub note: String,
    /// Why it cannot be taken.
    pub barred: Option<String>,
    /// What happens when it is taken.
    pub gives: Given,
}

/// What taking a choice gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Another scope.
    Scope(Scope),
    /// Text for the clipboard.
    Text(String),
    /// The release that somebody wished to roll out, and the wish.
    Rollout(Box<Rollout>),
}

/// A rollout whose release is yet to be chosen, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// To whom.
    pub intent: Intent,
    /// The service whose releases are chosen from.
    pub service: Arc<str>,
    /// Marked rows among the targets that the list does not show.
    pub hidden: Vec<InstanceId>,
}

/// A choice with a line to narrow it down.
#[derive(Clone, Debug)]
pub struct Picker {
    /// What for.
    pub purpose: Purpose,
    /// What was typed.
    pub prompt: Prompt,
    /// Everything that there is.
    pub choices: Vec<Choice>,
    /// Positions of what matches, best first.
    pub matches: Vec<usize>,
    /// The one under the cursor: a position in `matches`.
    pub cursor: usize,
    /// Why there is nothing (yet): being fetched, or failed.
    pub empty: Option<String>,
    /// What is wished, where a release is chosen for it.
    pub rollout: Option<Box<Rollout>>,
}
