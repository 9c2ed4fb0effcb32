//! What is kept on disk.
//!
//! Today that is the [`cache`]: it may be deleted at any time. Deliberately absent: the journal, which comes with the
//! first change of a cloud.

pub mod cache;
