//! A copy of the work tree, in which an update is made. The tree itself is
//! touched at the very end, when nothing is left that could fail.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use tempfile::TempDir;

use crate::{
    drift::git::git,
    files::{self, cannot},
    outcome::chain,
    replace::{self, replace},
    workspace::Workspace,
};

/// The places that an update may change, from the root of the workspace.
const PLACES: [&str; 3] = ["openapi", "tests/snapshots", "CHANGELOG.md"];

/// The prefix of the names of copies.
const TREE: &str = "tree-";

/// A copy of the work tree; removed when dropped.
#[derive(Debug)]
pub(crate) struct Copy {
    /// The work tree.
    root: PathBuf,
    _tree: TempDir,
    /// Locked: what other copies there are belongs to nobody.
    _lock: File,
    /// The copy, as a workspace.
    pub(crate) workspace: Workspace,
    /// The files in [`PLACES`], from the root.
    before: BTreeMap<PathBuf, Vec<u8>>,
}

impl Copy {
    /// Copies the files of the work tree that git does not ignore.
    ///
    /// # Errors
    /// No git work tree, one with changes where the update makes its own, and
    /// symbolic links there.
    pub(crate) fn make(workspace: &Workspace) -> Result<Self> {
        let root = &workspace.root;
        for place in PLACES {
            refuse_links(root, Path::new(place))?;
        }
        require_clean(root)?;
        let listed = git(
            root,
            &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "."],
        )?;
        let listed = String::from_utf8(listed).context("the name of a file is not UTF-8")?;
        let listed: BTreeSet<_> =
            listed.split('\0').filter(|name| !name.is_empty()).map(Path::new).collect();
        ensure!(
            listed.contains(Path::new("openapi/sources.toml")),
            "openapi/sources.toml is not under version control; update needs that to keep its \
             changes apart from others: commit it"
        );

        let directory = workspace.target.join("update");
        fs::create_dir_all(&directory).with_context(|| cannot("make", &directory))?;
        let lock = directory.join("lock");
        let lock = File::create(&lock).with_context(|| cannot("write", &lock))?;
        lock.try_lock().with_context(|| {
            format!("another update is running in {}; wait for it to end", directory.display())
        })?;
        remove_left_over(&directory)?;
        let tree = tempfile::Builder::new().prefix(TREE).tempdir_in(&directory);
        let tree = tree.with_context(|| cannot("write in", &directory))?;
        let copy = Self {
            root: root.clone(),
            workspace: Workspace {
                root: tree.path().to_path_buf(),
                openapi: tree.path().join("openapi"),
                target: directory.join("build"),
                cargo: workspace.cargo.clone(),
            },
            _tree: tree,
            _lock: lock,
            before: BTreeMap::new(),
        };
        let listed = listed.into_iter().filter(|path| {
            // It may lie in the tree without being ignored.
            !root.join(path).starts_with(&workspace.target)
        });
        copy.fill(listed)
    }

    fn fill<'a>(mut self, listed: impl Iterator<Item = &'a Path>) -> Result<Self> {
        for path in listed {
            let (from, to) = (self.root.join(path), self.workspace.root.join(path));
            let metadata = match fs::symlink_metadata(&from) {
                Ok(metadata) => metadata,
                // Deleted, and not in PLACES, which are clean.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error).with_context(|| cannot("read", &from)),
            };
            let directory = files::parent(&to);
            fs::create_dir_all(&directory).with_context(|| cannot("make", &directory))?;
            let inside = PLACES.iter().any(|place| path.starts_with(place));
            if metadata.is_symlink() {
                if inside {
                    refuse_links(&self.root, path)?;
                }
                link(&from, path, &to)?;
            } else if metadata.is_file() {
                fs::copy(&from, &to).with_context(|| cannot("copy", &from))?;
                if inside {
                    let content = fs::read(&to).with_context(|| cannot("read", &to))?;
                    self.before.insert(path.to_path_buf(), content);
                }
            }
        }
        Ok(self)
    }

    /// The content that a file of the copy had at first.
    pub(crate) fn before(&self, path: &Path) -> Option<&[u8]> {
        let path = path.strip_prefix(&self.workspace.root).ok()?;
        self.before.get(path).map(Vec::as_slice)
    }

    /// Makes the changes of the copy in the work tree, all of them or none.
    ///
    /// # Errors
    /// A file to be changed that is no longer as it was copied: it is somebody
    /// else's by now.
    pub(crate) fn apply(&self) -> Result<()> {
        let changes = self.changes()?;
        let mut replaced = Vec::new();
        for (path, content) in &changes {
            refuse_links(&self.root, path)?;
            let target = self.root.join(path);
            let now = files::read_if_any(&target, u64::MAX - 1)?;
            ensure!(
                now.as_ref() == self.before.get(path),
                "{} was changed while the update was made, or is ignored by git; commit or \
                 remove it, then update again",
                path.display()
            );
            replaced.push((target, content.as_deref()));
        }
        let changes: Vec<_> = replaced
            .iter()
            .map(|(path, content)| replace::Change { path, content: *content })
            .collect();
        replace(&self.root.join("openapi"), &changes)
    }

    /// The files in [`PLACES`] that differ from before; `None` for snapshots
    /// that are gone. An update removes nothing else.
    fn changes(&self) -> Result<BTreeMap<PathBuf, Option<Vec<u8>>>> {
        let root = &self.workspace.root;
        ensure!(root.join(PLACES[2]).exists(), "the copy in {} was removed", root.display());
        let is_snapshot =
            |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "snap");
        let mut changes: BTreeMap<_, _> =
            self.before.keys().filter(is_snapshot).map(|path| (path.clone(), None)).collect();
        for place in PLACES {
            let place = root.join(place);
            let found = if place.is_dir() { files::walk(&place)? } else { vec![place] };
            for file in found {
                let Some(content) = files::read_if_any(&file, u64::MAX - 1)? else { continue };
                let path = file.strip_prefix(root).unwrap_or(&file);
                // Snapshots for review; an update takes all of them.
                if path.extension().is_some_and(|extension| extension == "new") {
                    continue;
                }
                match self.before.get(path).is_some_and(|before| *before == content) {
                    true => changes.remove(path),
                    false => changes.insert(path.to_path_buf(), Some(content)),
                };
            }
        }
        Ok(changes)
    }

    /// `error` with the paths of the copy as those of the work tree.
    pub(crate) fn relocate(&self, error: anyhow::Error) -> anyhow::Error {
        let text = chain(&error);
        match self.relocated(&text) {
            relocated if relocated == text => error,
            relocated => anyhow!(relocated),
        }
    }

    fn relocated(&self, text: &str) -> String {
        text.replace(&self.workspace.root.display().to_string(), &self.root.display().to_string())
    }
}

