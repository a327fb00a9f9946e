//! `drift`: what is published against what is vendored, without changing it.

use std::{io::Write, path::PathBuf};

use anyhow::Result;
use iam_codegen::sources::Sources;

use crate::{
    drift::{
        acknowledged::{self, Acknowledgements},
        cause::Detail,
        format::Format,
        look::{Against, Look},
        report::{FailOn, Report},
        version,
    },
    fetch::{Times, choose},
    outcome::{CannotTell, Outcome, Usage},
    workspace::Workspace,
};

const HELP: &str = "\
Documents of the client are compared with their overlays applied, so that the
Rust verdict is that of the client. Watched documents are compared with their
vendored copy, if there is one, and with the documents of the client: what they
know and these do not, and where they say otherwise. Findings are accepted until
a date in openapi/acknowledged.toml. docs/drift.md says how to read a report.

Exit codes:
   0  no drift, but what is acknowledged
   1  drift below the threshold of --fail-on
   2  drift at or above it
   3  it could not be determined: a source is unreachable or unreadable
  64  the command line is wrong

Examples:
  cargo xtask drift
  cargo xtask drift iam-identity --against new.json
  cargo xtask drift --against origin/main --format markdown   what this branch changes
  cargo xtask drift --format github --fail-on any";

/// Arguments of `drift`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Sources to look at, by their names in sources.toml; without any, all of them
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Compare the one NAME with a file or address; or what is vendored now with
    /// what was at a reference of git [default: the addresses of each source]
    #[arg(long, value_name = "FILE|URL|GITREF")]
    pub against: Option<String>,
    /// How to write the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// List every entry, not only the causes with their first places
    #[arg(long)]
    pub expand: bool,
    /// From when on the exit code is 2
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub fail_on: FailOn,
    /// Directory of sources.toml [default: openapi, in the workspace]
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// How long to wait
    #[command(flatten)]
    pub times: Times,
}

/// Runs the command. What fails for one source is in the report.
///
/// # Errors
/// A wrong command line; and, with exit code 3, an unreadable manifest, lock
/// or `acknowledged.toml`, `--against` what is nothing, and an `out` that
/// cannot be written.
pub fn run(args: &Args, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    report(args, workspace, out).map_err(|error| match error.is::<Usage>() {
        true => error,
        false => error.context(CannotTell),
    })
}

fn report(args: &Args, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    let directory = args.dir.clone().unwrap_or_else(|| workspace.openapi.clone());
    let sources = Sources::load(&directory)?;
    let chosen = choose(&sources, &args.names)?;
    let shown = workspace.shown(&directory.join(acknowledged::FILE)).to_string();
    let acknowledgements = Acknowledgements::load(&directory, &shown)?;
    let against = Against::parse(args.against.as_deref(), &directory)?;
    if against.is_single() && (args.names.is_empty() || chosen.len() != 1) {
        let message =
            "--against a file or address goes with exactly one NAME: the source it is for";
        return Err(Usage::error(message));
    }
    let mut look = Look::new(workspace, &sources, &against, &args.times)?;
    let mut reports: Vec<_> = chosen.iter().map(|source| look.at(source)).collect();
    if args.names.is_empty() {
        reports.extend(look.gone());
    }
    // What is not looked at, or not yet published, may be what is acknowledged.
    let partial = !args.names.is_empty()
        || !matches!(against, Against::Upstream)
        || reports.iter().any(|report| report.error.is_some());
    let stale = acknowledgements.apply(&mut reports, acknowledged::today(), partial);
    reports.iter_mut().for_each(|report| report.sort());
    let now = version::current(workspace);
    let report = Report::new(against.shown(), reports, stale, args.fail_on, now.as_deref());
    let detail = if args.expand { Detail::Entries } else { Detail::Causes };
    args.format.write(&report, detail, out)?;
    Ok(report.outcome())
}
