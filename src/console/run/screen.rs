//! ratatui's terminal without a terminal: it draws a frame into a buffer, which the writer compares and writes.

use std::cell::Cell as Shared;
use std::convert::Infallible;
use std::rc::Rc;

use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};

/// Draws frames of the terminal's size.
pub(super) struct Screen {
    terminal: Terminal<Canvas>,
    cursor: Rc<Shared<Cursor>>,
}

impl Screen {
    /// Of so many columns and rows.
    pub(super) fn new((width, height): (u16, u16)) -> Self {
        let cursor = Rc::new(Shared::default());
        let Ok(terminal) = Terminal::new(Canvas { size: Size { width, height }, cursor: Rc::clone(&cursor) });
        Self { terminal, cursor }
    }

    /// The terminal has another size now.
    pub(super) fn resize(&mut self, (width, height): (u16, u16)) {
        self.terminal.backend_mut().size = Size { width, height };
    }

    /// Draws one frame and hands it on, with the cursor if it is to be seen.
    pub(super) fn draw(
        &mut self,
        draw: impl FnOnce(&mut ratatui::Frame<'_>),
        show: impl FnOnce(&Buffer, Option<Position>),
    ) {
        let Ok(frame) = self.terminal.draw(draw);
        let cursor = self.cursor.get();
        show(frame.buffer, cursor.shown.then_some(cursor.at));
    }
}

#[derive(Clone, Copy, Default)]
struct Cursor {
    at: Position,
    shown: bool,
}

/// Takes the place of a terminal; remembers only what the buffer does not hold.
struct Canvas {
    size: Size,
    cursor: Rc<Shared<Cursor>>,
}

impl Backend for Canvas {
    type Error = Infallible;

    /// The differences are the writer's matter: only it knows what the terminal got.
    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, _content: I) -> Result<(), Infallible> {
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor.update(|cursor| Cursor { shown: false, ..cursor });
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor.update(|cursor| Cursor { shown: true, ..cursor });
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.get().at)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        let at = position.into();
        self.cursor.update(|cursor| Cursor { at, ..cursor });
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear_region(&mut self, _clear_type: ClearType) -> Result<(), Infallible> {
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
