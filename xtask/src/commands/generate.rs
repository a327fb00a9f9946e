//! `generate`: runs the pipeline, writes what it gives where it can be read,
//! and compiles it.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use iam_codegen::{Document, LeftOut, Limits, Output, Overlay, Unsupported};

use crate::{
    cargo::{self, BuildFailed},
    files,
    outcome::Outcome,
    pipeline, readme,
    standalone::{Plan, Spec},
    table::{columns, count},
    workspace::Workspace,
};

const HELP: &str = "\
Without --spec: the client, from the documents of role `client`. A readable copy
of the generated source goes to target/generated, and the lists of what is not
known of the operations to openapi/README.md.

With --spec: a crate of its own from any one OpenAPI document, 3.0 to 3.2, JSON or
YAML. It has its dependencies' versions from iam-client and builds offline. What
the document gets wrong is corrected with --overlay (OpenAPI Overlay 1.0 or 1.1).
An operation that cannot be generated is left out and listed, here and in the crate's
README.md. --strict refuses the document instead.

Exit codes:
   0  done
   1  failed
   4  the crate is made and lacks the operations that are listed
  64  the command line is wrong

Examples:
  cargo xtask generate
  cargo xtask generate --spec petstore.yaml --out ../petstore-client
  cargo xtask generate --spec petstore.yaml --out ../petstore-client --force --no-build
  cargo xtask generate --spec petstore.yaml --overlay fixes.yaml --out ../petstore-client";

/// Arguments of `generate`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Make a standalone crate from this document
    #[arg(long, value_name = "FILE", requires = "out")]
    pub spec: Option<PathBuf>,
    /// Apply this overlay to the document; may be given several times, in order
    #[arg(long = "overlay", value_name = "FILE", requires = "spec")]
    pub overlays: Vec<PathBuf>,
    /// Directory of the standalone crate; must be empty or not there
    #[arg(long, value_name = "DIR", requires = "spec")]
    pub out: Option<PathBuf>,
    /// Name of the standalone crate [default: made from the name of FILE]
    #[arg(long, requires = "spec")]
    pub name: Option<String>,
    /// Replace the standalone crate that an earlier run made in DIR
    #[arg(long, requires = "spec")]
    pub force: bool,
    /// Refuse a document with an operation that cannot be generated
    #[arg(long, requires = "spec")]
    pub strict: bool,
    /// Do not compile
    #[arg(long)]
    pub no_build: bool,
}

/// Runs the command.
///
/// # Errors
/// A document that the pipeline refuses, and files that cannot be read or
/// written. Code that does not compile is listed in `out`, with what cargo says.
pub fn run(args: &Args, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    match (&args.spec, &args.out) {
        (Some(spec), Some(directory)) => standalone(args, spec, directory, workspace, out),
        _ => client(args, workspace, out),
    }
}

