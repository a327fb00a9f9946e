//! A document with everything in it, each node removed and replaced in turn:
//! never a panic, never anything left that 3.0 does not have.

use serde_json::{Value, json};

use crate::{
    adaptation::Adaptations,
    document::walk::Node,
    downconvert::{downconvert, references::position::below},
    pointer::{child, of_reference, reference},
};

fn sample() -> Value {
    let schema = json!({
        "$id": "a", "$schema": "s", "$comment": "c", "$anchor": "an", "$dynamicAnchor": "da",
        "$defs": { "D": { "type": ["string", "null"], "$defs": { "E": false } } },
        "type": ["object", "array", "string", "null"],
        "enum": ["a", null, {}, []],
        "properties": {
            "a": { "$ref": "#/components/schemas/A/$defs/D", "description": "d" },
            "const": { "const": null },
            "type": { "$ref": "#an" },
            "self": { "$dynamicRef": "#da" },
            "number": { "type": "number", "minimum": 1, "exclusiveMinimum": 2 },
            "bytes": { "contentEncoding": "base64", "contentMediaType": "image/png" },
        },
        "patternProperties": { "^x": { "const": 1 } },
        "additionalProperties": { "$ref": "#/components/schemas/A/prefixItems/0" },
        "unevaluatedProperties": false,
        "propertyNames": { "pattern": "a" },
        "dependentSchemas": { "a": true },
        "dependentRequired": { "a": ["b"] },
        "required": ["a"],
        "prefixItems": [{ "type": "string" }, true],
        "items": { "oneOf": [{ "type": "null" }, { "contains": {} }] },
        "unevaluatedItems": { "not": { "if": {} } },
        "contains": {}, "minContains": 1, "maxItems": 3,
        "if": { "const": 1 }, "then": {}, "else": false,
        "anyOf": [{ "type": "null" }, { "$ref": "#/components/schemas/B" }],
        "oneOf": [{ "$ref": "#/components/schemas/B" }],
        "discriminator": { "propertyName": "k", "mapping": { "b": "#an" }, "defaultMapping": "B" },
        "contentSchema": {},
        "examples": [1, 2],
        "xml": { "nodeType": "cdata" },
        "x-a": { "const": 1 },
    });
    let value = json!({ "application/json": { "schema": { "const": 1 } } });
    let operation = json!({
        "operationId": "o",
        "parameters": [
            { "$ref": "#/components/parameters/Q" },
            { "name": "c", "in": "cookie", "style": "cookie", "content": value },
        ],
        "requestBody": { "content": { "multipart/mixed": {
            "itemSchema": { "const": 1 }, "prefixEncoding": [{}],
        } } },
        "responses": {
            "200": { "summary": "s", "headers": { "x-h": { "schema": { "const": 1 } } }, "content": {
                "image/png": {},
                "text/plain": { "$ref": "#/components/mediaTypes/M" },
                "multipart/form-data": { "encoding": { "e": { "encoding": {}, "headers": {
                    "h": { "$ref": "#/components/headers/H", "summary": "s" },
                } } } },
            } },
            "default": { "$ref": "#/components/responses/R" },
        },
        "callbacks": { "c": { "u": { "post": { "responses": {} }, "query": {} } } },
        "security": [{ "m": [], "k": ["role"] }],
    });
    json!({
        "openapi": "3.2.0",
        "$self": "s",
        "jsonSchemaDialect": "d",
        "info": { "summary": "s", "license": { "identifier": "i" } },
        "servers": [{ "url": "/", "name": "n" }],
        "tags": [{ "name": "t", "kind": "k" }],
        "webhooks": { "w": { "post": { "responses": { "200": { "description": "" } } } } },
        "paths": {
            "/a": { "get": operation, "additionalOperations": { "PUT": {} } },
            "/b": { "$ref": "#/components/pathItems/P" },
            "x-c": { "get": {} },
        },
        "components": {
            "schemas": { "A": schema, "B": { "type": "object" } },
            "responses": { "R": { "$ref": "#/webhooks/w/post/responses/200" } },
            "headers": { "H": { "schema": true } },
            "parameters": { "Q": { "name": "q", "in": "querystring", "content": {
                "application/x-www-form-urlencoded": { "schema": { "type": "object",
                    "properties": { "p": { "type": "array", "items": { "const": 1 } } },
                } },
            } } },
            "mediaTypes": { "M": { "schema": { "type": "null" } } },
            "pathItems": { "P": { "get": {} } },
            "examples": { "e": { "dataValue": 1 } },
            "securitySchemes": {
                "m": { "type": "mutualTLS" },
                "k": { "type": "apiKey", "deprecated": true },
            },
        },
    })
}

/// Visits everything of the right shape, with its kind and pointer.
fn visit(value: &Value, node: Node, at: &str, found: &mut dyn FnMut(Node, &str, &Value)) {
    found(node, at, value);
    let is_list = matches!(node, Node::List(_));
    if node == Node::Opaque || is_list != value.is_array() {
        return;
    }
    // What stands beside a reference is not looked at.
    if reference(value).is_some() && !matches!(node, Node::Schema | Node::PathItem | Node::Map(_)) {
        return;
    }
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| visit(value, below(node, key), &child(at, key), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| {
            visit(value, below(node, ""), &child(at, index.to_string()), found);
        }),
        _ => {}
    }
}

