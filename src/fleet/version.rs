//! Which version an instance runs, by whom, and who disagrees.
//!
//! The sources by rank: the instance itself, where it answers our checks; metadata, a tag, the tag of a container image named in metadata, the image's property
//! `version`, the version in the image's name. An image speaks only for the service that it is of: `ubuntu-22.04` tells
//! nothing of `payments`. And while a rebuild is under way neither it nor what the instance said proves anything: Nova
//! writes the image before the rebuild starts.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::base::intern::Interner;
use crate::fleet::instance::{Instance, Status};
use crate::fleet::naming::{tag_of, text_of};
use crate::fleet::rules::Rules;
use crate::fleet::service::VersionClaim;
use crate::fleet::sources::Image;

/// The source of a version that the instance itself has told.
pub const ITSELF: &str = "itself";

/// What an image says of a service's version. The same for all instances of that image and service.
#[derive(Clone, Default)]
pub(crate) struct ImageSays {
    property: Option<Arc<str>>,
    name: Option<Arc<str>>,
}

impl ImageSays {
    /// What the image says of the service with that name.
    pub(crate) fn of(image: &Image, service: &str, texts: &mut Interner) -> Self {
        if !is_of(image, service) {
            return Self::default();
        }
        Self {
            property: property(image).map(|version| texts.share(version)),
            name: in_name(&image.name, service).map(|version| texts.share(&version)),
        }
    }
}

/// What is claimed of an instance that said so itself, and whose image says that.
pub(crate) fn claim(
    instance: &Instance,
    itself: Option<&str>,
    image: Option<&ImageSays>,
    rules: &Rules,
    texts: &mut Interner,
) -> VersionClaim {
    let keys = rules.version_keys(instance);
    let container = || rules.texts.container_keys.iter().find_map(|key| container_tag(instance, key));
    let mut claim = VersionClaim::default();
    let mut hear = |source, said: Option<&str>| {
        let Some(said) = said else { return };
        match &claim.version {
            None => (claim.version, claim.said_by) = (Some(texts.share(said)), Some(source)),
            Some(first) if bare(first) == bare(said) => {}
            Some(_) => claim.disputed.push((source, texts.share(said))),
        }
    };
    let settled = !is_rebuilding(instance);
    hear(ITSELF, itself.filter(|_| settled));
    let told = keys.iter().find_map(|key| text_of(instance, std::slice::from_ref(key)).map(|text| (key, text)));
    hear("metadata", told.map(|(_, text)| text));
    hear("tag", tag_of(instance, keys));
    hear("container tag", container());
    if let Some(image) = image.filter(|_| settled) {
        hear("image property", image.property.as_deref());
        hear("image name", image.name.as_deref());
    }
    claim.key = told.map(|(key, _)| texts.share(key));
    claim
}

/// Whether it is about to run something else.
pub(crate) fn is_rebuilding(instance: &Instance) -> bool {
    let task = instance.task_state.as_deref().is_some_and(|task| task.starts_with("rebuild"));
    task || instance.status == Status::Rebuild
}

/// An image that names another service in its properties is not this one's.
fn is_of(image: &Image, service: &str) -> bool {
    image.properties.get("service").is_none_or(|named| named == service || base(service) == named)
}

/// The service without its role: `shop` of `shop/worker`.
fn base(service: &str) -> &str {
    service.split('/').next().unwrap_or(service)
}

fn property(image: &Image) -> Option<&str> {
    let version = image.properties.get("version")?.trim();
    (!version.is_empty()).then_some(version)
}

/// The tag of `registry:5000/team/payments:1.5.0@sha256:…`. `latest` tells nothing.
fn container_tag<'i>(instance: &'i Instance, key: &str) -> Option<&'i str> {
    let reference = instance.metadata.get(key)?.trim();
    let reference = reference.split('@').next().unwrap_or(reference);
    let last = reference.rsplit('/').next().unwrap_or(reference);
    let tag = match last.rsplit_once(':') {
        Some((_, tag)) => tag,
        // A key called `tag` may hold the tag alone.
        None if key.ends_with("tag") && last.len() == reference.len() => last,
        None => return None,
    };
    (!tag.is_empty() && tag != "latest").then_some(tag)
}

