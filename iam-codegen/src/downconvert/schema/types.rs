//! `type` as a list.

use serde_json::{Value, json};

use super::{add_any_of, arrays};
use crate::{
    downconvert::{context::Context, object::Object},
    pointer::child,
};

/// All types but null; a number may be an integer, so that this one is missing.
const TYPES: [&str; 5] = ["array", "boolean", "number", "object", "string"];

const STRING: [&str; 3] = ["minLength", "maxLength", "pattern"];
const NUMBER: [&str; 5] =
    ["multipleOf", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
const ARRAY: [&str; 4] = ["items", "minItems", "maxItems", "uniqueItems"];
const OBJECT: [&str; 5] =
    ["properties", "additionalProperties", "required", "minProperties", "maxProperties"];

/// The formats of numbers (OpenAPI format registry).
const NUMBER_FORMATS: [&str; 13] = [
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float",
    "double",
    "double-int",
    "decimal",
    "decimal128",
];

/// The types that `schema` lists, without repetitions; `None` if it has no
/// `type` or one that no specification knows.
pub(in crate::downconvert) fn listed(schema: &Object) -> Option<Vec<String>> {
    let names = match schema.get("type")? {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) => {
            let names: Option<Vec<_>> =
                names.iter().map(|name| name.as_str().map(str::to_owned)).collect();
            names?
        }
        _ => return None,
    };
    let mut listed: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        if !TYPES.contains(&name.as_str()) && name != "integer" && name != "null" {
            return None;
        }
        if !listed.contains(&name) {
            listed.push(name);
        }
    }
    (!listed.is_empty()).then_some(listed)
}

/// Writes `types` as 3.0 does if there is but one, and as a list otherwise.
pub(super) fn set(schema: &mut Object, types: &[String]) {
    match types {
        [] => {
            schema.remove("type");
        }
        [one] => {
            schema.insert("type".to_owned(), one.as_str().into());
        }
        several => {
            schema.insert("type".to_owned(), json!(several));
        }
    }
}

/// A list of all types restricts nothing.
pub(super) fn unrestricted(schema: &mut Object) {
    let all = |types: Vec<String>| {
        TYPES.iter().chain(&["null"]).all(|name| types.iter().any(|listed| listed == name))
    };
    if listed(schema).is_some_and(all) {
        schema.remove("type");
    }
}

/// Several types -> `anyOf` of single ones, each with the keywords that apply to it.
///
/// Null is no longer among them.
pub(super) fn split(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let Some(mut types) = listed(schema) else {
        return;
    };
    if types.iter().any(|name| name == "number") {
        types.retain(|name| name != "integer");
    }
    set(schema, &types);
    if types.len() < 2 {
        return;
    }
    schema.remove("type");
    let format = schema.remove("format");
    let values = schema.remove("enum");
    let mut members: Vec<Object> = Vec::with_capacity(types.len());
    for name in &types {
        let mut member = Object::from_iter([("type".to_owned(), name.as_str().into())]);
        for key in keywords(name) {
            if let Some(value) = schema.remove(*key) {
                member.insert((*key).to_owned(), value);
            }
        }
        if let Some(format) = format.as_ref().filter(|format| applies(format, name)) {
            member.insert("format".to_owned(), format.clone());
        }
        if let Some(Value::Array(values)) = &values {
            let own = values.iter().filter(|value| is_a(value, name)).cloned().collect();
            member.insert("enum".to_owned(), own);
        }
        arrays::require_items(&mut member);
        members.push(member);
    }
    if let Some(format) = format.filter(|format| !types.iter().any(|name| applies(format, name))) {
        let what = format!("`format: {format}` left out");
        let why = "it applies to none of the types";
        context.record("downconvert/types", child(at, "format"), what, why);
    }
    // No value of a type without one in the enum could be valid.
    let has_values = |member: &Object| member.get("enum").is_none_or(|own| *own != json!([]));
    if members.iter().any(has_values) {
        members.retain(has_values);
    }
    if members.len() == 1 {
        schema.extend(members.remove(0));
    } else {
        add_any_of(schema, members.into_iter().map(Value::Object).collect());
    }
}

fn keywords(name: &str) -> &'static [&'static str] {
    match name {
        "string" => &STRING,
        "integer" | "number" => &NUMBER,
        "array" => &ARRAY,
        "object" => &OBJECT,
        _ => &[],
    }
}

fn applies(format: &Value, name: &str) -> bool {
    let numeric = format.as_str().is_some_and(|format| NUMBER_FORMATS.contains(&format));
    match name {
        "string" => !numeric,
        "integer" | "number" => numeric,
        _ => false,
    }
}

/// Whether `value` is of the type `name`, as JSON Schema counts.
fn is_a(value: &Value, name: &str) -> bool {
    match (value, name) {
        (Value::String(_), "string")
        | (Value::Number(_), "number")
        | (Value::Bool(_), "boolean")
        | (Value::Array(_), "array")
        | (Value::Object(_), "object") => true,
        // 1.0 is an integer too.
        (Value::Number(number), "integer") => {
            number.is_i64()
                || number.is_u64()
                || number.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        _ => false,
    }
}
