//! Mutations of a document: operations, parameters and properties removed,
//! added, retyped and renamed.

use iam_codegen::pointer::child;
use serde_json::{Value, json};

/// A mutation of a document, and the change that must be reported.
pub(crate) struct Mutation {
    pub(crate) what: String,
    pub(crate) value: Value,
    /// One of these kinds.
    pub(crate) kinds: &'static [&'static str],
    /// The place in the old document, in the new one, or where it is missing.
    pub(crate) place: String,
}

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn operations(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let at = child("/paths", path);
        for method in METHODS {
            if item.get(method).is_some() {
                found.push(child(&at, method));
            }
        }
    }
    found
}

/// The schemas with properties: of components, bodies and responses.
fn objects(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            let is_schema = map.get("properties").is_some_and(Value::is_object)
                && map.get("type").is_some_and(|type_| type_ == "object");
            if is_schema {
                found.push(at.clone());
            }
            for (key, child_value) in map {
                if !matches!(key.as_str(), "example" | "examples" | "default")
                    && !key.starts_with("x-")
                {
                    objects(child_value, child(&at, key), found);
                }
            }
        }
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                objects(item, child(&at, index.to_string()), found);
            }
        }
        _ => {}
    }
}

/// `document` with what stands at `at` given to `change`.
fn with(document: &Value, at: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut other = document.clone();
    change(other.pointer_mut(at).unwrap());
    other
}

fn of_operation(document: &Value, at: &str) -> Vec<Mutation> {
    let (path, method) = at.rsplit_once('/').unwrap();
    let mutation = |what: &str, value, kinds, place: &str| Mutation {
        what: format!("{at}: {what}"),
        value,
        kinds,
        place: place.to_owned(),
    };
    let alone = document.pointer(path).unwrap().as_object().unwrap().len() == 1;
    let gone = if alone {
        let name = iam_codegen::pointer::tokens(path).last().unwrap();
        with(document, "/paths", |paths| {
            paths.as_object_mut().unwrap().remove(&name);
        })
    } else {
        with(document, path, |item| {
            item.as_object_mut().unwrap().remove(method);
        })
    };
    let mut all = vec![
        mutation("removed", gone, &["operation-removed"], at),
        mutation(
            "renamed",
            with(document, at, |operation| operation["operationId"] = json!("renamedByTest")),
            &["operation-renamed"],
            &child(at, "operationId"),
        ),
        mutation(
            "deprecated",
            with(document, at, |operation| operation["deprecated"] = json!(true)),
            &["deprecated"],
            &child(at, "deprecated"),
        ),
        mutation(
            "a parameter added",
            with(document, at, |operation| {
                let parameter = json!({"name": "added_by_test", "in": "query", "required": true, "schema": {"type": "string"}});
                match operation.get_mut("parameters").and_then(Value::as_array_mut) {
                    Some(list) => list.push(parameter),
                    None => operation["parameters"] = json!([parameter]),
                }
            }),
            &["required-parameter-added"],
            &child(at, "parameters"),
        ),
        mutation(
            "a status added",
            with(document, at, |operation| {
                operation["responses"]["299"] = json!({"description": "x"})
            }),
            &["success-added"],
            &child(&child(at, "responses"), "299"),
        ),
    ];
    let parameters = document.pointer(&child(at, "parameters")).and_then(Value::as_array);
    for (index, parameter) in parameters.into_iter().flatten().enumerate() {
        if parameter.get("$ref").is_some() {
            continue;
        }
        let list = child(at, "parameters");
        let here = child(&list, index.to_string());
        let ignored = parameter["in"] == "header"
            && ["Authorization", "Accept", "Content-Type"]
                .iter()
                .any(|name| parameter["name"] == *name);
        all.push(mutation(
            &format!("parameter {index} removed"),
            with(document, at, |operation| {
                let list = operation["parameters"].as_array_mut().unwrap();
                list.remove(index);
                if list.is_empty() {
                    operation.as_object_mut().unwrap().remove("parameters");
                }
            }),
            if ignored { &["ignored-parameter-changed"] } else { &["parameter-removed"] },
            &here,
        ));
        if ignored {
            let now = parameter["required"] != json!(true);
            all.push(mutation(
                &format!("parameter {index} demanded or not"),
                with(document, &here, |parameter| parameter["required"] = json!(now)),
                &["ignored-parameter-changed"],
                &here,
            ));
            continue;
        }
        if parameter["in"] != "path" {
            let now = parameter["required"] != json!(true);
            all.push(mutation(
                &format!("parameter {index} demanded or not"),
                with(document, &here, |parameter| parameter["required"] = json!(now)),
                if now { &["parameter-became-required"] } else { &["parameter-became-optional"] },
                &child(&here, "required"),
            ));
            all.push(mutation(
                &format!("parameter {index} renamed"),
                with(document, &here, |parameter| {
                    let name = parameter["name"].as_str().unwrap().to_owned() + "_renamed";
                    parameter["name"] = json!(name);
                }),
                &["parameter-renamed"],
                &here,
            ));
        }
        if parameter.pointer("/schema/type") == Some(&json!("string")) {
            all.push(mutation(
                &format!("parameter {index} retyped"),
                with(document, &here, |parameter| parameter["schema"]["type"] = json!("boolean")),
                &["type-narrowed", "type-changed"],
                &format!("{here}/schema/type"),
            ));
        }
    }
    all
}

