//! The tables: which columns each has, and what its cells say. One file for each kind of data.

mod beside;
pub mod changes;
pub mod cloud;
pub mod heat;
pub mod instance;
pub mod instance_text;
pub mod instances;
pub mod listed;
mod load;
pub mod operation_text;
pub mod operations;
pub mod services;
pub mod views;
pub mod why;
pub(crate) mod words;

use crate::console::app::column::{Bound, Kind, Rows};
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::console::app::tables::listed::Listed;
use crate::console::app::trail::{CloudTab, InstanceTab};

/// The data of a pane that is a table; `None` while there is none, or for a text.
pub fn rows<'a>(model: &'a Model, pane: &PaneId) -> Option<Box<dyn Rows + 'a>> {
    Some(match pane {
        PaneId::Services => Box::new(bound(&services::SERVICES, model)),
        PaneId::Instances(_) => Box::new(bound(&instances::INSTANCES, model)),
        PaneId::Heat(_) => Box::new(bound(&heat::HEAT, model)),
        PaneId::Changes(of) => {
            Box::new(Bound { kind: &changes::CHANGES, data: changes::Listed::of(model, of.as_ref()) })
        }
        PaneId::Operations => Box::new(Bound { kind: &operations::OPERATIONS, data: model.operations.as_ref()? }),
        PaneId::Cloud(tab) => return cloud_rows(model, *tab),
        PaneId::Instance(id, tab) => return instance_rows(model, id, *tab),
        PaneId::Graphs(_) | PaneId::Operation(_) | PaneId::Log => return None,
    })
}

fn bound(kind: &'static Kind<Listed>, model: &Model) -> Bound<Listed, Listed> {
    Bound { kind, data: Listed::of(model) }
}

/// Which positions of the data belong to a pane; `None` for all.
pub fn base<'a>(model: &'a Model, pane: &PaneId) -> Option<&'a [usize]> {
    match pane {
        PaneId::Instances(Some(key)) | PaneId::Heat(key) => {
            Some(model.fleet.service(key).map_or(&[], |service| &service.members))
        }
        _ => None,
    }
}

fn cloud_rows(model: &Model, tab: CloudTab) -> Option<Box<dyn Rows + '_>> {
    let plane = model.control_plane.as_deref()?;
    Some(match tab {
        CloudTab::Endpoints => Box::new(Bound { kind: &cloud::ENDPOINTS, data: &plane.endpoints }),
        CloudTab::Compute => Box::new(Bound { kind: &cloud::COMPUTE, data: plane.compute_services.value()? }),
        CloudTab::Hypervisors => Box::new(Bound { kind: &cloud::HYPERVISORS, data: plane.hypervisors.value()? }),
        CloudTab::Agents => Box::new(Bound { kind: &cloud::AGENTS, data: plane.agents.value()? }),
        CloudTab::Quotas => Box::new(Bound { kind: &cloud::QUOTAS, data: plane.quotas.value()? }),
    })
}

fn instance_rows<'a>(
    model: &'a Model,
    id: &crate::base::id::InstanceId,
    tab: InstanceTab,
) -> Option<Box<dyn Rows + 'a>> {
    let instance = model.instance(id)?;
    let detail = model.detail_of(id);
    Some(match tab {
        InstanceTab::Network => Box::new(Bound { kind: &instance::NETWORK, data: instance::network(instance, detail) }),
        InstanceTab::Volumes => Box::new(Bound { kind: &instance::VOLUMES, data: instance::volumes(instance, detail) }),
        InstanceTab::Pools => Box::new(Bound { kind: &instance::POOLS, data: instance::pools(&model.fleet, id) }),
        InstanceTab::History => {
            let history = detail?.history.value()?;
            Box::new(Bound { kind: &instance::HISTORY, data: instance::history(history, &model.expanded) })
        }
        _ => return None,
    })
}
