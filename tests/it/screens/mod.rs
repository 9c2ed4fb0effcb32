//! What the screen looks like: themes, frames, pictures.

mod console;
mod fleet;
mod frames;
mod limits;
mod log;
mod states;
mod svg;
mod theme;
