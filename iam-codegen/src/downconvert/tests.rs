//! What all tests of the conversion share, and those of the whole of it.
//! The others stand with the conversions: `schema/tests.rs`,
//! `references/tests.rs`, `tests/` for the rest.

mod documents;
mod mutations;
mod operations;

use serde_json::{Value, json};

use super::downconvert;
use crate::{adaptation::Adaptations, error::Problem};

/// `document` converted, and the pass and the pointer of each record, sorted.
#[track_caller]
pub(super) fn downconverted(mut document: Value) -> (Value, Vec<(&'static str, String)>) {
    let mut adaptations = Adaptations::new();
    downconvert(&mut document, &mut adaptations);
    assert_eq!(adaptations.settle(), Ok(()));
    let list = adaptations.into_list().into_iter();
    (document, list.map(|adaptation| (adaptation.pass, adaptation.pointer)).collect())
}

/// The problems for which `document` is rejected.
#[track_caller]
pub(super) fn rejected(mut document: Value) -> Vec<Problem> {
    let mut adaptations = Adaptations::new();
    downconvert(&mut document, &mut adaptations);
    adaptations.settle().expect_err("the document is to be rejected")
}

#[test]
fn a_document_of_3_0_is_unchanged_but_for_its_version() {
    let document = json!({
        "openapi": "3.0.1",
        "info": { "title": "T", "version": "1", "summary": "s" },
        "webhooks": {},
        "components": { "schemas": { "S": {
            "type": "integer", "nullable": true, "minimum": 1, "exclusiveMinimum": true,
            "const": 1, "$ref": "#/x", "$defs": {}, "description": "d",
        } } },
    });
    let mut expected = document.clone();
    expected["openapi"] = "3.0.3".into();
    assert_eq!(downconverted(document), (expected, vec![]));
}

#[test]
fn the_smallest_documents() {
    for version in ["3.1.0", "3.1.2", "3.2.0"] {
        let (document, records) = downconverted(json!({ "openapi": version }));
        assert_eq!(document, json!({ "openapi": "3.0.3", "paths": {} }));
        assert_eq!(records, []);
    }
    assert_eq!(downconverted(json!([1])), (json!([1]), vec![]));
}
