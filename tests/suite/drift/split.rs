//! One document that becomes several, as happened upstream: one 3.1.0 file
//! became a 3.2.0 file for each tag, each with the components it needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use iam_codegen::{
    Document, Limits, Settings,
    compare::{Change, Options, Rust, Wire, compare},
};
use serde_json::{Value, json};

use super::document;
use crate::workspace;

/// The document of each tag: its operations, and the components they reach.
pub(super) fn split(document: &Value, version: &str) -> BTreeMap<String, Value> {
    let mut parts: BTreeMap<String, Value> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(tag) = operation["tags"][0].as_str() else { continue };
            let part = parts.entry(tag.to_owned()).or_insert_with(|| {
                let mut part = document.clone();
                part["openapi"] = json!(version);
                part["info"]["title"] = json!(format!("{tag} API"));
                part["paths"] = json!({});
                part["tags"].as_array_mut().unwrap().retain(|one| one["name"] == tag);
                part
            });
            let paths = part["paths"].as_object_mut().unwrap();
            let target = paths.entry(path).or_insert_with(|| json!({}));
            if let Some(parameters) = item.get("parameters") {
                target["parameters"] = parameters.clone();
            }
            target[method] = operation.clone();
        }
    }
    for part in parts.values_mut() {
        let all = part["components"].take();
        let mut kept: BTreeSet<(String, String)> = BTreeSet::new();
        let mut waiting = references(&part["paths"]);
        while let Some(reference) = waiting.pop() {
            let mut tokens = reference.split('/').skip(2).map(str::to_owned);
            let key = (tokens.next().unwrap(), tokens.next().unwrap());
            if kept.insert(key.clone()) {
                waiting.extend(references(&all[&key.0][&key.1]));
            }
        }
        let mut components = json!({"securitySchemes": all["securitySchemes"]});
        for (section, name) in kept {
            components[&section][&name] = all[&section][&name].clone();
        }
        part["components"] = components;
    }
    parts
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Array(list) => list.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// A document of ours, and the one that was split, where it is there.
fn wholes() -> Vec<Document> {
    let ours = workspace::root().join("openapi/iam-access-groups.json");
    let theirs = workspace::extra_document("ibm-cloud-iam.yml");
    let load = |path: PathBuf| {
        let bytes = std::fs::read(&path).unwrap();
        Document::parse(path.display().to_string(), &bytes, &Limits::default()).unwrap()
    };
    [ours].into_iter().chain(theirs).map(load).collect()
}

/// The version of OpenAPI that the parts of a document have.
fn later(whole: &Document) -> &str {
    let version = whole.value()["openapi"].as_str().unwrap();
    // What 3.0 says is not said in the same words later.
    if version.starts_with("3.0") { version } else { "3.2.0" }
}

fn documents(parts: &BTreeMap<String, Value>) -> Vec<Document> {
    parts.iter().map(|(tag, part)| document(&format!("{tag}.json"), part)).collect()
}

/// What is said of the split: of texts only, and nothing of the surface.
fn assert_only_titles(changes: &[Change]) {
    for change in changes {
        let expected =
            ["document-added", "document-removed", "openapi-version-changed", "tag-removed"];
        assert!(expected.contains(&change.kind), "{change:#?}");
        assert_eq!((change.wire, change.rust), (Wire::Documentation, Rust::None), "{change:#?}");
    }
}

#[test]
fn a_document_split_by_tag_says_what_it_said() {
    let options = Options::with_surface(Settings::new("Iam"));
    let wholes = wholes();
    let parts: Vec<_> =
        wholes.iter().map(|whole| documents(&split(whole.value(), later(whole)))).collect();
    let pairs = wholes.iter().map(std::slice::from_ref).zip(parts.iter().map(Vec::as_slice));
    for (old, new) in pairs.flat_map(|(whole, parts)| [(whole, parts), (parts, whole)]) {
        assert!(old.len().max(new.len()) > 3, "{} to {} documents", old.len(), new.len());
        let comparison = compare(old, new, &options).unwrap();
        assert_eq!(comparison.not_generated, None);
        let changes: Vec<_> = comparison
            .changes
            .into_iter()
            // A tag without operations is declared by no part.
            .filter(|change| change.kind != "tag-added")
            .collect();
        assert_only_titles(&changes);
    }
}

#[test]
fn a_change_in_one_part_is_one_change() {
    for whole in wholes() {
        change_one_part(whole);
    }
}

fn change_one_part(whole: Document) {
    let version = whole.value()["openapi"].as_str().unwrap();
    let mut parts = split(whole.value(), version);
    // A schema that several parts have: it changes in all, or in one.
    let schemas = |part: &Value| -> BTreeSet<String> {
        let schemas = part["components"]["schemas"].as_object().into_iter().flatten();
        schemas.map(|(name, _)| name.clone()).collect()
    };
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for part in parts.values() {
        for name in schemas(part) {
            *times.entry(name).or_default() += 1;
        }
    }
    let (shared, count) = times.into_iter().max_by_key(|(_, count)| *count).unwrap();
    for part in parts.values_mut() {
        if let Some(schema) = part.pointer_mut(&format!("/components/schemas/{shared}")) {
            schema["properties"]["added_by_test"] = json!({"type": "string"});
        }
    }
    let comparison = compare(&[whole], &documents(&parts), &Options::default()).unwrap();
    let added: Vec<_> = comparison
        .changes
        .iter()
        .filter(|change| change.kind == "optional-property-added")
        .collect();
    assert_eq!(added.len(), 1, "{shared} is in {count} parts: {added:#?}");
}

#[test]
fn components_of_one_name_that_differ_are_kept_apart() {
    let part = |path: &str, type_: &str| {
        json!({
            "openapi": "3.0.3", "info": {"title": path, "version": "1"},
            "paths": {path: {"get": {"operationId": &path[1..], "responses": {"200": {
                "description": "",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}},
            }}}}},
            "components": {"schemas": {"A": {"type": type_}}},
        })
    };
    let load =
        |a: &str, b: &str| [document("a.json", &part("/a", a)), document("b.json", &part("/b", b))];
    let same = compare(&load("string", "integer"), &load("string", "integer"), &Options::default());
    assert_eq!(same.unwrap().changes, []);
    let differing =
        compare(&load("string", "integer"), &load("string", "boolean"), &Options::default());
    let changes = differing.unwrap().changes;
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(
        (changes[0].kind, changes[0].operations.as_slice()),
        ("type-changed", &["b".to_owned()][..])
    );
    assert_eq!(changes[0].new.as_ref().unwrap().document, "b.json");
}
