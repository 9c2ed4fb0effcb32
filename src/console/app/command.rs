//! Every command, once. Dispatch, hint bar, help, palette, key list and the check of the user's keys derive from it.

use crate::console::app::commands::{
    alerts, change, changes, go, graphs, line, list, look, operations, rollback, rollout, scale, scope, sort, table,
    text,
};
use crate::console::app::effect::Effect;
use crate::console::app::keymap::{Context, Keymap};
use crate::console::app::model::Model;
use crate::console::app::notation;

/// What a command may do to the cloud. Pastes and bursts of keys start none that has a danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// It only looks.
    None,
    /// It leads to a change: to its review, or from there to consent.
    Changes,
}

/// What a command wants behind its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    None,
    /// A service's name, or nothing for all.
    Service,
    /// Names or ids of instances, or a service's name; or nothing for what is marked or under the cursor.
    Targets,
    /// An operation's id.
    Operation,
    /// An instance's name or id.
    Instance,
    /// A cloud.
    Cloud,
    /// A region.
    Region,
    /// A project.
    Project,
    /// A column, and perhaps `desc`.
    Column,
    /// Any text.
    Text,
}

/// One command.
#[derive(Debug)]
pub struct Command {
    /// Its name on the command line and in the key file.
    pub id: &'static str,
    /// Its name in the hint bar.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub help: &'static str,
    /// Where it can be started from.
    pub contexts: &'static [Context],
    /// What it may do.
    pub danger: Danger,
    /// Its default keys.
    pub keys: &'static [&'static str],
    /// Other names on the command line.
    pub aliases: &'static [&'static str],
    /// What it wants on the command line; `None` for a command that is no use there (moving a cursor).
    pub argument: Option<Argument>,
    /// How early it stands in the hint bar; 0 is not there.
    pub hint: u8,
    /// Why it cannot be started now.
    pub available: fn(&Model) -> Result<(), String>,
    /// Starts it. The argument is empty without one.
    pub run: fn(&mut Model, &str) -> Vec<Effect>,
}

impl Command {
    /// Whether all that it does is to move a cursor: what rows say stays as it is.
    pub(super) fn moves(&self) -> bool {
        self.contexts == MOVES
    }
}

const ANYWHERE: &[Context] = &[Context::Everywhere];
const TABLES: &[Context] = &[Context::Table];
const TEXTS: &[Context] = &[Context::Text];
const MOVES: &[Context] = &[Context::Table, Context::Text, Context::List, Context::Review];
const FLEET: &[Context] = &[Context::Services, Context::Instances, Context::Instance];
const MEASURED: &[Context] =
    &[Context::Services, Context::Instances, Context::Instance, Context::Graphs, Context::Changes];
const GRAPHS: &[Context] = &[Context::Graphs];
const OPERATIONS: &[Context] = &[Context::Operations];
const REVIEWS: &[Context] = &[Context::Review];
const REVIEWED: &[Context] = &[Context::Review, Context::Field];
const TABS: &[Context] = &[Context::Instance, Context::Cloud];
const ONE_INSTANCE: &[Context] = &[Context::Instances, Context::Instance];

const fn always(_: &Model) -> Result<(), String> {
    Ok(())
}

const fn plain(id: &'static str, title: &'static str, help: &'static str) -> Command {
    Command {
        id,
        title,
        help,
        contexts: ANYWHERE,
        danger: Danger::None,
        keys: &[],
        aliases: &[],
        argument: Some(Argument::None),
        hint: 0,
        available: always,
        run: |_, _| Vec::new(),
    }
}

