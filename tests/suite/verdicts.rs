//! What `compare` says of the Rust surface is what the compiler says: callers of
//! the old surface compile against the new one where the verdict is "none" or
//! "additive", and do not where it is "breaking".

mod caller;
mod cases;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    sync::Mutex,
    thread,
};

use clap::Parser as _;
use iam_codegen::{
    Document, Settings,
    compare::{Options, Rust, compare},
    surface::surface,
};
use serde_json::Value;
use xtask::{Cli, Workspace};

use self::cases::Case;
use crate::workspace;

/// A case that was judged, with its modules.
struct Judged {
    name: String,
    verdict: Rust,
    /// Lines of the surface that are gone or came.
    lines: Vec<(bool, String)>,
    /// The module of the new document, and a caller of the old one's.
    module: String,
    caller: String,
}

fn judge(case: Case) -> Option<Judged> {
    let document = |value: &Value| Document::from_value("d.json", value.clone()).ok();
    let (old, new) = (document(&case.old)?, document(&case.new)?);
    let settings = Settings::new("Api");
    let module = |document: &Document| iam_codegen::run(document.clone(), &[], &settings).ok();
    let (before, after) = (module(&old)?, module(&new)?);
    let options = Options::with_surface(settings.clone());
    let comparison = compare(&[old], &[new], &options).unwrap();
    assert_eq!(comparison.not_generated, None, "{}", case.name);
    assert!(comparison.changes.iter().all(|change| !change.predicted), "{}", case.name);
    let lines = comparison.changes.iter().flat_map(|change| &change.lines);
    Some(Judged {
        verdict: comparison.rust().unwrap_or(Rust::None),
        lines: lines.map(|line| (line.added, line.text.clone())).collect(),
        caller: caller::caller(&surface(&before.source).unwrap(), &settings.client),
        module: after.source,
        name: case.name,
    })
}

/// Whether a line that is gone takes nothing from code that compiled: it tells
/// what is sent, or what the client knows of it.
fn is_silent(line: &str) -> bool {
    let line = line.trim();
    let labels = [
        "GET ",
        "PUT ",
        "POST ",
        "DELETE ",
        "PATCH ",
        "HEAD ",
        "OPTIONS ",
        "TRACE ",
        "success ",
        "content-type ",
        "accept ",
        "needs ",
        "causes ",
    ];
    let flags = ["idempotent", "anonymous", "deprecated"];
    labels.iter().any(|label| line.starts_with(label)) || flags.contains(&line)
        // Where an argument, a setter or a field stands on the wire.
        || line.contains(" = ")
        || line.ends_with(", null as empty")
}

/// The files of `directory` that cargo finds errors in.
///
/// Names are resolved before types are checked, so that one kind of error hides
/// the other: callers with errors are taken out until nothing is found.
fn failing(directory: &Path, judged: &[Judged]) -> BTreeMap<usize, String> {
    let library = directory.join("src/lib.rs");
    let head = fs::read_to_string(&library).unwrap();
    let mut failing = BTreeMap::new();
    loop {
        let mut modules = head.clone();
        for index in 0..judged.len() {
            modules += &format!("#[allow(deprecated)]\npub mod case_{index};\n");
            if !failing.contains_key(&index) {
                modules += &format!("#[allow(warnings)]\npub mod caller_{index};\n");
            }
        }
        fs::write(&library, modules).unwrap();
        let arguments = ["check", "--quiet", "--lib", "--message-format", "json"];
        let Err(text) = workspace::cargo(directory, &arguments) else { return failing };
        let before = failing.len();
        for message in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let message = &message["message"];
            if message["level"] != "error" {
                continue;
            }
            let spans = message["spans"].as_array().into_iter().flatten();
            for span in spans.filter(|span| span["is_primary"] == true) {
                let file = span["file_name"].as_str().unwrap_or_default();
                assert!(!file.contains("src/case_"), "{file}: {}", message["rendered"]);
                let index = file.strip_prefix("src/caller_").and_then(|f| f.strip_suffix(".rs"));
                if let Some(index) = index.and_then(|index| index.parse().ok()) {
                    let shown = message["rendered"].as_str().unwrap_or_default().to_owned();
                    failing.entry(index).or_insert(shown);
                }
            }
        }
        assert!(failing.len() > before, "{text}");
    }
}

/// All of them as modules of one crate: what takes time is the crate.
#[test]
#[ignore = "compiles a crate; CI runs it"]
fn the_verdict_on_the_surface_is_the_compilers() {
    // Generating takes time without a release build: all cores.
    let next = Mutex::new(cases::cases().into_iter());
    let judged: Mutex<Vec<Judged>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let case = next.lock().unwrap().next();
                    let Some(case) = case else { break };
                    let one = judge(case);
                    judged.lock().unwrap().extend(one);
                }
            });
        }
    });
    let mut judged = judged.into_inner().unwrap();
    judged.sort_by(|a, b| a.name.cmp(&b.name));
    let count = |verdict| judged.iter().filter(|one| one.verdict == verdict).count();
    let counts = [Rust::None, Rust::Additive, Rust::Breaking].map(count);
    assert!(counts[0] >= 5 && counts[1] >= 10 && counts[2] >= 25, "{counts:?}");

    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("verdicts");
    let spec = workspace::root().join("tests/corpus/adapt/plain.yaml");
    let (spec, to) = (spec.to_str().unwrap(), out.to_str().unwrap());
    let arguments = ["xtask", "generate", "--spec", spec, "--out", to, "--no-build"];
    let command = Cli::try_parse_from(arguments).unwrap().command;
    command.run(&Workspace::at(workspace::root()), &mut io::sink()).unwrap();
    for (index, one) in judged.iter().enumerate() {
        fs::write(out.join(format!("src/case_{index}.rs")), &one.module).unwrap();
        let caller = one.caller.replace("MODULE", &format!("case_{index}"));
        fs::write(out.join(format!("src/caller_{index}.rs")), caller).unwrap();
    }
    let failing = failing(&out, &judged);

    let mut wrong = Vec::new();
    let mut silent = BTreeSet::new();
    for (index, one) in judged.iter().enumerate() {
        match (one.verdict, failing.get(&index)) {
            (Rust::Breaking, None) => {
                let gone = one.lines.iter().filter(|(added, _)| !added);
                let heard: Vec<_> = gone.filter(|(_, line)| !is_silent(line)).collect();
                if heard.is_empty() {
                    silent.insert(&one.name);
                } else {
                    wrong.push(format!("{}: breaking, and compiles: {heard:#?}", one.name));
                }
            }
            (Rust::None | Rust::Additive, Some(error)) => {
                wrong.push(format!("{}: {:?}, and {error}", one.name, one.verdict));
            }
            _ => {}
        }
    }
    eprintln!("{counts:?} none, additive, breaking; {} fail, silent: {silent:#?}", failing.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), judged.len(), wrong.join("\n"));
}
