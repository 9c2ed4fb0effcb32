//! ratatui's terminal without a terminal: it draws a frame into a buffer, which the writer compares and writes.
//!
//! Its own comparison and its own cursor are left out: only the writer knows what the terminal got, and a cursor in a
//! line of text is a cell of its own colours.

use std::convert::Infallible;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};
use ratatui::{Frame, Terminal};

/// Draws frames of the terminal's size.
pub(super) struct Screen {
    terminal: Terminal<Canvas>,
}

impl Screen {
    /// Of so many columns and rows.
    pub(super) fn new((width, height): (u16, u16)) -> Self {
        let Ok(terminal) = Terminal::new(Canvas(Size { width, height }));
        Self { terminal }
    }

    /// The terminal has another size now.
    pub(super) fn resize(&mut self, (width, height): (u16, u16)) {
        self.terminal.backend_mut().0 = Size { width, height };
    }

    /// Draws one frame and hands it on. Whatever is left in its place is drawn over.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>), show: impl FnOnce(&mut Buffer)) {
        let Ok(()) = self.terminal.autoresize();
        draw(&mut self.terminal.get_frame());
        let buffer = self.terminal.current_buffer_mut();
        let area = buffer.area;
        show(buffer);
        buffer.resize(area);
        buffer.reset();
    }
}

/// Takes the place of a terminal of this size.
struct Canvas(Size);

impl Backend for Canvas {
    type Error = Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, _content: I) -> Result<(), Infallible> {
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, _position: P) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear_region(&mut self, _clear_type: ClearType) -> Result<(), Infallible> {
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.0)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.0, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
