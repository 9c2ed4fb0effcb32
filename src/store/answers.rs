//! Acknowledgements and mutes on disk, beside the snapshot.

use std::path::Path;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::fleet::answer::{AlertId, Answer, Answers};
use crate::store::cache::SnapshotFile;
use crate::store::lines::Lines;

const VERSION: u32 = 1;

/// The file of one cloud, region, project and breadth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswersFile(Lines);

impl AnswersFile {
    /// The file that belongs to a snapshot.
    pub fn beside(snapshot: &SnapshotFile) -> Self {
        let path = snapshot.0.with_extension("answers");
        Self(Lines { path, what: "answers", version: VERSION })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// What was kept and counts; and what there is to tell of a file that was of no use.
    pub fn load(&self, now: Timestamp) -> (Answers, Option<Failure>) {
        let ((kept, _), trouble) = self.0.read::<(AlertId, Answer)>();
        let mut answers = Answers::of(kept);
        answers.prune(now);
        (answers, trouble)
    }

    /// Keeps what is in there and what was answered now; gives both.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, given: &Answers, now: Timestamp) -> Result<(Answers, Option<Failure>), Failure> {
        let _alone = self.0.lock()?;
        let (mut answers, trouble) = self.load(now);
        if answers.merge(given) {
            answers.prune(now);
            self.0.write(&self.0.rows(answers.all())?, None)?;
        }
        Ok((answers, trouble))
    }
}
