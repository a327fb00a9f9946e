//! The smallest document for each step of `downconvert`: what is recorded, and
//! what the client makes of what the document allows. Where a new one goes:

// Keywords of schemas: what is received.
mod schemas;
// Constraints that 3.0 does not have: what they excluded is let through.
mod constraints;
// Operations, parameters, bodies, responses, security: what is sent.
mod operations;
// What a document says of itself, its components and its examples.
mod documents;

use std::{collections::BTreeSet, fs};

use iam_codegen::{Document, Limits, Output, Settings};

use crate::workspace;

fn output(path: &str) -> Output {
    let bytes = fs::read(workspace::root().join("tests/corpus").join(path)).unwrap();
    let document = Document::parse(path, &bytes, &Limits::default()).unwrap();
    iam_codegen::run(document, &[], &Settings::new("Api")).unwrap()
}

/// The conversions that `name` needs: step and place of each, in order.
fn recorded(name: &str) -> Vec<String> {
    let adaptations = output(&format!("downconvert/{name}.yaml")).adaptations;
    let steps = adaptations
        .iter()
        .filter_map(|a| Some(format!("{} {}", a.pass.strip_prefix("downconvert/")?, a.pointer)));
    steps.collect()
}

/// Decodes `body` as the answer to `get_thing`; encoded again it is the same.
macro_rules! get_thing {
    ($module:ident, $body:tt) => {{
        let body = serde_json::json!($body);
        let text = body.to_string();
        let server =
            $crate::server::Server::start(move |_| $crate::server::answer(200, &[], text.clone()));
        let server = server.await;
        let api = iam_tests::corpus::$module::Api::new(&server.client());
        let thing = api.get_thing().send().await.unwrap().into_inner();
        assert_eq!(serde_json::to_value(&thing).unwrap(), body);
        thing
    }};
}
use get_thing;

/// Steps that no document which is generated can record.
const NEVER_GENERATED: [&str; 1] = [
    // Left out only after the document has been rejected.
    "downconvert/dynamic-reference",
];

#[test]
fn every_step_is_needed_by_a_document() {
    let source = workspace::root().join("iam-codegen/src/downconvert/mod.rs");
    let text = fs::read_to_string(source).unwrap();
    let table = text.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('`').next());
    let mut missing: BTreeSet<&str> = table.collect();
    assert!(missing.len() > 30, "{missing:#?}");
    let mut unlisted = BTreeSet::new();
    let root = workspace::root().join("tests/corpus");
    for path in workspace::files(&root) {
        let path = path.strip_prefix(&root).unwrap().to_str().unwrap();
        for adaptation in output(path).adaptations {
            missing.remove(adaptation.pass);
            if adaptation.pass.starts_with("downconvert/") && !text.contains(adaptation.pass) {
                unlisted.insert(adaptation.pass);
            }
        }
    }
    assert_eq!(missing, BTreeSet::from(NEVER_GENERATED));
    assert!(unlisted.is_empty(), "not in the table of the module: {unlisted:#?}");
}
