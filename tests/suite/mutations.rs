//! Any mutation of a document ends in code that compiles or in a typed error,
//! never in a panic, a hang or a stack overflow.
//!
//! The cases are the same in every run; an ordinary run takes the first of them.
//! A fault that a case finds is recorded as a document of its own, in `corpus/` or
//! `rejected/`.

mod change;

use std::{
    collections::BTreeSet,
    fs, io,
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use clap::Parser as _;
use iam_codegen::{Document, Limits, Settings};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use xtask::{Cli, Workspace};

use self::change::change;
use crate::workspace;

/// How long a mutated document may take; all seeds take less than a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// The path that is kept of a vendored document.
const SLICES: [(&str, &str); 4] = [
    ("iam-identity.json", "/v1/idps/{idp_id}/saml/metadata"),
    ("iam-identity.json", "/v1/profiles/{profile-id}/identities"),
    ("iam-access-groups.json", "/v2/groups/{access_group_id}/members/delete"),
    ("iam-policy-management.json", "/v2/policies"),
];

/// A document to mutate.
#[derive(Clone, Debug)]
struct Seed {
    name: String,
    text: Vec<u8>,
    value: Value,
}

/// The corpus, what is rejected, and slices of the vendored documents.
fn seeds() -> Vec<Seed> {
    let root = workspace::root();
    let mut seeds = Vec::new();
    for directory in ["tests/corpus", "tests/rejected"] {
        for path in workspace::files(&root.join(directory)) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read(&path).unwrap();
            // What is no JSON and no YAML is mutated as text only.
            let value = iam_codegen::document::parse_value(&name, &text, &Limits::default());
            seeds.push(Seed { name, text, value: value.unwrap_or_default() });
        }
    }
    for (name, path) in SLICES {
        let text = fs::read(root.join("openapi").join(name)).unwrap();
        let value = slice(&serde_json::from_slice(&text).unwrap(), path);
        let text = serde_json::to_vec(&value).unwrap();
        seeds.push(Seed { name: name.to_owned(), text, value });
    }
    seeds
}

/// One path of `document`, with what it refers to.
pub(crate) fn slice(document: &Value, path: &str) -> Value {
    let mut slice = document.clone();
    slice["paths"] = json!({ path: document["paths"][path] });
    slice["tags"] = json!([]);
    let mut used = BTreeSet::new();
    let mut open = vec![&document["paths"][path]];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get("$ref")
                    && used.insert(target.clone())
                {
                    open.extend(document.pointer(target.trim_start_matches('#')));
                }
                open.extend(map.values());
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    for (section, members) in slice["components"].as_object_mut().unwrap() {
        if let Some(members) = members.as_object_mut() {
            members.retain(|name, _| used.contains(&format!("#/components/{section}/{name}")));
        }
    }
    slice
}

/// Runs documents one after the other on a thread of its own, so that one that
/// does not end, or ends the thread, is noticed and shown.
struct Pipeline {
    documents: Sender<(String, Vec<u8>)>,
    outcomes: Receiver<Result<String, String>>,
}

impl Pipeline {
    fn start() -> Self {
        let (documents, received) = mpsc::channel::<(String, Vec<u8>)>();
        let (done, outcomes) = mpsc::channel();
        thread::spawn(move || {
            for (name, bytes) in received {
                let document = Document::parse(name, &bytes, &Limits::default());
                let output = document
                    .and_then(|document| iam_codegen::run(document, &[], &Settings::new("Api")));
                let outcome = output.map(|output| output.source).map_err(|error| error.to_string());
                if done.send(outcome).is_err() {
                    return;
                }
            }
        });
        Self { documents, outcomes }
    }

    /// The source that a document gives, or the error; fails on anything else.
    fn run(&self, name: &str, bytes: Vec<u8>) -> Result<Result<String, String>, TestCaseError> {
        let shown = || String::from_utf8_lossy(&bytes).into_owned();
        let fail = |what: &str| Err(TestCaseError::fail(format!("{what}: {}", shown())));
        if self.documents.send((name.to_owned(), bytes.clone())).is_err() {
            return fail("the case before this one");
        }
        match self.outcomes.recv_timeout(PATIENCE) {
            Ok(Err(error)) if error.contains("internal error") || error.contains("panicked") => {
                fail(&error)
            }
            Ok(outcome) => Ok(outcome),
            Err(mpsc::RecvTimeoutError::Timeout) => fail("no end"),
            Err(mpsc::RecvTimeoutError::Disconnected) => fail("a panic"),
        }
    }
}

