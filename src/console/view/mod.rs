//! Draws a `&Model`: themes, layout, widgets.
