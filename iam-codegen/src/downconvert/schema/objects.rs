//! Objects: properties by pattern, and those no other keyword has looked at.

use serde_json::{Value, json};

use super::{any_of, distinct};
use crate::{
    downconvert::{context::Context, object::Object},
    pointer::child,
};

/// Keywords that apply other schemas to the same value.
pub(super) const APPLICATORS: [&str; 9] =
    ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"];

/// Patterns that every name matches.
const UNIVERSAL: [&str; 6] = ["", "^", ".*", "^.*", ".*$", "^.*$"];

/// Keeps `unevaluatedProperties` only where it says the same as
/// `additionalProperties` would.
pub(super) fn settle_unevaluated(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let key = "unevaluatedProperties";
    let Some(unevaluated) = schema.get(key) else {
        return;
    };
    if *unevaluated == true || schema.contains_key("additionalProperties") {
        // Nothing is excluded, or nothing is left unevaluated.
        schema.remove(key);
        return;
    }
    let malformed = !unevaluated.is_object() && !unevaluated.is_boolean();
    if malformed || APPLICATORS.iter().any(|key| schema.contains_key(*key)) {
        schema.remove(key);
        let why = "3.0 cannot tell which properties other keywords have looked at";
        let what = format!("`{key}` left out");
        context.widen("downconvert/unevaluated", child(at, key), what, why);
    }
}

/// What is left of `unevaluatedProperties` -> `additionalProperties`.
pub(super) fn unevaluated_properties(schema: &mut Object) {
    if let Some(unevaluated) = schema.remove("unevaluatedProperties") {
        schema.entry("additionalProperties").or_insert(unevaluated);
    }
}

/// `patternProperties` -> `additionalProperties` that may have any name.
pub(super) fn pattern_properties(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let Some(Value::Object(patterns)) = schema.remove("patternProperties") else {
        return;
    };
    if patterns.is_empty() {
        return;
    }
    let universal = patterns.len() == 1 && patterns.keys().all(|p| UNIVERSAL.contains(&p.as_str()));
    let additional = ["additionalProperties", "unevaluatedProperties"];
    let additional: Vec<_> = additional.iter().filter_map(|key| schema.remove(*key)).collect();
    let additional = additional.into_iter().next().unwrap_or(Value::Bool(true));
    let schemas = patterns.into_iter().map(|(_, schema)| schema);
    // No name is left for the others, or there are no others.
    let merged = if universal || additional == false {
        distinct(schemas)
    } else {
        distinct(schemas.chain([additional]))
    };
    let merged = merged.map_or(Value::Bool(true), any_of);
    schema.insert("additionalProperties".to_owned(), merged);
    if !universal || schema.contains_key("properties") {
        let what = "a property of any name may be what any pattern takes";
        let why = "3.0 cannot tell properties apart by pattern";
        context.widen("downconvert/pattern-properties", child(at, "patternProperties"), what, why);
    }
}

/// `required: []` says nothing, and 3.0 does not allow it.
pub(super) fn empty_required(schema: &mut Object) {
    if schema.get("required").is_some_and(|required| *required == json!([])) {
        schema.remove("required");
    }
}
