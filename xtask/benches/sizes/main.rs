//! CPU time and peak memory of each stage, per operation of documents of several sizes;
//! with `--compile` those of `cargo check` of the generated crates as well.
//!
//! ```text
//! cargo bench -p xtask --bench sizes -- [--compile] [--document FILE]... [OPERATIONS]...
//! ```
//!
//! Each size runs in a process of its own, so that none inherits the peak of another.
//! Peaks are read from `/proc`; elsewhere they are missing.

mod document;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use cpu_time::ProcessTime;
use iam_codegen::{Adaptations, Document, Limits, Settings, adapt, downconvert, generate, surface};

/// The sizes that are compared unless others are named.
const SIZES: [usize; 3] = [200, 1_000, 5_000];

/// Set in the process that measures one document: its file.
const MEASURED: &str = "IAM_SIZES_DOCUMENT";

/// Set where this program stands in for rustc: the file to write the cost to.
const COST: &str = "IAM_SIZES_COST";

/// The number of units into which `/proc` divides a second of CPU time.
const TICKS: f64 = 100.0;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    if let Some(cost) = env::var_os(COST) {
        return compile_measured(Path::new(&cost));
    }
    if let Some(document) = env::var_os(MEASURED) {
        stages(Path::new(&document))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (mut compile, mut documents, mut sizes) = (false, Vec::new(), Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            // What cargo adds.
            "--bench" => {}
            "--compile" => compile = true,
            "--document" => {
                documents.push(PathBuf::from(arguments.next().context("--document needs a file")?));
            }
            size => sizes.push(size.parse().with_context(|| format!("`{size}` is no number"))?),
        }
    }
    if sizes.is_empty() && documents.is_empty() {
        sizes.extend(SIZES);
    }
    let directory = tempfile::tempdir()?;
    for size in sizes {
        let file = directory.path().join(format!("sizes-{size}.json"));
        fs::write(&file, document::document(size).to_string())?;
        documents.push(file);
    }
    println!("{:24} {:>10} {:>10} {:>12} {:>10}", "", "CPU s", "peak MB", "CPU ms/op", "KB/op");
    for file in &documents {
        let status = Command::new(env::current_exe()?).env(MEASURED, file).status()?;
        ensure!(status.success(), "{} cannot be generated", file.display());
        if compile {
            check(file, directory.path())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a line of the table.
fn line(what: &str, seconds: f64, kilobytes: Option<u64>, operations: usize) {
    let operations = operations.max(1) as f64;
    let (peak, each) = match kilobytes {
        Some(peak) => {
            (format!("{:.0}", peak as f64 / 1e3), format!("{:.1}", peak as f64 / operations))
        }
        None => ("-".to_owned(), "-".to_owned()),
    };
    let time = seconds * 1e3 / operations;
    println!("  {what:22} {seconds:10.2} {peak:>10} {time:12.3} {each:>10}");
}

/// Runs the pipeline on a document, and prints the cost of each stage.
fn stages(file: &Path) -> Result<()> {
    let name = file.display().to_string();
    let bytes = fs::read(file).with_context(|| format!("cannot read {name}"))?;
    let (mut rows, mut total) = (Vec::new(), 0.0);
    let before = peak_of("self").unwrap_or(0);
    let mut measured = |what: &'static str, start: ProcessTime| {
        let seconds = start.elapsed().as_secs_f64();
        total += seconds;
        rows.push((what, seconds, peak_of("self")));
        reset_peak();
    };
    reset_peak();
    let start = ProcessTime::now();
    let document = Document::parse(&*name, &bytes, &Limits::default())?;
    measured("load", start);
    let start = ProcessTime::now();
    let (_, mut value) = document.into_parts();
    let mut record = Adaptations::new();
    downconvert::downconvert(&mut value, &mut record);
    measured("downconvert", start);
    let start = ProcessTime::now();
    let api = adapt::adapt(&name, value, &mut record)?;
    measured("adapt", start);
    let start = ProcessTime::now();
    let source = generate::generate(&name, &api, &Settings::new("Api"))?;
    measured("generate", start);
    let start = ProcessTime::now();
    surface::surface(&source)?;
    measured("surface", start);
    let operations = api.operations.len();
    println!("{name}: {operations} operations, {} types", api.types.len());
    let peak = rows.iter().filter_map(|(_, _, peak)| *peak).max();
    for (what, seconds, peak) in rows {
        line(what, seconds, peak, operations);
    }
    // What the program itself takes is the same for every size.
    line("all, less the program", total, peak.map(|peak| peak.saturating_sub(before)), operations);
    Ok(())
}

/// The greatest resident size of a process so far, in kB.
fn peak_of(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Lets the peak of this process begin anew. Where that cannot be, peaks only grow.
fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Generates the crate of a document, and prints the cost of checking that crate alone.
fn check(file: &Path, directory: &Path) -> Result<()> {
    let stem = file.file_stem().context("a document has a name")?.to_string_lossy();
    let (out, cost) = (directory.join(&*stem), directory.join("cost"));
    let status = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["generate", "--no-build", "--name", "measured", "--spec"])
        .arg(file)
        .arg("--out")
        .arg(&out)
        .status()?;
    ensure!(status.success(), "no crate for {}", file.display());
    // The dependencies are compiled once, for every size and every run.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sizes");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--quiet", "--config", "build.incremental=false"])
        .current_dir(&out)
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?)
        .env(COST, &cost)
        .status()?;
    ensure!(status.success(), "the crate of {} does not compile", file.display());
    let cost = fs::read_to_string(&cost).context("rustc was not run")?;
    let operations = operations_of(&out)?;
    match *cost.split_whitespace().collect::<Vec<_>>() {
        [seconds, peak] => {
            line("cargo check", seconds.parse()?, peak.parse().ok(), operations);
            Ok(())
        }
        _ => bail!("`{cost}` is no time and no peak"),
    }
}

/// The number of operations of a generated crate.
fn operations_of(crate_: &Path) -> Result<usize> {
    let source = fs::read_to_string(crate_.join("src/api.rs"))?;
    Ok(source.matches(": Operation = Operation {").count())
}

/// Runs rustc as cargo asks for, and writes down what that costs.
fn compile_measured(cost: &Path) -> Result<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    let rustc = arguments.next().context("cargo names rustc")?;
    let arguments: Vec<_> = arguments.collect();
    let compiles = arguments.iter().any(|argument| argument == "measured");
    let mut child = Command::new(rustc).args(arguments).spawn()?;
    let process = child.id().to_string();
    let mut peak = None;
    let status = loop {
        peak = peak_of(&process).max(peak);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(20));
    };
    if compiles {
        // CPU time of children, in user and kernel mode; the name before them has parentheses.
        let stat = fs::read_to_string("/proc/self/stat")?;
        let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(13).take(2);
        let ticks: f64 = fields.filter_map(|field| field.parse::<f64>().ok()).sum();
        let peak = peak.map_or_else(|| "-".to_owned(), |peak| peak.to_string());
        fs::write(cost, format!("{} {peak}", ticks / TICKS))?;
    }
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
