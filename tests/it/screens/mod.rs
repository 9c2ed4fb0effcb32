//! What the screen looks like: themes, frames, pictures.

mod changes;
mod console;
mod fleet;
mod frames;
mod header;
mod limits;
mod load;
mod log;
mod pictures;
mod states;
mod svg;
mod theme;
mod timeline;
