//! What the encoder writes, read back by a terminal emulator.

use std::num::NonZero;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::Encoder;

const AREA: Rect = Rect { x: 0, y: 0, width: 24, height: 6 };

fn bytes(encoder: &mut Encoder, buffer: &Buffer) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.frame(&mut buffer.clone(), &mut out);
    out
}

fn emulated(colour: Color) -> vt100::Color {
    use vt100::Color::{Default, Idx, Rgb};
    let named = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Color::Reset => Default,
        Color::Indexed(index) => Idx(index),
        Color::Rgb(r, g, b) => Rgb(r, g, b),
        other => Idx(u8::try_from(named.iter().position(|name| *name == other).unwrap()).unwrap()),
    }
}

fn emulator() -> vt100::Parser {
    vt100::Parser::new(NonZero::new(AREA.height).unwrap(), NonZero::new(AREA.width).unwrap(), 0)
}

/// Every cell of the emulated screen is what the buffer says.
fn assert_shows(screen: &vt100::Screen, buffer: &Buffer) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let (want, have) = (&buffer[(x, y)], screen.cell(y, x).unwrap());
            let text = if have.contents().is_empty() { " " } else { have.contents() };
            assert_eq!(text, want.symbol(), "text at {x},{y}");
            assert_eq!(have.fgcolor(), emulated(want.fg), "foreground at {x},{y}");
            assert_eq!(have.bgcolor(), emulated(want.bg), "background at {x},{y}");
            assert_eq!(have.bold(), want.modifier.contains(Modifier::BOLD), "bold at {x},{y}");
            assert_eq!(have.inverse(), want.modifier.contains(Modifier::REVERSED), "reverse at {x},{y}");
            assert_eq!(have.underline(), want.modifier.contains(Modifier::UNDERLINED), "underline at {x},{y}");
            x += if have.is_wide() { 2 } else { 1 };
        }
    }
}

fn colours() -> impl Strategy<Value = Color> {
    prop_oneof![
        4 => Just(Color::Reset),
        1 => Just(Color::Red),
        1 => Just(Color::DarkGray),
        1 => Just(Color::White),
        1 => any::<u8>().prop_map(Color::Indexed),
        1 => any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Color::Rgb(r, g, b)),
    ]
}

fn writes() -> impl Strategy<Value = Vec<(u16, u16, String, Style)>> {
    let modifier = prop_oneof![
        3 => Just(Modifier::empty()),
        1 => Just(Modifier::BOLD),
        1 => Just(Modifier::DIM | Modifier::UNDERLINED),
        1 => Just(Modifier::REVERSED),
    ];
    let style = (colours(), colours(), modifier).prop_map(|(f, b, m)| Style::reset().fg(f).bg(b).add_modifier(m));
    let text =
        prop_oneof![3 => "[a-z ]{0,20}", 1 => "[▁▂▃●·─│é]{0,9}", 1 => "[漢字ab]{0,6}", 1 => Just(" ".repeat(24))];
    prop::collection::vec((0..AREA.width, 0..AREA.height, text, style), 0..8)
}

fn buffer(writes: &[(u16, u16, String, Style)], start: &Buffer) -> Buffer {
    let mut buffer = start.clone();
    for (x, y, text, style) in writes {
        buffer.set_string(*x, *y, text, *style);
    }
    // A wide character cut in half by a later write is the drawer's fault; the buffer says a blank there.
    buffer
}

proptest! {
    #[test]
    fn a_terminal_shows_what_the_frames_say(frames in prop::collection::vec(writes(), 1..6)) {
        let mut encoder = Encoder::new(true);
        let mut terminal = emulator();
        let mut current = Buffer::empty(AREA);
        for (index, writes) in frames.iter().enumerate() {
            // Half of the frames start from nothing, as views do when they change.
            let start = if index % 2 == 0 { Buffer::empty(AREA) } else { current.clone() };
            current = buffer(writes, &start);
            terminal.process(&bytes(&mut encoder, &current));
            prop_assert!(bytes(&mut encoder, &current).is_empty(), "the same frame again");
            assert_shows(terminal.screen(), &current);
        }
    }
}

#[test]
fn named_colours_are_the_codes_that_every_terminal_knows() {
    let mut frame = Buffer::empty(AREA);
    frame.set_string(0, 0, "x", Style::new().fg(Color::Red).bg(Color::White));
    let text = String::from_utf8(bytes(&mut Encoder::new(true), &frame)).unwrap();
    assert!(text.contains("\x1b[31m") && text.contains("\x1b[107m"), "{text:?}");
    assert!(!text.contains("38;5"), "{text:?}");
}

#[test]
fn without_colour_no_colour_command_is_written_and_reverse_stays() {
    let mut frame = Buffer::empty(AREA);
    let style = Style::new().fg(Color::Red).bg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::REVERSED);
    frame.set_string(0, 0, "chosen", style);
    let text = String::from_utf8(bytes(&mut Encoder::new(false), &frame)).unwrap();
    assert!(text.contains("\x1b[7mchosen"), "{text:?}");
    assert!(!text.contains("[3") && !text.contains("[4") && !text.contains(";2;"), "{text:?}");
}

#[test]
fn a_control_character_in_a_cell_stays_off_the_terminal() {
    let mut frame = Buffer::empty(AREA);
    frame[(0, 0)].set_symbol("\x1b]0;x\x07");
    frame[(1, 0)].set_symbol("\u{9b}");
    let text = String::from_utf8(bytes(&mut Encoder::new(true), &frame)).unwrap();
    assert!(!text.contains("]0;x") && !text.contains('\u{9b}'), "{text:?}");
}
