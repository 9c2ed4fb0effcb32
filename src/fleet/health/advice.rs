//! What a person could do next about what Nova and Octavia say. A conclusion brings its own advice.

/// About a finding with that title; nothing where it needs nobody.
pub fn advice(title: &str) -> Option<&'static str> {
    Some(match title {
        "error" => "Read the fault and its console log; a hard reboot may bring it back, else replace it",
        "cell down" => "Tell who runs the cloud: nothing can be said of it, nor changed, until its cell answers",
        "resize waits" => "Confirm the resize, or revert it: until then it takes up room twice",
        "rescue" => "Somebody repairs it: ask who, and unrescue it when that is done",
        "stopped" => "See in its history who stopped it; start it if that was not meant",
        "paused" | "guest paused" => "See in its history who paused it; unpause it if that was not meant",
        "suspended" | "guest suspended" => "See in its history who suspended it; resume it if that was not meant",
        "shelved" => "See in its history who shelved it; unshelve it if that was not meant",
        "powered off" => "Its guest shut itself down: read its console log, then start it",
        "crashed" => "Read its console log, then reboot it hard; replace it if it crashes again",
        "still running" => "Stop it once more, or reset its state: Nova and the hypervisor disagree",
        "down" => "Look at what all have in common: the newest version, the balancer, a network, a host",
        "pool down" => "Open its instances: if all are well look at the health monitor's path and at the network",
        "pool degraded" => "Open the instances whose members fail",
        "empty pool" => "Add its members again, or delete the pool if nobody needs it",
        "balancer down" => "Fail the balancer over, or tell who runs the cloud",
        "pool broken" | "member broken" | "balancer broken" => "Tell who runs the cloud: it must be repaired there",
        "pool stuck" | "member stuck" | "balancer stuck" => {
            "Wait, or tell who runs the cloud: nothing under its balancer can be changed meanwhile"
        }
        "member down" => "See whether it answers from here; read its log, restart it, or replace it",
        "member offline" => "See whether it is switched off, and whether a health monitor checks it",
        "member off" => "Switch it on again, if nobody works at it",
        "member degraded" => "Read its log; drain it if it gets worse",
        "draining" => "Give it its weight back once the work at it is done",
        "stray member" => "Take it out of the pool, if its instance is gone",
        "member unmatched" => "Give the member its subnet, so that its instance can be found",
        "unconfirmed" => "Read the cloud once more: it is asked for by its id",
        slow if slow.starts_with("slow ") || slow == "stuck" => {
            "See its history for what was asked; reset its state or replace it if it does not move"
        }
        _ => return None,
    })
}
