//! The crate `drift`, by Oxide. It reads OpenAPI 3.0 only, and panics on what
//! it has not been taught yet.

use std::panic;

use ::drift::{ChangeClass, ChangePath, JsonPathStack, compare};
use serde_json::{Value, json};

use super::{Broken, METHODS, Pair, Verdict};

/// What it says of each pair.
pub(super) fn verdicts(pairs: &[Pair]) -> Vec<Verdict> {
    pairs.iter().map(verdict).collect()
}

/// The document with what it must have, but sloppy ones lack: responses, and
/// their descriptions.
fn complete(document: &Value) -> Value {
    let mut document = document.clone();
    let items = document.get_mut("paths").and_then(Value::as_object_mut);
    for item in items.into_iter().flat_map(|items| items.values_mut()) {
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let responses = operation.entry("responses").or_insert(Value::Null);
            if responses.is_null() {
                *responses = json!({});
            }
            let responses = responses.as_object_mut();
            for response in responses.into_iter().flat_map(|responses| responses.values_mut()) {
                if let Some(response) = response.as_object_mut()
                    && !response.contains_key("$ref")
                {
                    response.entry("description").or_insert_with(|| json!(""));
                }
            }
        }
    }
    document
}

fn verdict(pair: &Pair) -> Verdict {
    let (old, new) = (complete(&pair.old), complete(&pair.new));
    let changes = match panic::catch_unwind(|| compare(&old, &new)) {
        Ok(changes) => changes.map_err(|error| format!("an error: {error:#}"))?,
        Err(_) => return Err("a panic".to_owned()),
    };
    let mut broken = Vec::new();
    for change in &changes {
        for info in &change.changes {
            if !matches!(info.class, ChangeClass::BackwardIncompatible | ChangeClass::Incompatible)
            {
                continue;
            }
            let one = |paths: &[ChangePath]| Broken {
                rule: format!("{:?}", info.details),
                message: info.message.clone(),
                places: paths.iter().map(place).collect(),
            };
            // It does not say in which direction something breaks: only what
            // goes one way breaks wherever it is reached.
            if change.paths.windows(2).all(|two| two[0].comparison == two[1].comparison) {
                broken.extend(change.paths.iter().map(|path| one(std::slice::from_ref(path))));
            } else {
                broken.push(one(&change.paths));
            }
        }
    }
    Ok(broken)
}

/// Where the operation stands that leads to a change.
fn place(path: &ChangePath) -> String {
    let of = |stack: &JsonPathStack| {
        stack.endpoint_base().and_then(|at| at.strip_prefix('#')).map(str::to_owned)
    };
    of(&path.old).or_else(|| of(&path.new)).unwrap_or_default()
}
