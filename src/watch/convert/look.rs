//! What is read of one instance while somebody looks into it.

use crate::fleet::detail::{ConsoleLog, HistoryEntry, HistoryEvent};
use crate::fleet::instance::VolumeRef;
use crate::openstack::compute;

/// One entry of the history.
pub fn history_entry(entry: compute::HistoryEntry) -> HistoryEntry {
    HistoryEntry {
        verb: entry.verb.or_empty(),
        request_id: entry.request_id.filled().map(Into::into),
        user: entry.user_id.filled(),
        started: entry.start_time.time(),
        message: entry.message.filled(),
        events: entry.events.all().map(event).collect(),
    }
}

/// One event of an entry.
pub fn event(event: compute::Event) -> HistoryEvent {
    HistoryEvent {
        name: event.event.or_empty(),
        started: event.start_time.time(),
        finished: event.finish_time.time(),
        result: event.result.filled(),
        traceback: event.traceback.filled(),
        host: event.host.filled(),
    }
}

/// One volume attachment; `None` for one without a volume.
pub fn attachment(attachment: compute::Attachment) -> Option<VolumeRef> {
    Some(VolumeRef {
        id: attachment.volume_id.filled()?.into(),
        delete_on_termination: attachment.delete_on_termination.0,
        device: attachment.device.filled(),
    })
}

/// A line is cut here: a guest may write megabytes without a line break.
const LONGEST_LINE: usize = 4096;

/// The end of a console log. `asked` lines were asked for: with as many or more there, older ones were left out.
pub fn console_lines(output: &str, asked: usize) -> ConsoleLog {
    let all: Vec<&str> = output.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let all = match all.split_last() {
        Some((&"", lines)) => lines,
        _ => all.as_slice(),
    };
    let from = all.len().saturating_sub(asked);
    let lines = all[from..].iter().map(|line| cut(line).into()).collect();
    ConsoleLog { lines, truncated: all.len() >= asked }
}

fn cut(line: &str) -> &str {
    line.get(..line.floor_char_boundary(LONGEST_LINE)).unwrap_or(line)
}
