//! Looks at sources one by one: what is vendored, and what there is beside it.
//! What fails for one keeps no other from being looked at.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use iam_codegen::{
    Document, Limits,
    sources::{Role, Source, Sources},
};

use super::{
    coverage::coverage,
    git::{self, Past},
    overlaid,
    pair::{Compared, Side, changes, fits},
    report::{Class, Entry, SourceReport, State, Version},
};
use crate::{
    download::{Answer, Known},
    fetch::{Fetcher, Times},
    files,
    lock::Lock,
    outcome::chain,
    workspace::Workspace,
};

/// What the vendored documents are compared with.
pub(crate) enum Against {
    /// What is published at the addresses of each source.
    Upstream,
    /// What is published at one address.
    Url(String),
    /// A file.
    File(PathBuf),
    /// The vendored documents themselves, as they were: these are the old side.
    Past(String, Box<Past>),
}

impl Against {
    /// Tells a file from an address from a reference of git.
    pub(crate) fn parse(text: Option<&str>, openapi: &Path) -> Result<Self> {
        let Some(text) = text else { return Ok(Self::Upstream) };
        if text.contains("://") || Path::new(text).is_file() {
            return Ok(Self::one(text));
        }
        let past = git::at(openapi, text).with_context(|| {
            format!("`{text}` is no address (it has no `://`), there is no such file, and as a reference of git it cannot be used")
        })?;
        Ok(Self::Past(text.to_owned(), Box::new(past)))
    }

    /// An address, or else a file.
    pub(crate) fn one(text: &str) -> Self {
        if text.contains("://") { Self::Url(text.to_owned()) } else { Self::File(text.into()) }
    }

    /// Whether it is one document, of one source.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self, Self::Url(_) | Self::File(_))
    }

    /// For a report. Neither the query of an address nor a directory of whoever
    /// runs this is anybody's business.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Upstream => "upstream".to_owned(),
            Self::Url(url) => url.split(['?', '#']).next().unwrap_or_default().to_owned(),
            Self::File(path) => format!("file {}", files::name(path)),
            Self::Past(reference, past) => format!("git {reference} ({})", past.commit),
        }
    }
}

/// Looks at sources of one manifest.
pub(crate) struct Look<'a> {
    workspace: &'a Workspace,
    sources: &'a Sources,
    against: &'a Against,
    fetcher: Fetcher,
    limit: u64,
    lock: Lock,
    /// The documents that generate the client, overlaid, once they are needed.
    client: Option<Result<Vec<Document>, String>>,
}

/// A document beside the vendored one.
struct Beside {
    bytes: Vec<u8>,
    origin: String,
}

impl<'a> Look<'a> {
    pub(crate) fn new(
        workspace: &'a Workspace,
        sources: &'a Sources,
        against: &'a Against,
        times: &Times,
    ) -> Result<Self> {
        let limit = Limits::default().bytes as u64;
        let fetcher = Fetcher::new(times, limit, "--against")?;
        let lock = Lock::load(sources.directory())?;
        Ok(Self { workspace, sources, against, fetcher, limit, lock, client: None })
    }

    /// Looks at `source`. A failure is part of what is reported.
    pub(crate) fn at(&mut self, source: &Source) -> SourceReport {
        let mut report = SourceReport::new(source, self.shown(&source.file));
        let looked = match self.against {
            Against::Past(reference, past) => self.past(source, reference, past, &mut report),
            _ => self.present(source, &mut report),
        };
        if let Err(error) = looked {
            report.state = State::Failed;
            report.error = Some(chain(&error));
        }
        report.sort();
        report
    }

    /// The sources that were there and are no more.
    pub(crate) fn gone(&self) -> Vec<SourceReport> {
        let Against::Past(_, past) = self.against else { return Vec::new() };
        let known = |name: &str| self.sources.list().iter().any(|source| source.name == name);
        let gone = past.sources.list().iter().filter(|source| !known(&source.name));
        let report = |source: &Source| {
            let mut report = SourceReport::new(source, self.shown(&source.file));
            report.state = State::Changed;
            let what = "is no longer in sources.toml";
            report.entries.push(came_or_went(source, "source-removed", what));
            report
        };
        gone.map(report).collect()
    }

