//! Which microversion is sent.
