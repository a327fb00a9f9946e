//! Replaces two files together: both change, or neither does.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

use crate::files::{self, cannot};

/// A file and what it is to become.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) path: &'a Path,
    pub(crate) content: &'a [u8],
}

/// Replaces `first`, then `second`; if the second fails, the first is put back.
///
/// All that can fail early is done first: both are written, durably, beside
/// their targets, and so is a copy of the old first. What remains are renames.
/// A crash between the two leaves the new first with the old second, which
/// `check` finds.
pub(crate) fn replace(first: Target<'_>, second: Target<'_>) -> Result<()> {
    let directory = Directory::make(files::parent(first.path))?;
    let old = match fs::read(first.path) {
        Ok(content) => Some(files::stage(first.path, &content)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| cannot("read", first.path)),
    };
    let new_first = files::stage(first.path, first.content)?;
    let new_second = files::stage(second.path, second.content)?;

    rename(new_first, first.path)?;
    if let Err(error) = rename(new_second, second.path) {
        let undone = match old {
            Some(old) => rename(old, first.path),
            None => fs::remove_file(first.path).with_context(|| cannot("remove", first.path)),
        };
        return Err(match undone {
            Ok(()) => error.context("nothing was replaced"),
            Err(undo) => error.context(format!(
                "{} was replaced and could not be put back ({undo:#}); restore it from version control",
                first.path.display()
            )),
        });
    }
    directory.keep();
    files::sync(&files::parent(first.path));
    files::sync(&files::parent(second.path));
    Ok(())
}

fn rename(staged: NamedTempFile, target: &Path) -> Result<()> {
    match staged.persist(target) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.error).with_context(|| cannot("replace", target)),
    }
}

/// A directory that is removed again, if it was made here and nothing came of it.
#[derive(Debug)]
struct Directory(Option<PathBuf>);

impl Directory {
    fn make(path: PathBuf) -> Result<Self> {
        match fs::create_dir(&path) {
            Ok(()) => Ok(Self(Some(path))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Self(None)),
            Err(error) => Err(error).with_context(|| cannot("make", &path)),
        }
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Only if empty; it was not there before.
            let _ = fs::remove_dir(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{Target, replace};
    use crate::files::walk;

    fn content(root: &Path) -> Vec<(String, String)> {
        let name = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        walk(root).unwrap().iter().map(|path| (name(path), read(path))).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn both_change() {
        let root = tempfile::tempdir().unwrap();
        let [first, second] = ["watch/a.json", "lock"].map(|name| root.path().join(name));
        for text in ["one", "two"] {
            let target = |path| Target { path, content: text.as_bytes() };
            replace(target(&first), target(&second)).unwrap();
            assert_eq!(content(root.path()), pairs(&[("lock", text), ("watch/a.json", text)]));
        }
    }

    #[test]
    fn the_first_comes_back_when_the_second_cannot_be() {
        let root = tempfile::tempdir().unwrap();
        let [first, second] = ["a.json", "lock"].map(|name| root.path().join(name));
        // No file can be renamed over a directory.
        fs::create_dir(&second).unwrap();
        fs::write(&first, "old").unwrap();
        let target = |path| Target { path, content: b"new" };
        let error = replace(target(&first), target(&second)).unwrap_err();
        assert_eq!(content(root.path()), pairs(&[("a.json", "old")]));
        let error = format!("{error:#}");
        assert!(error.starts_with("nothing was replaced: cannot replace "), "{error}");
    }

    #[test]
    fn a_first_that_was_not_there_is_gone_again() {
        let root = tempfile::tempdir().unwrap();
        let [first, second] = ["watch/a.json", "lock"].map(|name| root.path().join(name));
        fs::create_dir(&second).unwrap();
        let target = |path| Target { path, content: b"new" };
        replace(target(&first), target(&second)).unwrap_err();
        assert!(!root.path().join("watch").exists());
        assert_eq!(content(root.path()), []);
    }

    #[test]
    fn nothing_is_touched_when_the_first_cannot_be() {
        let root = tempfile::tempdir().unwrap();
        let [first, second] = ["a.json", "lock"].map(|name| root.path().join(name));
        fs::create_dir(&first).unwrap();
        fs::write(&second, "old").unwrap();
        let target = |path| Target { path, content: b"new" };
        replace(target(&first), target(&second)).unwrap_err();
        assert_eq!(content(root.path()), pairs(&[("lock", "old")]));
    }
}
