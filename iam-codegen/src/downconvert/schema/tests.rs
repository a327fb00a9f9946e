//! One schema each, `/components/schemas/S` of a 3.1 document.

use serde_json::{Value, json};

use crate::downconvert::tests::downconverted;

const AT: &str = "/components/schemas/S";

/// What `schema` becomes, and what is recorded: pass and pointer below the schema.
fn converted(schema: Value) -> (Value, Vec<(&'static str, String)>) {
    let document = json!({
        "openapi": "3.1.0",
        "paths": {},
        "components": { "schemas": { "S": schema, "A": { "type": "object" } } },
    });
    let (document, records) = downconverted(document);
    let below = |at: String| at.strip_prefix(AT).unwrap_or(&at).to_owned();
    let records = records.into_iter();
    let records = records.map(|(pass, at)| (pass.trim_start_matches("downconvert/"), below(at)));
    (document.pointer(AT).cloned().unwrap(), records.collect())
}

/// `from` becomes `to`, and nothing is recorded.
#[track_caller]
fn exact(from: Value, to: Value) {
    assert_eq!(converted(from), (to, vec![]));
}

/// `from` becomes `to`, and this is recorded.
#[track_caller]
fn recorded(from: Value, to: Value, records: &[(&'static str, &str)]) {
    let records = records.iter().map(|&(pass, at)| (pass, at.to_owned())).collect();
    assert_eq!(converted(from), (to, records));
}

#[test]
fn a_type_and_null_is_nullable() {
    exact(json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true }));
    exact(json!({ "type": ["string"] }), json!({ "type": "string" }));
    exact(json!({ "type": "string" }), json!({ "type": "string" }));
}

#[test]
fn several_types_are_alternatives_with_their_own_keywords() {
    exact(
        json!({
            "type": ["string", "integer", "null"],
            "title": "T",
            "minLength": 1,
            "maximum": 9,
            "default": 3,
        }),
        json!({
            "title": "T",
            "default": 3,
            "nullable": true,
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "integer", "maximum": 9 },
            ],
        }),
    );
    exact(
        json!({ "type": ["array", "object"], "required": ["a"] }),
        json!({ "anyOf": [
            { "type": "array", "items": {} },
            { "type": "object", "required": ["a"] },
        ] }),
    );
    exact(json!({ "type": ["integer", "number"] }), json!({ "type": "number" }));
}

#[test]
fn an_enum_of_several_types_is_split() {
    exact(
        json!({ "type": ["string", "integer"], "enum": ["a", 1, 2.0, "b"] }),
        json!({ "anyOf": [
            { "type": "string", "enum": ["a", "b"] },
            { "type": "integer", "enum": [1, 2.0] },
        ] }),
    );
    exact(
        json!({ "type": ["string", "boolean"], "enum": ["a"] }),
        json!({ "type": "string", "enum": ["a"] }),
    );
}

#[test]
fn a_format_goes_to_the_type_it_is_for() {
    exact(
        json!({ "type": ["string", "integer"], "format": "int64" }),
        json!({ "anyOf": [{ "type": "string" }, { "type": "integer", "format": "int64" }] }),
    );
    recorded(
        json!({ "type": ["boolean", "integer"], "format": "uuid" }),
        json!({ "anyOf": [{ "type": "boolean" }, { "type": "integer" }] }),
        &[("types", "/format")],
    );
}

#[test]
fn all_types_are_no_restriction() {
    let all = ["object", "array", "string", "integer", "number", "boolean", "null"];
    exact(json!({ "type": all, "minLength": 1 }), json!({ "minLength": 1 }));
}

#[test]
fn types_beside_alternatives_do_not_mix_with_them() {
    let any_of = json!([{ "minLength": 1 }, { "minimum": 1 }]);
    exact(
        json!({ "type": ["string", "integer"], "anyOf": any_of }),
        json!({
            "anyOf": any_of,
            "allOf": [{ "anyOf": [{ "type": "string" }, { "type": "integer" }] }],
        }),
    );
}

#[test]
fn null_alone_is_an_enum() {
    let only_null = json!({ "enum": [null], "nullable": true });
    exact(json!({ "type": "null" }), only_null.clone());
    exact(json!({ "type": ["null"] }), only_null.clone());
    exact(json!({ "const": null }), only_null.clone());
    exact(json!({ "type": "null", "enum": [null, 1] }), only_null.clone());
    exact(
        json!({ "anyOf": [{ "type": "null" }] }),
        json!({ "allOf": [only_null], "nullable": true }),
    );
}

