//! `pull`: takes in what is published, each document with its lock entry or
//! not at all.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use iam_codegen::{
    Document, Limits,
    sources::{Source, Sources},
};
use jiff::{Timestamp, Unit};

use crate::{
    download::{Answer, Known, Tag},
    drift::{
        format::brief,
        report::{FailOn, Report, SourceReport},
        taken::taken_in,
    },
    fetch::{Fetcher, Times, choose},
    files::{self, Fingerprint, short},
    lock::{Entry, Lock, Turn},
    outcome::{Outcome, Usage, chain},
    pipeline,
    replace::{Change, replace},
    table::count,
    workspace::Workspace,
};

const HELP: &str = "\
A document is parsed, overlaid and generated in memory before it replaces the
vendored file together with its lock entry. Whatever fails leaves both as they
were. Overlay actions that do not fit are listed, all of them. The line of a changed
document is followed by the verdict of `drift` on it and by the causes of its breaking
changes. Addresses are HTTPS (plain HTTP on this machine only) and are tried in the
order of sources.toml, at most 5 redirects each.

Exit codes:
   0  unchanged
  10  at least one document changed
   1  at least one source failed
  64  the command line is wrong

Examples:
  cargo xtask pull
  cargo xtask pull iam-identity
  cargo xtask pull iam-identity --from ~/Downloads/iam-identity-token-api.json
  cargo xtask pull iam-identity --from openapi/iam-identity.json   lock it as it stands";

/// Arguments of `pull`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Sources to pull, by their names in sources.toml; without any, all of them
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Take the document of the one NAME from here, not from its addresses
    #[arg(long, value_name = "FILE|URL")]
    pub from: Option<String>,
    /// Directory of sources.toml [default: openapi, in the workspace]
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// How long to wait
    #[command(flatten)]
    pub times: Times,
}

/// Runs the command.
///
/// # Errors
/// A name that the manifest does not have, `--from` without exactly one name,
/// and an unreadable manifest or lock. What fails for one source is listed in
/// `out` and does not keep the others from being pulled.
pub fn run(args: &Args, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    let directory = args.dir.clone().unwrap_or_else(|| workspace.openapi.clone());
    let sources = Sources::load(&directory)?;
    let chosen = choose(&sources, &args.names)?;
    if args.from.is_some() && (args.names.is_empty() || chosen.len() != 1) {
        return Err(Usage::error("--from goes with exactly one NAME: the source it is for"));
    }
    let _turn = Turn::take(&directory, out)?;
    Lock::load(&directory)?;
    let from = args.from.as_deref();
    Ok(pull(workspace, &sources, &chosen, from, &args.times, out)?.0)
}

/// Pulls `chosen`, lists in `out` what becomes of each, and returns a report on
/// each document that was replaced. Whoever calls it has the [`Turn`].
///
/// # Errors
/// Only if `out` cannot be written, or there is no HTTP to be had at all.
pub(crate) fn pull(
    workspace: &Workspace,
    sources: &Sources,
    chosen: &[&Source],
    from: Option<&str>,
    times: &Times,
    out: &mut dyn Write,
) -> Result<(Outcome, Vec<SourceReport>)> {
    let limits = Limits::default();
    let fetcher = Fetcher::new(times, limits.bytes as u64, "--from")?;
    let mut puller =
        Puller { workspace, sources, fetcher, limits, notes: Vec::new(), reports: Vec::new() };

    let width = chosen.iter().map(|source| source.name.len()).max().unwrap_or_default();
    let mut counts = [0_usize; 3];
    let mut worst = Outcome::Done;
    for source in chosen {
        let pulled = puller.pull(source, from);
        let (outcome, text) = match &pulled {
            Ok(Pulled::Unchanged(text)) => (Outcome::Done, format!("unchanged  {text}")),
            Ok(Pulled::Changed(text)) => (Outcome::Changed, format!("changed    {text}")),
            Err(_) => (Outcome::Failed, "failed".to_owned()),
        };
        writeln!(out, "{:width$}  {text}", source.name)?;
        for note in puller.notes.drain(..) {
            writeln!(out, "  {}", note.replace('\n', "\n  "))?;
        }
        if let Err(error) = &pulled {
            writeln!(out, "  error: {}", chain(error).replace('\n', "\n  "))?;
        }
        out.flush()?;
        counts[outcome as usize] += 1;
        worst = worst.max(outcome);
    }
    if chosen.len() > 1 {
        let [unchanged, changed, failed] = counts;
        writeln!(out, "{changed} changed, {unchanged} unchanged, {failed} failed")?;
    }
    Ok((worst, puller.reports))
}

