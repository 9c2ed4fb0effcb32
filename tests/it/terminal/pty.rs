//! The real binary in a pseudo-terminal, with an emulator at the far end that may stop reading or hang up.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize};
use rustix::process::{Pid, Signal};

use crate::support::process::{Home, until};
use crate::support::secrets;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Terminal {
    /// `None` once hung up.
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    far: Arc<Far>,
    reader: Option<JoinHandle<()>>,
}

/// The far end.
struct Far {
    seen: Mutex<Seen>,
    changed: Condvar,
}

pub struct Seen {
    emulator: vt100::Parser,
    /// Every byte since the start.
    pub bytes: Vec<u8>,
    /// How many reads brought them.
    pub reads: usize,
    reading: bool,
    closing: bool,
}

impl Far {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    fn read(&self, mut from: Box<dyn Read + Send>) {
        let mut bytes = vec![0; 65_536];
        loop {
            let mut seen = self.lock();
            while !seen.reading && !seen.closing {
                seen = self.changed.wait(seen).unwrap();
            }
            if seen.closing {
                return;
            }
            drop(seen);
            let Ok(count @ 1..) = from.read(&mut bytes) else { return };
            let mut seen = self.lock();
            seen.emulator.process(&bytes[..count]);
            seen.bytes.extend_from_slice(&bytes[..count]);
            seen.reads += 1;
            self.changed.notify_all();
        }
    }
}

/// How to start.
pub struct Options<'a> {
    pub arguments: &'a [&'a str],
    pub environment: &'a [(&'a str, &'a str)],
    /// A shell line in which `"$@"` is the program; none runs it as it is.
    pub shell: Option<&'a str>,
    pub size: (u16, u16),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { arguments: &[], environment: &[], shell: None, size: (100, 30) }
    }
}

