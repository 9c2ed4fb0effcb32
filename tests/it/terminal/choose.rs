//! Where to go first: several clouds, a password that is not in the file.

use super::pty::{Options, Terminal};
use super::world::Stage;

#[test]
fn of_several_clouds_one_is_chosen_on_the_screen() {
    let stage = Stage::quiet();
    let other = "\n  elsewhere:\n    auth: {auth_url: 'http://127.0.0.1:9/v3', username: u, password: p}\n";
    stage.home.clouds(&(stage.served.clouds_yaml() + other));
    let mut terminal = Terminal::start(&stage.home, &Options::default());
    terminal.wait("elsewhere");
    terminal.send("\x1b");
    // What is behind the picker is seen beside it: an escape and a colon that arrive together would be one key.
    terminal.wait_for("the picker to be gone", |seen| !seen.text().contains("Go to a cloud"));
    terminal.wait("No cloud is chosen");
    terminal.send(":cloud sim\r");
    terminal.wait("payments");
    // The shell has nobody to ask.
    let ended = stage.home.run(["services"]).with_code(2);
    assert!(ended.err.contains("elsewhere, sim"), "{}", ended.err);
}

#[test]
fn a_password_that_is_nowhere_is_asked_for_until_it_is_right() {
    let stage = Stage::quiet();
    let clouds = stage.served.clouds_yaml();
    assert!(clouds.contains("      password: night-shift\n"));
    stage.home.clouds(&clouds.replace("      password: night-shift\n", ""));
    let mut terminal = Terminal::start(&stage.home, &Options { arguments: &["--cloud", "sim"], ..Options::default() });
    terminal.wait("oncall");
    terminal.mistype_password();
    terminal.send("\x1b[200~night-shift\n\x1b[201~");
    terminal.send("\r");
    terminal.wait("payments");
    terminal.seen(|seen| {
        for secret in ["mistaken-for-another", "night-shift"] {
            assert!(!seen.raw().contains(secret), "{secret} was on the screen");
        }
    });
}