#[test]
fn null_among_alternatives_is_nullable() {
    exact(
        json!({ "anyOf": [{ "$ref": "#/components/schemas/A" }, { "type": "null" }] }),
        json!({ "allOf": [{ "$ref": "#/components/schemas/A" }], "nullable": true }),
    );
    exact(
        json!({
            "description": "d",
            "oneOf": [{ "const": null }, { "type": "string" }, { "type": "integer" }],
        }),
        json!({
            "description": "d",
            "oneOf": [{ "type": "string" }, { "type": "integer" }],
            "nullable": true,
        }),
    );
    // The one member left joins what is there already.
    exact(
        json!({ "allOf": [{ "minLength": 1 }], "anyOf": [{ "type": "string" }, { "enum": [null] }] }),
        json!({ "allOf": [{ "minLength": 1 }, { "type": "string" }], "nullable": true }),
    );
}

#[test]
fn a_discriminator_stays_with_its_list() {
    exact(
        json!({
            "oneOf": [{ "$ref": "#/components/schemas/A" }, { "type": "null" }],
            "discriminator": { "propertyName": "kind" },
        }),
        json!({
            "oneOf": [{ "$ref": "#/components/schemas/A" }],
            "discriminator": { "propertyName": "kind" },
            "nullable": true,
        }),
    );
}

#[test]
fn null_that_two_of_one_of_take_is_let_in() {
    recorded(
        json!({ "oneOf": [{ "type": ["string", "null"] }, { "type": "null" }] }),
        json!({ "allOf": [{ "type": "string", "nullable": true }], "nullable": true }),
        &[("null", "/oneOf")],
    );
}

#[test]
fn null_in_an_enum_is_nullable() {
    exact(json!({ "enum": ["a", null] }), json!({ "enum": ["a", null], "nullable": true }));
    exact(
        json!({ "type": ["string", "null"], "enum": ["a", null] }),
        json!({ "type": "string", "enum": ["a", null], "nullable": true }),
    );
}

#[test]
fn null_is_let_in_where_keywords_disagree() {
    recorded(
        json!({ "type": "string", "enum": ["a", null] }),
        json!({ "type": "string", "enum": ["a", null], "nullable": true }),
        &[("null", "")],
    );
    recorded(
        json!({ "type": ["string", "null"], "enum": ["a"] }),
        json!({ "type": "string", "enum": ["a"], "nullable": true }),
        &[("null", "")],
    );
    recorded(
        json!({ "type": "string", "nullable": true }),
        json!({ "type": "string", "nullable": true }),
        &[("null", "/nullable")],
    );
}

#[test]
fn a_constant_is_an_enum_of_one() {
    exact(json!({ "type": "string", "const": "a" }), json!({ "type": "string", "enum": ["a"] }));
    exact(json!({ "const": "a", "enum": ["a", "b"] }), json!({ "enum": ["a"] }));
    exact(
        json!({ "const": "c", "enum": ["a"] }),
        json!({ "enum": ["a"], "allOf": [{ "enum": ["c"] }] }),
    );
    // What is in it is data.
    let data = json!({ "const": { "type": ["a", "null"] }, "x-a": { "const": 1 } });
    exact(data, json!({ "enum": [{ "type": ["a", "null"] }], "x-a": { "const": 1 } }));
}

#[test]
fn an_exclusive_bound_is_a_number_and_a_flag() {
    exact(
        json!({ "exclusiveMinimum": 0, "exclusiveMaximum": 1.5 }),
        json!({
            "minimum": 0, "exclusiveMinimum": true, "maximum": 1.5, "exclusiveMaximum": true,
        }),
    );
    for (minimum, exclusive, expected) in [
        (1, 0, json!({ "minimum": 1 })),
        (1, 1, json!({ "minimum": 1, "exclusiveMinimum": true })),
        (1, 2, json!({ "minimum": 2, "exclusiveMinimum": true })),
    ] {
        exact(json!({ "minimum": minimum, "exclusiveMinimum": exclusive }), expected);
    }
    exact(json!({ "maximum": 1, "exclusiveMaximum": 2 }), json!({ "maximum": 1 }));
    // Beyond what a float can tell apart.
    exact(
        json!({ "minimum": 9_007_199_254_740_993_u64, "exclusiveMinimum": 9_007_199_254_740_992_u64 }),
        json!({ "minimum": 9_007_199_254_740_993_u64 }),
    );
}

