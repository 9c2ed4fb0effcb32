//! How long each of Nova's task states may last before it counts as stuck.
//!
//! Nova itself sets no limit (`instance_build_timeout` is 0 by default), so these are ours. They start from what Nova
//! waits for inside: 300 s for a network port to be plugged (boot, hard reboot, unshelve), 60 s for a guest to shut
//! down by itself (stop, soft reboot, rebuild, and up to 300 s where an image asks for it), and from the ten minutes
//! within which people expect a new server to be healthy. What copies a disk may take an hour.

use std::time::Duration;

/// What is known of one task state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Nova's `task_state`.
    pub task_state: &'static str,
    /// What to call it while it is within its time.
    pub busy: &'static str,
    /// What to call it once it is not.
    pub slow: &'static str,
    /// How long it may last.
    pub limit: Duration,
    /// Whether the guest goes on serving meanwhile.
    pub serves: bool,
}

const fn row(task_state: &'static str, busy: &'static str, slow: &'static str, minutes: u64, serves: bool) -> Limit {
    Limit { task_state, busy, slow, limit: Duration::from_secs(minutes * 60), serves }
}

/// For a task state that Nova has learnt since.
const OTHER: Limit = row("", "in transition", "stuck", 10, false);

/// All task states of `nova/compute/task_states.py`.
pub const LIMITS: [Limit; 50] = [
    row("scheduling", "building", "slow build", 3, false),
    row("networking", "building", "slow build", 10, false),
    row("block_device_mapping", "building", "slow build", 30, false),
    row("spawning", "building", "slow build", 10, false),
    row("rebooting", "rebooting", "slow reboot", 5, false),
    row("reboot_pending", "rebooting", "slow reboot", 5, false),
    row("reboot_started", "rebooting", "slow reboot", 5, false),
    row("rebooting_hard", "rebooting", "slow reboot", 6, false),
    row("reboot_pending_hard", "rebooting", "slow reboot", 6, false),
    row("reboot_started_hard", "rebooting", "slow reboot", 6, false),
    row("powering-off", "stopping", "slow stop", 6, false),
    row("powering-on", "starting", "slow start", 6, false),
    row("pausing", "pausing", "slow pause", 2, false),
    row("unpausing", "unpausing", "slow unpause", 2, false),
    row("suspending", "suspending", "slow suspend", 10, false),
    row("resuming", "resuming", "slow resume", 10, false),
    row("rebuilding", "rebuilding", "slow rebuild", 10, false),
    row("rebuild_block_device_mapping", "rebuilding", "slow rebuild", 30, false),
    row("rebuild_spawning", "rebuilding", "slow rebuild", 10, false),
    row("rescuing", "rescuing", "slow rescue", 10, false),
    row("unrescuing", "unrescuing", "slow unrescue", 10, false),
    row("resize_prep", "resizing", "slow resize", 10, true),
    row("resize_migrating", "resizing", "slow resize", 60, false),
    row("resize_migrated", "resizing", "slow resize", 10, false),
    row("resize_finish", "resizing", "slow resize", 15, false),
    row("resize_reverting", "reverting", "slow revert", 60, false),
    row("resize_confirming", "confirming", "slow confirm", 10, true),
    row("migrating", "migrating", "slow migration", 60, true),
    row("image_snapshot_pending", "snapshot", "slow snapshot", 10, true),
    row("image_snapshot", "snapshot", "slow snapshot", 30, true),
    row("image_pending_upload", "snapshot", "slow snapshot", 30, true),
    row("image_uploading", "snapshot", "slow snapshot", 60, true),
    row("image_backup", "backup", "slow backup", 60, true),
    row("updating_password", "new password", "slow password", 2, true),
    row("shelving", "shelving", "slow shelve", 10, false),
    row("shelving_image_pending_upload", "shelving", "slow shelve", 30, false),
    row("shelving_image_uploading", "shelving", "slow shelve", 60, false),
    row("shelving_offloading", "shelving", "slow shelve", 10, false),
    row("unshelving", "unshelving", "slow unshelve", 15, false),
    row("soft-deleting", "deleting", "slow delete", 5, false),
    row("deleting", "deleting", "slow delete", 5, false),
    row("restoring", "restoring", "slow restore", 5, false),
    // By Nova's status alone, while it names no task state.
    row("BUILD", "building", "slow build", 10, false),
    row("HARD_REBOOT", "rebooting", "slow reboot", 6, false),
    row("MIGRATING", "migrating", "slow migration", 60, true),
    row("PASSWORD", "new password", "slow password", 2, true),
    row("REBOOT", "rebooting", "slow reboot", 5, false),
    row("REBUILD", "rebuilding", "slow rebuild", 10, false),
    row("RESIZE", "resizing", "slow resize", 60, false),
    row("REVERT_RESIZE", "reverting", "slow revert", 60, false),
];

/// The limit of a task state, or of a status that is a transition.
pub fn of_state(task_state: &str) -> Limit {
    LIMITS.iter().find(|limit| limit.task_state == task_state).copied().unwrap_or(OTHER)
}

/// How long Octavia may keep something PENDING: changes take seconds; stuck ones need an admin.
pub const PENDING: Duration = Duration::from_secs(5 * 60);
