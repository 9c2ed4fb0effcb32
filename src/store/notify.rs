//! The head of the journal, told to the system's log: an anchor that whoever writes the journal cannot take back.
//!
//! To journald in its own protocol, fields and all; where there is none, to syslog. Best effort: an operation does not
//! fail because nobody listens. Where these logs are forwarded to another host, the anchor is out of reach of this one.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use crate::base::clock::Timestamp;
use crate::operation::OperationId;
use crate::store::journal::Head;

/// Where the system's log listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ears {
    /// journald.
    pub journald: PathBuf,
    /// syslog.
    pub syslog: PathBuf,
}

/// Who was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// journald.
    Journald,
    /// syslog.
    Syslog,
    /// Nobody listens.
    Nobody,
}

/// Tells the head as it was after this operation's record to this machine's log.
pub fn tell(head: &Head, operation: &OperationId, at: Timestamp) -> Told {
    Ears::default().tell(head, operation, at)
}

impl Default for Ears {
    fn default() -> Self {
        Self { journald: "/run/systemd/journal/socket".into(), syslog: "/dev/log".into() }
    }
}

impl Ears {
    /// As [`tell`], to whoever listens here.
    pub fn tell(&self, head: &Head, operation: &OperationId, at: Timestamp) -> Told {
        let message = format!("journal head {head} after operation {operation}");
        if send(&self.journald, &to_journald(&message, head, operation)).is_ok() {
            Told::Journald
        } else if send(&self.syslog, &to_syslog(&message, at)).is_ok() {
            Told::Syslog
        } else {
            Told::Nobody
        }
    }
}

/// <https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>: a line for each field, none of which has a line break in it.
fn to_journald(message: &str, head: &Head, operation: &OperationId) -> String {
    let Head { sequence, hash } = head;
    format!(
        "MESSAGE={message}\nPRIORITY=5\nSYSLOG_IDENTIFIER=stackdeck\nSTACKDECK_OPERATION={operation}\n\
         STACKDECK_SEQUENCE={sequence}\nSTACKDECK_HASH={hash}\n"
    )
}

/// RFC 3164, as the C library writes it to `/dev/log`: facility user, severity notice.
fn to_syslog(message: &str, at: Timestamp) -> String {
    let pid = std::process::id();
    format!("<13>{} stackdeck[{pid}]: {message}", at.strftime("%b %e %H:%M:%S"))
}

/// Never waits: a log that is stuck is no reason to be stuck.
fn send(ear: &Path, text: &str) -> io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    socket.send_to(text.as_bytes(), ear).map(|_| ())
}
