//! Documents made to go wrong: an error or an answer, in bounded time.

use std::{fmt::Write as _, slice::from_ref};

use iam_codegen::{
    Document, Limits,
    compare::{Options, compare},
};
use serde_json::{Value, json};

use super::{accounting::assert_accounted, compared, document, kinds, with_schema};

#[test]
fn schemas_that_refer_to_each_other_end() {
    let mut old = with_schema("3.1.0", &json!({"$ref": "#/components/schemas/A"}), &json!({}));
    // Each of many refers to each other: pairs grow with their number, not with ways.
    let names: Vec<String> = (0..60).map(|index| format!("S{index}")).collect();
    for name in &names {
        let mut properties = json!({});
        for other in &names {
            properties[other] = json!({"$ref": format!("#/components/schemas/{other}")});
        }
        old["components"]["schemas"][name] = json!({"type": "object", "properties": properties});
    }
    old["components"]["schemas"]["A"]["properties"]["s"] =
        json!({"$ref": "#/components/schemas/S0"});
    let mut new = old.clone();
    new["components"]["schemas"]["S59"]["description"] = json!("the last");
    let comparison = compared(&old, &new);
    assert_eq!(kinds(&comparison), ["description-changed"]);
    assert_eq!(comparison.changes[0].operations, ["t"]);
}

#[test]
fn a_long_chain_of_references_does_not_exhaust_the_stack() {
    let mut old = with_schema("3.1.0", &json!({"$ref": "#/components/schemas/C0"}), &json!({}));
    for index in 0..5000 {
        old["components"]["schemas"][format!("C{index}")] = json!({
            "type": "object",
            "properties": {"next": {"$ref": format!("#/components/schemas/C{}", index + 1)}},
        });
    }
    old["components"]["schemas"]["C5000"] = json!({"type": "string"});
    let mut new = old.clone();
    new["components"]["schemas"]["C5000"]["type"] = json!("integer");
    let comparison = compared(&old, &new);
    assert_eq!(kinds(&comparison), ["type-changed"]);
    assert_eq!(comparison.changes[0].operations, ["t"]);
}

#[test]
fn a_circle_of_references_is_refused_when_it_is_loaded() {
    let circle = json!({
        "openapi": "3.1.0", "info": {"title": "T", "version": "1"},
        "components": {"schemas": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}},
    });
    let error = Document::from_value("circle.json", circle).unwrap_err();
    assert!(error.to_string().contains("defined by itself"), "{error}");
}

#[test]
fn many_alternatives_are_matched_in_bounded_time() {
    let list = |from: usize| -> Vec<Value> {
        (from..from + 3000)
            .map(|index| json!({"type": "object", "required": [format!("p{index}")]}))
            .collect()
    };
    let old = with_schema("3.1.0", &json!({"oneOf": list(0)}), &json!({}));
    let new = with_schema("3.1.0", &json!({"oneOf": list(1)}), &json!({}));
    let comparison = compared(&old, &new);
    assert!(!comparison.changes.is_empty());
    assert!(comparison.changes.len() <= 4, "{}", comparison.changes.len());
}

