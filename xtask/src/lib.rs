//! The development commands of this workspace: `cargo xtask <COMMAND>`.
//!
//! | module | does |
//! |---|---|
//! | [`commands`] | one file per command; each writes what the user sees to a `Write` |
//! | `download` | which addresses are allowed, and fetching from them |
//! | `drift` | what changed in the documents, as a report |
//! | `fetch` | the addresses of a source, tried in order |
//! | `lock` | `sources.lock.toml`, and one pull at a time |
//! | `replace` | files change together or not at all |
//! | `pipeline` | iam-codegen applied to a source of the manifest |
//! | `readme` | the generated section of `openapi/README.md` |
//! | `cargo` | compiling what was generated |
//! | `update` | the copy of the work tree that `update` is made in, and its note in CHANGELOG.md |
//! | `standalone` | the crate that `generate --spec` makes |
//!
//! All that touches the network or writes files is here; iam-codegen does neither.

mod cargo;
pub mod commands;
mod download;
mod drift;
mod fetch;
mod files;
mod lock;
mod outcome;
mod pipeline;
mod readme;
mod replace;
mod standalone;
mod table;
mod update;
mod workspace;

use std::io::Write;

use clap::{Parser, Subcommand};

pub use crate::{
    outcome::{Outcome, USAGE, Usage, exit_code, report},
    workspace::Workspace,
};
use commands::{check, drift as drift_command, generate, pull, surface, update as update_command};

/// Development commands of this workspace.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", version, after_help = HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const HELP: &str = "\
Exit codes of every command:
   0  done; of pull and update: nothing changed; of drift: none
   1  failed; of drift: drift below the threshold
   2  of drift: drift at or above the threshold
   3  of drift: it could not be determined
   4  of generate --spec: the crate lacks operations, which are listed
  10  of pull and update: at least one document changed
  64  the command line is wrong

Examples:
  cargo xtask pull                 take in what is published now
  cargo xtask drift                what has changed upstream
  cargo xtask update               take it in, with snapshots and a report
  cargo xtask generate             generate and compile the client
  cargo xtask check                everything that CI checks without network";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take in the published documents, each with its lock entry or not at all
    Pull(pull::Args),
    /// Take in what is published with all that goes with it, or leave everything
    Update(update_command::Args),
    /// Compare what is published with what is vendored, and change nothing
    Drift(drift_command::Args),
    /// Generate the client and compile it, or a crate of its own from one document
    Generate(generate::Args),
    /// List the public surface of the generated client
    Surface(surface::Args),
    /// Check documents, lock, overlays and generated code; needs no network
    Check(check::Args),
}

impl Command {
    /// Runs the command, which writes what the user sees to `out`.
    ///
    /// # Errors
    /// Whatever keeps the command from doing its work. Failures that it can
    /// list, it lists in `out` and ends in [`Outcome::Failed`].
    pub fn run(&self, workspace: &Workspace, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::Pull(args) => pull::run(args, workspace, out),
            Self::Update(args) => update_command::run(args, workspace, out),
            Self::Drift(args) => drift_command::run(args, workspace, out),
            Self::Generate(args) => generate::run(args, workspace, out),
            Self::Surface(args) => surface::run(args, workspace, out),
            Self::Check(args) => check::run(args, workspace, out),
        }
    }
}
