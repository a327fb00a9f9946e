//! `update`: takes in what is published, with everything that goes with it, or
//! leaves everything as it was.

use std::{collections::BTreeMap, fs, io::Write, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use iam_codegen::{
    sources::{Role, Source, Sources},
    surface::surface,
};

use crate::{
    cargo,
    commands::pull::pull,
    drift::{
        acknowledged::{self, Acknowledgements},
        cause::Detail,
        format::markdown,
        look::Against,
        report::{FailOn, Report, SourceReport},
        taken::taken_in,
        version,
    },
    fetch::{Times, choose},
    files,
    lock::{Lock, Turn},
    outcome::{Outcome, Usage},
    pipeline, readme,
    replace::{Change, replace},
    update::{
        changelog,
        copy::{Copy, Relocated},
    },
    workspace::Workspace,
};

const HELP: &str = "\
Pulls the documents that generate the client, generates and compiles it, lets the
snapshots pin its new surface, notes the changes in CHANGELOG.md, and writes a
report for a pull request with a suggested version. Watched documents are taken in
only when named.

All of it is made in a copy of the work tree, in target/update. The tree is changed
at the end, in openapi, tests/snapshots and CHANGELOG.md, which must have no
uncommitted changes before. Whatever fails leaves the tree as it was. If the command
is killed while it changes the tree, this restores it:

  git restore openapi tests/snapshots CHANGELOG.md
  git clean -fd openapi tests/snapshots

Exit codes:
   0  nothing changed, and nothing was touched
  10  the work tree has the update, for review
   1  it failed, and nothing was touched
  64  the command line is wrong

Examples:
  cargo xtask update
  cargo xtask update --report report.md && git diff --stat
  cargo xtask update iam-identity --from new.json";

const UNTOUCHED: &str = "nothing was updated; the work tree is as it was";

/// Arguments of `update`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Sources to take in, by their names in sources.toml; without any, those
    /// that generate the client
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Take the document of the one NAME from here, not from its addresses
    #[arg(long, value_name = "FILE|URL")]
    pub from: Option<String>,
    /// Where to write the report [default: drift-report.md, in the target directory]
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// How long to wait
    #[command(flatten)]
    pub times: Times,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps the update from being complete. The work tree is then as it
/// was, or the error says what is not.
pub fn run(args: &Args, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    // What is wrong with the command line needs no copy.
    chosen(args, &workspace.sources()?)?;
    if let Some(report) = args.report.as_ref().filter(|report| report.is_dir()) {
        let message = format!("{} is a directory; --report takes a file", report.display());
        return Err(Usage::error(message));
    }
    let _turn = Turn::take(&workspace.openapi, out)?;
    let copy = Copy::make(workspace).context(UNTOUCHED)?;
    let outcome = make(args, workspace, &copy, &mut Relocated::new(&copy, out));
    outcome.map_err(|error| copy.relocate(error))
}

/// The sources to take in.
fn chosen<'a>(args: &Args, sources: &'a Sources) -> Result<Vec<&'a Source>> {
    let mut chosen = choose(sources, &args.names)?;
    if args.names.is_empty() {
        chosen.retain(|source| source.role == Role::Client);
    }
    if args.from.is_some() && (args.names.is_empty() || chosen.len() != 1) {
        return Err(Usage::error("--from goes with exactly one NAME: the source it is for"));
    }
    Ok(chosen)
}

/// Makes the update in `copy`, then in the work tree.
fn make(args: &Args, workspace: &Workspace, copy: &Copy, out: &mut dyn Write) -> Result<Outcome> {
    let sources = copy.workspace.sources()?;
    let chosen = chosen(args, &sources)?;
    let update = Update { args, workspace: &copy.workspace, sources: &sources, chosen };
    let Some(report) = update.make(out).context(UNTOUCHED)? else {
        writeln!(out, "nothing changed; nothing was touched")?;
        return Ok(Outcome::Done);
    };
    let path = args.report.clone().unwrap_or_else(|| workspace.target.join("drift-report.md"));
    let directory = files::parent(&path);
    let unmade = || format!("{UNTOUCHED}: {}", files::cannot("make", &directory));
    fs::create_dir_all(&directory).with_context(unmade)?;
    let before = files::read_if_any(&path, u64::MAX - 1).context(UNTOUCHED)?;
    let write = |content: Option<&[u8]>| replace(&directory, &[Change { path: &path, content }]);
    write(Some(markdown(&report, Detail::Causes).as_bytes())).context(UNTOUCHED)?;
    if let Err(error) = copy.apply() {
        return Err(match write(before.as_deref()) {
            Ok(()) => error,
            Err(undo) => error.context(format!("the report remains: {undo:#}")),
        });
    }
    writeln!(out, "the report is in {}", workspace.shown(&path))?;
    let next = report.verdict.version.as_ref().and_then(|version| version.next.as_deref());
    writeln!(out, "suggested version: {}", next.unwrap_or("as it is"))?;
    Ok(Outcome::Changed)
}

