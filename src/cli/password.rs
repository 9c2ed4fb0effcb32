//! Asks for a password on the terminal, without echo.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;

use crate::base::failure::{Failure, FailureKind};
use crate::base::text::sanitise;

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const CTRL_U: u8 = 21;

/// Asks for the password of `whom`; a failure where nobody can be asked.
pub fn ask(whom: &str) -> Result<SecretString, Failure> {
    let nobody = || {
        Failure::new(
            FailureKind::Auth,
            format!("No password is configured for {whom}, and there is no terminal to ask"),
        )
        .hint("Set `password` in clouds.yaml or secure.yaml, or OS_PASSWORD")
    };
    if !io::stdin().is_terminal() {
        return Err(nobody());
    }
    let mut terminal = File::options().read(true).write(true).open("/dev/tty").map_err(|_| nobody())?;
    let quiet = Quiet::start(&terminal).map_err(|error| unreadable(&error))?;
    let prompt = format!("Password for {}: ", sanitise(whom));
    let answer = terminal.write_all(prompt.as_bytes()).and_then(|()| read_line(&mut terminal));
    drop(quiet);
    let _ = terminal.write_all(b"\n");
    match answer {
        Ok(Some(password)) => Ok(password),
        Ok(None) => Err(Failure::new(FailureKind::Auth, "No password was given")),
        Err(error) => Err(unreadable(&error)),
    }
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Auth, "The password could not be read from the terminal").cause(error.to_string())
}

/// Bytes up to the end of the line; `None` when the user gave up.
fn read_line(terminal: &mut File) -> io::Result<Option<SecretString>> {
    let mut typed: Vec<u8> = Vec::with_capacity(256);
    let mut byte = [0];
    loop {
        if terminal.read(&mut byte)? == 0 {
            return Ok(None);
        }
        match byte[0] {
            b'\n' | b'\r' => break,
            CTRL_C | CTRL_D => return Ok(None),
            CTRL_U => typed.clear(),
            0x7f | 0x08 => erase(&mut typed),
            other => typed.push(other),
        }
    }
    let password = String::from_utf8(typed).map_err(|_| io::Error::other("it is not valid UTF-8"))?;
    Ok(Some(SecretString::from(password)))
}

/// Takes the last character away, all its bytes.
fn erase(typed: &mut Vec<u8>) {
    while typed.pop().is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {}
}

/// A terminal that shows nothing of what is typed, and gives it byte by byte, until this is dropped.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn start(terminal: &File) -> io::Result<Self> {
        let terminal = terminal.try_clone()?;
        let before = tcgetattr(&terminal)?;
        let mut quiet = before.clone();
        // Signals stay off too: an interrupt that killed us here would leave the shell without echo.
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(&terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}
