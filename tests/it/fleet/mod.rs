//! From what the cloud told to what it means.

pub(crate) mod build;
mod conclusions;
mod differences;
mod grouping;
mod health;
mod incident;
mod load;
mod looks;
mod metadata;
mod names;
mod pools;
mod properties;
mod rules;
mod timeline;
mod versions;
