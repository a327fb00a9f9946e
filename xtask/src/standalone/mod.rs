//! A crate of its own from one document: built beside the place it is meant
//! for, then moved there as a whole.

mod credentials;
mod manifest;
mod name;
mod text;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use iam_codegen::{Document, Output, Settings};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    files::{self, Fingerprint, TEMPORARY, cannot},
    outcome::Usage,
    workspace::Workspace,
};
use manifest::{Manifests, Package};

/// The directory of the new crate in the temporary one.
const CRATE: &str = "crate";

/// What was asked for, checked.
#[derive(Debug)]
pub(crate) struct Plan {
    manifests: Manifests,
    /// The crate's name.
    pub(crate) name: String,
    /// Where it goes.
    pub(crate) directory: PathBuf,
    document: String,
    overlays: Vec<String>,
    title: String,
    fingerprint: Fingerprint,
}

/// The document that a crate is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec<'a> {
    pub(crate) path: &'a Path,
    pub(crate) content: &'a [u8],
    pub(crate) document: &'a Document,
    /// The file names of the overlays on it.
    pub(crate) overlays: &'a [String],
}

impl Plan {
    /// Checks what can be checked before anything is generated.
    ///
    /// # Errors
    /// A name that no crate can have, and a directory that is not ours to fill.
    pub(crate) fn new(
        workspace: &Workspace,
        spec: Spec<'_>,
        directory: &Path,
        name: Option<&str>,
        force: bool,
    ) -> Result<Self> {
        let manifests = Manifests::read(&workspace.root)?;
        let name = match name {
            Some(name) => match name::fault(name, manifests.dependency_names()) {
                None => name.to_owned(),
                Some(fault) => {
                    return Err(Usage::error(format!("`{name}` is no name for a crate: {fault}")));
                }
            },
            None => {
                let stem = spec.path.file_stem().unwrap_or_default().to_string_lossy();
                name::from_stem(&stem, manifests.dependency_names())
            }
        };
        let info = |field| {
            let info = spec.document.value().get("info").and_then(|info| info.get(field));
            info.and_then(Value::as_str).unwrap_or_default()
        };
        let document = files::name(spec.path);
        let title = format!("{} {}", info("title"), info("version"));
        let title = match title.trim() {
            "" => document.clone(),
            title => title.to_owned(),
        };
        Ok(Self {
            directory: vacant(directory, force)?,
            title,
            fingerprint: Fingerprint::of(spec.content),
            manifests,
            name,
            document,
            overlays: spec.overlays.to_vec(),
        })
    }

    /// How the pipeline names the client.
    pub(crate) fn settings(&self) -> Settings {
        Settings::for_service(&self.name)
    }

    /// Writes the crate.
    ///
    /// # Errors
    /// What keeps it from being written; the directory is then as it was.
    pub(crate) fn write(
        &self,
        workspace: &Workspace,
        services: &[&str],
        output: &Output,
    ) -> Result<()> {
        let parent = files::parent(&self.directory);
        fs::create_dir_all(&parent).with_context(|| cannot("make", &parent))?;
        let staged = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempdir_in(&parent)
            .with_context(|| cannot("write in", &parent))?;
        // Inside, because a temporary directory is closed to everybody else.
        let root = staged.path().join(CRATE);
        for (path, content) in self.files(workspace, services, output)? {
            let path = root.join(path);
            let directory = files::parent(&path);
            fs::create_dir_all(&directory).with_context(|| cannot("make", &directory))?;
            fs::write(&path, content).with_context(|| cannot("write", &path))?;
        }
        swap(staged, &self.directory)
    }

    fn files(
        &self,
        workspace: &Workspace,
        services: &[&str],
        output: &Output,
    ) -> Result<Vec<(PathBuf, String)>> {
        let client = workspace.root.join("iam-client/src");
        let description = format!("Client of {}", self.title);
        let package = Package {
            name: &self.name,
            description: &description,
            document: &self.document,
            sha256: &self.fingerprint.sha256,
            overlays: &self.overlays,
        };
        let about = text::About {
            name: &self.name,
            client: &self.settings().client,
            document: &self.document,
            overlays: &self.overlays,
            title: &self.title,
            server: &output.api.server,
            operations: output.operations,
            left_out: &output.left_out,
            credentials: credentials::Credentials::of(&output.api),
        };
        let reexports = text::reexports(&files::read_text(&client.join("lib.rs"))?)?;
        let adaptations = output.adaptations.iter().map(|adaptation| format!("{adaptation}\n"));
        let mut files: Vec<(PathBuf, String)> = vec![
            ("Cargo.toml".into(), self.manifests.render(&package, services)?),
            ("README.md".into(), about.readme()),
            (".gitignore".into(), "/target\n".to_owned()),
            ("adaptations.txt".into(), adaptations.collect()),
            ("src/lib.rs".into(), about.library(&reexports)),
            ("src/api.rs".into(), output.source.clone()),
        ];
        let lock = workspace.root.join("Cargo.lock");
        if lock.exists() {
            files.push(("Cargo.lock".into(), files::read_text(&lock)?));
        }
        for (path, content) in text::runtime(&client.join("runtime"))? {
            files.push((Path::new("src/runtime").join(path), content));
        }
        Ok(files)
    }
}

/// The full path of `directory`, if a crate may be put there.
fn vacant(directory: &Path, force: bool) -> Result<PathBuf> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return std::path::absolute(directory).with_context(|| cannot("find", directory));
        }
        Err(error) => return Err(error).with_context(|| cannot("list", directory)),
    };
    let shown = directory.display();
    if entries.count() > 0 {
        let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap_or_default();
        match (manifest::is_ours(&manifest), force) {
            (true, true) => {}
            (true, false) => bail!("{shown} holds a generated crate; replace it with --force"),
            (false, _) => {
                bail!("{shown} is not empty and holds no generated crate; give another --out")
            }
        }
    }
    fs::canonicalize(directory).with_context(|| cannot("find", directory))
}

/// Moves the crate in `staged` to `place`. What is there goes into `staged`, to
/// be gone with it, or comes back if that fails.
fn swap(staged: TempDir, place: &Path) -> Result<()> {
    let aside = staged.path().join("old");
    let occupied = match fs::rename(place, &aside) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error).with_context(|| cannot("replace", place)),
    };
    let Err(error) = fs::rename(staged.path().join(CRATE), place) else { return Ok(()) };
    let error = anyhow::Error::new(error).context(cannot("make", place));
    if occupied && fs::rename(&aside, place).is_err() {
        let kept = staged.keep().join("old");
        return Err(error.context(format!("what was there is now in {}", kept.display())));
    }
    Err(error)
}
