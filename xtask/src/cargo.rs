//! Compiling what was generated.

use std::{
    ffi::OsStr,
    fmt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

/// A build that failed, with what cargo said.
#[derive(Debug)]
pub(crate) struct BuildFailed {
    output: String,
}

impl fmt::Display for BuildFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the generated code does not compile; cargo says:\n{}", self.output.trim_end())
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
    let start = Instant::now();
    let output = Command::new(cargo)
        .arg("build")
        .args(arguments)
        .arg("--target-dir")
        .arg(target)
        .current_dir(directory)
        .output()
        .with_context(|| format!("cannot run {}", cargo.display()))?;
    if output.status.success() {
        return Ok(start.elapsed());
    }
    let output = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(BuildFailed { output }.into())
}
