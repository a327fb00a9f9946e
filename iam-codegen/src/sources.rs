//! The manifest `openapi/sources.toml`: which documents there are, and what
//! each is for.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    document::{Document, Limits},
    error::{Error, Problem},
    overlay::Overlay,
};

/// The file name of the manifest in its directory.
pub const MANIFEST: &str = "sources.toml";

/// The manifest and the directory that its file names are relative to.
#[derive(Debug, Clone)]
pub struct Sources {
    directory: PathBuf,
    list: Vec<Source>,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Source {
    /// What commands call it.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The module of iam-client that it becomes; with the role `client` only.
    #[serde(default)]
    pub service: Option<String>,
    /// How it is written.
    pub format: Format,
    /// The vendored file, relative to the manifest.
    pub file: PathBuf,
    /// Where it is published, best first.
    pub upstream: Vec<String>,
    /// Overlays, relative to the manifest, in the order they apply.
    #[serde(default)]
    pub overlays: Vec<PathBuf>,
}

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A module of the client is generated from it.
    Client,
    /// It is pulled and compared, but not compiled into the client.
    Watch,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    #[serde(default)]
    source: Vec<Source>,
}

impl Sources {
    /// Reads the manifest in `directory`.
    ///
    /// # Errors
    /// An unreadable file, bad TOML (with line and column), no source at all, a
    /// repeated name, and a `service` missing or out of place.
    pub fn load(directory: impl Into<PathBuf>) -> Result<Self, Error> {
        let directory = directory.into();
        let path = directory.join(MANIFEST);
        let bytes = read(&path, "run this where it is, or restore it from version control")?;
        let fail = |problem| Error::new(path.display().to_string(), [problem]);
        let text = String::from_utf8_lossy(&bytes);
        let manifest: Manifest = toml::from_str(&text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
            fail(Problem::at(line, column, error.message().to_owned()))
        })?;
        let list = manifest.source;
        if list.is_empty() {
            let problem = Problem::new("", "the manifest lists no source");
            return Err(fail(
                problem.remedy("add a [[source]], or restore it from version control"),
            ));
        }
        for (index, source) in list.iter().enumerate() {
            let problem = |message: String| fail(Problem::new(format!("/source/{index}"), message));
            if list[..index].iter().any(|earlier| earlier.name == source.name) {
                return Err(problem(format!("the name `{}` stands here twice", source.name)));
            }
            if (source.role == Role::Client) != source.service.is_some() {
                let message = format!("`{}`: `service` goes with role = \"client\"", source.name);
                return Err(problem(message));
            }
        }
        Ok(Self { directory, list })
    }

    /// The directory of the manifest.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// All sources, in the order of the manifest.
    pub fn list(&self) -> &[Source] {
        &self.list
    }

    /// The sources that a module of the client is generated from, each with
    /// the name of its module.
    pub fn client(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.list.iter().filter_map(|source| Some((source.service.as_deref()?, source)))
    }

    /// Reads and parses the vendored document of `source`.
    ///
    /// # Errors
    /// An unreadable file, and what [`Document::parse`] says of it.
    pub fn document(&self, source: &Source) -> Result<Document, Error> {
        let path = self.directory.join(&source.file);
        let bytes = read(&path, "check `file` in sources.toml, or pull the document")?;
        Document::parse(path.display().to_string(), &bytes, &Limits::default())
    }

    /// Reads and parses the overlays of `source`.
    ///
    /// # Errors
    /// An unreadable file, and what [`Overlay::parse`] says of it.
    pub fn overlays(&self, source: &Source) -> Result<Vec<Overlay>, Error> {
        let parse = |file: &PathBuf| {
            let path = self.directory.join(file);
            let remedy = "check `overlays` in sources.toml, or restore the file";
            Overlay::parse(path.display().to_string(), &read(&path, remedy)?)
        };
        source.overlays.iter().map(parse).collect()
    }
}

/// Reads the file; `remedy` is for one that is not there.
fn read(path: &Path, remedy: &str) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| {
        let problem = Problem::new("", format!("cannot be read: {error}"));
        let problem = match error.kind() {
            io::ErrorKind::NotFound => problem.remedy(remedy),
            _ => problem,
        };
        Error::new(path.display().to_string(), [problem])
    })
}
