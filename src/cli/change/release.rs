//! Which release is meant: what was typed becomes an image, once.

use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::cli::change::Seen;
use crate::fleet::release::Release;
use crate::fleet::version::is_same;
use crate::openstack::Reader;
use crate::operation::Aim;
use crate::watch::releases;

/// So many are listed for somebody who named none of them.
const SHOWN: usize = 8;

/// The release by version, by its image's name, or by its image's id.
pub(super) async fn named(to: &str, aim: &Aim, seen: &Seen) -> Result<Release, Failure> {
    let service = service(aim, seen)?;
    let reader: Arc<dyn Reader> = Arc::new(seen.cloud.clone());
    let known = releases::releases(&reader, &service).await?;
    let is_meant = |release: &&Release| {
        release.version.as_deref().is_some_and(|version| is_same(version, to))
            || release.name == to
            || release.image.as_str() == to
    };
    let meant: Vec<&Release> = known.iter().filter(is_meant).collect();
    match meant[..] {
        [one] => Ok(one.clone()),
        [] => releases::one(&reader, &to.into(), &service).await.map_err(|_| unknown(to, &service, &known)),
        _ => {
            let failure =
                Failure::new(FailureKind::Usage, format!("{} images are the release {to} of {service}", meant.len()));
            Err(meant.iter().fold(failure, |failure, one| failure.hint(format!("--to {} ({})", one.image, one.name))))
        }
    }
}

fn service(aim: &Aim, seen: &Seen) -> Result<Arc<str>, Failure> {
    let ids = match aim {
        Aim::Service(key) => return Ok(Arc::clone(&key.name)),
        Aim::Instances(ids) => ids,
    };
    let members = ids.iter().filter_map(|id| seen.fleet.member(id));
    let mut names = members.filter_map(|one| seen.fleet.services.get(one.service)).map(|one| Arc::clone(&one.key.name));
    let first = names.next().unwrap_or_else(|| "".into());
    if names.all(|name| name == first) {
        return Ok(first);
    }
    Err(Failure::new(FailureKind::Usage, "A release is of one service, and these are of several")
        .hint("Run the verb once for each service"))
}

fn unknown(to: &str, service: &str, known: &[Release]) -> Failure {
    let failure = Failure::new(FailureKind::NotFound, format!("No image is the release {to} of {service}"));
    let titles: Vec<&str> = known.iter().map(Release::title).collect();
    let near = nearest(to, titles.iter().copied());
    let failure = near.into_iter().fold(failure, |failure, near| failure.hint(format!("Did you mean {near}?")));
    match titles[..] {
        [] => failure.hint(format!("No image says that it is a release of {service}: name one by its id")),
        _ => failure.hint(format!("The newest are {}", titles[..titles.len().min(SHOWN)].join(", "))),
    }
}
