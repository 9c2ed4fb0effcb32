//! Nova's states, and the one status that its API makes of them.

/// Nova's vm_state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VmState {
    /// Being built.
    Building,
    /// Runs.
    Active,
    /// Stopped.
    Stopped,
    /// Paused.
    Paused,
    /// Suspended.
    Suspended,
    /// Waits for the confirmation of a resize.
    Resized,
    /// Broken.
    Error,
    /// Its disk is an image, its host has forgotten it.
    ShelvedOffloaded,
    /// Gone.
    Deleted,
}

impl VmState {
    /// As nova names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Active => "active",
            Self::Stopped => "stopped",
            Self::Paused => "paused",
            Self::Suspended => "suspended",
            Self::Resized => "resized",
            Self::Error => "error",
            Self::ShelvedOffloaded => "shelved_offloaded",
            Self::Deleted => "deleted",
        }
    }
}

/// The hypervisor's word on a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Power {
    /// Not known.
    None = 0,
    /// Runs.
    Running = 1,
    /// Paused.
    Paused = 3,
    /// Off.
    Shutdown = 4,
    /// Crashed.
    Crashed = 6,
    /// Suspended.
    Suspended = 7,
}

/// What the API shows for a pair of states.
pub fn status(vm: VmState, task_state: Option<&str>) -> &'static str {
    let by_task = |fallback| match task_state {
        Some("rebuilding" | "rebuild_block_device_mapping" | "rebuild_spawning") => "REBUILD",
        Some("resize_prep" | "resize_migrating" | "resize_migrated" | "resize_finish") => "RESIZE",
        _ => fallback,
    };
    match vm {
        VmState::Active => match task_state {
            Some("rebooting" | "reboot_pending" | "reboot_started") => "REBOOT",
            Some("rebooting_hard" | "reboot_pending_hard" | "reboot_started_hard") => "HARD_REBOOT",
            Some("migrating") => "MIGRATING",
            _ => by_task("ACTIVE"),
        },
        VmState::Building => "BUILD",
        VmState::Stopped => by_task("SHUTOFF"),
        VmState::Resized => match task_state {
            Some("resize_reverting") => "REVERT_RESIZE",
            _ => "VERIFY_RESIZE",
        },
        VmState::Paused => "PAUSED",
        VmState::Suspended => "SUSPENDED",
        VmState::Error => by_task("ERROR"),
        VmState::ShelvedOffloaded => "SHELVED_OFFLOADED",
        VmState::Deleted => "DELETED",
    }
}

/// Every status that the list's filter knows.
pub const STATUSES: [&str; 22] = [
    "ACTIVE",
    "BUILD",
    "DELETED",
    "ERROR",
    "HARD_REBOOT",
    "MIGRATING",
    "PASSWORD",
    "PAUSED",
    "REBOOT",
    "REBUILD",
    "RESCUE",
    "RESIZE",
    "REVERT_RESIZE",
    "SHELVED",
    "SHELVED_OFFLOADED",
    "SHUTOFF",
    "SOFT_DELETED",
    "SUSPENDED",
    "UNKNOWN",
    "VERIFY_RESIZE",
    "SOFT_DELETE",
    "NOSTATE",
];

/// Statuses in which the API shows `progress`.
pub fn shows_progress(status: &str) -> bool {
    matches!(status, "ACTIVE" | "BUILD" | "REBUILD" | "RESIZE" | "VERIFY_RESIZE" | "MIGRATING" | "REVERT_RESIZE")
}
