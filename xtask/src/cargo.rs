//! Compiling what was generated.

use std::{
    ffi::OsStr,
    fmt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

/// A run of cargo that failed, with what cargo said.
#[derive(Debug)]
pub(crate) struct BuildFailed {
    what: &'static str,
    output: String,
}

impl fmt::Display for BuildFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; cargo says:\n{}", self.what, self.output.trim_end())
    }
}

impl std::error::Error for BuildFailed {}

/// Runs `cargo build` with `arguments` in `directory`; its output is kept for
/// the error.
pub(crate) fn build(
    cargo: &OsStr,
    directory: &Path,
    target: &Path,
    arguments: &[&str],
) -> Result<Duration> {
    let mut command = Command::new(cargo);
    command.arg("build").args(arguments).arg("--target-dir").arg(target).current_dir(directory);
    run(command, "the generated code does not compile")
}

/// Runs the tests that pin the public surface in the workspace at `directory`,
/// and lets them pin what it is now.
pub(crate) fn refresh_snapshots(
    cargo: &OsStr,
    directory: &Path,
    target: &Path,
) -> Result<Duration> {
    let mut command = Command::new(cargo);
    command.args(["test", "--package", "iam-tests", "--test", "suite", "--target-dir"]);
    command.arg(target).args(["--", "snapshots"]).current_dir(directory);
    command.env("INSTA_UPDATE", "always");
    run(command, "the snapshots could not be refreshed")
}

fn run(mut command: Command, what: &'static str) -> Result<Duration> {
    let start = Instant::now();
    let output = command
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(start.elapsed());
    }
    // Cargo and rustc write to standard error, tests to standard output.
    let output = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Err(BuildFailed { what, output }.into())
}
