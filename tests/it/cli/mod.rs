//! The shell's door: the real binary, its arguments, what it prints and how it ends.

mod arguments;
mod clouds;
mod consent;
mod doctor;
mod printing;
mod sim;
