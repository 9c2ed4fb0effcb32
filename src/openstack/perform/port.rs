//! Neutron: ports.

use reqwest::Method;
use serde_json::{Value, json};

use crate::base::id::PortId;
use crate::openstack::perform::call::Call;
use crate::openstack::request::ServiceType;
use crate::openstack::wire::segment;
use crate::operation::change::{Made, NewPort};

pub(super) fn create(new: &NewPort) -> Call {
    let mut port = json!({ "network_id": new.network, "name": new.name });
    if let Some(description) = &new.description {
        port["description"] = json!(description);
    }
    if let Some(groups) = &new.security_groups {
        port["security_groups"] = json!(groups);
    }
    let fixed: Vec<Value> = new
        .fixed_ips
        .iter()
        .map(|fixed| match &fixed.address {
            Some(address) => json!({ "subnet_id": fixed.subnet, "ip_address": address }),
            None => json!({ "subnet_id": fixed.subnet }),
        })
        .collect();
    if !fixed.is_empty() {
        port["fixed_ips"] = json!(fixed);
    }
    let call = Call::new(Method::POST, ServiceType::NETWORK, "/ports").with(json!({ "port": port }));
    call.making("port", |id| Made::Port(id.into()))
}

pub(super) fn delete(port: &PortId) -> Call {
    Call::new(Method::DELETE, ServiceType::NETWORK, format!("/ports/{}", segment(port.as_str())))
}
