//! `in: querystring`: one parameter for the whole query -> one for each property.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{context::Context, object::Object, schema};
use crate::{
    depth::Depth,
    pointer::{child, of_reference, reference},
};

const PASS: &str = "downconvert/query-string";
const FORM: &str = "application/x-www-form-urlencoded";

/// What the schema of a query string may say, besides annotations.
const EXPRESSIBLE: [&str; 7] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "minProperties",
    "maxProperties",
];

/// Keywords that do not change which query strings there are.
const ANNOTATIONS: [&str; 8] = [
    "title",
    "description",
    "deprecated",
    "default",
    "example",
    "examples",
    "externalDocs",
    "$comment",
];

/// How deep schemas may be composed for their values to be recognised as flat.
const DEPTH: Depth = Depth::new(8);

/// The parameters that `parameter`, which stands at `at`, is written out to.
pub(super) fn convert(parameter: &Value, at: &str, context: &mut Context<'_>) -> Vec<Value> {
    convert_for(parameter, at, at, context)
}

/// As [`convert`], for the place `reported` that refers to `at`.
fn convert_for(
    parameter: &Value,
    at: &str,
    reported: &str,
    context: &mut Context<'_>,
) -> Vec<Value> {
    if let Some(target) = reference(parameter).and_then(of_reference) {
        let inlined = context.inlining(&target, reported, |context, referred| {
            convert_for(&referred, &target, reported, context)
        });
        return inlined.unwrap_or_default();
    }
    match form(parameter, at, context) {
        Ok(form) => write_out(form, reported, context),
        Err(fault) => {
            let message = format!("the query string cannot be expressed: {fault}");
            let remedy = "describe its parameters one by one, in an overlay";
            context.reject(reported, message, remedy);
            Vec::new()
        }
    }
}

/// A query string that can be written out.
struct Form {
    required: bool,
    encoding: Object,
    /// The pointer of the schema.
    at: String,
    schema: Object,
}

/// What `value` stands for, with its pointer.
fn resolved(value: &Value, at: &str, context: &Context<'_>) -> (String, Value) {
    match context.resolve(value) {
        Some((target, value)) => (target, value.clone()),
        None => (at.to_owned(), value.clone()),
    }
}

/// Takes `parameter` apart; what stands in the way otherwise.
fn form(parameter: &Value, at: &str, context: &Context<'_>) -> Result<Form, &'static str> {
    let content = parameter.get("content").and_then(Value::as_object);
    let (name, media_type) = match content.map(|content| content.iter().collect::<Vec<_>>()) {
        Some(content) if content.len() == 1 => content[0],
        _ => return Err("it has not exactly one media type"),
    };
    let essence = name.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(FORM) {
        return Err("its media type is not application/x-www-form-urlencoded");
    }
    let at = child(&child(at, "content"), name);
    let (at, media_type) = resolved(media_type, &at, context);
    let schema = media_type.get("schema").ok_or("it has no schema")?;
    let (at, schema) = resolved(schema, &child(&at, "schema"), context);
    let Value::Object(schema) = schema else {
        return Err("its schema is not an object with properties");
    };
    let is_object =
        schema.get("type").is_none_or(|name| name == "object" || *name == json!(["object"]));
    let properties = schema.get("properties").and_then(Value::as_object);
    let (true, Some(properties)) = (is_object, properties) else {
        return Err("its schema is not an object with properties");
    };
    let expressible = |key: &String| {
        let key = key.as_str();
        EXPRESSIBLE.contains(&key) || ANNOTATIONS.contains(&key) || key.starts_with("x-")
    };
    if !schema.keys().all(expressible) {
        return Err("its schema says more than which properties there are");
    }
    let mut known = BTreeMap::new();
    let mut flat = |property| is_flat(property, true, context, DEPTH, &mut known);
    if !properties.values().all(&mut flat) {
        return Err("a property is neither a scalar nor an array of scalars");
    }
    let encoding = media_type.get("encoding").and_then(Value::as_object);
    Ok(Form {
        required: parameter.get("required").is_some_and(|required| *required == true),
        encoding: encoding.cloned().unwrap_or_default(),
        at,
        schema,
    })
}

/// Whether all values of `schema` are scalars, or arrays of them if `arrays`.
/// `known` holds what was found of the schemas that are referred to.
fn is_flat(
    schema: &Value,
    arrays: bool,
    context: &Context<'_>,
    left: Depth,
    known: &mut BTreeMap<(String, bool), bool>,
) -> bool {
    let Some(left) = left.down() else { return false };
    if let Some((at, target)) = context.resolve(schema) {
        if let Some(found) = known.get(&(at.clone(), arrays)) {
            return *found;
        }
        let found = is_flat(target, arrays, context, left, known);
        known.insert((at, arrays), found);
        return found;
    }
    let mut flat = |schema: &Value, arrays| is_flat(schema, arrays, context, left, known);
    let Some(schema) = schema.as_object() else {
        return false;
    };
    if let Some(types) = schema::listed_types(schema) {
        return types.iter().all(|name| match name.as_str() {
            "object" => false,
            "array" => arrays && schema.get("items").is_some_and(|items| flat(items, false)),
            _ => true,
        });
    }
    let scalar = |value: &Value| !value.is_array() && !value.is_object();
    if let Some(value) = schema.get("const") {
        return scalar(value);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().all(scalar);
    }
    if let Some(all_of) = schema.get("allOf").and_then(Value::as_array) {
        return all_of.iter().any(|member| flat(member, arrays));
    }
    let mut alternatives = ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(*key)?.as_array());
    alternatives.any(|members| members.iter().all(|member| flat(member, arrays)))
}

