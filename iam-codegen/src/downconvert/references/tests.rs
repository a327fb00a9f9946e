//! References that move, and what they lead to.

use serde_json::{Value, json};

use crate::downconvert::tests::{downconverted, rejected};

/// A 3.1 document with these schemas.
fn document(schemas: Value) -> Value {
    json!({ "openapi": "3.1.0", "paths": {}, "components": { "schemas": schemas } })
}

/// `from` becomes `to` without a record.
#[track_caller]
fn exact(from: Value, to: Value) {
    let (document, records) = downconverted(document(from));
    assert_eq!((document["components"]["schemas"].clone(), records), (to, vec![]));
}

fn reference(to: &str) -> Value {
    json!({ "$ref": to })
}

#[test]
fn definitions_are_components() {
    exact(
        json!({ "A": {
            "$defs": {
                "B": { "const": 1, "$defs": { "C": { "type": "string" } } },
                "D": true,
            },
            "definitions": { "E": { "properties": { "p": { "type": "string" } } } },
            "properties": {
                "b": { "$ref": "#/components/schemas/A/$defs/B" },
                "c": { "$ref": "#/components/schemas/A/$defs/B/$defs/C" },
                "e": { "$ref": "#/components/schemas/A/definitions/E/properties/p" },
            },
        } }),
        json!({
            "A": { "properties": {
                "b": reference("#/components/schemas/B"),
                "c": reference("#/components/schemas/C"),
                "e": reference("#/components/schemas/E/properties/p"),
            } },
            "B": { "enum": [1] },
            "C": { "type": "string" },
            "D": {},
            "E": { "properties": { "p": { "type": "string" } } },
        }),
    );
}

#[test]
fn names_are_unique_and_legal() {
    let (a, b) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    exact(
        json!({
            "A": { "$defs": { "A": a, "x y": a } },
            "B": { "$defs": { "A": b, "A_2": b } },
        }),
        json!({ "A": {}, "A_2": a, "x_y": a, "A_3": b, "B": {}, "A_2_2": b }),
    );
}

#[test]
fn definitions_may_stand_anywhere() {
    let (document, records) = downconverted(json!({
        "openapi": "3.1.0",
        "paths": { "/a": { "get": { "parameters": [{ "name": "p", "in": "query", "schema": {
            "$ref": "#/paths/~1a/get/parameters/0/schema/$defs/a%20b",
            "$defs": { "a b": { "type": "string" } },
        } }], "responses": { "200": { "description": "" } } } } },
    }));
    let schema = &document["paths"]["/a"]["get"]["parameters"][0]["schema"];
    assert_eq!(*schema, reference("#/components/schemas/a_b"));
    assert_eq!(document["components"]["schemas"], json!({ "a_b": { "type": "string" } }));
    assert_eq!(records, []);
}

#[test]
fn records_name_the_place_in_the_input() {
    let (_, records) = downconverted(document(json!({ "A": { "$defs": { "B": {
        "$defs": { "C": { "$comment": "c" } },
    } } } })));
    let at = "/components/schemas/A/$defs/B/$defs/C/$comment";
    assert_eq!(records, [("downconvert/comment", at.to_owned())]);
}

#[test]
fn references_to_what_stays_stay() {
    let schemas = json!({
        "A": { "properties": { "b": { "items": { "type": "string" } } } },
        "B": { "$ref": "#/components/schemas/A/properties/b" },
        "C": { "$ref": "#/components/schemas/A/properties/b/items" },
        "D": { "$ref": "#/components/schemas/%41" },
    });
    exact(schemas.clone(), schemas);
}

#[test]
fn what_would_be_lost_or_moved_becomes_a_component() {
    exact(
        json!({
            "A": {
                "type": ["object", "null", "string"],
                "properties": { "b": { "type": "string" } },
            },
            "B": { "$ref": "#/components/schemas/A/properties/b" },
            "C": { "anyOf": [{ "type": "null" }, { "type": "integer" }] },
            "D": { "$ref": "#/components/schemas/C/anyOf/1" },
        }),
        json!({
            "A": { "nullable": true, "anyOf": [
                { "type": "object", "properties": { "b": reference("#/components/schemas/A_b") } },
                { "type": "string" },
            ] },
            "A_b": { "type": "string" },
            "B": reference("#/components/schemas/A_b"),
            "C": { "nullable": true, "allOf": [reference("#/components/schemas/C_anyOf_1")] },
            "C_anyOf_1": { "type": "integer" },
            "D": reference("#/components/schemas/C_anyOf_1"),
        }),
    );
}

#[test]
fn what_an_extension_holds_is_copied() {
    let data = json!({ "B": { "const": 1, "$ref": "#/x-schemas/C" }, "C": { "const": 2 } });
    let mut from = document(json!({ "A": { "$ref": "#/x-schemas/B" } }));
    from["x-schemas"] = data.clone();
    let (document, records) = downconverted(from);
    assert_eq!(document["x-schemas"], data);
    assert_eq!(
        document["components"]["schemas"],
        json!({
            "A": reference("#/components/schemas/x-schemas_B"),
            "x-schemas_B": {
                "enum": [1],
                "allOf": [reference("#/components/schemas/x-schemas_C")],
            },
            "x-schemas_C": { "enum": [2] },
        })
    );
    assert_eq!(records, []);
}

