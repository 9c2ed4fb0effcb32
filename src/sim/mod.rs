//! The simulated cloud: a world with a plain method API, and a real HTTP server over it. Shares no types with `openstack`.
