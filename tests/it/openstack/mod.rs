//! The client layer.

mod api_paging;
mod api_wire;
