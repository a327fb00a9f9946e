//! Documents and what they might become: one change each, of the corpus and of
//! a vendored document.

use std::fs;

use iam_codegen::{Limits, document::parse_value};
use serde_json::{Value, json};

use crate::{mutations::slice, workspace};

pub(super) struct Case {
    pub(super) name: String,
    pub(super) old: Value,
    pub(super) new: Value,
}

/// A change of one sort at one of the places where it can be made.
type Change = (&'static str, fn(&mut Value, &str) -> bool);

pub(super) fn cases() -> Vec<Case> {
    let root = workspace::root();
    let mut cases = Vec::new();
    for (index, path) in workspace::files(&root.join("tests/corpus")).iter().enumerate() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        // Its types are called `Into`, `Box` and so on, which a listing, having no
        // paths, does not tell from those of Rust.
        if name == "rust_names" {
            continue;
        }
        let value = parse_value("d.yaml", &fs::read(path).unwrap(), &Limits::default()).unwrap();
        // One sort of change for each document, another for the next one: the
        // first of those that can be made.
        let made = (0..CHANGES.len())
            .find_map(|offset| changed(name, &value, CHANGES[(index + offset) % CHANGES.len()]));
        cases.extend(made);
    }
    let real = root.join("openapi/iam-access-groups.json");
    let real: Value = serde_json::from_slice(&fs::read(real).unwrap()).unwrap();
    let real = slice(&real, "/v2/groups/{access_group_id}");
    cases.extend(CHANGES.iter().filter_map(|change| changed("access-groups", &real, *change)));
    cases
}

/// The document with that change, in the middle of the places it can be made at.
fn changed(name: &str, value: &Value, (sort, change): Change) -> Option<Case> {
    let mut pointers = Vec::new();
    list(value, "", &mut pointers);
    let made = pointers.iter().filter_map(|at| {
        let mut new = value.clone();
        let name = format!("{name}: {sort} at {at}");
        (change(&mut new, at) && new != *value).then_some(Case { name, old: value.clone(), new })
    });
    let mut made: Vec<_> = made.collect();
    (!made.is_empty()).then(|| made.swap_remove(made.len() / 2))
}