    /// What is published against what is vendored.
    fn present(&mut self, source: &Source, report: &mut SourceReport) -> Result<()> {
        // Without its overlays, an unchanged document says nothing of the client.
        self.sources.overlays(source)?;
        let vendored = self.vendored(source)?;
        if vendored.is_none() && source.role == Role::Client {
            bail!("{} is not there; `cargo xtask pull {}` takes it in", report.file, source.name);
        }
        let beside = self.beside(source, vendored.as_deref(), &mut report.notes)?;
        // A 304: what is published is what is vendored.
        let beside = match (beside, &vendored) {
            (Some(beside), _) => beside,
            (None, Some(bytes)) => {
                Beside { bytes: bytes.clone(), origin: "304 Not Modified".to_owned() }
            }
            (None, None) => bail!("a 304 without a file to keep"),
        };
        let name = report.file.clone();
        match &vendored {
            Some(vendored) => {
                let shown = |file: &Path| self.shown(file);
                let side = |name, bytes| Side {
                    sources: self.sources,
                    source,
                    name,
                    bytes,
                    shown: &shown,
                };
                let old = side(&name, vendored);
                let new = side(&beside.origin, &beside.bytes);
                compare(report, &old, &new, true)?;
            }
            None => {
                report.state = State::NotVendored;
                report.new = Some(Version::of(beside.origin.clone(), None, &beside.bytes));
            }
        }
        if source.role == Role::Watch {
            self.cover(&beside.origin, &beside.bytes, report)?;
        }
        Ok(())
    }

    /// What is vendored against what was.
    fn past(
        &mut self,
        source: &Source,
        reference: &str,
        past: &Past,
        report: &mut SourceReport,
    ) -> Result<()> {
        let vendored = self.vendored(source)?;
        let before = past.sources.list().iter().find(|before| before.name == source.name);
        let Some(before) = before else {
            report.state = State::Changed;
            report.entries.push(came_or_went(source, "source-added", "is new in sources.toml"));
            return Ok(());
        };
        let path = past.sources.directory().join(&before.file);
        let old = files::read_if_any(&path, self.limit)?;
        match (&old, &vendored) {
            (Some(old), Some(new)) => {
                let name = format!("{reference}:{}", self.shown(&before.file));
                let (shown, was) = (
                    |file: &Path| self.shown(file),
                    |file: &Path| format!("{reference}:{}", self.shown(file)),
                );
                let old = Side {
                    sources: &past.sources,
                    source: before,
                    name: &name,
                    bytes: old,
                    shown: &was,
                };
                let file = report.file.clone();
                let new =
                    Side { sources: self.sources, source, name: &file, bytes: new, shown: &shown };
                compare(report, &old, &new, false)?;
            }
            (None, None) => {
                report.state = State::NotVendored;
                report.notes.push("no copy is vendored, then or now".to_owned());
            }
            (Some(_), None) if source.role == Role::Client => {
                bail!("{} is not there any more; restore it, or pull it", report.file);
            }
            (None, Some(_)) if source.role == Role::Client => {
                report.state = State::Changed;
                let entry = came_or_went(source, "source-added", "was not vendored then");
                report.entries.push(entry);
            }
            _ => report.notes.push("a copy is vendored only on one side".to_owned()),
        }
        if let Some(bytes) = vendored.filter(|_| source.role == Role::Watch) {
            let name = report.file.clone();
            self.cover(&name, &bytes, report)?;
        }
        Ok(())
    }

