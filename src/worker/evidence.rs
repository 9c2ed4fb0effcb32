//! What the cloud knows of an instance that will be deleted, read for the record. Nothing waits for it for long.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::base::failure::Failure;
use crate::base::id::InstanceId;
use crate::openstack::Reader;
use crate::openstack::compute::{self, HistoryEntry};
use crate::operation::preserved::Preserved;
use crate::worker::eyes::instance;

/// So many lines of the console log are read.
const LINES: u16 = 100;
/// What takes longer is left out: somebody waits for the change.
const PATIENCE: Duration = Duration::from_secs(10);

/// Its fault, its history, and the end of its console log.
pub(super) async fn preserve(reader: &Arc<dyn Reader>, server: &InstanceId) -> Preserved {
    let (seen, history, console) = tokio::join!(
        soon(instance(reader, server)),
        soon(compute::history(&**reader, server)),
        soon(compute::console_log(&**reader, server, LINES)),
    );
    let mut kept = Preserved::default();
    match seen {
        Ok(instance) => instance.and_then(|one| one.fault).iter().for_each(|fault| kept.fault(&fault.message)),
        Err(why) => kept.missing.push(format!("its fault: {why}")),
    }
    match history {
        Ok(rows) => {
            let lines: Vec<String> = rows.into_iter().map(line).collect();
            kept.history(lines.iter().map(String::as_str));
        }
        Err(why) => kept.missing.push(format!("its history: {why}")),
    }
    match console {
        Ok(log) => kept.console(&log),
        Err(why) => kept.missing.push(format!("its console log: {why}")),
    }
    kept
}

async fn soon<T>(read: impl Future<Output = Result<T, Failure>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(read) => read.map_err(|failure| failure.message),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

fn line(row: HistoryEntry) -> String {
    let failed = row.message.filled().map(|message| format!(" ({message})")).unwrap_or_default();
    format!("{} {} {}{failed}", row.start_time.or_empty(), row.verb.or_empty(), row.request_id.or_empty())
}
