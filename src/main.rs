//! Starts Stackdeck.

use std::process::ExitCode;

fn main() -> ExitCode {
    stackdeck::cli::main(std::env::args_os())
}