/// Every value of a document, one by one, replaced by something that does not
/// belong there: no panic, and what was done is told.
#[test]
fn values_of_a_wrong_type_are_told_and_taken_back() {
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "security": [{"k": ["s"]}],
        "tags": [{"name": "a"}],
        "paths": {"/t/{id}": {
            "summary": "s",
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "post": {
                "operationId": "t", "tags": ["a"], "deprecated": true,
                "parameters": [{"name": "q", "in": "query", "style": "form", "explode": false,
                    "schema": {"type": "array", "items": {"type": "string"}}}],
                "requestBody": {"required": true, "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/A"}, "example": {"a": "x"}}}},
                "responses": {"200": {
                    "description": "d", "headers": {"X-A": {"schema": {"type": "integer"}}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}},
                }},
            },
        }},
        "components": {
            "securitySchemes": {"k": {"type": "http", "scheme": "bearer"}},
            "schemas": {"A": {
                "type": "object", "required": ["a"], "additionalProperties": false,
                "properties": {
                    "a": {"type": "string", "enum": ["x", "y"], "pattern": "x", "maxLength": 3},
                    "b": {"type": ["integer", "null"], "minimum": 1, "format": "int32", "default": 2},
                    "c": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "number"}}]},
                },
            }},
        },
    });
    let mut places = Vec::new();
    collect(&document, String::new(), &mut places);
    let (mut tried, mut told) = (0, 0);
    for place in places {
        for wrong in [json!(7), json!("wrong"), json!([]), json!({}), json!(null), json!(true)] {
            let mut other = document.clone();
            let target = other.pointer_mut(&place).unwrap();
            if *target == wrong {
                continue;
            }
            *target = wrong;
            let Ok(new) = Document::from_value("new.json", other.clone()) else { continue };
            let old = Document::from_value("old.json", document.clone()).unwrap();
            tried += 1;
            let there = compare(from_ref(&old), from_ref(&new), &Options::default()).unwrap();
            let back = compare(&[new], &[old], &Options::default()).unwrap();
            assert_eq!(there.changes.is_empty(), back.changes.is_empty(), "{place}");
            told += usize::from(!there.changes.is_empty());
            if !there.changes.is_empty() {
                assert_accounted(&place, &document, &other);
            }
        }
    }
    assert!(tried > 300, "{tried}");
    // The rest says the same by the rules of OpenAPI, such as `{}` for `[]`.
    assert!(told * 100 > tried * 90, "{told} of {tried} told");
}

fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    if !at.is_empty() && at != "/openapi" {
        places.push(at.clone());
    }
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                collect(child, iam_codegen::pointer::child(&at, key), places);
            }
        }
        Value::Array(list) => {
            for (index, child) in list.iter().enumerate() {
                collect(child, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
}

#[test]
fn a_thousand_operations_are_compared_with_themselves() {
    let mut text = String::from("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n");
    for index in 0..1000 {
        write!(
            text,
            "  /t{index}/{{id}}:\n    get:\n      operationId: t{index}\n      parameters:\n        - {{name: id, in: path, \
             required: true, schema: {{type: string}}}}\n      responses:\n        '200':\n          description: ok\n          \
             content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}\n"
        )
        .unwrap();
    }
    text.push_str("components: {schemas: {A: {type: object, properties: {a: {type: string}}}}}\n");
    let load = || Document::parse("t.yaml", text.as_bytes(), &Limits::default()).unwrap();
    let comparison = compare(&[load()], &[load()], &Options::default()).unwrap();
    assert_eq!(comparison.changes, []);
}

#[test]
fn places_are_found_in_json_and_yaml_alike() {
    let yaml = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /t:\n    get:\n      operationId: t\n      \
                deprecated: true\n      responses:\n        '200':\n          description: ok\n";
    let new = Document::parse("t.yaml", yaml.as_bytes(), &Limits::default()).unwrap();
    let mut value = new.value().clone();
    value["paths"]["/t"]["get"].as_object_mut().unwrap().remove("deprecated");
    let old = document("t.json", &value);
    let changes = compare(&[old], &[new], &Options::default()).unwrap().changes;
    assert_eq!(changes.len(), 1, "{changes:#?}");
    let place = changes[0].new.as_ref().unwrap();
    assert_eq!(place.pointer, "/paths/~1t/get/deprecated");
    assert_eq!((place.line, place.column), (Some(7), Some(7)));
    // In the old document the operation is the nearest that is there: its key
    // is on the ninth line of the JSON, behind six spaces.
    let missing = changes[0].missing.as_ref().unwrap();
    assert_eq!(missing.pointer, "/paths/~1t/get/deprecated");
    let text = serde_json::to_string_pretty(&value).unwrap();
    let line = text.lines().position(|line| line == "      \"get\": {").unwrap() + 1;
    assert_eq!((missing.line, missing.column), (Some(line), Some(7)));
}