fn write_out(form: Form, reported: &str, context: &mut Context<'_>) -> Vec<Value> {
    let Form { required, encoding, at, mut schema } = form;
    let why = "3.0 has no parameter for the whole query string, nor a place for what describes it";
    context.record(PASS, reported, "written as one query parameter for each property", why);
    let open = ["additionalProperties", "unevaluatedProperties"];
    if open.iter().any(|key| schema.get(*key).is_some_and(|more| *more != false)) {
        let why = "3.0 has no query parameters of any name";
        context.record(PASS, reported, "parameters of other names left out", why);
    }
    if schema.contains_key("minProperties") || schema.contains_key("maxProperties") {
        let why = "3.0 cannot bound the number of parameters";
        context.record(PASS, reported, "any number of parameters let through", why);
    }
    let names = match schema.remove("required") {
        Some(Value::Array(names)) => names,
        _ => Vec::new(),
    };
    if !names.is_empty() && !required {
        let why = "3.0 cannot say that parameters are there together or not at all";
        context.record(PASS, reported, "all parameters are optional", why);
    }
    let Some(Value::Object(properties)) = schema.remove("properties") else {
        return Vec::new();
    };
    let at = child(&at, "properties");
    let properties = properties.into_iter();
    let parameter = |(name, mut property): (String, Value)| {
        let required = required && names.iter().any(|required| *required == name.as_str());
        schema::convert(&mut property, &child(&at, &name), context);
        let mut parameter = Object::from_iter([
            ("in".to_owned(), "query".into()),
            ("required".to_owned(), required.into()),
        ]);
        for key in ["description", "deprecated"] {
            if let Some(value) = property.get(key) {
                parameter.insert(key.to_owned(), value.clone());
            }
        }
        encode(&mut parameter, property, encoding.get(&name));
        parameter.insert("name".to_owned(), name.into());
        Value::Object(parameter)
    };
    properties.map(parameter).collect()
}

/// Gives `parameter` its schema, in the way that `encoding` says.
fn encode(parameter: &mut Object, schema: Value, encoding: Option<&Value>) {
    let get = |key: &str| encoding.and_then(|encoding| encoding.get(key));
    let styles = ["style", "explode", "allowReserved"];
    let styled = styles.iter().any(|key| get(key).is_some());
    match get("contentType").and_then(Value::as_str) {
        // A style makes the content type void; plain text is what there is without.
        Some(media_type) if !styled && media_type != "text/plain" => {
            parameter.insert("content".to_owned(), json!({ media_type: { "schema": schema } }));
        }
        _ => {
            for key in styles {
                if let Some(value) = get(key) {
                    parameter.insert(key.to_owned(), value.clone());
                }
            }
            parameter.insert("schema".to_owned(), schema);
        }
    }
}