#[test]
fn the_first_example_stays() {
    exact(json!({ "examples": [1] }), json!({ "example": 1 }));
    exact(json!({ "examples": [] }), json!({}));
    recorded(json!({ "examples": [1, 2] }), json!({ "example": 1 }), &[("examples", "/examples")]);
    recorded(
        json!({ "examples": [1], "example": 2 }),
        json!({ "example": 2 }),
        &[("examples", "/examples")],
    );
}

#[test]
fn siblings_of_a_reference_count() {
    let reference = json!({ "$ref": "#/components/schemas/A" });
    exact(reference.clone(), reference.clone());
    exact(
        json!({ "$ref": "#/components/schemas/A", "description": "d", "minProperties": 1 }),
        json!({ "allOf": [reference], "description": "d", "minProperties": 1 }),
    );
    exact(
        json!({ "$ref": "#/components/schemas/A", "type": ["object", "null"] }),
        json!({ "allOf": [reference], "type": "object", "nullable": true }),
    );
    exact(
        json!({ "$ref": "#/components/schemas/A", "allOf": [{ "minProperties": 1 }] }),
        json!({ "allOf": [reference, { "minProperties": 1 }] }),
    );
    recorded(
        json!({ "$ref": "#/components/schemas/A", "$comment": "c" }),
        reference,
        &[("comment", "/$comment")],
    );
}

#[test]
fn boolean_schemas_are_written_out() {
    exact(json!(true), json!({}));
    recorded(json!(false), json!({ "not": {} }), &[("boolean-schema", "")]);
    exact(
        json!({ "properties": { "a": true }, "additionalProperties": false }),
        json!({ "properties": { "a": {} }, "additionalProperties": false }),
    );
    exact(json!({ "type": "array", "items": true }), json!({ "type": "array", "items": {} }));
    exact(
        json!({ "type": "array", "items": false }),
        json!({ "type": "array", "items": {}, "maxItems": 0 }),
    );
    recorded(
        json!({ "properties": { "a": false } }),
        json!({ "properties": { "a": { "not": {} } } }),
        &[("boolean-schema", "/properties/a")],
    );
}

#[test]
fn an_array_has_items() {
    exact(json!({ "type": "array" }), json!({ "type": "array", "items": {} }));
}

#[test]
fn encoded_content_is_byte_or_binary() {
    exact(
        json!({ "type": "string", "contentEncoding": "base64" }),
        json!({ "type": "string", "format": "byte" }),
    );
    exact(
        json!({ "contentMediaType": "application/octet-stream" }),
        json!({ "type": "string", "format": "binary" }),
    );
    exact(
        json!({ "contentMediaType": "image/png" }),
        json!({ "type": "string", "format": "binary" }),
    );
    recorded(
        json!({ "type": "string", "contentEncoding": "base64", "contentMediaType": "image/png" }),
        json!({ "type": "string", "format": "byte" }),
        &[("content", "/contentMediaType")],
    );
    recorded(
        json!({ "type": "string", "contentEncoding": "base64url" }),
        json!({ "type": "string" }),
        &[("content", "/contentEncoding")],
    );
    recorded(
        json!({
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": { "const": 1 },
        }),
        json!({ "type": "string" }),
        &[("content", "/contentMediaType"), ("content", "/contentSchema")],
    );
}

#[test]
fn a_tuple_is_an_array_of_what_any_position_takes() {
    recorded(
        json!({
            "type": "array",
            "prefixItems": [{ "type": "string" }, { "type": ["integer", "null"] }],
            "items": false,
            "minItems": 2,
        }),
        json!({
            "type": "array",
            "items": { "anyOf": [
                { "type": "string" },
                { "type": "integer", "nullable": true },
            ] },
            "minItems": 2,
            "maxItems": 2,
        }),
        &[("prefix-items", "/prefixItems")],
    );
    recorded(
        json!({ "prefixItems": [{ "type": "string" }], "items": { "type": "boolean" } }),
        json!({ "items": { "anyOf": [{ "type": "string" }, { "type": "boolean" }] } }),
        &[("prefix-items", "/prefixItems")],
    );
    // Whatever comes after the positions may be anything.
    recorded(
        json!({ "prefixItems": [{ "type": "string" }] }),
        json!({ "items": {} }),
        &[("prefix-items", "/prefixItems")],
    );
    exact(
        json!({ "prefixItems": [{ "type": "string" }, { "type": "string" }], "maxItems": 2 }),
        json!({ "items": { "type": "string" }, "maxItems": 2 }),
    );
    exact(
        json!({ "prefixItems": [{ "type": "string" }], "unevaluatedItems": false }),
        json!({ "items": { "type": "string" }, "maxItems": 1 }),
    );
}