/// Writes lines to `out` with the paths of the copy as those of the work tree.
pub(crate) struct Relocated<'a> {
    copy: &'a Copy,
    out: &'a mut dyn Write,
    line: Vec<u8>,
}

impl<'a> Relocated<'a> {
    pub(crate) fn new(copy: &'a Copy, out: &'a mut dyn Write) -> Self {
        Self { copy, out, line: Vec::new() }
    }
}

impl Write for Relocated<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(end) = self.line.iter().rposition(|&byte| byte == b'\n') {
            let rest = self.line.split_off(end + 1);
            let lines = std::mem::replace(&mut self.line, rest);
            let lines = self.copy.relocated(&String::from_utf8_lossy(&lines));
            self.out.write_all(lines.as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Fails if git knows of changes in [`PLACES`].
fn require_clean(root: &Path) -> Result<()> {
    let status = ["status", "--porcelain", "--untracked-files=all", "--"];
    let status = git(root, &[&status[..], &PLACES].concat())
        .context("update needs a git work tree, to keep its changes apart from others")?;
    let status = String::from_utf8_lossy(&status);
    if status.is_empty() {
        return Ok(());
    }
    let places = PLACES.join(" ");
    bail!(
        "there are uncommitted changes where update makes its own:\n{}\n\
         commit them, or set them aside: git stash push --include-untracked -- {places}",
        status.trim_end()
    );
}

/// Fails if `path`, or a directory on the way to it from `root`, is a link.
fn refuse_links(root: &Path, path: &Path) -> Result<()> {
    let mut on_the_way = PathBuf::new();
    for part in path.components() {
        on_the_way.push(part);
        if root.join(&on_the_way).is_symlink() {
            bail!(
                "{} is a symbolic link; update changes only files of this work tree: put the \
                 file or directory itself there",
                on_the_way.display()
            );
        }
    }
    Ok(())
}

/// Makes `to` the link that `from` is. A link that leaves the work tree leads
/// to the same place from the copy.
fn link(from: &Path, path: &Path, to: &Path) -> Result<()> {
    let target = fs::read_link(from).with_context(|| cannot("read", from))?;
    let mut depth = path.components().count() as i64 - 1;
    let leaves = target.is_absolute()
        || target.components().any(|part| {
            match part {
                Component::ParentDir => depth -= 1,
                Component::Normal(_) => depth += 1,
                _ => {}
            }
            depth < 0
        });
    let target = if leaves { files::parent(from).join(target) } else { target };
    #[cfg(unix)]
    return std::os::unix::fs::symlink(target, to).with_context(|| cannot("make", to));
    #[cfg(not(unix))]
    bail!(
        "{} is a symbolic link to {}, which cannot be copied here",
        from.display(),
        target.display()
    );
}

/// Removes the copies of updates that were killed, as far as that is possible:
/// a build may still be running in one.
fn remove_left_over(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory).with_context(|| cannot("list", directory))? {
        let entry = entry.with_context(|| cannot("list", directory))?;
        if entry.file_name().to_string_lossy().starts_with(TREE) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}
