//! The screen: `app` decides, `view` draws, `run` is where terminal, network, disk and time meet them.

pub mod app;
pub mod run;
pub mod view;
