//! What a name says: the part that an instance shares with its peers.
//!
//! A trailing zone (only if it is the instance's own), then either random ids or one ordinal come off the end.
//! So `postgres-14` is taken for number 14 of `postgres`: from one name alone nobody can tell, and what it costs is a
//! service called `postgres`. A `v2` is a version and stays. Where that is wrong, metadata or a rule says better.

/// The name of whatever has no name at all, such as a row from a cell that is down.
pub const UNNAMED: &str = "(unnamed)";

const SEPARATORS: [char; 4] = ['-', '_', '.', ' '];

/// The name without its trailing ordinal or id; never empty, and `name` itself when nothing else would be left.
pub fn stem<'a>(name: &'a str, zone: Option<&str>) -> &'a str {
    let name = name.trim();
    if name.is_empty() {
        return UNNAMED;
    }
    let host = without_domain(name);
    let host = zone.and_then(|zone| without_zone(host, zone)).unwrap_or(host);
    let cut = without_ids(host).or_else(|| without_ordinal(host)).unwrap_or(host);
    if worth(cut) { cut } else { name }
}

/// A pool's name without what only says that it is one, or what it speaks: `lb-payments-http-8080` is `payments`.
pub fn pool_stem(name: &str) -> &str {
    const WORDS: [&str; 11] =
        ["pool", "lb", "loadbalancer", "members", "backend", "backends", "be", "http", "https", "tcp", "tls"];
    let is_port = |word: &str| word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    without_words(name, |word| is_one_of(word, &WORDS), is_port)
}

/// A server group's name without the words that only say that it is one: `payments-anti-affinity` is `payments`.
pub fn group_stem(name: &str) -> &str {
    const WORDS: [&str; 7] = ["sg", "servergroup", "group", "server", "anti", "affinity", "soft"];
    without_words(name, |word| is_one_of(word, &WORDS), |_| false)
}

fn without_words(name: &str, either_end: impl Fn(&str) -> bool, at_end: impl Fn(&str) -> bool) -> &str {
    let mut rest = name.trim();
    loop {
        let head = rest.split_once(SEPARATORS).filter(|(word, tail)| either_end(word) && worth(tail));
        let tail = rest.rsplit_once(SEPARATORS);
        let tail = tail.filter(|(head, word)| (either_end(word) || at_end(word)) && worth(head));
        rest = match (head, tail) {
            (Some((_, kept)), _) | (None, Some((kept, _))) => kept,
            (None, None) => return rest,
        };
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn worth(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// `web-01.prod.example.com` is `web-01`; `node.js-01` and `app-1.5.0` have no domain.
fn without_domain(name: &str) -> &str {
    const LOCAL: [&str; 5] = ["local", "internal", "lan", "novalocal", "openstacklocal"];
    let Some((host, domain)) = name.split_once('.') else { return name };
    let label = |label: &str| label.starts_with(|c: char| c.is_ascii_alphabetic()) && !label.contains([' ', '_']);
    let ends_local = domain.rsplit('.').next().is_some_and(|last| is_one_of(last, &LOCAL));
    let is_domain = domain.split('.').all(label) && (domain.contains('.') || ends_local);
    if is_domain && worth(host) { host } else { name }
}

fn without_zone<'a>(name: &'a str, zone: &str) -> Option<&'a str> {
    let head = name.strip_suffix(zone).filter(|_| !zone.is_empty())?;
    let cut = head.strip_suffix(SEPARATORS)?;
    worth(cut).then_some(cut)
}

/// Without a UUID, or one or two random segments.
fn without_ids(name: &str) -> Option<&str> {
    if let Some(at) = name.len().checked_sub(36).filter(|&at| name.is_char_boundary(at) && is_uuid(&name[at..])) {
        return kept(&name[..at]);
    }
    let (head, last) = name.rsplit_once(SEPARATORS)?;
    let before = head.rsplit_once(SEPARATORS).filter(|(stem, id)| worth(stem) && is_id(id));
    match before {
        // A replica set's hash and a pod's or machine's own five letters, which may be consonants alone.
        Some((stem, _)) if is_id(last) || is_generated(last) => kept(stem),
        _ if is_id(last) => kept(head),
        _ => None,
    }
}

fn without_ordinal(name: &str) -> Option<&str> {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 || digits > 10 {
        return None;
    }
    let head = &name[..name.len() - digits];
    if head.ends_with(SEPARATORS) {
        return kept(head);
    }
    // Glued on: `web12`, but not the version in `api-v2`, nor one letter as in `s3`.
    let word = head.rsplit(SEPARATORS).next().unwrap_or(head);
    (word.chars().count() >= 2 && word.chars().all(char::is_alphabetic)).then_some(head)
}

fn kept(head: &str) -> Option<&str> {
    let head = head.trim_end_matches(SEPARATORS);
    worth(head).then_some(head)
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// Random by its looks: digits and letters that change more often than words with a number do, or hexadecimal.
fn is_id(segment: &str) -> bool {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !(4..=36).contains(&segment.len()) || !segment.bytes().all(lower) {
        return false;
    }
    let bytes = segment.as_bytes();
    let turns = bytes.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    let hexadecimal = bytes.iter().all(u8::is_ascii_hexdigit);
    turns >= 2 || (turns == 1 && hexadecimal && (bytes[0].is_ascii_digit() || bytes.len() >= 8))
}

/// Five letters of the alphabet that Kubernetes makes names of.
fn is_generated(segment: &str) -> bool {
    segment.len() == 5 && segment.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte))
}