/// All commands.
#[rustfmt::skip] // one row each
pub static COMMANDS: &[Command] = &[
    Command { keys: &["?"], hint: 91, aliases: &["h"], run: list::help, ..plain("help", "help", "Shows what can be done here, and with which keys.") },
    Command { keys: &[":"], hint: 90, argument: None, run: line::command_line, ..plain("command", "command", "Opens the command line.") },
    Command { keys: &["esc"], argument: None, run: go::back, ..plain("back", "back", "Clears the filter; without one, goes one step out.") },
    Command { keys: &["1"], aliases: &["svc", "home"], run: go::services, ..plain("services", "services", "Shows the services.") },
    Command { keys: &["2"], aliases: &["inst", "servers", "vm"], argument: Some(Argument::Service), run: go::instances, ..plain("instances", "instances", "Shows all instances, or those of one service.") },
    Command { aliases: &["server"], argument: Some(Argument::Instance), run: go::instance, ..plain("instance", "instance", "Opens an instance by name or id.") },
    Command { keys: &["3"], aliases: &["ops", "operation"], argument: Some(Argument::Operation), run: operations::operations, ..plain("operations", "operations", "Shows what was changed, by whom, and how it went; or one operation by its id.") },
    Command { keys: &["4"], aliases: &["endpoints"], run: go::cloud_view, ..plain("control-plane", "cloud", "Shows the cloud itself: endpoints, services, hosts, quotas.") },
    Command { keys: &["5"], aliases: &["logs"], run: go::log, ..plain("log", "log", "Shows Stackdeck's own log.") },
    Command { keys: &["6"], aliases: &["timeline"], argument: Some(Argument::Service), run: changes::changes, ..plain("changes", "changes", "Shows what has changed in the last day and who wanted it, anywhere or at one service.") },
    Command { keys: &["["], run: go::history_back, available: go::has_past, ..plain("history-back", "earlier view", "Goes to the view before this one.") },
    Command { keys: &["]"], run: go::history_forward, available: go::has_future, ..plain("history-forward", "later view", "Goes forward again after going back.") },
    Command { keys: &["-"], run: go::last_view, available: go::has_past, ..plain("last-view", "last view", "Goes to and fro between the last two views.") },
    Command { keys: &["f2"], aliases: &["ctx"], argument: Some(Argument::Cloud), run: scope::cloud, available: scope::has_clouds, ..plain("cloud", "cloud", "Goes to another cloud.") },
    Command { keys: &["f3"], argument: Some(Argument::Region), run: scope::region, available: scope::has_regions, ..plain("region", "region", "Goes to another region of this cloud.") },
    Command { keys: &["f4"], aliases: &["ns"], argument: Some(Argument::Project), run: scope::project, available: scope::is_signed_in, ..plain("project", "project", "Goes to another project of this cloud.") },
    Command { keys: &["0"], run: scope::all_projects, available: scope::is_signed_in, ..plain("all-projects", "all projects", "Shows the instances of all projects, or of this one again.") },
    Command { keys: &["ctrl-r"], run: look::refresh, ..plain("refresh", "refresh", "Reads the cloud now, whatever the schedule says.") },
    Command { keys: &["!"], aliases: &["messages"], run: list::notices, ..plain("notices", "notices", "Lists what was told, whole.") },
    Command { keys: &["c"], run: look::copy, available: look::has_something_to_copy, ..plain("copy", "copy", "Puts an id, name or address on the clipboard of your terminal.") },
    Command { keys: &["ctrl-l"], run: look::redraw, ..plain("redraw", "redraw", "Draws the screen anew.") },
    Command { keys: &["ctrl-z"], contexts: &[Context::Everywhere, Context::List, Context::Line, Context::Review, Context::Field], run: look::suspend, ..plain("suspend", "suspend", "Goes to the background; `fg` in the shell comes back.") },
    Command { keys: &["ctrl-c"], argument: None, run: look::leave, ..plain("leave", "leave", "Leaves when pressed twice.") },
    Command { aliases: &["q", "q!", "exit"], run: look::quit, ..plain("quit", "quit", "Leaves at once.") },

    Command { keys: &["j", "down"], contexts: MOVES, argument: None, run: table::down, ..plain("down", "down", "Moves down by one.") },
    Command { keys: &["k", "up"], contexts: MOVES, argument: None, run: table::up, ..plain("up", "up", "Moves up by one.") },
    Command { keys: &["pgdn", "ctrl-f"], contexts: MOVES, argument: None, run: table::page_down, ..plain("page-down", "page down", "Moves down by a page.") },
    Command { keys: &["pgup", "ctrl-b"], contexts: MOVES, argument: None, run: table::page_up, ..plain("page-up", "page up", "Moves up by a page.") },
    Command { keys: &["ctrl-d"], contexts: MOVES, argument: None, run: table::half_down, ..plain("half-page-down", "half page down", "Moves down by half a page.") },
    Command { keys: &["ctrl-u"], contexts: MOVES, argument: None, run: table::half_up, ..plain("half-page-up", "half page up", "Moves up by half a page.") },
    Command { keys: &["g g", "home"], contexts: MOVES, argument: None, run: table::top, ..plain("top", "top", "Moves to the first.") },
    Command { keys: &["G", "end"], contexts: MOVES, argument: None, run: table::bottom, ..plain("bottom", "bottom", "Moves to the last.") },

    Command { keys: &["enter"], contexts: TABLES, argument: None, hint: 10, run: go::open, available: go::can_open, ..plain("open", "open", "Opens what is under the cursor; where there is nothing behind a row, shows the row whole.") },
    Command { keys: &["i"], contexts: TABLES, hint: 17, run: list::row, available: list::has_row, ..plain("row", "why", "Shows the row under the cursor whole: what is wrong, since when, who says so and what to do next; and every column.") },
    Command { keys: &["/"], contexts: TABLES, argument: Some(Argument::Text), hint: 20, run: line::filter, ..plain("filter", "filter", "Shows only rows that match: words, column:value, ! for the opposite.") },
    Command { keys: &["space"], contexts: TABLES, argument: None, hint: 60, run: table::mark, ..plain("mark", "mark", "Marks the row under the cursor, or unmarks it, and moves on.") },
    Command { keys: &["ctrl-space"], contexts: TABLES, argument: None, run: table::mark_range, ..plain("mark-range", "mark range", "Marks everything from the last mark to the cursor.") },
    Command { keys: &["*"], contexts: TABLES, run: table::invert_marks, ..plain("invert-marks", "invert marks", "Marks what is unmarked, and the other way round.") },
    Command { keys: &["ctrl-\\", "M"], contexts: TABLES, run: table::clear_marks, available: table::has_marks, ..plain("clear-marks", "clear marks", "Unmarks everything.") },
    Command { keys: &["w"], contexts: TABLES, hint: 70, run: list::columns, ..plain("columns", "columns", "Chooses which columns are shown, and in which order.") },
    Command { keys: &["shift-left", "<"], contexts: TABLES, argument: None, run: sort::choose_left, ..plain("choose-left", "column left", "Chooses the column to the left for sorting.") },
    Command { keys: &["shift-right", ">"], contexts: TABLES, argument: None, run: sort::choose_right, ..plain("choose-right", "column right", "Chooses the column to the right for sorting.") },
    Command { keys: &["O"], contexts: TABLES, argument: Some(Argument::Column), hint: 50, run: sort::sort, ..plain("sort", "sort", "Sorts by the chosen column; once more turns it round.") },
    Command { keys: &["N"], contexts: TABLES, argument: None, run: sort::by_name, available: sort::has_name, ..plain("sort-name", "by name", "Sorts by name.") },
    Command { keys: &["A"], contexts: TABLES, argument: None, run: sort::by_age, available: sort::has_age, ..plain("sort-age", "by age", "Sorts by age, the youngest first.") },
    Command { keys: &["S"], contexts: TABLES, argument: None, run: sort::by_status, available: sort::has_status, ..plain("sort-status", "by status", "Sorts by status or state.") },
    Command { keys: &["H"], contexts: TABLES, argument: None, run: sort::by_health, available: sort::has_health, ..plain("sort-health", "by health", "Sorts by health, the worst first.") },
    Command { keys: &["V"], contexts: TABLES, argument: None, run: sort::by_version, available: sort::has_version, ..plain("sort-version", "by version", "Sorts by version.") },

    Command { keys: &["d"], contexts: ONE_INSTANCE, aliases: &["overview"], hint: 30, run: go::describe, available: go::has_instance, ..plain("describe", "describe", "Shows what the instance is and how it does.") },
    Command { keys: &["l"], contexts: ONE_INSTANCE, hint: 31, run: go::console, available: go::has_instance, ..plain("console", "console log", "Follows the instance's console log.") },
    Command { keys: &["e"], contexts: ONE_INSTANCE, aliases: &["history"], hint: 32, run: go::events, available: go::has_instance, ..plain("events", "events", "Shows what was done to the instance.") },
    Command { keys: &["y"], contexts: ONE_INSTANCE, aliases: &["json", "yaml"], hint: 33, run: go::raw, available: go::has_instance, ..plain("raw", "raw", "Shows the instance as the cloud sends it.") },
    Command { keys: &["r"], contexts: FLEET, danger: Danger::Changes, aliases: &["reboot"], argument: Some(Argument::Targets), hint: 15, run: change::restart, available: change::can_change, ..plain("restart", "restart", "Restarts what is marked, or what is under the cursor, one after another; first you read the plan.") },
    Command { contexts: FLEET, danger: Danger::Changes, aliases: &["reboot-hard"], argument: Some(Argument::Targets), run: change::restart_hard, available: change::can_change, ..plain("restart-hard", "restart hard", "Restarts by cutting the power; first you read the plan.") },
    Command { keys: &["x"], contexts: FLEET, danger: Danger::Changes, aliases: &["shutdown"], argument: Some(Argument::Targets), hint: 62, run: change::stop, available: change::can_change, ..plain("stop", "stop", "Stops what is marked, or what is under the cursor; first you read the plan.") },
    Command { keys: &["p"], contexts: FLEET, danger: Danger::Changes, aliases: &["power-on"], argument: Some(Argument::Targets), hint: 63, run: change::start, available: change::can_change, ..plain("start", "start", "Starts what is marked, or what is under the cursor; first you read the plan.") },
    Command { keys: &["L"], contexts: FLEET, danger: Danger::Changes, argument: Some(Argument::Targets), hint: 64, run: change::lock, available: change::can_change, ..plain("lock", "lock", "Makes it refuse changes until it is unlocked; first you read the plan.") },
    Command { keys: &["U"], contexts: FLEET, danger: Danger::Changes, argument: Some(Argument::Targets), hint: 65, run: change::unlock, available: change::can_change, ..plain("unlock", "unlock", "Lets it take changes again; first you read the plan.") },
    Command { keys: &["D"], contexts: FLEET, danger: Danger::Changes, argument: Some(Argument::Targets), hint: 66, run: change::drain, available: change::can_change, ..plain("drain", "drain", "Takes it out of rotation behind its balancers; first you read the plan.") },
    Command { keys: &["B"], contexts: FLEET, danger: Danger::Changes, aliases: &["undrain"], argument: Some(Argument::Targets), hint: 67, run: change::put_back, available: change::can_change, ..plain("put-back", "put back", "Puts what was drained or set aside back into rotation; first you read the plan.") },
    Command { keys: &["Q"], contexts: FLEET, danger: Danger::Changes, aliases: &["set-aside"], argument: Some(Argument::Targets), hint: 68, run: change::quarantine, available: change::can_change, ..plain("quarantine", "quarantine", "Sets it aside to be looked at: out of rotation, and locked; first you read the plan.") },
    Command { keys: &["R"], contexts: FLEET, danger: Danger::Changes, argument: Some(Argument::Targets), hint: 69, run: change::rebuild, available: change::can_change, ..plain("rebuild", "rebuild", "Makes it anew from its image, in its place; first you read the plan.") },
    Command { keys: &["v"], contexts: &[Context::Services, Context::Instance], danger: Danger::Changes, aliases: &["roll-out", "release"], argument: Some(Argument::Text), hint: 16, run: rollout::rollout, available: change::can_change, ..plain("rollout", "roll out", "Brings the service, or what is marked of it, to a release that you choose; first you read the plan.") },
    Command { keys: &["u"], contexts: &[Context::Services], danger: Danger::Changes, aliases: &["undo", "roll-back"], argument: Some(Argument::Service), hint: 72, run: rollback::rollback, available: change::can_change, ..plain("rollback", "roll back", "Brings the service back to the release that all of it ran before, as the journal tells; first you read the plan.") },
    Command { keys: &["s"], contexts: &[Context::Services], danger: Danger::Changes, argument: Some(Argument::Text), hint: 61, run: scale::scale, available: change::can_change, ..plain("scale", "scale", "Brings the service to so many instances: 3, +1 or -2; first you read the plan.") },
    Command { keys: &["K"], contexts: FLEET, danger: Danger::Changes, aliases: &["respawn"], argument: Some(Argument::Targets), hint: 70, run: change::replace, available: change::can_change, ..plain("replace", "replace", "Makes another in its place, and when that serves, deletes it: kill and respawn, in the order that loses nothing; first you read the plan.") },
    Command { keys: &["X"], contexts: FLEET, danger: Danger::Changes, aliases: &["kill", "delete"], argument: Some(Argument::Targets), hint: 71, run: change::remove, available: change::can_change, ..plain("remove", "remove", "Takes it out of its pools, switches it off, and deletes it some minutes later; first you read the plan.") },
    Command { keys: &["r"], contexts: OPERATIONS, danger: Danger::Changes, aliases: &["promote"], hint: 15, run: operations::resume, available: operations::can_resume, ..plain("resume", "resume", "Lets an interrupted, paused or unstarted operation go on.") },
    Command { keys: &["x"], contexts: OPERATIONS, danger: Danger::Changes, hint: 16, run: operations::abort, available: operations::can_abort, ..plain("abort", "abort", "Lets an operation begin nothing more; what is under way is seen to its end, and what was drained is put back. Asks first.") },
    Command { keys: &["u"], contexts: OPERATIONS, danger: Danger::Changes, argument: None, hint: 18, run: rollback::rollback, available: rollback::can_revert, ..plain("revert", "revert", "Brings the service of a rollout that is over back to what it ran before; first you read the plan.") },

    Command { keys: &["m"], contexts: MEASURED, hint: 17, run: graphs::open, available: graphs::can_open, ..plain("graphs", "graphs", "Draws requests, response times, errors and what is used, over time.") },
    Command { keys: &["h"], contexts: MEASURED, hint: 18, run: graphs::heat, available: graphs::has_service, ..plain("heat", "heat", "Shows the instances of the service as strips over time, the worst first: it tells which one is sick.") },
    Command { keys: &["t"], contexts: MEASURED, hint: 19, run: changes::of_service, available: graphs::has_service, ..plain("service-changes", "what changed", "Shows what has changed at the service in the last day, and who wanted it.") },
    Command { keys: &["v"], contexts: &[Context::Instances], argument: Some(Argument::Text), hint: 14, run: graphs::metric, available: graphs::has_heat, ..plain("metric", "metric", "Goes on to the next metric of the heat strips, or to the named one.") },
    Command { keys: &["n"], contexts: &[Context::Table, Context::Graphs], hint: 16, run: alerts::next, available: alerts::is_any, ..plain("next-alert", "alert", "Goes to what needs a look, the worst first; again, to the next.") },
    Command { keys: &["a"], contexts: &[Context::Table, Context::Graphs], argument: Some(Argument::Text), hint: 61, run: alerts::acknowledge, available: alerts::is_any, ..plain("acknowledge", "acknowledge", "Says that the alert in the status line was seen: no word of it until it comes back or becomes worse.") },
    Command { argument: Some(Argument::Text), run: alerts::mute, available: alerts::is_any, ..plain("mute", "mute", "Wants no word of the alert for a while, and says why: `2h the disk is being replaced`.") },
    Command { run: alerts::unmute, available: alerts::has_answers, ..plain("unmute", "unmute", "Tells again of everything that was acknowledged or muted.") },
    Command { keys: &[">"], contexts: GRAPHS, argument: None, hint: 12, run: graphs::longer, ..plain("longer", "longer", "Looks at more time: 15 minutes, an hour, six, a day.") },
    Command { keys: &["<"], contexts: GRAPHS, argument: None, hint: 13, run: graphs::shorter, ..plain("shorter", "shorter", "Looks at less time.") },
    Command { contexts: &[Context::Instances, Context::Graphs], argument: Some(Argument::Text), run: graphs::range, ..plain("range", "range", "Looks at so much time: 15m, 1h, 6h or 24h.") },
    Command { keys: &["left"], contexts: GRAPHS, argument: None, hint: 14, run: graphs::earlier, ..plain("read-earlier", "read", "Reads the values of the time before.") },
    Command { keys: &["right"], contexts: GRAPHS, argument: None, run: graphs::later, available: graphs::reads_the_past, ..plain("read-later", "read later", "Reads the values of the time after.") },
    Command { keys: &["end", "G"], contexts: GRAPHS, argument: None, run: graphs::newest, available: graphs::reads_the_past, ..plain("read-newest", "read newest", "Reads the newest values again.") },
    Command { keys: &["f"], contexts: GRAPHS, argument: None, hint: 15, run: graphs::freeze, ..plain("freeze", "freeze", "Keeps the graphs as they are, or lets them go on.") },
    Command { keys: &["z", "enter"], contexts: GRAPHS, argument: None, hint: 16, run: graphs::zoom, ..plain("zoom", "zoom", "Lets one graph have all the room, or the others come back; j and k go on to the next.") },
    Command { keys: &["j", "down"], contexts: GRAPHS, argument: None, run: graphs::down, ..plain("graphs-down", "more graphs", "Shows the next row of graphs where not all have room.") },
    Command { keys: &["k", "up"], contexts: GRAPHS, argument: None, run: graphs::up, ..plain("graphs-up", "graphs above", "Shows the row of graphs before.") },

    Command { keys: &["tab", "right"], contexts: TABS, argument: None, hint: 40, run: go::next_tab, ..plain("next-tab", "next tab", "Goes to the next tab.") },
    Command { keys: &["backtab", "left"], contexts: TABS, argument: None, run: go::previous_tab, ..plain("previous-tab", "previous tab", "Goes to the tab before.") },
    Command { keys: &["tab"], contexts: &[Context::Services, Context::Instances, Context::Graphs, Context::Changes, Context::Operations, Context::Log], argument: None, run: go::next_view, ..plain("next-view", "next view", "Goes to the next view.") },
    Command { keys: &["backtab"], contexts: &[Context::Services, Context::Instances, Context::Graphs, Context::Changes, Context::Operations, Context::Log], argument: None, run: go::previous_view, ..plain("previous-view", "previous view", "Goes to the view before.") },

    Command { keys: &["/"], contexts: TEXTS, argument: Some(Argument::Text), hint: 20, run: line::search, ..plain("search", "search", "Looks for words in the text; in a log it shows only lines that have them, with ! those that have not.") },
    Command { keys: &["n"], contexts: TEXTS, argument: None, hint: 21, run: text::next_match, available: text::has_search, ..plain("next-match", "next", "Goes to the next match.") },
    Command { keys: &["N"], contexts: TEXTS, argument: None, run: text::previous_match, available: text::has_search, ..plain("previous-match", "previous", "Goes to the match before.") },
    Command { keys: &["&"], contexts: TEXTS, hint: 22, run: text::narrow, available: text::has_search, ..plain("only-matches", "only matches", "Shows only the lines that match, or these among all.") },
    Command { keys: &["w"], contexts: TEXTS, hint: 24, run: text::wrap, ..plain("wrap", "wrap", "Wraps long lines, or lets them leave the screen.") },
    Command { keys: &["<", "shift-left"], contexts: TEXTS, argument: None, run: text::left, available: text::is_not_wrapped, ..plain("scroll-left", "left", "Moves to the left over lines that are not wrapped.") },
    Command { keys: &[">", "shift-right"], contexts: TEXTS, argument: None, hint: 25, run: text::right, available: text::is_not_wrapped, ..plain("scroll-right", "right", "Moves to the right over lines that are not wrapped.") },
    Command { keys: &["f", "s"], contexts: &[Context::Console, Context::Log], hint: 23, run: text::follow, ..plain("follow", "freeze/follow", "Freezes the log where it is, or follows its end again.") },

    Command { keys: &["enter"], contexts: &[Context::List, Context::Line], argument: None, hint: 10, run: line::accept, ..plain("accept", "accept", "Takes what was typed or chosen.") },
    Command { keys: &["esc", "ctrl-c"], contexts: &[Context::List, Context::Line, Context::Review, Context::Field], argument: None, hint: 11, run: line::cancel, ..plain("cancel", "cancel", "Closes it and changes nothing.") },
    Command { keys: &["tab"], contexts: &[Context::Line], argument: None, hint: 12, run: line::complete, available: line::can_complete, ..plain("complete", "complete", "Takes the next suggestion.") },
    Command { keys: &["backtab"], contexts: &[Context::Line], argument: None, run: line::complete_back, ..plain("complete-back", "complete back", "Takes the suggestion before.") },
    Command { keys: &["up", "ctrl-p"], contexts: &[Context::Line], argument: None, run: line::older, ..plain("older", "older", "Goes up: the line before in the history, or the choice above.") },
    Command { keys: &["down", "ctrl-n"], contexts: &[Context::Line], argument: None, run: line::newer, ..plain("newer", "newer", "Goes down: the line after in the history, or the choice below.") },
    Command { keys: &["space"], contexts: &[Context::Columns], argument: None, hint: 13, run: list::toggle_column, ..plain("toggle-column", "show/hide", "Shows the column, or hides it.") },
    Command { keys: &["shift-up", "K"], contexts: &[Context::Columns], argument: None, hint: 14, run: list::column_up, ..plain("column-up", "move up", "Moves the column to the left in the table.") },
    Command { keys: &["shift-down", "J"], contexts: &[Context::Columns], argument: None, hint: 15, run: list::column_down, ..plain("column-down", "move down", "Moves the column to the right in the table.") },
    Command { keys: &["D"], contexts: &[Context::Columns], argument: None, hint: 16, run: list::default_columns, ..plain("default-columns", "defaults", "Goes back to the table's own columns.") },
    Command { keys: &["y", "c"], contexts: &[Context::List], argument: None, hint: 17, run: list::copy_chosen, available: list::can_copy_chosen, ..plain("copy-chosen", "copy", "Puts the chosen notice or column on the clipboard, whole.") },

    Command { keys: &["enter"], contexts: REVIEWED, danger: Danger::Changes, argument: None, hint: 10, run: change::press, ..plain("press", "press", "Presses the chosen button; in a line, goes on to what comes next.") },
    Command { keys: &["tab"], contexts: REVIEWED, argument: None, hint: 12, run: change::next_field, ..plain("next-field", "next", "Goes on to the next line or button.") },
    Command { keys: &["backtab"], contexts: REVIEWED, argument: None, run: change::previous_field, ..plain("previous-field", "previous", "Goes back to the line or button before.") },
    Command { keys: &["right"], contexts: REVIEWS, argument: None, run: change::next_field, ..plain("next-button", "next", "Goes on to the next button.") },
    Command { keys: &["left"], contexts: REVIEWS, argument: None, run: change::previous_field, ..plain("previous-button", "previous", "Goes back to the button before.") },
    Command { keys: &["t"], contexts: REVIEWS, argument: None, hint: 13, run: change::other_way, available: change::has_other_way, ..plain("other-way", "other way", "Restarts by asking the guest, or by cutting the power; rolls out by others in their place, or in place.") },
    Command { keys: &["d"], contexts: REVIEWS, argument: None, hint: 15, run: change::other_haste, available: change::has_other_haste, ..plain("other-haste", "drain or not", "Restarts at once, or takes out of rotation first.") },
    Command { keys: &["s"], contexts: REVIEWS, argument: None, hint: 16, run: change::other_pace, available: change::has_other_pace, ..plain("other-pace", "stop behind the first", "Stops behind the first instance until somebody lets the others follow, or goes straight on.") },
    Command { keys: &["a"], contexts: REVIEWS, argument: None, hint: 16, run: change::other_downtime, available: change::has_other_downtime, ..plain("accept-downtime", "accept downtime", "Makes anew also who serves alone: nobody serves meanwhile.") },
    Command { keys: &["w"], contexts: REVIEWS, argument: None, hint: 14, run: change::leave_out, available: change::can_leave_out, ..plain("leave-out", "leave out refused", "Leaves out the targets that something speaks against.") },
    Command { keys: &["y"], contexts: REVIEWS, argument: None, hint: 17, run: change::copy_shell_line, available: change::has_review, ..plain("copy-shell-line", "copy for a shell", "Puts the line on the clipboard that does the same in a shell.") },
];