#[test]
fn constraints_that_cannot_be_expressed_are_left_out() {
    for (key, value, pass) in [
        ("if", json!({ "const": 1 }), "conditional"),
        ("then", json!({ "const": 1 }), "conditional"),
        ("else", json!(false), "conditional"),
        ("dependentSchemas", json!({ "a": false }), "dependent"),
        ("dependentRequired", json!({ "a": ["b"] }), "dependent"),
        ("dependencies", json!({ "a": ["b"] }), "dependent"),
        ("propertyNames", json!({ "pattern": "^a" }), "property-names"),
        ("contains", json!({ "const": 1 }), "contains"),
        ("minContains", json!(2), "contains"),
        ("maxContains", json!(2), "contains"),
    ] {
        let at = format!("/{key}");
        recorded(json!({ key: value, "title": "T" }), json!({ "title": "T" }), &[(pass, &at)]);
    }
}

#[test]
fn unevaluated_is_additional_where_nothing_else_evaluates() {
    exact(
        json!({ "properties": { "a": {} }, "unevaluatedProperties": false }),
        json!({ "properties": { "a": {} }, "additionalProperties": false }),
    );
    exact(
        json!({ "unevaluatedProperties": { "type": ["string", "null"] } }),
        json!({ "additionalProperties": { "type": "string", "nullable": true } }),
    );
    exact(
        json!({ "additionalProperties": {}, "unevaluatedProperties": false }),
        json!({ "additionalProperties": {} }),
    );
    exact(json!({ "allOf": [{}], "unevaluatedProperties": true }), json!({ "allOf": [{}] }));
    recorded(
        json!({ "allOf": [{}], "unevaluatedProperties": false }),
        json!({ "allOf": [{}] }),
        &[("unevaluated", "/unevaluatedProperties")],
    );
    exact(
        json!({ "unevaluatedItems": { "type": "string" } }),
        json!({ "items": { "type": "string" } }),
    );
    recorded(
        json!({ "allOf": [{}], "unevaluatedItems": false }),
        json!({ "allOf": [{}] }),
        &[("unevaluated", "/unevaluatedItems")],
    );
}

#[test]
fn patterns_of_names_are_merged() {
    recorded(
        json!({
            "patternProperties": { "^a": { "type": "string" } },
            "additionalProperties": false,
        }),
        json!({ "additionalProperties": { "type": "string" } }),
        &[("pattern-properties", "/patternProperties")],
    );
    recorded(
        json!({
            "patternProperties": { "^a": { "const": 1 }, "^b": { "type": "string" } },
            "additionalProperties": { "type": "boolean" },
        }),
        json!({ "additionalProperties": { "anyOf": [
            { "enum": [1] }, { "type": "string" }, { "type": "boolean" },
        ] } }),
        &[("pattern-properties", "/patternProperties")],
    );
    // What no pattern matches may be anything.
    recorded(
        json!({ "patternProperties": { "^a": { "type": "string" } } }),
        json!({ "additionalProperties": true }),
        &[("pattern-properties", "/patternProperties")],
    );
    exact(
        json!({ "patternProperties": { ".*": { "type": "string" } } }),
        json!({ "additionalProperties": { "type": "string" } }),
    );
}

#[test]
fn a_negation_never_excludes_more() {
    exact(
        json!({ "not": { "type": ["string", "null"] } }),
        json!({ "not": { "type": "string", "nullable": true } }),
    );
    recorded(
        json!({ "not": { "contains": { "const": 1 } } }),
        json!({}),
        &[("contains", "/not/contains"), ("not", "/not")],
    );
}

#[test]
fn alternatives_that_became_wider_no_longer_exclude_each_other() {
    let from = json!([{ "contains": { "const": 1 } }, { "type": "string" }]);
    let to = json!([{}, { "type": "string" }]);
    recorded(
        json!({ "oneOf": from }),
        json!({ "anyOf": to }),
        &[("contains", "/oneOf/0/contains"), ("one-of", "/oneOf")],
    );
    recorded(
        json!({ "oneOf": from, "anyOf": [{ "minLength": 1 }] }),
        json!({ "anyOf": [{ "minLength": 1 }], "allOf": [{ "anyOf": to }] }),
        &[("contains", "/oneOf/0/contains"), ("one-of", "/oneOf")],
    );
}

