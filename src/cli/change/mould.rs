//! What new instances are made like, where a wish makes some.

use std::sync::Arc;

use crate::base::failure::Failure;
use crate::cli::change::Seen;
use crate::openstack::Reader;
use crate::operation::Intent;
use crate::operation::draft::likes;
use crate::watch::mould::moulds;

/// The same wish, with what its new instances are made like.
pub(super) async fn moulded(intent: Intent, seen: &Seen) -> Result<Intent, Failure> {
    let likes = likes(&intent, &seen.fleet);
    if likes.is_empty() {
        return Ok(intent);
    }
    let reader: Arc<dyn Reader> = Arc::new(seen.cloud.clone());
    Ok(Intent { moulds: moulds(&reader, &likes).await?, ..intent })
}
