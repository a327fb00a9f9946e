//! Metadata, tags, servers, components, security.

use serde_json::{Value, json};

use super::downconverted;

/// Converts a 3.2 document with these fields.
#[track_caller]
fn converted(fields: Value) -> (Value, Vec<(&'static str, String)>) {
    let mut document = json!({ "openapi": "3.2.0", "paths": {} });
    document.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let (mut document, records) = downconverted(document);
    let root = document.as_object_mut().unwrap();
    assert_eq!(root.remove("openapi"), Some("3.0.3".into()));
    root.retain(|key, value| key != "paths" || *value != json!({}));
    (document, records)
}

#[track_caller]
fn recorded(from: Value, to: Value, records: &[(&'static str, &str)]) {
    let prefix = |pass: &str| format!("downconvert/{pass}");
    let (document, found) = converted(from);
    let found: Vec<_> = found.iter().map(|(pass, at)| ((*pass).to_owned(), at.as_str())).collect();
    let records: Vec<_> = records.iter().map(|(pass, at)| (prefix(pass), *at)).collect();
    assert_eq!((document, found), (to, records));
}

#[test]
fn what_stands_beside_paths_is_left_out() {
    recorded(
        json!({
            "$self": "https://example.com/a",
            "webhooks": { "w": { "query": {} } },
            "jsonSchemaDialect": "https://example.com/dialect",
        }),
        json!({}),
        &[("dialect", "/jsonSchemaDialect"), ("self", "/$self"), ("webhooks", "/webhooks")],
    );
    recorded(
        json!({ "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base" }),
        json!({}),
        &[],
    );
}

#[test]
fn the_summary_moves_to_the_description() {
    recorded(
        json!({ "info": {
            "summary": "S", "description": "D", "license": { "name": "L", "identifier": "MIT" },
        } }),
        json!({ "info": { "description": "S\n\nD", "license": { "name": "L" } } }),
        &[("info", "/info/license/identifier"), ("info", "/info/summary")],
    );
    recorded(
        json!({ "info": { "summary": "S" } }),
        json!({ "info": { "description": "S" } }),
        &[("info", "/info/summary")],
    );
}

#[test]
fn tags_and_servers_lose_what_is_new() {
    recorded(
        json!({
            "tags": [{ "name": "a", "summary": "s", "parent": "b", "kind": "nav" }],
            "servers": [{ "url": "/", "name": "n" }],
        }),
        json!({ "tags": [{ "name": "a" }], "servers": [{ "url": "/" }] }),
        &[
            ("servers", "/servers/0/name"),
            ("tags", "/tags/0/kind"),
            ("tags", "/tags/0/parent"),
            ("tags", "/tags/0/summary"),
        ],
    );
}

#[test]
fn mutual_tls_leaves_the_requirements_too() {
    recorded(
        json!({
            "components": { "securitySchemes": {
                "m": { "type": "mutualTLS" },
                "alias": { "$ref": "#/components/securitySchemes/m" },
                "key": { "type": "apiKey", "in": "header", "name": "k", "deprecated": true },
            } },
            "security": [{ "m": [] }, { "alias": [], "key": [] }, { "key": ["role"] }, {}],
        }),
        json!({
            "components": { "securitySchemes": {
                "key": { "type": "apiKey", "in": "header", "name": "k" },
            } },
            "security": [{ "key": [] }, { "key": [] }, {}],
        }),
        &[
            ("security", "/security/0/m"),
            ("security", "/security/1/alias"),
            ("security", "/security/2/key"),
            ("security-schemes", "/components/securitySchemes/alias"),
            ("security-schemes", "/components/securitySchemes/key/deprecated"),
            ("security-schemes", "/components/securitySchemes/m"),
        ],
    );
}

#[test]
fn a_scheme_may_be_named_by_reference() {
    let schemes = json!({ "securitySchemes": { "a": { "type": "oauth2", "flows": {} } } });
    recorded(
        json!({ "components": schemes, "security": [{ "#/components/securitySchemes/a": ["s"] }] }),
        json!({ "components": schemes, "security": [{ "a": ["s"] }] }),
        &[],
    );
}

#[test]
fn the_device_flow_is_left_out() {
    let at = "/components/securitySchemes/a";
    recorded(
        json!({ "components": { "securitySchemes": { "a": {
            "type": "oauth2", "oauth2MetadataUrl": "u",
            "flows": { "deviceAuthorization": {}, "implicit": { "scopes": {} } },
        } } } }),
        json!({ "components": { "securitySchemes": { "a": {
            "type": "oauth2", "flows": { "implicit": { "scopes": {} } },
        } } } }),
        &[
            ("security-schemes", &format!("{at}/flows/deviceAuthorization")),
            ("security-schemes", &format!("{at}/oauth2MetadataUrl")),
        ],
    );
}

#[test]
fn example_objects_have_one_value() {
    recorded(
        json!({ "components": { "examples": {
            "a": { "dataValue": 1 },
            "b": { "dataValue": 1, "serializedValue": "1" },
            "c": { "serializedValue": "1" },
            "d": { "value": 2, "dataValue": 1 },
        } } }),
        json!({ "components": { "examples": {
            "a": { "value": 1 }, "b": { "value": 1 }, "c": { "value": "1" }, "d": { "value": 2 },
        } } }),
        &[
            ("examples", "/components/examples/b/serializedValue"),
            ("examples", "/components/examples/c/serializedValue"),
            ("examples", "/components/examples/d/dataValue"),
        ],
    );
}

#[test]
fn references_have_no_siblings() {
    recorded(
        json!({ "components": {
            "responses": {
                "a": { "$ref": "#/components/responses/b", "summary": "s", "description": "d" },
                "b": { "description": "" },
            },
            "links": { "l": { "operationId": "o", "server": { "url": "/", "name": "n" } } },
        } }),
        json!({ "components": {
            "responses": {
                "a": { "$ref": "#/components/responses/b" },
                "b": { "description": "" },
            },
            "links": { "l": { "operationId": "o", "server": { "url": "/" } } },
        } }),
        &[
            ("references", "/components/responses/a/description"),
            ("references", "/components/responses/a/summary"),
            ("servers", "/components/links/l/server/name"),
        ],
    );
}

#[test]
fn unused_components_without_a_place_are_recorded() {
    recorded(
        json!({ "components": {
            "pathItems": { "p": {} },
            "mediaTypes": { "m": {} },
            "parameters": { "q": { "in": "querystring" } },
        } }),
        json!({ "components": { "parameters": {} } }),
        &[
            ("media-types", "/components/mediaTypes/m"),
            ("path-items", "/components/pathItems/p"),
            ("query-string", "/components/parameters/q"),
        ],
    );
}
