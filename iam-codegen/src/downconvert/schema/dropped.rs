//! Keywords of a schema that 3.0 has nothing for.

use serde_json::Value;

use crate::{
    downconvert::{
        context::Context,
        object::{Object, drop_key},
    },
    pointer::child,
};

/// Keywords that name a schema or comment on it. References no longer need them.
pub(super) fn identity(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let why = "3.0 has no such keyword; it changes neither the wire nor the types";
    drop_key(schema, "$comment", at, "downconvert/comment", why, context);
    for key in ["$schema", "$vocabulary", "$id", "$anchor", "$dynamicAnchor"] {
        drop_key(schema, key, at, "downconvert/identity", why, context);
    }
    // Their members are components by now.
    for key in ["$defs", "definitions"] {
        if schema.get(key).is_some_and(Value::is_object) {
            schema.remove(key);
        }
    }
}

/// Keywords that exclude values, and cannot do so in 3.0.
pub(super) fn constraints(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    const KEYWORDS: [(&str, &str); 11] = [
        ("if", "downconvert/conditional"),
        ("then", "downconvert/conditional"),
        ("else", "downconvert/conditional"),
        ("dependentSchemas", "downconvert/dependent"),
        ("dependentRequired", "downconvert/dependent"),
        ("dependencies", "downconvert/dependent"),
        ("propertyNames", "downconvert/property-names"),
        ("contains", "downconvert/contains"),
        ("minContains", "downconvert/contains"),
        ("maxContains", "downconvert/contains"),
        ("$dynamicRef", "downconvert/dynamic-reference"),
    ];
    for (key, pass) in KEYWORDS {
        if schema.remove(key).is_some() {
            let why = "3.0 has no such constraint, so that every value is let through";
            context.widen(pass, child(at, key), format!("`{key}` left out"), why);
        }
    }
}

/// Whether a value has the form that its keyword demands.
type Form = fn(&Value) -> bool;

/// Keywords of 3.1 whose value is not of the form that it gives them.
pub(super) fn malformed(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    const KEYWORDS: [(&str, Form); 7] = [
        ("$defs", Value::is_object),
        ("definitions", Value::is_object),
        ("prefixItems", |value| value.as_array().is_some_and(|items| !items.is_empty())),
        ("patternProperties", Value::is_object),
        ("contentEncoding", Value::is_string),
        ("contentMediaType", Value::is_string),
        ("unevaluatedItems", |value| value.is_object() || value.is_boolean()),
    ];
    for (key, is_well_formed) in KEYWORDS {
        if schema.get(key).is_some_and(|value| !is_well_formed(value)) {
            schema.remove(key);
            let why = "its value is not of the form that the specification gives it";
            let what = format!("`{key}` left out");
            context.widen("downconvert/malformed", child(at, key), what, why);
        }
    }
}
