//! A panic, wherever it happens: the terminal is put back at once, the event loop ends, the message is told last.
//!
//! A panic is our fault by definition (nothing here panics for a broken cloud, file or terminal), so the program does
//! not go on with half of its parts.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::terminal;
use crate::base::failure::{Failure, FailureKind};

static MESSAGE: Mutex<Option<String>> = Mutex::new(None);
static HAPPENED: Notify = Notify::const_new();

/// From now on panics are told by [`take`]. The hook before is not called: it prints on the screen.
pub(super) fn expect_none() {
    std::panic::set_hook(Box::new(note));
}

/// Waits for one.
pub(super) async fn happened() {
    HAPPENED.notified().await;
}

/// What has broken, if something has.
pub(super) fn take() -> Option<Failure> {
    let message = MESSAGE.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let failure = Failure::new(FailureKind::Bug, format!("Stackdeck broke: {message}"));
    Some(failure.hint("this is a fault of Stackdeck's own; operations that were started go on without it"))
}

fn note(panic: &PanicHookInfo<'_>) {
    terminal::restore();
    let what = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
    let message = format!("{what}{place}");
    tracing::error!("panic: {message}");
    MESSAGE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
    HAPPENED.notify_one();
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::*;

    const CHILD: &str = "STACKDECK_TEST_BREAKS";

    /// Runs itself once more in a pseudo-terminal, and there breaks in a thread while the terminal is taken.
    #[test]
    fn a_panic_restores_the_terminal_and_tells_its_message_once() {
        if std::env::var_os(CHILD).is_some() {
            return break_down();
        }
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let before = pair.master.get_termios();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        let name = "console::run::breakdown::tests::a_panic_restores_the_terminal_and_tells_its_message_once";
        command.args([name, "--exact", "--nocapture"]);
        command.env(CHILD, "1");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut out = Vec::new();
        // A terminal without programs ends in an error, not in an end.
        let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut out);
        assert!(child.wait().unwrap().success());
        assert_eq!(pair.master.get_termios(), before);
        let text = String::from_utf8_lossy(&out);
        let (_, after) = text.split_once("\x1b[?1049h").unwrap();
        let (while_ours, after) = after.split_once("\x1b[?1049l").unwrap();
        assert!(!while_ours.contains("on purpose"), "{text:?}");
        assert_eq!(after.matches("on purpose").count(), 1, "{text:?}");
    }

    fn break_down() {
        let terminal = terminal::Terminal::find(Some("xterm")).unwrap();
        let guard = terminal.enter(false).unwrap();
        expect_none();
        let broken = std::thread::spawn(|| panic!("on purpose")).join();
        assert!(broken.is_err() && !terminal::is_ours());
        drop(guard);
        writeln!(std::io::stdout(), "{}", take().unwrap()).unwrap();
    }
}