/// The command of that id or alias.
pub fn find(name: &str) -> Option<&'static Command> {
    let named = COMMANDS.iter().find(|command| command.id == name);
    named.or_else(|| COMMANDS.iter().find(|command| command.aliases.contains(&name)))
}

/// The contexts that are active now, the most particular first.
pub fn contexts(model: &Model) -> &'static [Context] {
    use crate::console::app::overlay::Overlay;
    use crate::console::app::review::Focus;
    match &model.overlay {
        Some(Overlay::Columns(_)) => return Context::TOGETHER[7],
        Some(Overlay::Help { .. } | Overlay::Notices(_) | Overlay::Row(_)) => return &[Context::List],
        Some(Overlay::Review(review)) if matches!(review.focus, Focus::Typed | Focus::Ticket | Focus::Reason) => {
            return Context::TOGETHER[12];
        }
        Some(Overlay::Review(_) | Overlay::Abort(_)) => return Context::TOGETHER[11],
        Some(_) => return Context::TOGETHER[8],
        None => {}
    }
    contexts_below(model)
}

/// The contexts of the view, whatever lies over it: the command line works on these.
pub fn contexts_below(model: &Model) -> &'static [Context] {
    use crate::console::app::pane::PaneId;
    use crate::console::app::trail::InstanceTab;
    match model.pane() {
        PaneId::Services => Context::TOGETHER[0],
        PaneId::Instances(_) | PaneId::Heat(_) => Context::TOGETHER[1],
        PaneId::Instance(_, InstanceTab::Console) => Context::TOGETHER[4],
        pane if pane.is_graphs() => Context::TOGETHER[13],
        pane @ PaneId::Instance(..) if pane.is_table() => Context::TOGETHER[2],
        PaneId::Instance(..) => Context::TOGETHER[3],
        PaneId::Changes(_) => Context::TOGETHER[14],
        PaneId::Operations => Context::TOGETHER[9],
        PaneId::Operation(_) => Context::TOGETHER[10],
        PaneId::Cloud(_) => Context::TOGETHER[5],
        PaneId::Graphs(_) => Context::TOGETHER[13],
        PaneId::Log => Context::TOGETHER[6],
    }
}

/// The commands that can be started in some contexts.
pub fn within(contexts: &[Context]) -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(move |command| command.contexts.iter().any(|context| contexts.contains(context)))
}

/// The list of all keys, for the README.
pub fn markdown(keymap: &Keymap) -> String {
    let mut text = String::new();
    for context in Context::ALL {
        let own: Vec<&Command> = COMMANDS.iter().filter(|command| command.contexts.contains(&context)).collect();
        if own.is_empty() {
            continue;
        }
        text.push_str(&format!("**{}**\n\n| keys | command | what it does |\n| --- | --- | --- |\n", context.title()));
        for command in own {
            let keys: Vec<String> = keymap.keys(command.id).iter().map(|keys| code(&notation::print(keys))).collect();
            let line = command.argument.map(|_| format!("`:{}`", command.id));
            let how = if keys.is_empty() { line.unwrap_or_default() } else { keys.join(" ") };
            text.push_str(&format!("| {how} | `{}` | {} |\n", command.id, command.help));
        }
        text.push('\n');
    }
    text
}

/// A key as code in a Markdown table.
fn code(keys: &str) -> String {
    format!("`{}`", keys.replace('|', "\\|"))
}