fn client(args: &Args, workspace: &Workspace, out: &mut dyn Write) -> Result<Outcome> {
    let sources = workspace.sources()?;
    let directory = workspace.target.join("generated");
    let heads = ["document", "operations", "types", "adaptations", "lines", "seconds"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let mut total = Sizes::default();
    let mut skipped = Vec::new();
    for (service, source) in sources.client() {
        let start = Instant::now();
        let document = sources.document(source)?;
        let output = pipeline::generate(&sources, source, document)?;
        let sizes = Sizes::of(&output, start.elapsed());
        files::write(&directory.join(format!("{service}.rs")), output.source.as_bytes())?;
        let adaptations = directory.join(format!("{service}.adaptations.txt"));
        files::write(&adaptations, adaptation_lines(&output).as_bytes())?;
        skipped.extend(pipeline::skipped(&output.overlays));
        rows.push(sizes.row(&source.name));
        total.add(&sizes);
    }
    rows.push(total.row("total"));
    write!(out, "{}", columns(&rows))?;
    for note in skipped {
        writeln!(out, "{note}")?;
    }
    writeln!(out, "readable copies are in {}", workspace.shown(&directory))?;
    if readme::write(&sources)? {
        let path = sources.directory().join("README.md");
        writeln!(out, "wrote the generated section of {}", workspace.shown(&path))?;
    }
    if args.no_build {
        return Ok(Outcome::Done);
    }
    let arguments = ["--package", "iam-client", "--all-features"];
    compile(workspace, &workspace.root, &workspace.target, &arguments, "iam-client", out)
}

fn standalone(
    args: &Args,
    spec: &Path,
    directory: &Path,
    workspace: &Workspace,
    out: &mut dyn Write,
) -> Result<Outcome> {
    let start = Instant::now();
    let limits = Limits::default();
    let content = files::read_if_any(spec, limits.bytes as u64)?;
    let content = content.with_context(|| format!("there is no file {}", spec.display()))?;
    let document = Document::parse_unresolved(spec.display().to_string(), &content, &limits)?;
    let mut overlays = Vec::new();
    for path in &args.overlays {
        let content = files::read_if_any(path, limits.bytes as u64)?;
        let content = content.with_context(|| format!("there is no overlay {}", path.display()))?;
        overlays.push(Overlay::parse(path.display().to_string(), &content)?);
    }
    let names: Vec<_> = args.overlays.iter().map(|path| files::name(path)).collect();
    let from = Spec { path: spec, content: &content, document: &document, overlays: &names };
    let plan = Plan::new(workspace, from, directory, args.name.as_deref(), args.force)?;
    let mut settings = plan.settings();
    if !args.strict {
        settings.unsupported = Unsupported::LeaveOut;
    }
    let output = iam_codegen::run(document, &overlays, &settings)?;
    let sizes = Sizes::of(&output, start.elapsed());

    let sources = workspace.sources()?;
    let services: Vec<&str> = sources.client().map(|(service, _)| service).collect();
    plan.write(workspace, &services, &output)?;
    writeln!(
        out,
        "made the crate `{}` in {}: {} operations, {} types, {} adaptations, {} lines, {:.2} seconds",
        plan.name,
        directory.display(),
        count(sizes.operations),
        count(sizes.types),
        count(sizes.adaptations),
        count(sizes.lines),
        sizes.elapsed.as_secs_f64()
    )?;
    for note in pipeline::skipped(&output.overlays) {
        writeln!(out, "{note}")?;
    }
    if !args.no_build {
        let target = workspace.target.join("standalone");
        let built = compile(workspace, &plan.directory, &target, &[], &plan.name, out)?;
        if built != Outcome::Done {
            return Ok(built);
        }
    }
    if output.left_out.is_empty() {
        return Ok(Outcome::Done);
    }
    write_left_out(&output.left_out, out)?;
    Ok(Outcome::LeftOut)
}

/// The operations that the crate lacks, each with its reasons.
fn write_left_out(left_out: &[LeftOut], out: &mut dyn Write) -> Result<()> {
    let number = match left_out.len() {
        1 => "1 operation".to_owned(),
        number => format!("{} operations", count(number)),
    };
    writeln!(out, "left out {number}:")?;
    for LeftOut { operation, pointer, problems, .. } in left_out {
        writeln!(out, "  {}: {}", printable(operation), printable(pointer))?;
        for problem in problems {
            let message = printable(&problem.message);
            match &problem.remedy {
                Some(remedy) => writeln!(out, "    {message}; {}", printable(remedy))?,
                None => writeln!(out, "    {message}")?,
            }
        }
    }
    Ok(())
}

/// One line without control characters: what a document says is shown to a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn compile(
    workspace: &Workspace,
    directory: &Path,
    target: &Path,
    arguments: &[&str],
    name: &str,
    out: &mut dyn Write,
) -> Result<Outcome> {
    writeln!(out, "compiling {name}")?;
    out.flush()?;
    match cargo::build(&workspace.cargo, directory, target, arguments) {
        Ok(elapsed) => {
            writeln!(out, "compiled {name} in {:.1} seconds", elapsed.as_secs_f64())?;
            Ok(Outcome::Done)
        }
        Err(error) if error.is::<BuildFailed>() => {
            writeln!(out, "error: {error}")?;
            Ok(Outcome::Failed)
        }
        Err(error) => Err(error),
    }
}

fn adaptation_lines(output: &Output) -> String {
    output.adaptations.iter().map(|adaptation| format!("{adaptation}\n")).collect()
}

/// A row of the summary.
#[derive(Debug, Default)]
struct Sizes {
    operations: usize,
    types: usize,
    adaptations: usize,
    lines: usize,
    elapsed: Duration,
}

impl Sizes {
    fn of(output: &Output, elapsed: Duration) -> Self {
        Self {
            operations: output.operations,
            types: output.types,
            adaptations: output.adaptations.len(),
            lines: output.source.lines().count(),
            elapsed,
        }
    }

    fn add(&mut self, other: &Self) {
        self.operations += other.operations;
        self.types += other.types;
        self.adaptations += other.adaptations;
        self.lines += other.lines;
        self.elapsed += other.elapsed;
    }

    fn row(&self, name: &str) -> Vec<String> {
        let numbers = [self.operations, self.types, self.adaptations, self.lines].map(count);
        let seconds = format!("{:.2}", self.elapsed.as_secs_f64());
        [name.to_owned()].into_iter().chain(numbers).chain([seconds]).collect()
    }
}
