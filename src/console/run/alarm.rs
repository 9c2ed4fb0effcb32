//! Calls whoever looks elsewhere: the terminal's bell, its notification, a command of the user's own.

use std::process::{Command, Stdio};

use crate::base::text::{sanitise, truncate};
use crate::config::alarm::Alarm;

/// What a command finds the words in: an argument would be in every list of processes.
const VARIABLE: &str = "STACKDECK_ALARM";
/// Notifications are short.
const LONGEST: usize = 200;

/// What is sent to the terminal: the bell, and the notification. Foreign text is made safe first.
pub(super) fn sounds(alarm: &Alarm, text: &str) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let text = sanitise(text);
    let notice = || format!("\x1b]9;stackdeck: {}\x07", truncate(&text, LONGEST)).into_bytes();
    (alarm.bell.then(|| b"\x07".to_vec()), alarm.notify.then(notice))
}

/// Starts the command and does not wait for it.
pub(super) fn call(alarm: &Alarm, text: &str) {
    if alarm.command.is_empty() {
        return;
    }
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &alarm.command]).env(VARIABLE, &*sanitise(text));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        // Somebody has to hear its end, or it stays in the list of processes.
        Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
        Err(error) => tracing::warn!("alarm.command cannot be started: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Alarm, sounds};

    #[test]
    fn what_is_switched_on_is_sent_and_foreign_text_ends_no_sequence() {
        let alarm = Alarm { bell: true, notify: true, command: String::new() };
        let (bell, notice) = sounds(&alarm, "web\x07\x1b[2Jdown");
        assert_eq!(bell.unwrap(), b"\x07");
        let notice = String::from_utf8(notice.unwrap()).unwrap();
        assert!(notice.starts_with("\x1b]9;stackdeck: web") && notice.ends_with("down\x07"), "{notice:?}");
        assert_eq!(notice.matches(['\x07', '\x1b']).count(), 2, "{notice:?}");
        assert_eq!(sounds(&Alarm { bell: false, notify: false, command: String::new() }, "x"), (None, None));
    }
}
