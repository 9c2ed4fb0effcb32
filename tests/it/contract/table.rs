//! Reads, and the status that any cloud gives them.

use super::side::Role::{self, Admin, Member, Reader};
use super::side::Side;

/// One read. Names in braces are a side's [`ids`](Side::ids).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) service: &'static str,
    pub(crate) path: &'static str,
    /// Only nova has them.
    pub(crate) microversion: Option<&'static str>,
    pub(crate) role: Role,
    pub(crate) status: u16,
}

const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";
/// What nova is asked at: its lowest, one between, and its highest.
const VERSIONS: [&str; 3] = ["2.1", "2.60", "2.93"];

/// Nova's: path, status for members, status for admins. The real admin's own project is empty: not asked is 0.
const COMPUTE: &[(&str, u16, u16)] = &[
    ("/", 200, 200),
    ("/v2.1", 200, 200),
    ("/v2.1/servers?limit=1", 200, 0),
    ("/v2.1/servers?all_tenants=1&limit=1", 403, 200),
    ("/v2.1/servers/detail?name=payments&status=ACTIVE&limit=2", 200, 0),
    ("/v2.1/servers/detail?all_tenants=1&name=payments&status=ACTIVE&limit=2", 403, 200),
    ("/v2.1/servers/{server}", 200, 200),
    ("/v2.1/servers/{server}/os-instance-actions", 200, 200),
    ("/v2.1/servers/{server}/os-instance-actions/{request}", 200, 200),
    ("/v2.1/servers/{server}/os-instance-actions/req-nope", 404, 404),
    ("/v2.1/servers/{server}/os-volume_attachments", 200, 200),
    ("/v2.1/servers/{server}/os-interface", 200, 200),
    ("/v2.1/servers/{server}/diagnostics", 403, 200),
    ("/v2.1/servers/{server}/metadata", 200, 200),
    ("/v2.1/servers/{server}/metadata/none", 404, 404),
    ("/v2.1/servers/{server}/ips", 200, 200),
    ("/v2.1/servers/{server}/nothing", 404, 404),
    ("/v2.1/servers/nobody", 404, 404),
    ("/v2.1/servers/nobody/os-instance-actions", 404, 404),
    ("/v2.1/servers?limit=-1", 400, 400),
    ("/v2.1/servers?marker=abc", 400, 400),
    ("/v2.1/servers?changes-since=yesterday", 400, 400),
    ("/v2.1/limits", 200, 200),
    ("/v2.1/os-server-groups", 200, 200),
    ("/v2.1/os-server-groups/nobody", 404, 404),
    ("/v2.1/flavors", 200, 200),
    ("/v2.1/flavors/detail", 200, 200),
    ("/v2.1/flavors/{flavor}", 200, 200),
    ("/v2.1/flavors/99", 404, 404),
    ("/v2.1/os-availability-zone", 200, 200),
    ("/v2.1/os-keypairs", 200, 200),
    ("/v2.1/os-services", 403, 200),
    ("/v2.1/os-hypervisors", 403, 200),
    ("/v2.1/os-hypervisors/detail", 403, 200),
    ("/v2.1/nothing", 404, 404),
    ("/v2.1/servers/{server}/os-instance-actions?limit=1", 200, 200),
    ("/v3", 300, 300),
];

