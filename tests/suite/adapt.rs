//! For each step of `adapt` the smallest document that needs it, generated,
//! compiled and exercised; and what must not need a step.
//!
//! | module | documents about |
//! |---|---|
//! | `names` | names that Rust has for itself, and names that become equal |
//! | `parameters` | path, query and header on the wire |
//! | `styles` | parameters in every style, cookies, methods |
//! | `paging` | lists in pages |
//! | `bodies` | request bodies, media types, forms |
//! | `security` | credentials |
//! | `forms` | forms, multipart bodies, patches, text beside JSON |
//! | `successes` | what a call returns |
//! | `demands` | what is demanded of a response, and what can be sent twice |
//! | `objects` | structs, maps, null, fields of one side |
//! | `values` | enums, bounds, formats, descriptions |
//! | `composition` | `allOf`, recursion, references |
//! | `unions` | `oneOf`, `anyOf`, discriminators |

use std::{collections::BTreeSet, fs, path::Path};

use iam_codegen::{Document, Limits, Output, Settings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    server::{Answer, answer},
    workspace,
};

mod bodies;
mod composition;
mod demands;
mod forms;
mod names;
mod objects;
mod paging;
mod parameters;
mod security;
mod styles;
mod successes;
mod unions;
mod values;

fn generate(path: &Path) -> Output {
    let name = path.display().to_string();
    let document = Document::parse(name, &fs::read(path).unwrap(), &Limits::default()).unwrap();
    iam_codegen::run(document, &[], &Settings::new("Api")).unwrap()
}

/// The output for a document of the corpus.
fn output(name: &str) -> Output {
    generate(&workspace::root().join(format!("tests/corpus/adapt/{name}.yaml")))
}

/// That a document needs exactly these steps at these places; a place counts as
/// often as it is named.
#[track_caller]
fn recorded(name: &str, expected: &[(&str, &str)]) {
    let found = output(name).adaptations;
    let found: Vec<_> = found.iter().map(|a| (a.pass, a.pointer.as_str())).collect();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// The pairs of a query or a form, decoded and sorted.
fn pairs(encoded: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://localhost/?{encoded}")).unwrap();
    let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
    pairs.sort();
    pairs
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    pairs.sort();
    pairs
}

/// An answer of 200 in JSON.
fn json(body: &'static str) -> Answer {
    answer(200, &[("content-type", "application/json")], body)
}

/// Decodes a value and encodes it again.
#[track_caller]
fn round_trip<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    let decoded: T = serde_json::from_value(value.clone()).unwrap();
    serde_json::to_value(&decoded).unwrap()
}

#[test]
fn a_plain_document_needs_no_step() {
    recorded("plain", &[]);
}

/// The steps that the table in the module's documentation names.
fn steps(source: &str) -> BTreeSet<String> {
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `"));
    rows.filter_map(|row| row.split_once('`')).map(|(step, _)| step.to_owned()).collect()
}

#[test]
fn every_step_is_needed_by_a_document() {
    let source = workspace::root().join("iam-codegen/src/adapt/mod.rs");
    let steps = steps(&fs::read_to_string(source).unwrap());
    assert!(steps.len() > 15, "{steps:?}");
    let files = workspace::files(&workspace::root().join("tests/corpus/adapt"));
    let recorded: BTreeSet<String> = files
        .iter()
        .flat_map(|file| generate(file).adaptations)
        .map(|adaptation| adaptation.pass.to_owned())
        .collect();
    assert_eq!(recorded, steps);
}
