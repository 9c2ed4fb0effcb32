//! The writer against a reader that reads, or does not.

use std::fs::File;
use std::io::Read;
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Writer;

const AREA: Rect = Rect { x: 0, y: 0, width: 80, height: 24 };

fn start() -> (Writer, UnixStream, mpsc::Receiver<()>) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    theirs.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (lost, gone) = mpsc::channel();
    let writer = Writer::start(
        File::from(OwnedFd::from(ours)),
        true,
        || true,
        move || {
            let _ = lost.send(());
        },
    );
    (writer.unwrap(), theirs, gone)
}

fn frame(text: &str) -> Buffer {
    let mut buffer = Buffer::empty(AREA);
    for y in 0..AREA.height {
        buffer.set_string(0, y, text.repeat(80), Style::new());
    }
    buffer
}

fn emulator() -> vt100::Parser {
    vt100::Parser::new(NonZero::new(AREA.height).unwrap(), NonZero::new(AREA.width).unwrap(), 0)
}

/// Reads until the emulated screen's first row is this.
fn read_until(theirs: &mut UnixStream, terminal: &mut vt100::Parser, row: &str) {
    let mut bytes = [0; 4096];
    while terminal.screen().rows(0, 80).next().unwrap() != row {
        let count = theirs.read(&mut bytes).unwrap();
        assert!(count > 0, "the writer ended");
        terminal.process(&bytes[..count]);
    }
}

#[test]
fn a_reader_that_stalls_gets_the_newest_frame_when_it_goes_on() {
    let (writer, mut theirs, _gone) = start();
    // Far more than the socket holds; none of these blocks.
    for round in 0..2_000 {
        writer.show(&mut frame(["a", "b"][round % 2]));
    }
    writer.show(&mut frame("z"));
    let mut terminal = emulator();
    read_until(&mut theirs, &mut terminal, &"z".repeat(80));
    while terminal.screen().contents() != vec!["z".repeat(80); 24].join("\n") {
        let mut bytes = [0; 4096];
        let count = theirs.read(&mut bytes).unwrap();
        terminal.process(&bytes[..count]);
    }
}

/// Everything up to this text, which comes after the frames that were shown before it.
fn read_to(theirs: &mut UnixStream, mark: &str) -> String {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(mark.as_bytes()) {
        theirs.read_exact(&mut byte).unwrap();
        text.push(byte[0]);
    }
    text.truncate(text.len() - mark.len());
    String::from_utf8(text).unwrap()
}

#[test]
fn an_unchanged_frame_is_no_byte_and_a_repaint_is_a_whole_one() {
    let (writer, mut theirs, _gone) = start();
    writer.show(&mut frame("a"));
    writer.command(b"<first>".to_vec());
    assert!(read_to(&mut theirs, "<first>").contains(&"a".repeat(80)));
    writer.show(&mut frame("a"));
    writer.command(b"<second>".to_vec());
    assert_eq!(read_to(&mut theirs, "<second>"), "");
    writer.pause();
    writer.show(&mut frame("a"));
    writer.command(b"<third>".to_vec());
    writer.resume();
    let whole = read_to(&mut theirs, "<third>");
    assert!(whole.contains("\x1b[2J") && whole.contains(&"a".repeat(80)), "{whole:?}");
}

#[test]
fn a_stalled_write_is_given_up_when_the_writer_ends() {
    let (writer, theirs, _gone) = start();
    for round in 0..2_000 {
        writer.show(&mut frame(["a", "b"][round % 2]));
    }
    drop(writer);
    drop(theirs);
}

#[test]
fn a_terminal_that_is_gone_is_told_once() {
    let (writer, theirs, gone) = start();
    drop(theirs);
    writer.show(&mut frame("a"));
    gone.recv_timeout(Duration::from_secs(10)).unwrap();
}