/// The others': service, path, status.
const OTHERS: &[(&str, &str, u16)] = &[
    ("identity", "/", 300),
    ("identity", "/v3", 200),
    ("identity", "/v3/auth/projects", 200),
    ("identity", "/v3/nothing", 404),
    ("image", "/", 300),
    ("image", "/v2/images?limit=1", 200),
    ("image", "/v2/images/{image}", 200),
    ("image", "/v2/images?id=in:{image}", 200),
    ("image", "/v2/images/nobody", 404),
    ("image", "/v2/images?limit=-1", 400),
    ("image", "/v2/images?marker=nobody", 400),
    ("image", "/v2/images?colour=red", 200),
    ("image", "/v2/nothing", 404),
    ("network", "/", 200),
    ("network", "/v2.0/ports?limit=1", 200),
    ("network", "/v2.0/ports?limit=1&fields=id&fields=name", 200),
    ("network", "/v2.0/ports?device_id={server}", 200),
    ("network", "/v2.0/ports/{port}", 200),
    ("network", "/v2.0/ports/nobody", 404),
    ("network", "/v2.0/ports?marker=nobody&limit=1", 404),
    ("network", "/v2.0/networks?limit=1&id={network}", 200),
    ("network", "/v2.0/networks/{network}", 200),
    ("network", "/v2.0/networks/nobody", 404),
    ("network", "/v2.0/subnets?limit=1", 200),
    ("network", "/v2.0/agents", 200),
    ("network", "/v2.0/quotas/{project}", 200),
    ("network", "/v2.0/quotas/{project}/details.json", 200),
    ("network", "/v2.0/nothing", 404),
    ("load-balancer", "/", 200),
    ("load-balancer", "/v2/lbaas/loadbalancers", 200),
    ("load-balancer", "/v2/lbaas/pools", 200),
    ("load-balancer", "/v2/lbaas/quotas/{project}", 200),
    ("load-balancer", "/v2/lbaas/pools/nobody", 404),
    ("load-balancer", "/v2/lbaas/pools/nobody/members", 404),
    ("load-balancer", "/v2/lbaas/loadbalancers/nobody", 404),
    ("load-balancer", "/v2/lbaas/loadbalancers?marker=nobody", 400),
    ("load-balancer", "/v2/lbaas/loadbalancers?colour=red", 400),
];

/// Keystone's, of which roles see different things: path, role, status.
const ROLES: [(&str, Role, u16); 3] =
    [("/v3/projects", Member, 403), ("/v3/projects", Reader, 403), ("/v3/projects", Admin, 200)];

/// From a microversion on, or only with a right that members lack.
const SINGLE: [(&str, &str, Role, u16); 9] = [
    ("/v2.1/servers/{server}/tags", "2.1", Member, 404),
    ("/v2.1/servers/{server}/tags", "2.26", Member, 200),
    ("/v2.1/servers?colour=red", "2.74", Member, 200),
    ("/v2.1/servers?colour=red", "2.75", Member, 400),
    ("/v2.1/servers?status=BOGUS", "2.37", Member, 200),
    ("/v2.1/servers?status=BOGUS", "2.38", Member, 400),
    ("/v2.1/servers?limit=1", "2.999", Member, 406),
    ("/v2.1/servers/{server}", "2.93", Reader, 200),
    ("/v2.1/os-services", "2.93", Reader, 403),
];

/// The whole table.
pub(crate) fn entries() -> Vec<Entry> {
    let compute = COMPUTE.iter().flat_map(|&(path, member, admin)| {
        VERSIONS.iter().flat_map(move |version| {
            [(Member, member), (Admin, admin)].map(|(role, status)| Entry {
                service: "compute",
                path,
                microversion: Some(version),
                role,
                status,
            })
        })
    });
    let single = SINGLE.iter().map(|&(path, version, role, status)| Entry {
        service: "compute",
        path,
        microversion: Some(version),
        role,
        status,
    });
    let others = OTHERS.iter().flat_map(|&(service, path, status)| {
        [Member, Admin].map(|role| Entry { service, path, microversion: None, role, status })
    });
    let roles =
        ROLES.iter().map(|&(path, role, status)| Entry { service: "identity", path, microversion: None, role, status });
    compute.filter(|entry| entry.status != 0).chain(single).chain(others).chain(roles).collect()
}

impl Entry {
    pub(crate) async fn ask(&self, side: &Side) -> super::raw::Answer {
        let path = side.filled(self.path).replace("nobody", NOBODY);
        side.door(self.role).raw.get(self.service, &path, self.microversion).await
    }
}

/// Every read of the table has the status that it has everywhere.
pub(crate) async fn statuses(side: &Side) {
    let mut wrong = Vec::new();
    for entry in entries() {
        let answer = entry.ask(side).await;
        if answer.status != entry.status {
            wrong.push(format!("{entry:?} is answered with {}: {}", answer.status, answer.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
