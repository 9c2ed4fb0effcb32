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

const ALLOWED: &[Allowed] = &[
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
    Allowed {
        service: "compute",
        path: "/v2.1/servers/{server}/diagnostics",
        difference: ".cpu",
        why: "before 2.48 the keys are the driver's: one for each CPU from libvirt, of the first alone from the fake driver",
    },
    Allowed {
        service: "compute",
        path: "/v2.1/servers/{server}/diagnostics",
        difference: ".memory-",
        why: "before 2.48 the keys are the driver's: libvirt tells of the balloon",
    },
];

pub(super) fn allows(entry: &Entry, difference: &str) -> bool {
    ALLOWED.iter().any(|allowed| {
        allowed.service == entry.service
            && entry.path.starts_with(allowed.path)
            && difference.starts_with(allowed.difference)
    })
}
