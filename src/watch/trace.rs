//! Who wanted it: reads the history of instances that something happened to.
//!
//! One request for each, one after the other, and each takes a turn of those that all measuring has together: what a
//! day brings must not cost a cloud more than looking at it does. More than [`MOST`] that wait are not read: whoever
//! changes hundreds at once has a log of their own.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::fleet::detail::HistoryEntry;
use crate::openstack::{Reader, compute};
use crate::watch::convert;
use crate::watch::metrics::Budget;
use crate::watch::news::News;

/// So many wait at most; of more, the oldest are not read.
pub(super) const MOST: usize = 100;

/// The loop that reads.
pub(super) struct Trace {
    pub(super) reader: Arc<dyn Reader>,
    pub(super) budget: Arc<Budget>,
    pub(super) news: mpsc::Sender<News>,
    pub(super) wished: mpsc::UnboundedReceiver<Vec<InstanceId>>,
}

impl Trace {
    /// Runs until it is stopped, or nobody listens any more.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut waiting: VecDeque<InstanceId> = VecDeque::new();
        loop {
            let Some(next) = waiting.pop_front() else {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.news.closed() => return,
                    wished = self.wished.recv() => match wished {
                        Some(wished) => queue(&mut waiting, wished),
                        None => return stop.cancelled().await,
                    },
                }
                continue;
            };
            let told = tokio::select! {
                () = stop.cancelled() => return,
                () = self.news.closed() => return,
                told = self.read(&next) => told,
            };
            while let Ok(wished) = self.wished.try_recv() {
                queue(&mut waiting, wished);
            }
            if matches!(&told, Err(failure) if failure.kind == FailureKind::Forbidden) {
                // What is not allowed for one is allowed for none.
                waiting.clear();
            }
            // Nobody listens any more: the loop ends at its next turn.
            let _ = self.news.send(News::History(next, told)).await;
        }
    }

    async fn read(&self, id: &InstanceId) -> Result<Vec<HistoryEntry>, Failure> {
        self.budget.turn().await;
        let rows = compute::history(&*self.reader, id).await?;
        let facts = self.reader.session();
        let mut entries: Vec<HistoryEntry> = rows.into_iter().map(convert::history_entry).collect();
        for entry in entries.iter_mut().filter(|entry| entry.user.as_deref() == Some(facts.user_id.as_str())) {
            // Of all users we know the name of one.
            entry.user = Some(facts.user.clone());
        }
        Ok(entries)
    }
}

/// What is wished for now is read first, each once.
fn queue(waiting: &mut VecDeque<InstanceId>, wished: Vec<InstanceId>) {
    for id in wished.into_iter().rev() {
        waiting.retain(|known| *known != id);
        waiting.push_front(id);
    }
    waiting.truncate(MOST);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_wishes_come_first_each_once_and_no_more_than_a_number() {
        let ids = |from: usize, to: usize| (from..to).map(|number| InstanceId::from(number.to_string())).collect();
        let mut waiting = VecDeque::new();
        queue(&mut waiting, ids(0, 3));
        queue(&mut waiting, ids(2, 4));
        assert_eq!(waiting.iter().map(InstanceId::as_str).collect::<Vec<_>>(), ["2", "3", "0", "1"]);
        queue(&mut waiting, ids(10, 300));
        assert_eq!((waiting.len(), waiting[0].as_str()), (MOST, "10"));
    }
}
