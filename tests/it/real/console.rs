//! The console in a pseudo-terminal, on the servers of a bench.

use super::bench::{Bench, CLOUD};
use crate::terminal::pty::{Options, Terminal};

/// At the list of a bench's instances, and of no others.
pub(super) fn instances(bench: &Bench) -> Terminal {
    let mut terminal = Terminal::start(&bench.home, &Options { arguments: &["--cloud", CLOUD], ..Options::default() });
    terminal.wait(&bench.service);
    terminal.send("2");
    terminal.wait("ADDRESS");
    terminal.send(&format!("/{}\r", bench.service));
    terminal.wait(&format!("1 of {}", bench.servers.len()));
    terminal
}
