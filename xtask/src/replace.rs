//! Replaces several files together: all of them change, or none does.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use tempfile::NamedTempFile;

use crate::files::{self, TEMPORARY, cannot};

/// A file and what it is to become.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) path: &'a Path,
    /// `None`: the file is removed.
    pub(crate) content: Option<&'a [u8]>,
}

/// Makes `changes` in their order; if one fails, those before it are undone.
///
/// All that can fail early is done first: new and old contents are written,
/// durably, to a directory of their own in `staging`, which has to be in the
/// same file system. What remains are renames. After a crash between two of
/// them, the first files are new and the last ones old.
pub(crate) fn replace(staging: &Path, changes: &[Change<'_>]) -> Result<()> {
    for change in changes {
        // A rename would put a file in its place.
        if change.path.is_symlink() {
            bail!("{0} is a symbolic link; put the file itself there", change.path.display());
        }
    }
    let staging = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempdir_in(staging)
        .with_context(|| cannot("write in", staging))?;
    let mut directories = Directories::default();
    let mut steps = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        directories.make(&files::parent(change.path))?;
        let old = match fs::read(change.path) {
            // The last one is never put back.
            _ if index + 1 == changes.len() => None,
            Ok(content) => Some(files::stage(staging.path(), change.path, &content)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| cannot("read", change.path)),
        };
        let new = change.content.map(|content| files::stage(staging.path(), change.path, content));
        steps.push((change.path, old, new.transpose()?));
    }
    let mut done = Vec::new();
    for (path, old, new) in steps {
        if let Err(error) = put(new, path) {
            return Err(undo(done, error));
        }
        done.push((path, old));
    }
    directories.keep();
    for change in changes {
        files::sync(&files::parent(change.path));
    }
    Ok(())
}

/// Puts back what was replaced before `error` came.
fn undo(done: Vec<(&Path, Option<NamedTempFile>)>, error: anyhow::Error) -> anyhow::Error {
    let failed: Vec<_> =
        done.into_iter().rev().filter_map(|(path, old)| put(old, path).err()).collect();
    if failed.is_empty() {
        return error.context("nothing was replaced");
    }
    let failed: Vec<_> = failed.iter().map(|error| format!("{error:#}")).collect();
    error.context(format!(
        "some files were replaced and could not be put back ({}); restore them from version control",
        failed.join("; ")
    ))
}

/// Makes `path` the staged file, or removes it.
fn put(staged: Option<NamedTempFile>, path: &Path) -> Result<()> {
    match staged.map(|staged| staged.persist(path)) {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(error.error).with_context(|| cannot("replace", path)),
        None => match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| cannot("remove", path))
            }
            _ => Ok(()),
        },
    }
}

/// Directories that were made here; removed again if nothing came of them.
#[derive(Debug, Default)]
struct Directories(Vec<PathBuf>);

impl Directories {
    fn make(&mut self, path: &Path) -> Result<()> {
        let missing: Vec<_> = path.ancestors().take_while(|path| !path.exists()).collect();
        for path in missing.into_iter().rev() {
            fs::create_dir(path).with_context(|| cannot("make", path))?;
            self.0.push(path.to_path_buf());
        }
        Ok(())
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Directories {
    fn drop(&mut self) {
        for path in self.0.iter().rev() {
            // Only if empty; it was not there before.
            let _ = fs::remove_dir(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::Change;
    use crate::files::walk;

    /// Gives each of `paths` the content `text`.
    fn replace(root: &Path, paths: &[&Path], text: &str) -> anyhow::Result<()> {
        let change = |path: &&'_ Path| (path.to_path_buf(), text.as_bytes());
        let changes: Vec<_> = paths.iter().map(change).collect();
        let changes: Vec<_> =
            changes.iter().map(|(path, content)| Change { path, content: Some(content) }).collect();
        super::replace(root, &changes)
    }

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
            replace(root.path(), &[&first, &second], text).unwrap();
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
        let error = replace(root.path(), &[&first, &second], "new").unwrap_err();
        assert_eq!(content(root.path()), pairs(&[("a.json", "old")]));
        let error = format!("{error:#}");
        assert!(error.starts_with("nothing was replaced: cannot replace "), "{error}");
    }

    #[test]
    fn a_first_that_was_not_there_is_gone_again() {
        let root = tempfile::tempdir().unwrap();
        let [first, second] = ["watch/deep/a.json", "lock"].map(|name| root.path().join(name));
        fs::create_dir(&second).unwrap();
        replace(root.path(), &[&first, &second], "new").unwrap_err();
        assert!(!root.path().join("watch").exists());
        assert_eq!(content(root.path()), []);
    }

    #[test]
    fn nothing_is_touched_when_the_first_cannot_be() {
        let root = tempfile::tempdir().unwrap();
        let [first, second] = ["a.json", "lock"].map(|name| root.path().join(name));
        fs::create_dir(&first).unwrap();
        fs::write(&second, "old").unwrap();
        replace(root.path(), &[&first, &second], "new").unwrap_err();
        assert_eq!(content(root.path()), pairs(&[("lock", "old")]));
    }

    #[test]
    fn a_removal_is_undone_as_well() {
        let root = tempfile::tempdir().unwrap();
        let [gone, new, last] = ["gone", "new", "last"].map(|name| root.path().join(name));
        fs::write(&gone, "old").unwrap();
        fs::create_dir(&last).unwrap();
        let changes = [(&gone, None), (&new, Some(&b"new"[..])), (&last, Some(&b"new"[..]))];
        let changes = changes.map(|(path, content)| Change { path, content });
        super::replace(root.path(), &changes).unwrap_err();
        assert_eq!(content(root.path()), pairs(&[("gone", "old")]));
        fs::remove_dir(&last).unwrap();
        super::replace(root.path(), &changes).unwrap();
        assert_eq!(content(root.path()), pairs(&[("last", "new"), ("new", "new")]));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_neither_followed_nor_replaced() {
        let root = tempfile::tempdir().unwrap();
        let [first, link, real] = ["first", "link", "real"].map(|name| root.path().join(name));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let error = replace(root.path(), &[&first, &link], "new").unwrap_err().to_string();
        assert!(error.ends_with("link is a symbolic link; put the file itself there"), "{error}");
        assert!(link.is_symlink() && !first.exists());
        assert_eq!(fs::read_to_string(&real).unwrap(), "old");
    }
}
