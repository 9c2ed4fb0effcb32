//! Pictures of frames: what they say of a run of cells.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use stackdeck::console::view::svg::svg;
use stackdeck::console::view::theme::{ColourDepth, fallback};

#[test]
fn a_run_of_equal_style_is_one_text_with_its_length_and_markup_is_escaped() {
    let mut frame = Buffer::empty(Rect::new(0, 0, 10, 2));
    frame.set_string(1, 0, "a<b &c", Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD));
    frame.set_string(0, 1, "世界", Style::new().add_modifier(Modifier::REVERSED));
    let picture = svg(&frame, &fallback(ColourDepth::True));
    let lines: Vec<&str> = picture.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            r##"<rect x="12.0" y="30.0" width="33.6" height="18.0" fill="#d3dae3"/>"##,
            r##"<text x="20.4" y="25.5" textLength="50.4" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="#010203" font-weight="bold">a&lt;b &amp;c</text>"##,
            r##"<text x="12.0" y="43.5" textLength="33.6" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="#10151c">世界</text>"##,
            "</svg>",
        ]
    );
}