#[test]
fn objects_of_any_kind_survive_what_they_stand_in() {
    let response = json!({ "description": "r" });
    let (document, records) = downconverted(json!({
        "openapi": "3.1.0",
        "paths": { "/a": { "get": { "responses": {
            "200": { "$ref": "#/webhooks/w/post/responses/200" },
        } } } },
        "webhooks": { "w": { "post": { "responses": { "200": response } } } },
    }));
    let name = "webhooks_w_post_responses_200";
    let responses = &document["paths"]["/a"]["get"]["responses"];
    assert_eq!(responses["200"], reference(&format!("#/components/responses/{name}")));
    assert_eq!(document["components"]["responses"][name], response);
    assert_eq!(records, [("downconvert/webhooks", "/webhooks".to_owned())]);
}

#[test]
fn an_anchor_is_a_pointer() {
    exact(
        json!({
            "A": { "properties": { "b": { "$anchor": "b", "type": "string" } } },
            "B": { "$ref": "#b" },
            "C": { "$dynamicAnchor": "c", "items": { "$dynamicRef": "#c" } },
        }),
        json!({
            "A": { "properties": { "b": { "type": "string" } } },
            "B": reference("#/components/schemas/A/properties/b"),
            "C": { "items": reference("#/components/schemas/C") },
        }),
    );
}

#[test]
fn a_dynamic_reference_joins_a_static_one() {
    exact(
        json!({
            "A": { "$anchor": "a" },
            "B": { "$ref": "#/components/schemas/A", "$dynamicRef": "#a" },
        }),
        json!({
            "A": {},
            "B": { "allOf": [
                reference("#/components/schemas/A"), reference("#/components/schemas/A"),
            ] },
        }),
    );
}

#[test]
fn an_anchor_belongs_to_its_resource() {
    let (document, _) = downconverted(document(json!({
        "A": { "$id": "a", "properties": { "x": { "$anchor": "x" } }, "items": { "$ref": "#x" } },
        "B": { "$id": "b", "properties": { "x": { "$anchor": "x" } }, "items": { "$ref": "#x" } },
        "C": { "$id": "c", "$defs": { "D": {} }, "items": { "$ref": "#/$defs/D" } },
        "E": { "items": { "$ref": "c#/$defs/D" } },
    })));
    let schemas = &document["components"]["schemas"];
    for (name, target) in [("A", "A/properties/x"), ("B", "B/properties/x"), ("C", "D"), ("E", "D")]
    {
        let expected = reference(&format!("#/components/schemas/{target}"));
        assert_eq!(schemas[name]["items"], expected, "{name}");
    }
}

#[test]
fn anchors_that_are_not_there_once_are_rejected() {
    let problems = rejected(json!({
        "openapi": "3.1.0",
        "paths": { "/a": { "get": { "responses": { "200": { "description": "", "content": {
            "application/json": { "schema": { "$ref": "#nowhere" } },
        } } } } } },
        "components": { "schemas": {
            "A": { "$dynamicAnchor": "x" },
            "B": { "$dynamicAnchor": "x" },
            "C": { "$dynamicRef": "#x" },
        } },
    }));
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let remedy = "refer to it by a JSON pointer, in an overlay";
    assert_eq!(
        problems,
        [
            format!(
                "/components/schemas/C/$dynamicRef: the reference `#x` names more than one anchor; \
                 {remedy}"
            ),
            format!(
                "/paths/~1a/get/responses/200/content/application~1json/schema/$ref: operation \
                 GET /a: the reference `#nowhere` names no anchor; {remedy}"
            ),
        ]
    );
}

#[test]
fn the_mapping_of_a_discriminator_refers_too() {
    exact(
        json!({ "A": {
            "oneOf": [{ "$ref": "#/components/schemas/A/$defs/B" }],
            "discriminator": { "propertyName": "k", "mapping": {
                "b": "#/components/schemas/A/$defs/B",
                "c": "C",
            } },
            "$defs": { "B": { "type": "object" } },
        } }),
        json!({
            "A": {
                "oneOf": [reference("#/components/schemas/B")],
                "discriminator": { "propertyName": "k", "mapping": {
                    "b": "#/components/schemas/B",
                    "c": "C",
                } },
            },
            "B": { "type": "object" },
        }),
    );
}

#[test]
fn data_that_looks_like_references_is_left_alone() {
    let schemas = json!({ "A": {
        "example": { "$ref": "#/components/schemas/A/$defs/B", "$defs": { "B": {} } },
        "enum": [{ "$ref": "#b" }],
        "x-a": { "$anchor": "b" },
        "properties": { "$defs": { "type": "object" }, "$ref": { "type": "string" } },
    } });
    exact(schemas.clone(), schemas);
}
