//! What `iam_codegen::compare` says of changed documents.

// A pair of smallest documents for every kind of change.
pub(crate) mod rules;
// Rewritings that change nothing.
mod equivalent;
// Mutations of a document.
pub(crate) mod mutate;
// The real documents against mutations of themselves.
mod mutations;
// Changes account for every difference: taken back, the old document is left.
pub(crate) mod accounting;
// One document split into several.
mod split;
// Circles, wrong types, bombs.
mod hostile;
// Documents that refer to themselves, in every way there is.
mod recursion;
// Verdicts on the generated surface, and the lines they stand on.
mod surface;

use iam_codegen::{
    Document, Limits,
    compare::{Change, Comparison, Options, Wire, compare},
};
use serde_json::{Value, json};

/// A document that was given as a value, with its text.
pub(crate) fn document(name: &str, value: &Value) -> Document {
    let text = serde_json::to_string_pretty(value).unwrap();
    Document::parse(name, text.as_bytes(), &Limits::default())
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What compare says of two documents.
pub(crate) fn compared(old: &Value, new: &Value) -> Comparison {
    let (old, new) = (document("old.json", old), document("new.json", new));
    compare(&[old], &[new], &Options::default()).unwrap()
}

/// The kinds of all changes.
pub(crate) fn kinds(comparison: &Comparison) -> Vec<&'static str> {
    let mut kinds: Vec<_> = comparison.changes.iter().map(|change| change.kind).collect();
    kinds.sort_unstable();
    kinds
}

/// A document of one operation that sends and receives `schema`.
pub(crate) fn with_schema(version: &str, request: &Value, response: &Value) -> Value {
    let content = |schema: &Value| json!({"application/json": {"schema": schema}});
    json!({
        "openapi": version, "info": {"title": "T", "version": "1"},
        "paths": {"/t": {"post": {
            "operationId": "t",
            "requestBody": {"required": true, "content": content(request)},
            "responses": {"200": {"description": "", "content": content(response)}},
        }}},
        "components": {"schemas": {
            "A": {"type": "object", "properties": {"a": {"type": "string"}}},
            "B": {"type": "object", "properties": {"b": {"type": "integer"}}},
        }},
    })
}

/// The worst of what is said about the wire.
pub(crate) fn worst(changes: &[Change]) -> Option<Wire> {
    changes.iter().map(|change| change.wire).max()
}
