//! What the commands do, one file for each group of them. Each changes the model and tells what is to be done.

pub mod alerts;
pub mod change;
pub mod changes;
pub mod go;
pub mod graphs;
pub mod line;
pub mod list;
pub mod look;
pub mod mould;
pub mod operations;
pub mod rollback;
pub mod rollout;
pub mod scale;
pub mod scope;
pub mod sort;
pub mod suggest;
pub mod table;
pub mod text;