fn of_object(document: &Value, at: &str) -> Vec<Mutation> {
    let schema = document.pointer(at).unwrap();
    let required: Vec<_> = schema["required"].as_array().cloned().unwrap_or_default();
    let mutation = |what: String, value, kinds, place: String| Mutation {
        what: format!("{at}: {what}"),
        value,
        kinds,
        place,
    };
    let properties = child(at, "properties");
    let mut all = vec![mutation(
        "a property added".into(),
        with(document, at, |schema| {
            schema["properties"]["added_by_test"] = json!({"type": "string"})
        }),
        &["optional-property-added"],
        child(&properties, "added_by_test"),
    )];
    for (name, property) in schema["properties"].as_object().unwrap() {
        let here = child(&properties, name);
        let is_required = required.contains(&json!(name));
        all.push(mutation(
            format!("{name} removed"),
            with(document, at, |schema| {
                schema["properties"].as_object_mut().unwrap().remove(name);
                if let Some(list) = schema.get_mut("required").and_then(Value::as_array_mut) {
                    list.retain(|one| one != name);
                }
            }),
            if is_required {
                &["required-property-removed"]
            } else {
                &["optional-property-removed"]
            },
            here.clone(),
        ));
        all.push(mutation(
            format!("{name} renamed"),
            with(document, at, |schema| {
                let properties = schema["properties"].as_object_mut().unwrap();
                let value = properties.remove(name).unwrap();
                properties.insert(format!("{name}_renamed"), value);
                for one in
                    schema.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten()
                {
                    if one == name {
                        *one = json!(format!("{name}_renamed"));
                    }
                }
            }),
            &["property-renamed"],
            here.clone(),
        ));
        all.push(mutation(
            format!("{name} demanded or not"),
            with(document, at, |schema| {
                if schema.get("required").is_none() {
                    schema["required"] = json!([]);
                }
                let list = schema["required"].as_array_mut().unwrap();
                if is_required {
                    list.retain(|one| one != name);
                } else {
                    list.push(json!(name));
                }
            }),
            if is_required { &["property-became-optional"] } else { &["property-became-required"] },
            child(at, "required"),
        ));
        if let Some(type_) = property["type"].as_str() {
            let other = if type_ == "boolean" { "integer" } else { "boolean" };
            all.push(mutation(
                format!("{name} retyped"),
                with(document, &here, |property| property["type"] = json!(other)),
                &["type-changed"],
                child(&here, "type"),
            ));
        }
        if property["enum"].is_array() {
            all.push(mutation(
                format!("{name} with one more value"),
                with(document, &here, |property| {
                    property["enum"].as_array_mut().unwrap().push(json!("added_by_test"));
                }),
                &["enum-value-added"],
                child(&here, "enum"),
            ));
        }
    }
    all
}

/// A target of mutations: an operation, or a schema with properties.
pub(crate) enum Target {
    Operation(String),
    Object(String),
}

/// Everything in `document` that can be mutated.
pub(crate) fn targets(document: &Value) -> Vec<Target> {
    let mut targets: Vec<_> = operations(document).into_iter().map(Target::Operation).collect();
    let mut places = Vec::new();
    objects(document, String::new(), &mut places);
    targets.extend(places.into_iter().map(Target::Object));
    targets
}

/// The mutations of `target`.
pub(crate) fn mutations(document: &Value, target: &Target) -> Vec<Mutation> {
    match target {
        Target::Operation(at) => of_operation(document, at),
        Target::Object(at) => of_object(document, at),
    }
}
