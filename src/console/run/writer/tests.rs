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
        writer.show(&frame(["a", "b"][round % 2]), None);
    }
    writer.show(&frame("z"), None);
    let mut terminal = emulator();
    read_until(&mut theirs, &mut terminal, &"z".repeat(80));
    while terminal.screen().contents() != vec!["z".repeat(80); 24].join("\n") {
        let mut bytes = [0; 4096];
        let count = theirs.read(&mut bytes).unwrap();
        terminal.process(&bytes[..count]);
    }
}

#[test]
fn an_unchanged_frame_is_no_byte_and_a_repaint_is_a_whole_one() {
    let (writer, mut theirs, _gone) = start();
    let mut terminal = emulator();
    writer.show(&frame("a"), None);
    read_until(&mut theirs, &mut terminal, &"a".repeat(80));
    writer.show(&frame("a"), None);
    writer.pause();
    writer.command(b"!".to_vec());
    writer.resume();
    writer.show(&frame("a"), None);
    let mut rest = Vec::new();
    let mut bytes = [0; 8192];
    while !rest.ends_with(b"!") {
        let count = theirs.read(&mut bytes).unwrap();
        rest.extend_from_slice(&bytes[..count]);
        assert!(rest.len() < 20_000);
    }
    // What came after the first frame begins with the wipe of the repaint, or is the command alone.
    let text = String::from_utf8_lossy(&rest).into_owned();
    let after = text.split_once("\x1b[2J").map_or(text.as_str(), |(before, _)| before);
    assert!(after.trim_start_matches('a').len() < 20, "{after:?}");
}

#[test]
fn a_stalled_write_is_given_up_when_the_writer_ends() {
    let (writer, theirs, _gone) = start();
    for round in 0..2_000 {
        writer.show(&frame(["a", "b"][round % 2]), None);
    }
    drop(writer);
    drop(theirs);
}

#[test]
fn a_terminal_that_is_gone_is_told_once() {
    let (writer, theirs, gone) = start();
    drop(theirs);
    writer.show(&frame("a"), None);
    gone.recv_timeout(Duration::from_secs(10)).unwrap();
}