impl Terminal {
    pub fn start(home: &Home, options: &Options<'_>) -> Self {
        let pair = portable_pty::native_pty_system().openpty(size(options.size)).unwrap();
        let child = pair.slave.spawn_command(command(home, options)).unwrap();
        drop(pair.slave);
        let far = Arc::new(Far { seen: Mutex::new(Seen::new(options.size)), changed: Condvar::new() });
        let (theirs, from) = (Arc::clone(&far), pair.master.try_clone_reader().unwrap());
        let reader = std::thread::spawn(move || theirs.read(from));
        let keys = pair.master.take_writer().unwrap();
        Self { master: Some(pair.master), keys: Some(keys), child, far, reader: Some(reader) }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().cast_signed()).unwrap()
    }

    pub fn send(&mut self, keys: &str) {
        let to = self.keys.as_mut().unwrap();
        to.write_all(keys.as_bytes()).unwrap();
        to.flush().unwrap();
    }

    /// Presses a key that may change something, with a finger's distance to the one before, as a burst starts nothing.
    /// Tells the review that comes, once everybody has answered who tells what it needs.
    #[track_caller]
    pub fn review(&mut self, key: &str) -> String {
        self.settle(Duration::from_millis(100));
        self.send(key);
        let whole = |seen: &Seen| seen.text().contains("❯ Cancel ❮") && !seen.text().contains("has not answered");
        self.wait_for("the review", whole)
    }

    /// Presses Start in a review, and returns when the plan was taken. A plan that was made anew under the key is at
    /// Cancel again and has heard nothing: it is begun once more.
    #[track_caller]
    pub fn press_start(&mut self) {
        until("the plan to be taken", || {
            // Keys that come too soon are not heard; one that is only heard late must not be followed by another.
            until("Start to be chosen", || {
                self.send("\t");
                self.settle(Duration::from_millis(400));
                self.seen(|seen| seen.text().contains("❯ Start ❮")).then_some(())
            });
            self.send("\r");
            let screen = self.wait_for("the key to be heard", |seen| !seen.text().contains("❯ Start ❮"));
            (!screen.contains("❯ Cancel ❮")).then_some(())
        });
    }

    /// Opens the newest operation, which must be done, and reads there a restart with that request.
    #[track_caller]
    pub fn find_restart(&mut self, request: &str) {
        self.send("3");
        self.wait("● done");
        self.send("\r");
        let page = self.wait("RECORDS");
        assert!(page.contains("reboot SOFT") && page.contains(request), "{page}");
    }

    /// Answers the question for a password with a wrong one, and returns when it is asked again.
    #[track_caller]
    pub fn mistype_password(&mut self) {
        self.wait("type or paste it");
        self.send("mistaken-for-another");
        self.send("\r");
        self.wait_for("the refusal, and the question again", |seen| {
            seen.text().contains("refuses oncall") && seen.text().contains("type or paste it")
        });
    }

    pub fn resize(&self, to: (u16, u16)) {
        self.far.lock().emulator.screen_mut().set_size(rows(to), columns(to));
        self.master.as_ref().unwrap().resize(size(to)).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// The far end stops reading, or goes on.
    pub fn read(&self, on: bool) {
        self.far.lock().reading = on;
        self.far.changed.notify_all();
    }

    /// The terminal goes away. The program has to write once more for the reader to let go.
    pub fn hang_up(&mut self) {
        self.far.lock().closing = true;
        self.far.changed.notify_all();
        let master = self.master.take().unwrap();
        let (mut width, deadline) = (60, Instant::now() + PATIENCE);
        let reader = self.reader.take().unwrap();
        until("the reader to let go", || {
            assert!(Instant::now() < deadline);
            // A new size is a new frame.
            width = if width == 60 { 61 } else { 60 };
            master.resize(size((width, 20))).unwrap();
            reader.is_finished().then_some(())
        });
        reader.join().unwrap();
        self.keys = None;
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.far.lock())
    }

    /// Waits until the screen has it; tells the screen then.
    #[track_caller]
    pub fn wait(&self, what: &str) -> String {
        self.wait_for(what, |seen| seen.text().contains(what))
    }

    /// Waits until that is so; tells the screen then.
    #[track_caller]
    pub fn wait_for(&self, what: &str, so: impl Fn(&Seen) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.far.lock();
        while !so(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            secrets::none_in_arguments();
            assert!(!left.is_zero(), "waited for {what}; the screen is\n{}", seen.text());
            seen = self.far.changed.wait_timeout(seen, left.min(Duration::from_millis(200))).unwrap().0;
        }
        seen.text()
    }

    /// Waits until nothing has come for so long, and tells how many bytes there are then.
    pub fn settle(&self, quiet: Duration) -> usize {
        let mut seen = self.far.lock();
        loop {
            let before = seen.bytes.len();
            let until = Instant::now() + quiet;
            while seen.bytes.len() == before && Instant::now() < until {
                let left = until.saturating_duration_since(Instant::now());
                seen = self.far.changed.wait_timeout(seen, left).unwrap().0;
            }
            if seen.bytes.len() == before {
                return before;
            }
        }
    }

    /// Waits for the end of the program; its exit code, or its signal's name.
    #[track_caller]
    pub fn ended(&mut self, within: Duration) -> Result<u32, String> {
        let deadline = Instant::now() + within;
        let status = until("the program's end", || {
            let status = self.child.try_wait().unwrap();
            assert!(status.is_some() || Instant::now() < deadline, "still there after {within:?}");
            status
        });
        status.signal().map_or(Ok(status.exit_code()), |signal| Err(signal.to_owned()))
    }

    /// Processor time so far, in clock ticks of a hundredth of a second.
    pub fn ticks(&self) -> u64 {
        let fields = self.stat();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// The letter of its state: `T` is stopped.
    pub fn state(&self) -> String {
        self.stat().swap_remove(0)
    }

    fn stat(&self) -> Vec<String> {
        let path = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        let text = std::fs::read_to_string(Path::new(&path)).unwrap();
        text.rsplit_once(')').unwrap().1.split_whitespace().map(str::to_owned).collect()
    }

    /// The terminal's settings: raw or not, echo or not.
    pub fn settings(&self) -> String {
        format!("{:?}", self.master.as_ref().unwrap().get_termios().unwrap())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Whatever a failed test leaves behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut seen = self.far.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.closing = true;
        self.far.changed.notify_all();
        if !std::thread::panicking() {
            secrets::none_in("what was drawn", &seen.bytes);
        }
    }
}

impl Seen {
    fn new(size: (u16, u16)) -> Self {
        Self {
            emulator: vt100::Parser::new(rows(size), columns(size), 0),
            bytes: Vec::new(),
            reads: 0,
            reading: true,
            closing: false,
        }
    }

    /// What the screen shows.
    pub fn text(&self) -> String {
        self.emulator.screen().contents()
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.emulator.screen()
    }

    /// All bytes so far, as text.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

fn command(home: &Home, options: &Options<'_>) -> CommandBuilder {
    let plain = home.command();
    let mut command = match options.shell {
        Some(line) => {
            let mut shell = CommandBuilder::new("/bin/sh");
            shell.args(["-c", line, "sh"]);
            shell.arg(plain.get_program());
            shell
        }
        None => CommandBuilder::new(plain.get_program()),
    };
    command.args(options.arguments);
    command.env_clear();
    command.cwd(home.path());
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap());
    }
    for (name, value) in options.environment {
        command.env(name, value);
    }
    command
}

fn size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn rows((_, rows): (u16, u16)) -> std::num::NonZero<u16> {
    rows.try_into().unwrap()
}

fn columns((columns, _): (u16, u16)) -> std::num::NonZero<u16> {
    columns.try_into().unwrap()
}