/// The same cases in every run; others for each `seed`.
fn runner(cases: u32, seed: u8) -> TestRunner {
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

fn mutated() -> impl Strategy<Value = (String, Value)> {
    let seeds: Vec<_> = seeds().into_iter().filter(|seed| seed.value.is_object()).collect();
    (select(seeds), vec(change(), 1..4)).prop_map(|(seed, changes)| {
        let mut value = seed.value;
        changes.iter().for_each(|change| change.make(&mut value));
        (seed.name.replace(".yaml", ".json"), value)
    })
}

fn mutate_documents(cases: u32) {
    let pipeline = Pipeline::start();
    let outcome = runner(cases, 1).run(&mutated(), |(name, value)| {
        pipeline.run(&name, serde_json::to_vec(&value).unwrap())?.ok();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A change to text: so many bytes at a place are replaced.
type Patch = (Index, usize, Vec<u8>);

fn patched(text: &[u8], patches: &[Patch]) -> Vec<u8> {
    let mut text = text.to_vec();
    for (at, length, bytes) in patches {
        if !text.is_empty() {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, bytes.iter().copied());
        }
    }
    text
}

#[test]
fn a_mutated_document_is_generated_or_refused() {
    mutate_documents(150);
}

#[test]
#[ignore = "takes long; CI runs it"]
fn more_mutated_documents_are_generated_or_refused() {
    mutate_documents(2400);
}

fn mutate_texts(cases: u32) {
    let pipeline = Pipeline::start();
    let marks = b"{}[]\"':,&*!|>-#%@`\\\n\t 0159eE~.\xff\x00\xc3".to_vec();
    let bytes = vec(prop_oneof![select(marks), any::<u8>()], 0..4);
    let patches = vec((any::<Index>(), 0..40usize, bytes), 1..4);
    let outcome = runner(cases, 2).run(&(select(seeds()), patches), |(seed, patches)| {
        pipeline.run(&seed.name, patched(&seed.text, &patches))?.ok();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_mutated_text_is_generated_or_refused() {
    mutate_texts(150);
}

#[test]
#[ignore = "takes long; CI runs it"]
fn more_mutated_texts_are_generated_or_refused() {
    mutate_texts(2000);
}

/// The sources of so many mutated documents that are generated, each with the
/// document; none is that of its seed.
fn generated(count: usize) -> Vec<(String, Value)> {
    let pipeline = Pipeline::start();
    let mut known: BTreeSet<String> = seeds()
        .into_iter()
        .filter_map(|seed| pipeline.run(&seed.name, seed.text).unwrap().ok())
        .collect();
    let mut runner = runner(1, 3);
    let (cases, mut found) = (mutated(), Vec::new());
    while found.len() < count {
        let (name, value) = cases.new_tree(&mut runner).unwrap().current();
        let outcome = pipeline.run(&name, serde_json::to_vec(&value).unwrap()).unwrap();
        if let Ok(source) = outcome
            && known.insert(source.clone())
        {
            found.push((source, value));
        }
    }
    found
}

/// All of them as modules of one crate: what takes time is the crate.
#[test]
#[ignore = "compiles a crate; CI runs it"]
fn the_code_of_mutated_documents_compiles() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("mutations");
    let spec = workspace::root().join("tests/corpus/adapt/plain.yaml");
    let (spec, to) = (spec.to_str().unwrap(), out.to_str().unwrap());
    let arguments = ["xtask", "generate", "--spec", spec, "--out", to, "--no-build"];
    let command = Cli::try_parse_from(arguments).unwrap().command;
    command.run(&Workspace::at(workspace::root()), &mut io::sink()).unwrap();

    let library = out.join("src/lib.rs");
    let mut modules = fs::read_to_string(&library).unwrap();
    let generated = generated(40);
    for (index, (source, _)) in generated.iter().enumerate() {
        fs::write(out.join(format!("src/mutation_{index}.rs")), source).unwrap();
        modules.push_str(&format!("#[allow(deprecated)]\npub mod mutation_{index};\n"));
    }
    fs::write(&library, modules).unwrap();
    if let Err(text) = workspace::cargo(&out, &["check", "--quiet", "--all-features"]) {
        let blamed = generated
            .iter()
            .enumerate()
            .filter(|(index, _)| text.contains(&format!("src/mutation_{index}.rs")));
        let documents: Vec<_> =
            blamed.map(|(index, (_, value))| format!("{index}: {value}")).collect();
        panic!("{text}\n{}", documents.join("\n"));
    }
}