/// What became of one source.
enum Pulled {
    Unchanged(String),
    Changed(String),
}

/// A document that is about to be taken in.
struct Candidate {
    bytes: Vec<u8>,
    origin: String,
    how: String,
    tag: Option<Tag>,
    /// It is the vendored file itself.
    in_place: bool,
}

struct Puller<'a> {
    workspace: &'a Workspace,
    sources: &'a Sources,
    fetcher: Fetcher,
    limits: Limits,
    /// What the user should know of the source at hand.
    notes: Vec<String>,
    /// On the documents that are replaced.
    reports: Vec<SourceReport>,
}

impl Puller<'_> {
    fn pull(&mut self, source: &Source, from: Option<&str>) -> Result<Pulled> {
        let directory = self.sources.directory();
        let path = directory.join(&source.file);
        let lock = Lock::load(directory)?;
        let entry = lock.get(&source.name);
        let vendored = files::read_if_any(&path, self.limits.bytes as u64)?;
        let old = vendored.as_ref().map(|content| Fingerprint::of(content));
        let known = Known::of(self.sources, source, vendored.as_deref(), entry)?;

        let Some(candidate) = self.obtain(source, &path, entry, &known, from)? else {
            let vendored = vendored.context("a 304 without a file to keep")?;
            self.check_overlays(source, &path, &vendored)?;
            return Ok(Pulled::Unchanged(format!(
                "{} (304 Not Modified)",
                shown(&Fingerprint::of(&vendored))
            )));
        };
        let new = Fingerprint::of(&candidate.bytes);
        if old.as_ref() == Some(&new) && entry.is_some_and(|entry| entry.describes(&new)) {
            self.check_overlays(source, &path, &candidate.bytes)?;
            return Ok(Pulled::Unchanged(shown(&new)));
        }

        let name = path.display().to_string();
        let generated = Document::parse(name, &candidate.bytes, &self.limits)
            .map_err(anyhow::Error::new)
            .and_then(|document| pipeline::generate(self.sources, source, document))
            .with_context(|| format!("the document from {} is refused", candidate.origin))?;

        self.notes.push(match candidate.in_place {
            true => "locked as it stands".to_owned(),
            false => format!("taken from {}", candidate.origin),
        });
        self.notes.extend(pipeline::skipped(&generated.overlays));
        if vendored.as_ref() != Some(&candidate.bytes) {
            self.compare(source, vendored.as_deref(), &candidate)?;
        }
        let content = candidate.bytes;
        let lock = lock.with(Entry {
            name: source.name.clone(),
            sha256: new.sha256.clone(),
            bytes: new.bytes,
            origin: candidate.origin,
            retrieved: Timestamp::now().round(Unit::Second)?.to_string(),
            how: candidate.how,
            tag: candidate.tag,
        });
        let lock_path = Lock::path(directory);
        let lock = lock.to_toml()?;
        let document = Change { path: &path, content: Some(&content) };
        let lock = Change { path: &lock_path, content: Some(lock.as_bytes()) };
        // A crash between the two is found by `check`.
        replace(directory, &[document, lock])?;
        Ok(Pulled::Changed(format!(
            "{}, {} operations, {} adaptations",
            difference(old.as_ref(), &new),
            count(generated.operations),
            count(generated.adaptations.len())
        )))
    }

    /// Applies the overlays to a document that is not taken in anew: they may
    /// have changed since it was.
    fn check_overlays(&mut self, source: &Source, path: &Path, bytes: &[u8]) -> Result<()> {
        let document = Document::parse(path.display().to_string(), bytes, &self.limits)?;
        let applied = pipeline::overlay(self.sources, source, document)?;
        self.notes.extend(pipeline::skipped(&applied));
        Ok(())
    }

    /// The differences of the document from the vendored one. The report is
    /// kept, and told in a few lines.
    fn compare(
        &mut self,
        source: &Source,
        vendored: Option<&[u8]>,
        candidate: &Candidate,
    ) -> Result<()> {
        let new = (candidate.bytes.as_slice(), candidate.origin.as_str());
        let report = taken_in(self.workspace, self.sources, source, vendored, new)?;
        if vendored.is_none() {
            self.reports.push(report);
            return Ok(());
        }
        let origin = candidate.origin.clone();
        let mut report = Report::new(origin, vec![report], Vec::new(), FailOn::default(), None);
        self.notes.push(brief(&report).trim_end().to_owned());
        self.reports.append(&mut report.sources);
        Ok(())
    }

    /// Gets the document; `None` if the one at hand is still what is published.
    fn obtain(
        &mut self,
        source: &Source,
        vendored: &Path,
        entry: Option<&Entry>,
        known: &Known<'_>,
        from: Option<&str>,
    ) -> Result<Option<Candidate>> {
        match from {
            Some(file) if !file.contains("://") => {
                let limit = self.limits.bytes as u64;
                read(Path::new(file), vendored, entry, limit).map(Some)
            }
            Some(address) => self.download(&[address.to_owned()], known),
            None => self.download(&source.upstream, known),
        }
    }

    fn download(&mut self, addresses: &[String], known: &Known<'_>) -> Result<Option<Candidate>> {
        let (answer, origin) = self.fetcher.first(addresses, known, &mut self.notes)?;
        Ok(match answer {
            Answer::NotModified => None,
            Answer::Content { bytes, tag } => {
                let how = "cargo xtask pull".to_owned();
                Some(Candidate { bytes, origin, how, tag, in_place: false })
            }
        })
    }
}