struct Update<'a> {
    args: &'a Args,
    /// The copy as a workspace.
    workspace: &'a Workspace,
    sources: &'a Sources,
    chosen: Vec<&'a Source>,
}

impl Update<'_> {
    fn snapshots(&self) -> PathBuf {
        self.workspace.root.join("tests/snapshots")
    }

    /// Makes every change in the copy, one step after the other; `None` if
    /// there is none.
    fn make(&self, out: &mut dyn Write) -> Result<Option<Report>> {
        let from = self.args.from.as_deref();
        let times = &self.args.times;
        let (outcome, pulled) = pull(self.workspace, self.sources, &self.chosen, from, times, out)?;
        match outcome {
            Outcome::Done => return Ok(None),
            Outcome::Changed => {}
            _ => bail!("not every document could be pulled"),
        }
        let report = self.report(pulled)?;
        readme::write(self.sources)?;

        let Workspace { root, target, cargo, .. } = self.workspace;
        writeln!(out, "compiling the client and its tests")?;
        out.flush()?;
        let elapsed = cargo::build_snapshots(cargo, root, target)?;
        writeln!(out, "compiled them in {:.1} seconds", elapsed.as_secs_f64())?;
        writeln!(out, "refreshing the snapshots")?;
        out.flush()?;
        let removed = self.remove_stale_snapshots()?;
        let elapsed = cargo::refresh_snapshots(cargo, root, target)?;
        let seconds = elapsed.as_secs_f64();
        writeln!(out, "refreshed the snapshots in {seconds:.1} seconds, {removed} removed")?;

        let path = root.join("CHANGELOG.md");
        let noted = changelog::with_note(&files::read_text(&path)?, &report)?;
        files::write(&path, noted.as_bytes())?;
        Ok(Some(report))
    }

    /// The report on all documents: those in `pulled`, and those that stay.
    fn report(&self, pulled: Vec<SourceReport>) -> Result<Report> {
        let lock = Lock::load(self.sources.directory())?;
        let mut pulled: BTreeMap<_, _> =
            pulled.into_iter().map(|report| (report.name.clone(), report)).collect();
        let mut reports = Vec::new();
        for source in &self.chosen {
            if let Some(report) = pulled.remove(&source.name) {
                reports.push(report);
                continue;
            }
            let path = self.sources.directory().join(&source.file);
            let same = files::read_if_any(&path, u64::MAX - 1)?;
            let same = same.with_context(|| format!("{} is gone", path.display()))?;
            let origin = lock.get(&source.name).map_or("vendored", |entry| entry.origin.as_str());
            let new = (same.as_slice(), origin);
            reports.push(taken_in(self.workspace, self.sources, source, Some(&same), new)?);
        }
        let directory = self.sources.directory();
        let file = self.workspace.shown(&directory.join(acknowledged::FILE)).to_string();
        let acknowledgements = Acknowledgements::load(directory, &file)?;
        let stale = acknowledgements.apply(&mut reports, acknowledged::today(), true);
        reports.iter_mut().for_each(SourceReport::sort);
        let now = version::current(self.workspace);
        let against = match &self.args.from {
            Some(from) => Against::one(from).shown(),
            None => Against::Upstream.shown(),
        };
        Ok(Report::new(against, reports, stale, FailOn::Breaking, now.as_deref()))
    }

    /// Removes the snapshots of areas that are no more, which the tests refuse
    /// to pass over; how many those are.
    fn remove_stale_snapshots(&self) -> Result<usize> {
        let mut removed = 0;
        for source in &self.chosen {
            let Some(service) = &source.service else { continue };
            let document = self.sources.document(source)?;
            let output = pipeline::generate(self.sources, source, document)?;
            let directory = self.snapshots().join("surface").join(service);
            let areas = surface(&output.source)?;
            let current: Vec<_> =
                areas.iter().map(|area| directory.join(format!("{}.snap", area.name))).collect();
            for path in files::walk(&directory)? {
                let is_snapshot = path.extension().is_some_and(|extension| extension == "snap");
                if is_snapshot && !current.contains(&path) {
                    fs::remove_file(&path).with_context(|| files::cannot("remove", &path))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}
