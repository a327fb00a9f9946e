//! `check`: everything that CI needs and that no network is needed for.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use iam_codegen::{
    Document, Limits,
    sources::{Format, Role, Source, Sources},
};

use crate::{
    download::Address,
    files::{self, Fingerprint, TEMPORARY},
    lock::Lock,
    outcome::{Outcome, chain},
    pipeline, readme,
    table::count,
    workspace::Workspace,
};

const HELP: &str = "\
Checks the manifest, each vendored file against the lock, each document through
the whole pipeline (twice: the same source must come of it), the overlays, the
generated section of openapi/README.md, and that nothing is left over in openapi/.
Compiles nothing.

Exit codes: 0 all passed, 1 at least one failed, 64 the command line is wrong

Examples:
  cargo xtask check
  cargo xtask check --dir ../other/openapi";

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Directory of sources.toml [default: openapi, in the workspace]
    #[arg(long)]
    pub dir: Option<PathBuf>,
}

/// Runs the command. What does not hold is listed in `out`.
///
/// # Errors
/// Only if `out` cannot be written.
pub fn run(args: &Args, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    let directory = args.dir.as_ref().unwrap_or(&workspace.openapi);
    let mut report = Report { out, passed: 0, failed: 0 };
    let sources = report.line("manifest", || manifest(directory))?;
    let lock = report.line("lock", || {
        let lock = Lock::load(directory)?;
        Ok((format!("{} entries", lock.entries().len()), lock))
    })?;
    if let Some(sources) = &sources {
        if let Some(lock) = &lock {
            report.line("lock names", || lock_names(sources, lock))?;
            for source in sources.list() {
                report
                    .line(&format!("{} file", source.name), || file(sources, source, lock, args))?;
            }
        }
        for source in sources.list() {
            // A watched document that was never pulled; the line above says so.
            if source.role == Role::Client || directory.join(&source.file).exists() {
                report.line(&format!("{} pipeline", source.name), || pipeline(sources, source))?;
            }
        }
        report.line("overlay files", || overlay_files(sources))?;
        report.line("README.md", || Ok((readme::check(sources)?, ())))?;
    }
    report.line("roles.json", || roles(directory))?;
    report.line("leftovers", || leftovers(directory))?;
    let Report { out, passed, failed } = report;
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(if failed == 0 { Outcome::Done } else { Outcome::Failed })
}

struct Report<'a> {
    out: &'a mut dyn Write,
    passed: usize,
    failed: usize,
}

impl Report<'_> {
    /// Runs one check, which gives a detail and a value, and writes its line.
    fn line<T>(
        &mut self,
        name: &str,
        check: impl FnOnce() -> Result<(String, T)>,
    ) -> Result<Option<T>> {
        let value = match check() {
            Ok((detail, value)) => {
                self.passed += 1;
                writeln!(self.out, "ok    {name}: {detail}")?;
                Some(value)
            }
            Err(error) => {
                self.failed += 1;
                writeln!(self.out, "FAIL  {name}: {}", chain(&error).replace('\n', "\n      "))?;
                None
            }
        };
        self.out.flush()?;
        Ok(value)
    }
}

fn manifest(directory: &Path) -> Result<(String, Sources)> {
    let sources = Sources::load(directory)?;
    let mut files = BTreeSet::new();
    for source in sources.list() {
        let name = &source.name;
        let extension = source.file.extension().unwrap_or_default().to_string_lossy();
        let fits = match source.format {
            Format::Json => extension == "json",
            Format::Yaml => extension == "yaml" || extension == "yml",
        };
        ensure!(fits, "the file of {name} does not have the extension of its format");
        ensure!(files.insert(&source.file), "{name} has the file of another source");
        ensure!(!source.upstream.is_empty(), "{name} has no address in `upstream`");
        for address in &source.upstream {
            Address::parse(address).with_context(|| format!("an address of {name} is refused"))?;
        }
    }
    let [clients, watched] = [Role::Client, Role::Watch]
        .map(|role| sources.list().iter().filter(|source| source.role == role).count());
    Ok((format!("{clients} documents of the client, {watched} watched"), sources))
}

fn lock_names(sources: &Sources, lock: &Lock) -> Result<(String, ())> {
    for entry in lock.entries() {
        ensure!(
            sources.list().iter().any(|source| source.name == entry.name),
            "the lock has an entry for {}, which sources.toml does not have; remove it",
            entry.name
        );
    }
    Ok(("each is a source".to_owned(), ()))
}

