//! The console's own log: tui-logger's buffer, one event a line and wrapped, made safe as everything from outside is.
//!
//! The logger is the one state that is not in the model: its buffer is global and bounded, and `run` fills it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use tui_logger::{ExtLogRecord, LogFormatter, TuiLoggerWidget};

use crate::base::text::sanitise;
use crate::console::view::ink::{Ink, wrapped};
use crate::console::view::theme::{Role, Theme};

/// Further back than this many lines the file log is the better place.
const FARTHEST: u16 = 5_000;
/// `14:31:58 ERROR `.
const INDENT: usize = 15;

/// Draws the end of the log, or what is some lines back from it.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, back: usize) {
    let back = u16::try_from(back).unwrap_or(FARTHEST).min(FARTHEST);
    let tall = Rect { x: 0, y: 0, width: area.width.saturating_sub(2), height: area.height.saturating_add(back) };
    let mut scratch = Buffer::empty(tall);
    TuiLoggerWidget::default().formatter(Box::new(Lines::of(ink.theme))).render(tall, &mut scratch);
    for row in 0..area.height {
        for column in 0..tall.width {
            let to = (area.x + 1 + column, area.y + row);
            if ink.frame.area.contains(to.into()) {
                ink.frame[to] = scratch[(column, row)].clone();
            }
        }
    }
}

struct Lines {
    time: Style,
    target: Style,
    levels: [(&'static str, Style); 5],
}

impl Lines {
    fn of(theme: &Theme) -> Self {
        let levels = [
            ("ERROR", Role::Bad),
            ("WARN", Role::Warn),
            ("INFO", Role::Text),
            ("DEBUG", Role::Dim),
            ("TRACE", Role::Dim),
        ];
        Self {
            time: theme.style(Role::Dim),
            target: theme.style(Role::Dim),
            levels: levels.map(|(name, role)| (name, theme.style(role))),
        }
    }
}

impl LogFormatter for Lines {
    fn min_width(&self) -> u16 {
        INDENT as u16 + 10
    }

    fn format(&self, width: usize, event: &ExtLogRecord) -> Vec<Line<'_>> {
        let level = event.level.as_str();
        let style = self.levels.iter().find(|(name, _)| *name == level).map_or(Style::new(), |(_, style)| *style);
        let time: String = event.timestamp.timestamp().to_string().chars().skip(11).take(8).collect();
        let text = sanitise(event.msg().trim_start()).into_owned();
        let room = u16::try_from(width.saturating_sub(INDENT)).unwrap_or(1);
        let mut lines: Vec<Line<'_>> = Vec::new();
        for part in wrapped(&text, room) {
            let head = if lines.is_empty() {
                vec![Span::styled(format!("{time} "), self.time), Span::styled(format!("{level:<5} "), style)]
            } else {
                vec![Span::raw(" ".repeat(INDENT))]
            };
            lines.push(Line::from_iter(head.into_iter().chain([Span::styled(part, style)])));
        }
        let target = sanitise(event.target()).into_owned();
        if let Some(last) = lines.last_mut()
            && last.width() + target.len() + 2 < width
        {
            last.push_span(Span::styled(format!("  {target}"), self.target));
        }
        if lines.is_empty() { vec![Line::default()] } else { lines }
    }
}
