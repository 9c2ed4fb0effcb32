//! The client layer against scripted servers on loopback, and its reading of users' files.

mod api_paging;
mod api_wire;
mod changes;
mod clouds;
mod complaints;
mod discovery;
mod microversions;
mod proxies;
mod requests;
mod secrets;
mod stub;
mod tls;
mod tokens;
