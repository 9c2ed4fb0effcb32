//! Keystone, beside signing in: the projects that the user may go to, and what all are called.

use std::sync::Arc;

use serde::Deserialize;

use crate::openstack::error::CloudError;
use crate::openstack::lenient::{Flag, Text};
use crate::openstack::page::{Pages, Row};
use crate::openstack::reader::Reader;
use crate::openstack::request::ServiceType;
use crate::openstack::wire::read;

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Keystone's own field names")]
pub struct Project {
    pub id: Text,
    pub name: Text,
    pub enabled: Flag,
}

impl Row for Project {
    const LIST: &'static str = "projects";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// All projects that there are; for administrators.
pub async fn all_projects(reader: &Arc<dyn Reader>) -> Result<Vec<Project>, CloudError> {
    Pages::new(reader, read(ServiceType::IDENTITY, "/projects")).all().await
}

/// The projects that the user may go to, as far as they are enabled.
pub async fn projects(reader: &Arc<dyn Reader>) -> Result<Vec<Project>, CloudError> {
    let mut projects: Vec<Project> = Pages::new(reader, read(ServiceType::IDENTITY, "/auth/projects")).all().await?;
    projects.retain(|project| project.enabled.0 != Some(false));
    Ok(projects)
}