/// Reads the file given with `--from`.
fn read(file: &Path, vendored: &Path, entry: Option<&Entry>, limit: u64) -> Result<Candidate> {
    let bytes = files::read_if_any(file, limit)?;
    let bytes = bytes.with_context(|| format!("there is no file {}", file.display()))?;
    let in_place = fs::canonicalize(file)
        .is_ok_and(|file| fs::canonicalize(vendored).is_ok_and(|vendored| file == vendored));
    let (origin, how) = match entry {
        Some(entry) if in_place => {
            const SINCE: &str = ", then locked as it stood";
            let how = entry.how.strip_suffix(SINCE).unwrap_or(&entry.how);
            (entry.origin.clone(), format!("{how}{SINCE}"))
        }
        _ => (format!("file {}", files::name(file)), "cargo xtask pull --from".to_owned()),
    };
    Ok(Candidate { bytes, origin, how, tag: None, in_place })
}

fn shown(fingerprint: &Fingerprint) -> String {
    format!("{}, {} bytes", fingerprint.short(), count(fingerprint.bytes))
}

fn difference(old: Option<&Fingerprint>, new: &Fingerprint) -> String {
    match old {
        None => format!("nothing -> {}", shown(new)),
        Some(old) if old == new => format!("{} (the lock entry only)", shown(new)),
        Some(old) => format!(
            "{} -> {}, {} -> {} bytes",
            short(&old.sha256),
            new.short(),
            count(old.bytes),
            count(new.bytes)
        ),
    }
}
