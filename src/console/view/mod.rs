//! Draws a `&Model`: themes, layout, widgets.
//!
//! The view decides nothing and remembers nothing: what is shown, selected and scrolled is in the model, which has also
//! worked out every cell's text and tone, and only for the rows that fit. So a frame costs what the screen holds,
//! however many instances there are, and the same model always draws the same frame.
//!
//! Deliberately absent: time, keys, widgets with a state of their own, colours (they are the themes').

pub mod theme;