fn file(sources: &Sources, source: &Source, lock: &Lock, args: &Args) -> Result<(String, ())> {
    let name = &source.name;
    let dir = args.dir.as_ref().map(|dir| format!(" --dir {}", dir.display())).unwrap_or_default();
    let pull = format!("cargo xtask pull {name}{dir}");
    let path = sources.directory().join(&source.file);
    let content = files::read_if_any(&path, Limits::default().bytes as u64)?;
    let (content, entry) = match (content, lock.get(name)) {
        (Some(content), Some(entry)) => (content, entry),
        (None, None) if source.role == Role::Watch => {
            return Ok(("never pulled; it is only watched".to_owned(), ()));
        }
        (None, _) => bail!("{} is missing; run: {pull}", path.display()),
        (Some(_), None) => {
            bail!("{0} has no lock entry; run: {pull} --from {0}", path.display())
        }
    };
    let found = Fingerprint::of(&content);
    ensure!(
        entry.describes(&found),
        "{} is not the file that the lock describes: sha256 {}, {} bytes, locked sha256 {}, {} bytes\n\
         to have the locked file back: restore it from version control\n\
         to take this file as it stands, run: {pull} --from {}",
        path.display(),
        found.sha256,
        count(found.bytes),
        entry.sha256,
        count(entry.bytes),
        path.display()
    );
    Ok((format!("{}, {} bytes, {}", found.short(), count(found.bytes), entry.how), ()))
}

fn pipeline(sources: &Sources, source: &Source) -> Result<(String, ())> {
    let document: Document = sources.document(source)?;
    let generated = pipeline::generate(sources, source, document.clone())?;
    let again = pipeline::generate(sources, source, document)?;
    let line = generated.source.lines().zip(again.source.lines());
    if let Some(line) = line.clone().position(|(one, other)| one != other) {
        bail!("two runs give different source, first in line {}; this is a defect", line + 1);
    }
    ensure!(
        generated.source == again.source,
        "two runs give source of different length; this is a defect"
    );
    ensure!(
        generated.adaptations == again.adaptations,
        "two runs record different adaptations; this is a defect"
    );
    let skipped = pipeline::skipped(&generated.overlays);
    let mut detail = format!(
        "{} operations, {} types, {} adaptations, {} overlay actions, the same twice",
        count(generated.operations),
        count(generated.types),
        count(generated.adaptations.len()),
        count(generated.overlays.len() - skipped.len())
    );
    for note in skipped {
        detail += &format!("\n      {note}");
    }
    Ok((detail, ()))
}

/// An overlay that no source names is a correction that is not made.
fn overlay_files(sources: &Sources) -> Result<(String, ())> {
    let directory = sources.directory().join("overlays");
    let named: BTreeSet<PathBuf> = sources
        .list()
        .iter()
        .flat_map(|source| source.overlays.iter().map(|file| sources.directory().join(file)))
        .collect();
    let files = files::walk(&directory)?;
    for path in &files {
        let extension = path.extension().unwrap_or_default();
        let overlay = ["yaml", "yml", "json"].iter().any(|known| extension == *known);
        ensure!(
            !overlay || named.contains(path),
            "no source names {}; add it to `overlays` in sources.toml, or remove it",
            path.display()
        );
    }
    Ok((format!("{} named", named.len()), ()))
}

fn roles(directory: &Path) -> Result<(String, ())> {
    let path = directory.join("roles.json");
    if !path.exists() {
        return Ok(("none".to_owned(), ()));
    }
    let content = fs::read(&path).with_context(|| files::cannot("read", &path))?;
    let value: serde_json::Value = serde_json::from_slice(&content)
        .with_context(|| format!("{} is no JSON", path.display()))?;
    ensure!(value.is_object() || value.is_array(), "{} is a bare value", path.display());
    Ok((format!("{} bytes", count(content.len())), ()))
}

/// Temporary files that a crash left, and what editors and patch leave.
fn leftovers(directory: &Path) -> Result<(String, ())> {
    let files = files::walk(directory)?;
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut inner = path.strip_prefix(directory).unwrap_or(path).iter();
        let left = inner.any(|part| part.to_string_lossy().starts_with(TEMPORARY))
            || name.ends_with('~')
            || [".tmp", ".swp", ".orig", ".rej"].iter().any(|end| name.ends_with(end));
        ensure!(!left, "{} was left over; remove it", path.display());
    }
    Ok((format!("none among {} files", count(files.len())), ()))
}
