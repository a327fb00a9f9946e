//! The real documents against mutations of themselves: each operation,
//! parameter and property removed, added, retyped and renamed. Each is found,
//! of the right kind, at the right place, with the operations it reaches; and
//! taken back, it leaves the document as it was, to the letter.

use std::{path::PathBuf, thread};

use iam_codegen::{
    Document, Limits,
    compare::{Change, Options, compare},
    pointer::child,
};
use serde_json::{Value, json};

use super::accounting::taken_back;
use crate::workspace;

/// What was done to a document, and what must be said of it.
pub(super) struct Mutation {
    pub(super) what: String,
    pub(super) value: Value,
    /// One of these kinds.
    pub(super) kinds: &'static [&'static str],
    /// Where: in the old document, the new one, or where it is missing.
    place: String,
}

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// The documents of the checkout, and the one beside it.
fn documents() -> Vec<PathBuf> {
    let files = ["iam-identity.json", "iam-access-groups.json", "iam-policy-management.json"];
    let own = files.into_iter().map(|file| workspace::root().join("openapi").join(file));
    workspace::shared("upstream/ibm-cloud-iam.yml").into_iter().chain(own).collect()
}

pub(super) fn load(path: &PathBuf) -> Document {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    Document::parse(name, &std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

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
        all.push(mutation(
            &format!("parameter {index} removed"),
            with(document, at, |operation| {
                let list = operation["parameters"].as_array_mut().unwrap();
                list.remove(index);
                if list.is_empty() {
                    operation.as_object_mut().unwrap().remove("parameters");
                }
            }),
            &["parameter-removed"],
            &here,
        ));
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

/// Whether a change is at `place`, or in a list that is there.
fn stands_at(change: &Change, place: &str) -> bool {
    let places = [&change.old, &change.new, &change.missing];
    places.into_iter().flatten().any(|one| {
        one.pointer == place
            || one
                .pointer
                .strip_prefix(place)
                .is_some_and(|rest| rest.starts_with('/') && rest.matches('/').count() == 1)
    })
}

fn check(old: &Document, mutation: Mutation) -> Result<(), String> {
    let new = match Document::from_value("new.json", mutation.value.clone()) {
        Ok(new) => new,
        Err(error) => return Err(format!("{}: {error}", mutation.what)),
    };
    let sides = (std::slice::from_ref(old), std::slice::from_ref(&new));
    let changes = compare(sides.0, sides.1, &Options::default()).unwrap().changes;
    // What only the removed thing used is now unused.
    let own: Vec<_> = changes.iter().filter(|change| change.kind != "component-removed").collect();
    let named: Vec<_> = own.iter().map(|change| (change.kind, change.name.as_str())).collect();
    let [change] = own.as_slice() else {
        return Err(format!("{}: {named:?}", mutation.what));
    };
    if !mutation.kinds.contains(&change.kind) || !stands_at(change, &mutation.place) {
        return Err(format!("{}: {named:?} at {:?} {:?}", mutation.what, change.old, change.new));
    }
    if taken_back(&mutation.value, &changes) != *old.value() {
        return Err(format!("{}: {named:?} taken back is not the old document", mutation.what));
    }
    let back = compare(sides.1, sides.0, &Options::default()).unwrap().changes;
    if back.is_empty() || taken_back(old.value(), &back) != mutation.value {
        return Err(format!("{}: the way back is not accounted for: {back:#?}", mutation.what));
    }
    Ok(())
}

/// The places to mutate: all of a small document, every `step`th of a large one.
pub(super) fn mutations(document: &Value, step: usize) -> Vec<Mutation> {
    let mut all = Vec::new();
    for at in operations(document).iter().step_by(step) {
        all.extend(of_operation(document, at));
    }
    let mut places = Vec::new();
    objects(document, String::new(), &mut places);
    for at in places.iter().step_by(step) {
        all.extend(of_object(document, at));
    }
    all
}

#[test]
fn every_mutation_is_found_where_it_is() {
    let mut total = 0;
    for path in documents() {
        // Without its text: places by line are tested elsewhere, and looking
        // for them would take most of the time.
        let (name, value) = load(&path).into_parts();
        let document = Document::from_value(name, value).unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        let all = mutations(
            document.value(),
            usize::try_from(size / 60_000).unwrap().pow(2).max(2) * 2 - 3,
        );
        let number = all.len();
        let mut halves: Vec<Vec<Mutation>> = vec![Vec::new(), Vec::new()];
        for (index, mutation) in all.into_iter().enumerate() {
            halves[index % 2].push(mutation);
        }
        let missed: Vec<String> = thread::scope(|scope| {
            let threads: Vec<_> = halves
                .into_iter()
                .map(|half| {
                    let document = &document;
                    scope.spawn(move || {
                        half.into_iter()
                            .filter_map(|one| check(document, one).err())
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert!(
            missed.is_empty(),
            "{} of {number} missed in {}:\n{}",
            missed.len(),
            path.display(),
            missed.join("\n")
        );
        println!("{number} mutations of {}", path.display());
        total += number;
    }
    assert!(total > 500, "{total}");
}
