//! Yes, no, or it cannot be told.

/// Whether something is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It is not so.
    False,
    /// It cannot be told: what would tell it is not there, or too old.
    Unknown,
    /// It is so.
    True,
}
