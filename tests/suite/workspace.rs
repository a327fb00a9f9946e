//! Paths of the workspace, and crates compiled in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The directory of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").to_owned()
}

/// Reference material that a checkout may stand beside; `None`, with a message, if not.
pub(crate) fn shared(file: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/{file} is not here");
    None
}

/// All files below `directory`, sorted.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Runs cargo offline in `directory`, with a target directory that the tests
/// of this workspace share; `Err` holds what it printed.
pub(crate) fn cargo(directory: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", root().join("target/standalone"))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(text) } else { Err(text) }
}