/// Whether an image says that it is of the service: by its property, or by its name.
fn names(image: &Image, service: &str) -> bool {
    image.properties.contains_key("service") || image.name.to_lowercase().contains(&base(service).to_lowercase())
}

/// `1.5.0-rc1` of `payments-v1.5.0-rc1.qcow2`, if the image's name has the service's in it.
fn in_name(name: &str, service: &str) -> Option<String> {
    if !name.to_lowercase().contains(&base(service).to_lowercase()) {
        return None;
    }
    let name = ["qcow2", "img", "raw", "vmdk"]
        .iter()
        .fold(name, |name, end| name.strip_suffix(end).and_then(|name| name.strip_suffix('.')).unwrap_or(name));
    let mut words = name.split(['-', '_', ' ', '/', ':']).skip_while(|word| !is_version(word));
    let version = words.next()?;
    let pre = words.next().filter(|word| is_pre_release(word)).map(|word| format!("-{word}"));
    Some(format!("{version}{}", pre.unwrap_or_default()))
}

fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix(['v', 'V']);
    let rest = digits.unwrap_or(word);
    rest.starts_with(|c: char| c.is_ascii_digit()) && (digits.is_some() || rest.contains('.'))
}

fn is_pre_release(word: &str) -> bool {
    ["rc", "alpha", "beta", "pre", "snapshot", "dev"].iter().any(|known| word.to_lowercase().starts_with(known))
}

/// `v1.5.0` and `1.5.0` are one version.
fn bare(version: &str) -> &str {
    let rest = version.strip_prefix(['v', 'V']);
    rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(version)
}

/// Whether two texts name one version.
pub fn is_same(a: &str, b: &str) -> bool {
    bare(a) == bare(b)
}

/// The version of that service that an image holds, by its own word; `None` for one of another service.
pub fn in_image(image: &Image, service: &str) -> Option<String> {
    if !is_of(image, service) || !names(image, service) {
        return None;
    }
    property(image).map(str::to_owned).or_else(|| in_name(&image.name, service))
}

/// Older before newer, as people number: `1.9` before `1.10`, `1.5.0-rc1` before `1.5.0`. What is no number at all
/// comes before what is one. Total: versions that only look different are told apart by their text.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (bare_a, bare_b) = (bare(a), bare(b));
    let ((core_a, pre_a), (core_b, pre_b)) = (halves(bare_a), halves(bare_b));
    let numbered = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    numbered(core_a)
        .cmp(&numbered(core_b))
        .then_with(|| by_parts(core_a, core_b))
        .then_with(|| match (pre_a, pre_b) {
            (None, None) => Ordering::Equal,
            // Nothing after the number is later than something.
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => by_parts(a, b),
        })
        .then_with(|| a.cmp(b))
}

/// Before and after the first `-`; build metadata after `+` does not order.
fn halves(version: &str) -> (&str, Option<&str>) {
    let version = version.split('+').next().unwrap_or(version);
    version.split_once('-').map_or((version, None), |(core, pre)| (core, Some(pre)))
}

/// Piece by piece: numbers as numbers, before words.
fn by_parts(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(one), Some(other)) => part_order(one, other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn part_order(one: &str, other: &str) -> Ordering {
    let number = |part: &str| part.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    match (number(one), number(other)) {
        (true, true) => {
            let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
            one.len().cmp(&other.len()).then_with(|| one.cmp(other))
        }
        (false, false) => one.cmp(other),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

/// Runs of digits and runs of letters.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).flat_map(|piece| {
        let mut rest = piece;
        std::iter::from_fn(move || {
            let digit = rest.chars().next()?.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            rest = after;
            Some(part)
        })
    })
}
