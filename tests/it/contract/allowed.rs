//! In what the simulated cloud may differ from the real one. The list is short, and each entry says why.

use super::table::Entry;

struct Allowed {
    service: &'static str,
    /// How the read's path begins.
    path: &'static str,
    /// How the difference begins.
    difference: &'static str,
    #[allow(dead_code, reason = "for those who read this list")]
    why: &'static str,
}

const ALLOWED: [Allowed; 2] = [
    Allowed {
        service: "image",
        path: "/v2/images/{image}",
        difference: ".os_distro: only here",
        why: "a custom property, which images have or have not",
    },
    Allowed {
        service: "image",
        path: "/v2/images?",
        difference: ".images[].os_distro: only here",
        why: "a custom property, which images have or have not",
    },
];

pub(super) fn allows(entry: &Entry, difference: &str) -> bool {
    ALLOWED.iter().any(|allowed| {
        allowed.service == entry.service
            && entry.path.starts_with(allowed.path)
            && difference.starts_with(allowed.difference)
    })
}