#[test]
fn a_default_mapping_takes_the_discriminator_with_it() {
    let one_of = json!([{ "$ref": "#/components/schemas/A" }]);
    let discriminator = json!({ "propertyName": "k", "defaultMapping": "A" });
    recorded(
        json!({ "oneOf": one_of, "discriminator": discriminator }),
        json!({ "oneOf": one_of }),
        &[("discriminator", "/discriminator")],
    );
}

#[test]
fn xml_nodes_are_attributes_or_elements() {
    exact(
        json!({ "type": "string", "xml": { "nodeType": "attribute" } }),
        json!({ "type": "string", "xml": { "attribute": true } }),
    );
    exact(
        json!({ "type": "array", "items": {}, "xml": { "nodeType": "element" } }),
        json!({ "type": "array", "items": {}, "xml": { "wrapped": true } }),
    );
    recorded(
        json!({ "type": "string", "xml": { "nodeType": "cdata" } }),
        json!({ "type": "string", "xml": {} }),
        &[("xml", "/xml/nodeType")],
    );
}

#[test]
fn identity_and_comments_are_left_out() {
    recorded(
        json!({
            "$id": "s",
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$anchor": "a",
            "$dynamicAnchor": "b",
            "$vocabulary": {},
            "$comment": "c",
        }),
        json!({}),
        &[
            ("comment", "/$comment"),
            ("identity", "/$anchor"),
            ("identity", "/$dynamicAnchor"),
            ("identity", "/$id"),
            ("identity", "/$schema"),
            ("identity", "/$vocabulary"),
        ],
    );
}

#[test]
fn annotations_and_unknown_keywords_stay() {
    let schema = json!({
        "title": "T", "description": "d", "default": { "const": 1 }, "deprecated": true,
        "readOnly": true, "writeOnly": false, "example": { "$defs": {} }, "future": { "const": 1 },
        "x-a": { "type": ["string", "null"] }, "externalDocs": { "url": "u" }, "format": "f",
    });
    exact(schema.clone(), schema);
}

#[test]
fn an_empty_list_of_required_properties_is_left_out() {
    exact(json!({ "required": [] }), json!({}));
    exact(json!({ "required": ["a"] }), json!({ "required": ["a"] }));
}

#[test]
fn properties_may_be_named_like_keywords() {
    let names = [
        "type",
        "const",
        "$ref",
        "examples",
        "items",
        "$defs",
        "enum",
        "prefixItems",
        "if",
        "x-a",
        "contentEncoding",
        "properties",
        "anyOf",
        "nullable",
        "exclusiveMinimum",
        "$id",
        "not",
    ];
    let all = |schema: Value| {
        let properties = names.iter().map(|name| ((*name).to_owned(), schema.clone()));
        json!({ "type": "object", "properties": Value::Object(properties.collect()) })
    };
    exact(
        all(json!({ "type": ["string", "null"] })),
        all(json!({ "type": "string", "nullable": true })),
    );
}

#[test]
fn wrong_shapes_stay_or_are_recorded() {
    for schema in [
        json!(3),
        json!(null),
        json!([{ "const": 1 }]),
        json!({ "type": 3 }),
        json!({ "type": ["string", "date"] }),
        json!({ "type": [] }),
        json!({ "properties": 1, "required": 2, "enum": 3, "allOf": 4, "items": 5 }),
        json!({ "exclusiveMinimum": "1" }),
    ] {
        exact(schema.clone(), schema);
    }
    recorded(
        json!({ "prefixItems": 1, "patternProperties": [], "$defs": 2, "contentEncoding": 3 }),
        json!({}),
        &[
            ("malformed", "/$defs"),
            ("malformed", "/contentEncoding"),
            ("malformed", "/patternProperties"),
            ("malformed", "/prefixItems"),
        ],
    );
}

#[test]
fn deep_nesting_fits_the_stack_of_a_thread() {
    let (mut from, mut to) = (json!(true), json!({}));
    for depth in 0..120 {
        let key = ["items", "not", "additionalProperties"][depth % 3];
        from = json!({ key: from });
        to = json!({ key: to });
    }
    exact(from, to);
}
