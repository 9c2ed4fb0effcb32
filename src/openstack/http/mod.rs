//! Sending and receiving: one client per cloud, deadlines, bounds, retries, redirects, and what an error body says.
