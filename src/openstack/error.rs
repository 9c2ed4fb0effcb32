//! What the client layer says when a call fails.

use crate::base::failure::Failure;

/// A failed call. Plain data: class, sentence, endpoint, request id.
pub type CloudError = Failure;
