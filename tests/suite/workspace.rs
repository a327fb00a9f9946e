//! Paths of the workspace, and crates compiled in it.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

/// The directory of the workspace: the innermost with a lock file.
pub(crate) fn root() -> PathBuf {
    let directories = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut roots = directories.filter(|directory| directory.join("Cargo.lock").is_file());
    roots.next().expect("the tests are in a workspace").to_owned()
}

/// A file of the directory that the environment variable `IAM_EXTRA_DOCUMENTS`
/// names; `None`, with a message, if the variable is not set.
///
/// The directory has documents as IBM publishes them: `ibm-cloud-iam.yml`, and
/// three older ones in `ibm-2023-09-08/`.
pub(crate) fn extra_document(file: &str) -> Option<PathBuf> {
    extra("IAM_EXTRA_DOCUMENTS", file)
}

/// As [`extra_document`], of the directory that `variable` names.
pub(crate) fn extra(variable: &str, file: &str) -> Option<PathBuf> {
    let Some(directory) = env::var_os(variable) else {
        // Past the test harness, which shows nothing of a test that passes.
        let _ = writeln!(io::stderr(), "skipped: {variable} is not set, so there is no {file}");
        return None;
    };
    // Tests do not run in the directory that the variable was set in.
    let path = root().join(directory).join(file);
    assert!(path.exists(), "{variable} is set, and there is no {}", path.display());
    Some(path)
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
