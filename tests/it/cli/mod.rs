//! The shell's door: the real binary, its arguments, what it prints and how it ends.

mod adversity;
mod approving;
mod arguments;
mod changing;
mod clouds;
mod consent;
mod doctor;
mod freezing;
mod handing_over;
mod load;
mod operations;
mod orphaned;
mod printing;
mod railed;
mod rebuilding;
mod removing;
mod rolling;
mod rolling_back;
mod rotation;
pub mod sim;