    /// A watched document against those of the client.
    fn cover(&mut self, name: &str, bytes: &[u8], report: &mut SourceReport) -> Result<()> {
        let watched = Document::parse(name, bytes, &Limits::default())?;
        if self.client.is_none() {
            self.client = Some(self.load_client().map_err(|error| chain(&error)));
        }
        let client = match &self.client {
            Some(Ok(client)) => client.as_slice(),
            Some(Err(error)) => bail!("the documents of the client cannot be used: {error}"),
            None => &[],
        };
        report.entries.extend(coverage(client, &watched)?);
        Ok(())
    }

    fn load_client(&self) -> Result<Vec<Document>> {
        let mut documents = Vec::new();
        for (_, source) in self.sources.client() {
            let bytes = self.vendored(source)?;
            let name = self.shown(&source.file);
            let bytes = bytes.with_context(|| format!("{name} is not there"))?;
            let document = Document::parse(name, &bytes, &Limits::default())?;
            let shown = |file: &Path| self.shown(file);
            let overlaid = overlaid::apply(self.sources, source, document, &shown)?;
            overlaid::all_fit(&overlaid.misfits)?;
            documents.push(overlaid.document);
        }
        Ok(documents)
    }

    fn vendored(&self, source: &Source) -> Result<Option<Vec<u8>>> {
        files::read_if_any(&self.sources.directory().join(&source.file), self.limit)
    }

    /// The document beside the vendored one; `None` if it is the same.
    fn beside(
        &mut self,
        source: &Source,
        vendored: Option<&[u8]>,
        notes: &mut Vec<String>,
    ) -> Result<Option<Beside>> {
        let url;
        let addresses = match self.against {
            Against::File(path) => {
                let bytes = files::read_if_any(path, self.limit)?;
                let bytes =
                    bytes.with_context(|| format!("there is no file {}", path.display()))?;
                return Ok(Some(Beside { bytes, origin: files::name(path) }));
            }
            Against::Url(address) => {
                url = [address.clone()];
                url.as_slice()
            }
            Against::Upstream | Against::Past(..) => source.upstream.as_slice(),
        };
        let known = Known::of(self.sources, source, vendored, self.lock.get(&source.name))?;
        match self.fetcher.first(addresses, &known, notes)? {
            (Answer::NotModified, _) => Ok(None),
            (Answer::Content { bytes, .. }, origin) => Ok(Some(Beside { bytes, origin })),
        }
    }

    /// A file of the manifest, from the root of the workspace.
    fn shown(&self, file: &Path) -> String {
        let path = self.sources.directory().join(file);
        self.workspace.shown(&path).to_string()
    }
}

/// Compares both sides into `report`.
pub(crate) fn compare(
    report: &mut SourceReport,
    old: &Side<'_>,
    new: &Side<'_>,
    as_published: bool,
) -> Result<()> {
    report.old = Some(Version::of(old.name.to_owned(), None, old.bytes));
    report.new = Some(Version::of(new.name.to_owned(), None, new.bytes));
    if as_published && old.bytes == new.bytes {
        report.notes.extend(fits(old)?);
        return Ok(());
    }
    let Compared { entries, versions, notes } = changes(old, new, as_published)?;
    report.notes.extend(notes);
    for (side, version) in [&mut report.old, &mut report.new].into_iter().zip(versions) {
        side.iter_mut().for_each(|side| side.version = version.clone());
    }
    report.state = match (entries.is_empty(), old.bytes == new.bytes) {
        (false, _) => State::Changed,
        (true, false) => State::Rewritten,
        (true, true) => State::Unchanged,
    };
    report.entries.extend(entries);
    Ok(())
}

fn came_or_went(source: &Source, kind: &str, what: &str) -> Entry {
    let explanation = format!("the source {} {what}", source.name);
    let mut entry = Entry::finding(Class::Source, kind, &source.name, explanation);
    if source.role == Role::Client {
        use iam_codegen::compare::Rust;
        entry.breaking = kind == "source-removed";
        entry.rust = Some(if entry.breaking { Rust::Breaking } else { Rust::Additive });
        entry.predicted = true;
    }
    entry
}
