//! What the screen looks like: themes, frames, pictures.

mod theme;
