//! The only place where terminal, network, disk and time meet the pure parts.
