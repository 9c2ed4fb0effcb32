//! What the system's log is told.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use stackdeck::store::journal::Head;
use stackdeck::store::notify::{Ears, Told};

use super::{at, id};
use crate::support::folder::Folder;

fn listen(at: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(at).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket
}

fn heard(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).unwrap();
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

#[test]
fn journald_is_told_then_syslog_then_nobody() {
    let folder = Folder::new();
    let ears = Ears { journald: folder.path().join("journald"), syslog: folder.path().join("log") };
    let head = Head { sequence: 42, hash: "ab".repeat(32) };
    let tell = || ears.tell(&head, &id(1), at(0));
    assert_eq!(tell(), Told::Nobody);

    let syslog = listen(&ears.syslog);
    assert_eq!(tell(), Told::Syslog);
    let message = format!("journal head {head} after operation {}", id(1));
    assert_eq!(heard(&syslog), format!("<13>Oct  9 08:53:20 stackdeck[{}]: {message}", std::process::id()));

    let journald = listen(&ears.journald);
    assert_eq!(tell(), Told::Journald);
    let expected = format!(
        "MESSAGE={message}\nPRIORITY=5\nSYSLOG_IDENTIFIER=stackdeck\nSTACKDECK_OPERATION={}\n\
         STACKDECK_SEQUENCE=42\nSTACKDECK_HASH={}\n",
        id(1),
        head.hash
    );
    assert_eq!(heard(&journald), expected);
}

#[test]
fn a_log_that_is_stuck_holds_nobody_up() {
    let folder = Folder::new();
    let ears = Ears { journald: folder.path().join("journald"), syslog: folder.path().join("log") };
    let _never_read = listen(&ears.journald);
    let head = Head::nothing();
    let told = (0..100_000).map(|_| ears.tell(&head, &id(1), at(0))).find(|told| *told != Told::Journald);
    assert_eq!(told, Some(Told::Nobody), "the queue of a socket has an end");
}
