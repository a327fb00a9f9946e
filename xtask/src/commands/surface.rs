//! `surface`: what the generated client offers, as text to read and to compare.

use std::{
    io::Write,
    path::{Component, Path, PathBuf},
};

use anyhow::{Result, bail};
use iam_codegen::surface::{Area, surface};

use crate::{files, outcome::Outcome, pipeline, table::count, workspace::Workspace};

const HELP: &str = "\
Exit codes: 0 done, 1 failed, 64 the command line is wrong

Examples:
  cargo xtask surface | less
  cargo xtask surface --out before      … change something …
  cargo xtask surface --out after && diff -ru before after";

/// Arguments of `surface`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Write a file for each area, DIR/SERVICE/AREA.txt, instead of printing
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A document that the pipeline refuses, and files that cannot be written.
pub fn run(args: &Args, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    let sources = workspace.sources()?;
    for (service, source) in sources.client() {
        let output = pipeline::generate(&sources, source, sources.document(source)?)?;
        let areas = surface(&output.source)?;
        match &args.out {
            Some(directory) => write_areas(&directory.join(service), &areas, out)?,
            None => {
                for area in &areas {
                    writeln!(
                        out,
                        "==== {service}/{} ====\n{}",
                        area.name,
                        area.listing.trim_end()
                    )?;
                    writeln!(out)?;
                }
            }
        }
    }
    Ok(Outcome::Done)
}

fn write_areas(directory: &Path, areas: &[Area], out: &mut dyn Write) -> Result<()> {
    let before = files::walk(directory)?;
    let mut written = Vec::new();
    for area in areas {
        let inner = Path::new(&area.name);
        if !inner.components().all(|part| matches!(part, Component::Normal(_))) {
            bail!("the area `{}` cannot be the name of a file", area.name);
        }
        let path = directory.join(format!("{}.txt", area.name));
        files::write(&path, area.listing.as_bytes())?;
        written.push(path);
    }
    writeln!(out, "{}: {} areas", directory.display(), count(areas.len()))?;
    for stale in before.iter().filter(|path| !written.contains(path)) {
        writeln!(
            out,
            "  {} is none of them; remove it if an earlier run left it",
            stale.display()
        )?;
    }
    Ok(())
}
