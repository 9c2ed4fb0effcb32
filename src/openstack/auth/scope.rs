//! What a token is for.

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