/// The pointers of all objects.
fn list(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.push(at.to_owned());
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                list(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                list(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

const CHANGES: &[Change] = &[
    ("description changed", |document, at| {
        let place = &mut document.pointer_mut(at).unwrap()["description"];
        place.is_string() && set(place, json!("Other words."))
    }),
    ("property added", |document, at| {
        properties(document, at, |map| {
            map.insert("brand_new".into(), json!({"type": "boolean"})).is_none()
        })
    }),
    ("property removed", |document, at| {
        properties(document, at, |map| {
            map.keys().next().cloned().is_some_and(|key| map.remove(&key).is_some())
        })
    }),
    ("property renamed", |document, at| {
        properties(document, at, |map| {
            let Some(key) = map.keys().next().cloned() else { return false };
            let value = map.remove(&key).unwrap();
            map.insert(format!("{key}_anew"), value);
            true
        })
    }),
    ("type changed", |document, at| {
        let schema = document.pointer_mut(at).unwrap();
        let is_plain = schema.get("enum").is_none() && schema.get("const").is_none();
        match schema["type"].as_str() {
            Some("string") if is_plain => set(schema, json!({"type": "boolean"})),
            Some("integer" | "boolean") => set(schema, json!({"type": "string"})),
            _ => false,
        }
    }),
    ("format added", |document, at| {
        let schema = document.pointer_mut(at).unwrap();
        let plain = schema["type"] == "string" && schema.as_object().unwrap().len() == 2;
        plain && set(&mut schema["format"], json!("date-time"))
    }),
    ("property became required", |document, at| {
        let schema = document.pointer_mut(at).unwrap();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return false;
        };
        let Some(name) = properties.keys().find(|name| !required.contains(&json!(name))).cloned()
        else {
            return false;
        };
        let required = [required, vec![json!(name)]].concat();
        set(&mut schema["required"], json!(required))
    }),
    ("property became optional", |document, at| {
        let schema = document.pointer_mut(at).unwrap();
        schema.get("properties").is_some()
            && schema["required"].as_array_mut().is_some_and(|list| list.pop().is_some())
    }),
    ("operation removed", |document, at| {
        let map = document.pointer_mut(at).unwrap().as_object_mut().unwrap();
        let Some(method) = map.keys().find(|key| map[*key].get("responses").is_some()).cloned()
        else {
            return false;
        };
        map.remove(&method).is_some()
    }),
    ("operation added", |document, at| {
        at == "/paths"
            && set(
                &mut document["paths"]["/brand/new"]["get"],
                json!({"operationId": "brand_new", "responses": {"204": {"description": "Done."}}}),
            )
    }),
    ("operation renamed", |document, at| {
        let place = &mut document.pointer_mut(at).unwrap()["operationId"];
        let name = place.as_str().map(|name| json!(format!("{name}_anew")));
        name.is_some_and(|name| set(place, name))
    }),
    ("optional parameter added", |document, at| parameter(document, at, false)),
    ("required parameter added", |document, at| parameter(document, at, true)),
    ("parameter turned", |document, at| {
        let parameter = document.pointer_mut(at).unwrap();
        let is_query = parameter["in"] == "query" || parameter["in"] == "header";
        let required = parameter["required"] == true;
        is_query && set(&mut parameter["required"], json!(!required))
    }),
    ("enum value added", |document, at| {
        let list = &mut document.pointer_mut(at).unwrap()["enum"];
        let texts = list.as_array_mut().filter(|list| list.iter().all(Value::is_string));
        texts.is_some_and(|list| {
            list.push(json!("brand_new"));
            true
        })
    }),
    ("enum value removed", |document, at| {
        let list = &mut document.pointer_mut(at).unwrap()["enum"];
        let texts = list.as_array_mut().filter(|l| l.len() > 1 && l.iter().all(Value::is_string));
        texts.is_some_and(|list| list.pop().is_some())
    }),
    ("became deprecated", |document, at| {
        let place = document.pointer_mut(at).unwrap();
        place.get("operationId").is_some() && set(&mut place["deprecated"], json!(true))
    }),
    ("success became empty", |document, at| {
        let place = document.pointer_mut(at).unwrap();
        let is_success = at.rsplit('/').next().is_some_and(|status| status.starts_with('2'));
        is_success && place.as_object_mut().is_some_and(|map| map.remove("content").is_some())
    }),
    ("body turned", |document, at| {
        let body = document.pointer_mut(at).unwrap();
        let required = body["required"] == true;
        at.ends_with("/requestBody") && set(&mut body["required"], json!(!required))
    }),
    ("limit set", |document, at| {
        let schema = document.pointer_mut(at).unwrap();
        schema["type"] == "string" && set(&mut schema["maxLength"], json!(12_345))
    }),
    ("schema renamed", |document, at| {
        let Some(name) = at.strip_prefix("/components/schemas/") else { return false };
        if name.contains('/') || name.contains('~') {
            return false;
        }
        let text = document.to_string();
        let text = text.replace(
            &format!("\"#/components/schemas/{name}\""),
            &format!("\"#/components/schemas/{name}Anew\""),
        );
        let mut changed: Value = serde_json::from_str(&text).unwrap();
        let schemas = changed["components"]["schemas"].as_object_mut().unwrap();
        let schema = schemas.remove(name).unwrap();
        schemas.insert(format!("{name}Anew"), schema);
        set(document, changed)
    }),
];

fn set(place: &mut Value, value: Value) -> bool {
    *place = value;
    true
}

fn properties(
    document: &mut Value,
    at: &str,
    change: fn(&mut serde_json::Map<String, Value>) -> bool,
) -> bool {
    let schema = document.pointer_mut(at).unwrap();
    let is_schema = schema["type"] == "object" || schema["type"] == json!(["object", "null"]);
    is_schema && schema["properties"].as_object_mut().is_some_and(change)
}

fn parameter(document: &mut Value, at: &str, required: bool) -> bool {
    let operation = document.pointer_mut(at).unwrap();
    if operation.get("operationId").is_none() || operation.get("responses").is_none() {
        return false;
    }
    let parameter = json!({
        "name": "brand_new", "in": "query", "required": required, "schema": {"type": "integer"}
    });
    let list = &mut operation["parameters"];
    if !list.is_array() {
        *list = json!([]);
    }
    list.as_array_mut().unwrap().push(parameter);
    true
}
