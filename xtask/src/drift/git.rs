//! The vendored documents as they were at a reference of git.

use std::{
    path::{Component, Path},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use iam_codegen::sources::{MANIFEST, Sources};
use tempfile::TempDir;

use crate::files;

/// The manifest with its files as they were.
pub(crate) struct Past {
    /// The commit, abbreviated.
    pub(super) commit: String,
    pub(super) sources: Sources,
    /// Gone when dropped.
    _directory: TempDir,
}

/// Takes out what the manifest in `openapi` named at `reference`: documents
/// and overlays. Files that were not committed are not there.
pub(super) fn at(openapi: &Path, reference: &str) -> Result<Past> {
    let commit = format!("{reference}^{{commit}}");
    let commit = git(openapi, &["rev-parse", "--verify", "--end-of-options", &commit])?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let directory = tempfile::tempdir().context("cannot make a temporary directory")?;
    if !take(openapi, &commit, MANIFEST, directory.path())? {
        bail!("at {reference} there is no {MANIFEST} in {}", openapi.display());
    }
    let sources = Sources::load(directory.path())?;
    for source in sources.list() {
        for file in source.overlays.iter().chain([&source.file]) {
            if !file.components().all(|part| matches!(part, Component::Normal(_))) {
                bail!(
                    "at {reference}, {MANIFEST} names {} outside of its directory",
                    file.display()
                );
            }
            let file = file.to_str().context("the name of a file is not UTF-8")?;
            take(openapi, &commit, file, directory.path())?;
        }
    }
    let commit = commit.get(..12).unwrap_or(&commit).to_owned();
    Ok(Past { commit, sources, _directory: directory })
}

/// Copies `file`, as it was, into `directory`; whether it was there.
fn take(openapi: &Path, commit: &str, file: &str, directory: &Path) -> Result<bool> {
    let listed = git(openapi, &["ls-tree", "-z", "--name-only", commit, "--", file])?;
    if listed.is_empty() {
        return Ok(false);
    }
    let content = git(openapi, &["show", &format!("{commit}:./{file}")])?;
    files::write(&directory.join(file), &content)?;
    Ok(true)
}

/// Runs git in `directory`; gives what it prints.
pub(crate) fn git(directory: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    // Without the option, `git status` refreshes the index as well.
    let command = ["--no-optional-locks", "-C"];
    let output = Command::new("git").args(command).arg(directory).args(arguments).output();
    let output = output.context("cannot run git")?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    bail!("git says: {}", String::from_utf8_lossy(&output.stderr).trim())
}
