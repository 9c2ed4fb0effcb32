//! From what the cloud told to what it means.

mod build;
mod differences;
mod grouping;
mod health;
mod names;
mod pools;
mod properties;
mod rules;
mod versions;