/// What of `document` 3.0 does not have.
fn remains(document: &Value) -> Vec<String> {
    let mut remains = Vec::new();
    visit(document, Node::Document, "", &mut |node, at, value| {
        let keys: &[&str] = match node {
            Node::Document => &["webhooks", "$self", "jsonSchemaDialect"],
            Node::Components => &["pathItems", "mediaTypes"],
            Node::PathItem => &["query", "additionalOperations"],
            Node::MediaType => &["itemSchema", "itemEncoding", "prefixEncoding"],
            Node::Encoding => &["encoding", "itemEncoding", "prefixEncoding"],
            Node::Schema => &[
                "$id",
                "$schema",
                "$comment",
                "$anchor",
                "$dynamicAnchor",
                "$dynamicRef",
                "$defs",
                "definitions",
                "const",
                "examples",
                "patternProperties",
                "propertyNames",
                "unevaluatedProperties",
                "unevaluatedItems",
                "dependentSchemas",
                "dependentRequired",
                "dependencies",
                "prefixItems",
                "contains",
                "minContains",
                "maxContains",
                "if",
                "then",
                "else",
                "contentEncoding",
                "contentMediaType",
                "contentSchema",
                "$vocabulary",
            ],
            _ => &[],
        };
        let reference_alone = reference(value).is_some() && !matches!(node, Node::Schema);
        if !reference_alone {
            let held = keys.iter().filter(|key| value.get(key).is_some());
            remains.extend(held.map(|key| child(at, key)));
        }
        if node != Node::Schema {
            return;
        }
        let siblings = reference(value).is_some() && value.as_object().is_some_and(|s| s.len() > 1);
        let boolean = value.is_boolean() && !at.ends_with("/additionalProperties");
        let types = value.get("type").and_then(Value::as_array).is_some_and(|types| {
            let known = ["null", "object", "array", "string", "integer", "number", "boolean"];
            !types.is_empty() && types.iter().all(|name| known.iter().any(|known| name == known))
        });
        let bounds = ["exclusiveMinimum", "exclusiveMaximum"];
        let numeric = bounds.iter().any(|key| value.get(key).is_some_and(Value::is_number));
        let null = value.get("type").is_some_and(|name| name == "null");
        if siblings || boolean || types || numeric || null {
            remains.push(format!("{at}: {value}"));
        }
    });
    remains
}

/// The references of `document` that lead nowhere.
fn dangling(document: &Value) -> Vec<String> {
    let mut dangling = Vec::new();
    visit(document, Node::Document, "", &mut |node, _, value| {
        if matches!(node, Node::Map(_) | Node::Opaque) {
            return;
        }
        if let Some(target) = reference(value)
            && of_reference(target).is_none_or(|at| document.pointer(&at).is_none())
        {
            dangling.push(target.to_owned());
        }
    });
    dangling
}

#[track_caller]
fn check(input: &Value, change: &str) {
    let mut document = input.clone();
    let mut adaptations = Adaptations::new();
    downconvert(&mut document, &mut adaptations);
    // The conversion of a document that says it is one of 3.0 already is nothing.
    if !input.is_object() {
        return;
    }
    assert_eq!(remains(&document), <[String; 0]>::default(), "{change}");
    for adaptation in adaptations.list() {
        let held = input.pointer(&adaptation.pointer).is_some();
        assert!(held || adaptation.pass == "downconvert/responses", "{change}: {adaptation}");
    }
    let sections = input.get("components").and_then(Value::as_object);
    let orderly = sections.is_some_and(|sections| sections.values().all(Value::is_object));
    let anchor = |target: &String| target.starts_with('#') && !target.starts_with("#/");
    if orderly && dangling(input).iter().all(anchor) && adaptations.settle().is_ok() {
        assert_eq!(dangling(&document), <[String; 0]>::default(), "{change}");
    }
}

#[test]
fn the_sample_converts() {
    let input = sample();
    check(&input, "unchanged");
    let convert = || {
        let (mut document, mut adaptations) = (input.clone(), Adaptations::new());
        downconvert(&mut document, &mut adaptations);
        assert_eq!(adaptations.settle(), Ok(()));
        (document, adaptations.into_list())
    };
    assert_eq!(convert(), convert());
}

#[test]
fn no_mutation_gets_through() {
    let sample = sample();
    let mut places = Vec::new();
    collect(&sample, "", &mut places);
    let kinds = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!("text"),
        json!([]),
        json!({}),
        json!(["string", "null"]),
        json!([{ "const": 1 }]),
        json!({ "type": ["null"] }),
        json!({ "$ref": "#/components/schemas/B" }),
    ];
    for at in &places {
        for kind in &kinds {
            let mut mutated = sample.clone();
            *mutated.pointer_mut(at).unwrap() = kind.clone();
            check(&mutated, &format!("{at} = {kind}"));
        }
        let mut mutated = sample.clone();
        if remove(&mut mutated, at) {
            check(&mutated, &format!("{at} removed"));
        }
    }
}

fn collect(value: &Value, at: &str, places: &mut Vec<String>) {
    places.push(at.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| collect(value, &child(at, key), places));
        }
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| collect(value, &child(at, index.to_string()), places)),
        _ => {}
    }
}

fn remove(document: &mut Value, at: &str) -> bool {
    let Some((owner, key)) = at.rsplit_once('/') else {
        return false;
    };
    match document.pointer_mut(owner) {
        Some(Value::Object(map)) => {
            map.remove(&key.replace("~1", "/").replace("~0", "~")).is_some()
        }
        Some(Value::Array(list)) => key.parse().is_ok_and(|index: usize| {
            list.remove(index);
            true
        }),
        _ => false,
    }
}
