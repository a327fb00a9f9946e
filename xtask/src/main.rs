//! Dispatch of `cargo xtask`: parses the command line, runs the command, and
//! turns what becomes of it into an exit code.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use xtask::{Cli, Workspace};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // If nobody reads it, nobody misses it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { xtask::USAGE } else { 0 });
        }
    };
    let mut out = io::stdout().lock();
    let result = Workspace::discover()
        .and_then(|workspace| cli.command.run(&workspace, &mut out))
        .and_then(|outcome| {
            out.flush()?;
            Ok(outcome)
        });
    let code = match result {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            xtask::report(&error, &mut io::stderr().lock());
            xtask::exit_code(&error)
        }
    };
    ExitCode::from(code)
}
