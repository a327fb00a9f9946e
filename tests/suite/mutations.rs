//! Any mutation of a document ends in code that compiles or in a typed error,
//! never in a panic, a hang or a stack overflow.
//!
//! The cases are the same in every run. What a case found wrong is recorded as
//! a document of its own, in `corpus/` or `rejected/`.

mod change;

use std::{
    cell::Cell,
    collections::BTreeSet,
    fs,
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use iam_codegen::{Document, Limits, Settings};
use proptest::{
    collection::vec,
    prelude::*,
    sample::Index,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use self::change::change;
use crate::workspace;

/// How long a mutated document may take; all seeds take less than a second.
const PATIENCE: Duration = Duration::from_secs(30);

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
    for name in ["iam-identity", "iam-access-groups", "iam-policy-management"] {
        let text = fs::read(root.join("openapi").join(format!("{name}.json"))).unwrap();
        let document: Value = serde_json::from_slice(&text).unwrap();
        let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
        for path in paths.iter().step_by(paths.len() / 4) {
            let value = slice(&document, path);
            let text = serde_json::to_vec(&value).unwrap();
            seeds.push(Seed { name: format!("{name}.json"), text, value });
        }
    }
    seeds
}

/// One path of `document`, with what it refers to.
fn slice(document: &Value, path: &str) -> Value {
    let mut slice = document.clone();
    slice["paths"] = json!({ path: document["paths"][path] });
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
                let output = document.and_then(|document| {
                    iam_codegen::run(document, &[], &Settings::new("Api"))
                });
                let outcome =
                    output.map(|output| output.source).map_err(|error| error.to_string());
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

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 500,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn mutated() -> impl Strategy<Value = (String, Value)> {
    let seeds: Vec<_> = seeds().into_iter().filter(|seed| seed.value.is_object()).collect();
    (prop::sample::select(seeds), vec(change(), 1..4)).prop_map(|(seed, changes)| {
        let mut value = seed.value;
        changes.iter().for_each(|change| change.make(&mut value));
        (seed.name, value)
    })
}

#[test]
fn a_mutated_document_is_generated_or_refused() {
    let pipeline = Pipeline::start();
    let generated = Cell::new(0);
    let outcome = runner(1500).run(&mutated(), |(name, value)| {
        let name = name.replace(".yaml", ".json");
        let text = serde_json::to_vec(&value).unwrap();
        generated.set(generated.get() + u32::from(pipeline.run(&name, text)?.is_ok()));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    println!("{} generated", generated.get());
}

/// A change to text: so many bytes at a place are replaced.
type Patch = (Index, usize, Vec<u8>);

fn patched(text: &[u8], patches: &[Patch]) -> Vec<u8> {
    let mut text = text.to_vec();
    for (at, length, bytes) in patches.iter().filter(|_| !text.is_empty()).cloned().collect::<Vec<_>>() {
        let start = at.index(text.len());
        let end = (start + length).min(text.len());
        text.splice(start..end, bytes);
    }
    text
}

#[test]
fn a_mutated_text_is_generated_or_refused() {
    let pipeline = Pipeline::start();
    let marks = b"{}[]\"':,&*!|>-#%@`\\\n\t 0159eE~.\xff\x00\xc3".to_vec();
    let bytes = vec(prop_oneof![prop::sample::select(marks), any::<u8>()], 0..4);
    let patches = vec((any::<Index>(), 0..40usize, bytes), 1..4);
    let cases = (prop::sample::select(seeds()), patches);
    let outcome = runner(1000).run(&cases, |(seed, patches)| {
        pipeline.run(&seed.name, patched(&seed.text, &patches))?.ok();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
