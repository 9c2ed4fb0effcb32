//! What a token is for.

use serde_json::{Value, json};

/// A domain, by id or name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DomainRef {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

/// A project: by id, or by name within its domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProjectRef {
    /// By id.
    Id(String),
    /// By name and domain.
    Name(String, DomainRef),
}

/// What a token is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One project.
    Project(ProjectRef),
    /// A domain.
    Domain(DomainRef),
    /// The whole system.
    System,
    /// Nothing is asked for: keystone takes the user's default project, if there is one.
    Unscoped,
}

impl DomainRef {
    /// As keystone's requests have it.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Id(id) => json!({ "id": id }),
            Self::Name(name) => json!({ "name": name }),
        }
    }
}

impl Scope {
    /// As keystone's requests have it; nothing when nothing is asked for.
    pub(crate) fn json(&self) -> Option<Value> {
        match self {
            Self::Project(ProjectRef::Id(id)) => Some(json!({ "project": { "id": id } })),
            Self::Project(ProjectRef::Name(name, domain)) => {
                Some(json!({ "project": { "name": name, "domain": domain.json() } }))
            }
            Self::Domain(domain) => Some(json!({ "domain": domain.json() })),
            Self::System => Some(json!({ "system": { "all": true } })),
            Self::Unscoped => None,
        }
    }

    /// Another project, by what the user calls it: an id if it looks like one, else a name in the domain of the
    /// present project.
    pub(crate) fn elsewhere(&self, project: &str, fallback: &DomainRef) -> Scope {
        let bare = project.replace('-', "");
        if bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Scope::Project(ProjectRef::Id(project.to_owned()));
        }
        let domain = match self {
            Self::Project(ProjectRef::Name(_, domain)) | Self::Domain(domain) => domain.clone(),
            Self::Project(ProjectRef::Id(_)) | Self::System | Self::Unscoped => fallback.clone(),
        };
        Scope::Project(ProjectRef::Name(project.to_owned(), domain))
    }
}
