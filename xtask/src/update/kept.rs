//! Files as they were, to be put back if what comes after fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, Permissions},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::files::{self, cannot};

/// Files and directories as they were. Dropped without [`Kept::release`], it
/// puts them back; [`Kept::restore`] does so as well and tells what fails.
#[derive(Debug)]
pub(crate) struct Kept {
    /// What is watched over: files, and directories with all that is in them.
    roots: Vec<PathBuf>,
    files: BTreeMap<PathBuf, (Vec<u8>, Permissions)>,
    directories: BTreeSet<PathBuf>,
    released: bool,
}

impl Kept {
    /// Remembers `roots`, some of which may not be there.
    pub(crate) fn take(roots: Vec<PathBuf>) -> Result<Self> {
        let (mut files, mut directories) = (BTreeMap::new(), BTreeSet::new());
        for root in &roots {
            for path in list(root, &mut directories)? {
                let content = fs::read(&path).with_context(|| cannot("read", &path))?;
                let metadata = fs::metadata(&path).with_context(|| cannot("read", &path))?;
                files.insert(path, (content, metadata.permissions()));
            }
        }
        Ok(Self { roots, files, directories, released: false })
    }

    /// The content that `path` had.
    pub(crate) fn content(&self, path: &Path) -> Option<&[u8]> {
        self.files.get(path).map(|(content, _)| content.as_slice())
    }

    /// What is there now may stay.
    pub(crate) fn release(mut self) {
        self.released = true;
    }

    /// Puts everything back.
    ///
    /// # Errors
    /// The files that could not be put back; all others were.
    pub(crate) fn restore(mut self) -> Result<()> {
        self.released = true;
        self.put_back()
    }

    fn put_back(&self) -> Result<()> {
        let mut failures = Vec::new();
        let mut note = |result: Result<()>| {
            if let Err(error) = result {
                failures.push(format!("{error:#}"));
            }
        };
        let mut now = BTreeSet::new();
        for root in &self.roots {
            match list(root, &mut now) {
                Ok(present) => {
                    for path in present.iter().filter(|path| !self.files.contains_key(*path)) {
                        let removed = fs::remove_file(path);
                        note(removed.with_context(|| cannot("remove", path)));
                    }
                }
                Err(error) => note(Err(error)),
            }
        }
        for (path, (content, permissions)) in &self.files {
            if fs::read(path).is_ok_and(|now| now == *content) {
                continue;
            }
            note(files::write(path, content).and_then(|()| {
                let set = fs::set_permissions(path, permissions.clone());
                set.with_context(|| cannot("write", path))
            }));
        }
        // The innermost first.
        for directory in now.difference(&self.directories).collect::<Vec<_>>().iter().rev() {
            let removed = fs::remove_dir(directory);
            note(removed.with_context(|| cannot("remove", directory)));
        }
        if failures.is_empty() {
            return Ok(());
        }
        bail!("not everything could be put back; use version control: {}", failures.join("; "))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if !self.released
            && let Err(error) = self.put_back()
        {
            // A panic brought us here: there is nobody to return it to.
            eprintln!("error: {error:#}");
        }
    }
}

/// The files that `root` is or holds; directories go into `directories`.
fn list(root: &Path, directories: &mut BTreeSet<PathBuf>) -> Result<Vec<PathBuf>> {
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Ok(vec![root.to_owned()]),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| cannot("read", root)),
    }
    directories.insert(root.to_owned());
    let mut found = Vec::new();
    for entry in fs::read_dir(root).with_context(|| cannot("list", root))? {
        let path = entry.with_context(|| cannot("list", root))?.path();
        found.extend(list(&path, directories)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use super::Kept;

    fn state(root: &Path) -> BTreeMap<String, Option<String>> {
        let mut state = BTreeMap::new();
        for entry in fs::read_dir(root).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if path.is_dir() {
                state.extend(self::state(&path));
                state.insert(name, None);
            } else {
                state.insert(name, Some(fs::read_to_string(&path).unwrap()));
            }
        }
        state
    }

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        fs::write(root.path().join("a/b/one"), "1").unwrap();
        fs::write(root.path().join("a/two"), "2").unwrap();
        fs::write(root.path().join("file"), "3").unwrap();
        root
    }

    fn change(root: &Path) {
        fs::remove_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/two"), "22").unwrap();
        fs::create_dir_all(root.join("a/c/d")).unwrap();
        fs::write(root.join("a/c/d/new"), "").unwrap();
        fs::remove_file(root.join("file")).unwrap();
        fs::write(root.join("absent"), "").unwrap();
    }

    fn keep(root: &Path) -> Kept {
        Kept::take(["a", "file", "absent"].map(|name| root.join(name)).to_vec()).unwrap()
    }

    #[test]
    fn what_was_changed_removed_or_added_is_put_back() {
        let root = tree();
        let before = state(root.path());
        let kept = keep(root.path());
        assert_eq!(kept.content(&root.path().join("a/two")), Some(&b"2"[..]));
        change(root.path());
        assert_ne!(state(root.path()), before);
        kept.restore().unwrap();
        assert_eq!(state(root.path()), before);

        let kept = keep(root.path());
        change(root.path());
        drop(kept);
        assert_eq!(state(root.path()), before);

        let kept = keep(root.path());
        change(root.path());
        let changed = state(root.path());
        kept.release();
        assert_eq!(state(root.path()), changed);
    }

    #[test]
    fn what_cannot_be_put_back_is_told() {
        let root = tree();
        let kept = keep(root.path());
        fs::remove_file(root.path().join("file")).unwrap();
        fs::create_dir(root.path().join("file")).unwrap();
        fs::write(root.path().join("file/inside"), "").unwrap();
        fs::write(root.path().join("a/two"), "22").unwrap();
        let error = kept.restore().unwrap_err().to_string();
        assert!(error.contains("use version control"), "{error}");
        // The others were.
        assert_eq!(fs::read_to_string(root.path().join("a/two")).unwrap(), "2");
    }
}
