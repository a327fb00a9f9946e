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

/// Compiles the client and the tests that pin its public surface, in the workspace at
/// `directory`.
pub(crate) fn build_snapshots(cargo: &OsStr, directory: &Path, target: &Path) -> Result<Duration> {
    let command = snapshots(cargo, directory, target, &["--no-run"]);
    run(command, "the client or its tests do not compile with the new documents")
}

/// Runs these tests, and lets them pin the surface as it is now.
pub(crate) fn refresh_snapshots(
    cargo: &OsStr,
    directory: &Path,
    target: &Path,
) -> Result<Duration> {
    let mut command = snapshots(cargo, directory, target, &["--", "snapshots::"]);
    command.env("INSTA_UPDATE", "always");
    run(command, "the snapshots could not be refreshed")
}

/// Both commands have the packages of the whole workspace but this one, and so the same
/// features: dependencies are compiled once.
fn snapshots(cargo: &OsStr, directory: &Path, target: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(cargo);
    command.args(["test", "--workspace", "--exclude", "xtask", "--test", "suite"]);
    command.arg("--target-dir").arg(target).args(more).current_dir(directory);
    command
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
