//! What the record that is a lease owes on any cloud: of several who ask for one id, one gets it, once and for ever.

use stackdeck::base::id::ImageId;
use stackdeck::openstack::image;
use stackdeck::operation::change::{Claim, Made, Refusal};
use stackdeck::operation::{Change, Outcome};

use super::{Note, accepted, refused};
use crate::contract::side::Side;
use crate::support::permits::permit;

fn fresh() -> ImageId {
    let bits = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]).into()
}

fn claim(image: &ImageId, name: &str, holder: &str) -> Change {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    Change::ClaimLease(Claim {
        image: image.clone(),
        name: name.to_owned(),
        properties: [pair("sd_holder", holder), pair("sd_expires", "2026-11-23T12:00:00Z")].into(),
        tags: vec!["sd-test".into()],
    })
}

fn renew(image: &ImageId, key: &str) -> Change {
    let properties = [(key.to_owned(), "2026-11-23T12:01:00Z".to_owned())].into();
    Change::RenewLease { image: image.clone(), properties }
}

/// Claimed, found, renewed, released; and its id is used up.
pub(crate) async fn one(side: &Side, note: Note<'_>) {
    let (id, name) = (fresh(), format!("sd-test-{:08x}", fastrand::u32(..)));
    let (cloud, project) = (&side.member.cloud, side.member.cloud.session().project_id.expect("a project"));
    let newest = async || image::newest_named(cloud, &name, &project, 5).await.expect("a list");
    assert!(newest().await.is_empty());
    assert_eq!(accepted(side, claim(&id, &name, "anna"), 201).await, Some(Made::Image(id.clone())));
    note("image", format!("/v2/images/{id}"));
    assert_eq!(refused(side, claim(&id, &name, "bert")).await, Refusal::Duplicate);
    let [row] = <[_; 1]>::try_from(newest().await).expect("one record");
    assert_eq!((row.id.as_deref(), row.status.as_deref()), (Some(id.as_str()), Some("queued")));
    assert_eq!(row.properties["sd_holder"], "anna");

    accepted(side, renew(&id, "sd_expires"), 200).await;
    let row = image::image(cloud, &id).await.expect("the record");
    assert_eq!(row.properties["sd_expires"], "2026-11-23T12:01:00Z");
    assert_eq!(refused(side, renew(&id, "sd_unknown")).await, Refusal::Other, "what is not there is not made");

    let release = || Change::ReleaseLease { image: id.clone() };
    accepted(side, release(), 204).await;
    assert_eq!(refused(side, release()).await, Refusal::Gone);
    assert_eq!(refused(side, renew(&id, "sd_expires")).await, Refusal::Gone);
    assert_eq!(refused(side, claim(&id, &name, "bert")).await, Refusal::Duplicate, "also when it is long gone");
}

/// Three at once, so many times: one gets it, two are told that it is there.
pub(crate) async fn race(side: &Side, rounds: usize, note: Note<'_>) {
    let cloud = &side.member.cloud;
    let mut broken = Vec::new();
    for round in 0..rounds {
        let id = fresh();
        note("image", format!("/v2/images/{id}"));
        let ask = |holder| cloud.perform(permit(claim(&id, "sd-test-race", holder)));
        let (a, b, c) = tokio::join!(ask("anna"), ask("bert"), ask("carl"));
        let outcomes = [a, b, c];
        let won = outcomes.iter().filter(|one| matches!(one, Outcome::Accepted { status: 201, .. })).count();
        let lost =
            outcomes.iter().filter(|one| matches!(one, Outcome::Refused { why: Refusal::Duplicate, .. })).count();
        if (won, lost) != (1, 2) {
            broken.push(format!("round {round}: {outcomes:?}"));
        }
        let released = cloud.perform(permit(Change::ReleaseLease { image: id })).await;
        assert!(matches!(released, Outcome::Accepted { status: 204, .. }), "{released:?}");
    }
    assert_eq!(broken, [""; 0], "of {rounds} rounds");
}
