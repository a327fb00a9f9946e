//! Paths and what is in them.

use serde_json::{Value, json};

use super::{downconverted, rejected};

/// A 3.2 document with one path, `/a`, and these components.
fn document(item: Value, components: Value) -> Value {
    json!({ "openapi": "3.2.0", "paths": { "/a": item }, "components": components })
}

/// The path item `/a` converted, and the records.
#[track_caller]
fn converted(item: Value, components: Value) -> (Value, Vec<String>) {
    let (document, records) = downconverted(document(item, components));
    let records = records.iter();
    let records = records
        .map(|(pass, at)| format!("{} {at}", pass.trim_start_matches("downconvert/")))
        .collect();
    (document["paths"]["/a"].clone(), records)
}

/// A response that says nothing, in 3.0.
fn ok() -> Value {
    json!({ "200": { "description": "" } })
}

/// The parameters of GET `/a` converted, and the records.
#[track_caller]
fn parameters(parameters: Value, components: Value) -> (Value, Vec<String>) {
    let get = json!({ "parameters": parameters, "responses": ok() });
    let (item, records) = converted(json!({ "get": get }), components);
    (item["get"]["parameters"].clone(), records)
}

/// The media type of the response to GET `/a`, called `name`, and the records.
#[track_caller]
fn media_type(name: &str, value: Value, components: Value) -> (Value, Vec<String>) {
    let response = json!({ "description": "", "content": { name: value } });
    let get = json!({ "responses": { "200": response } });
    let (item, records) = converted(json!({ "get": get }), components);
    (item["get"]["responses"]["200"]["content"][name].clone(), records)
}

const CONTENT: &str = "/paths/~1a/get/responses/200/content";

#[test]
fn an_operation_has_responses_with_descriptions() {
    let default = json!({ "responses": { "default": { "description": "" } } });
    let (item, records) = converted(
        json!({
            "get": {},
            "put": { "responses": {} },
            "post": { "responses": { "200": { "summary": "s" }, "x-a": { "summary": "s" } } },
        }),
        json!({}),
    );
    assert_eq!(
        item,
        json!({
            "get": default,
            "put": default,
            "post": { "responses": { "200": { "description": "s" }, "x-a": { "summary": "s" } } },
        })
    );
    assert_eq!(
        records,
        [
            "responses /paths/~1a/get/responses",
            "responses /paths/~1a/post/responses/200/summary",
            "responses /paths/~1a/put/responses",
        ]
    );
}

#[test]
fn a_response_without_a_description_gets_an_empty_one() {
    let (item, records) = converted(json!({ "get": { "responses": { "200": {} } } }), json!({}));
    assert_eq!((item, records.len()), (json!({ "get": { "responses": ok() } }), 0));
}

#[test]
fn additional_operations_of_known_methods_move_into_place() {
    let operation = json!({ "operationId": "o", "responses": ok() });
    let item = json!({ "additionalOperations": { "GET": operation, "Patch": operation } });
    let expected = json!({ "get": operation, "patch": operation });
    assert_eq!(converted(item, json!({})), (expected, vec![]));
}

#[test]
fn unknown_methods_are_rejected() {
    let problems = rejected(document(
        json!({
            "get": {},
            "query": { "operationId": "search" },
            "additionalOperations": { "COPY": {}, "GET": {} },
        }),
        json!({}),
    ));
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "/paths/~1a/additionalOperations/COPY: operation COPY /a: the method `COPY` cannot be \
             expressed; remove the operation with an overlay",
            "/paths/~1a/additionalOperations/GET: operation GET /a: the method `GET` is described \
             twice; remove the operation with an overlay",
            "/paths/~1a/query: operation search: the method `query` cannot be expressed; remove \
             the operation with an overlay",
        ]
    );
}

#[test]
fn unknown_methods_of_callbacks_are_left_out() {
    let callbacks = json!({ "c": { "{$request.body#/url}": { "query": {}, "post": {} } } });
    let item = json!({ "get": { "callbacks": callbacks, "responses": ok() } });
    let (item, records) = converted(item, json!({}));
    let response = json!({ "default": { "description": "" } });
    let expected =
        json!({ "c": { "{$request.body#/url}": { "post": { "responses": response } } } });
    assert_eq!(item["get"]["callbacks"], expected);
    let at = "/paths/~1a/get/callbacks/c/{$request.body#~1url}";
    assert_eq!(records, [format!("methods {at}/query"), format!("responses {at}/post/responses")]);
}

#[test]
fn path_items_are_inlined() {
    let get = json!({ "operationId": "g", "responses": ok() });
    let (item, records) = converted(
        json!({ "$ref": "#/components/pathItems/P", "summary": "mine", "x-a": 1 }),
        json!({ "pathItems": {
            "P": { "$ref": "#/components/pathItems/Q" },
            "Q": { "get": get, "summary": "theirs" },
        } }),
    );
    assert_eq!(item, json!({ "get": get, "summary": "mine", "x-a": 1 }));
    assert_eq!(records, ["path-items /paths/~1a/summary"]);
}

#[test]
fn an_inlined_operation_is_named_after_the_path_it_is_used_for() {
    let problems = rejected(document(
        json!({ "$ref": "#/components/pathItems/P" }),
        json!({ "pathItems": { "P": { "query": {} } } }),
    ));
    assert_eq!(problems[0].pointer, "/components/pathItems/P/query");
    assert_eq!(problems[0].operation.as_deref(), Some("QUERY /a"));
}

#[test]
fn path_items_that_contain_themselves_are_rejected() {
    let circle = json!({ "pathItems": {
        "P": { "post": {
            "callbacks": { "c": { "u": { "$ref": "#/components/pathItems/P" } } },
            "responses": ok(),
        } },
    } });
    let problems = rejected(document(json!({ "$ref": "#/components/pathItems/P" }), circle));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].message, "/components/pathItems/P contains itself");
    assert_eq!(problems[0].pointer, "/components/pathItems/P/post/callbacks/c/u/$ref");
}

#[test]
fn inlining_is_bounded() {
    let large: Vec<_> = (0..60_000).collect();
    let reference = json!({ "$ref": "#/components/pathItems/P" });
    let paths: serde_json::Map<_, _> =
        (0..20).map(|n| (format!("/{n}"), reference.clone())).collect();
    let problems = rejected(json!({
        "openapi": "3.1.0",
        "paths": paths,
        "components": { "pathItems": { "P": { "x-large": large } } },
    }));
    assert!(problems[0].message.contains("too large"), "{problems:?}");
}

#[test]
fn cookies_and_reserved_characters() {
    let (list, records) = parameters(
        json!([
            { "name": "c", "in": "cookie", "style": "cookie", "schema": { "const": "a" } },
            { "name": "h", "in": "header", "allowReserved": true, "schema": {} },
            { "name": "q", "in": "query", "allowReserved": true, "content": {
                "application/json": { "schema": { "type": ["string", "null"] } },
            } },
        ]),
        json!({}),
    );
    assert_eq!(
        list,
        json!([
            { "name": "c", "in": "cookie", "schema": { "enum": ["a"] } },
            { "name": "h", "in": "header", "schema": {} },
            { "name": "q", "in": "query", "allowReserved": true, "content": {
                "application/json": { "schema": { "type": "string", "nullable": true } },
            } },
        ])
    );
    assert_eq!(
        records,
        [
            "parameters /paths/~1a/get/parameters/0/style",
            "parameters /paths/~1a/get/parameters/1/allowReserved",
        ]
    );
}

#[test]
fn a_query_string_is_one_parameter_for_each_property() {
    let form = "application/x-www-form-urlencoded";
    let (list, records) = parameters(
        json!([
            { "$ref": "#/components/parameters/Alias" },
            { "name": "h", "in": "header", "schema": { "$ref": "#/components/schemas/T" } },
        ]),
        json!({
            "parameters": {
                "Alias": { "$ref": "#/components/parameters/Q" },
                "Q": { "name": "q", "in": "querystring", "required": true, "content": { form: {
                    "schema": { "$ref": "#/components/schemas/Q" },
                    "encoding": { "l": { "explode": false }, "j": { "contentType": "text/csv" } },
                } } },
            },
            "schemas": {
                "T": { "type": "string" },
                "Q": {
                    "type": "object",
                    "required": ["t"],
                    "properties": {
                        "j": { "type": "string" },
                        "l": { "type": "array", "items": { "type": ["integer", "null"] } },
                        "t": { "$ref": "#/components/schemas/T" },
                        "u": { "const": 1, "description": "d", "deprecated": true },
                    },
                    "additionalProperties": false,
                },
            },
        }),
    );
    assert_eq!(
        list,
        json!([
            { "name": "j", "in": "query", "required": false, "content": {
                "text/csv": { "schema": { "type": "string" } },
            } },
            { "name": "l", "in": "query", "required": false, "explode": false, "schema": {
                "type": "array", "items": { "type": "integer", "nullable": true },
            } },
            { "name": "t", "in": "query", "required": true, "schema": {
                "$ref": "#/components/schemas/T",
            } },
            { "name": "u", "in": "query", "required": false, "description": "d",
                "deprecated": true,
                "schema": { "enum": [1], "description": "d", "deprecated": true } },
            { "name": "h", "in": "header", "schema": { "$ref": "#/components/schemas/T" } },
        ])
    );
    assert_eq!(records, ["query-string /paths/~1a/get/parameters/0"]);
}

#[test]
fn a_query_string_that_may_be_missing_requires_nothing() {
    let (list, records) = parameters(
        json!([{ "name": "q", "in": "querystring", "content": {
            "application/x-www-form-urlencoded": { "schema": {
                "type": "object",
                "properties": { "a": { "type": "string" } },
                "required": ["a"],
                "additionalProperties": { "type": "string" },
                "minProperties": 1,
            } },
        } }]),
        json!({}),
    );
    let schema = json!({ "type": "string" });
    let expected = json!([{ "name": "a", "in": "query", "required": false, "schema": schema }]);
    assert_eq!(list, expected);
    assert_eq!(records, ["query-string /paths/~1a/get/parameters/0"; 4]);
}

#[test]
fn other_query_strings_are_rejected() {
    let form = "application/x-www-form-urlencoded";
    for (content, fault) in [
        (json!({}), "not exactly one media type"),
        (json!({ "application/json": {} }), "is not application/x-www-form-urlencoded"),
        (json!({ form: {} }), "no schema"),
        (json!({ form: { "schema": { "type": "string" } } }), "not an object with properties"),
        (
            json!({ form: { "schema": { "properties": {}, "allOf": [] } } }),
            "says more than which properties there are",
        ),
        (
            json!({ form: { "schema": { "properties": { "a": { "type": "object" } } } } }),
            "neither a scalar nor an array of scalars",
        ),
    ] {
        let parameter = json!({ "name": "q", "in": "querystring", "content": content });
        let item = json!({ "get": { "parameters": [parameter] } });
        let problems = rejected(document(item, json!({})));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].pointer, "/paths/~1a/get/parameters/0");
        assert_eq!(problems[0].operation.as_deref(), Some("GET /a"));
        assert!(problems[0].message.contains(fault), "{}", problems[0]);
    }
}

#[test]
fn binary_content_has_a_schema() {
    let binary = json!({ "schema": { "type": "string", "format": "binary" } });
    for value in [
        json!({}),
        json!({ "schema": {} }),
        json!({ "schema": true }),
        json!({ "schema": { "contentMediaType": "application/octet-stream" } }),
    ] {
        assert_eq!(media_type("image/png", value, json!({})), (binary.clone(), vec![]));
    }
    assert_eq!(media_type("application/json", json!({}), json!({})), (json!({}), vec![]));
    let described = json!({ "schema": { "type": "string" } });
    assert_eq!(media_type("image/png", described.clone(), json!({})), (described, vec![]));
}

#[test]
fn parts_of_which_nothing_is_said_are_binary() {
    let (value, records) = media_type(
        "multipart/form-data",
        json!({
            "schema": { "properties": {
                "image": {}, "files": { "type": "array" }, "text": {}, "other": { "const": 1 },
            } },
            "encoding": {
                "image": { "contentType": "image/png" },
                "text": { "contentType": "text/plain" },
            },
        }),
        json!({}),
    );
    let binary = json!({ "type": "string", "format": "binary" });
    assert_eq!(
        value["schema"]["properties"],
        json!({
            "image": binary, "files": { "type": "array", "items": binary },
            "text": {}, "other": { "enum": [1] },
        })
    );
    assert_eq!(records, [""; 0]);
}

#[test]
fn media_types_are_inlined() {
    let (value, records) = media_type(
        "application/json",
        json!({ "$ref": "#/components/mediaTypes/M", "description": "d" }),
        json!({ "mediaTypes": {
            "M": { "$ref": "#/components/mediaTypes/N" },
            "N": { "schema": { "const": 1 } },
        } }),
    );
    assert_eq!(value, json!({ "schema": { "enum": [1] } }));
    assert_eq!(records, [format!("references {CONTENT}/application~1json/description")]);
}

#[test]
fn sequential_media_are_raw() {
    let (value, records) = media_type(
        "text/event-stream",
        json!({
            "schema": { "type": "array", "items": {} },
            "itemSchema": { "const": 1 },
            "itemEncoding": {},
            "prefixEncoding": [],
            "examples": { "e": { "dataValue": 1 } },
        }),
        json!({}),
    );
    assert_eq!(value, json!({ "examples": { "e": { "value": 1 } } }));
    let keys = ["itemEncoding", "itemSchema", "prefixEncoding", "schema"];
    let at = |key| format!("sequential-media {CONTENT}/text~1event-stream/{key}");
    assert_eq!(records, keys.map(at));
}

#[test]
fn encodings_are_flat() {
    let header = json!({ "schema": { "type": ["string", "null"] } });
    let (value, records) = media_type(
        "multipart/form-data",
        json!({ "encoding": { "p": {
            "contentType": "text/plain",
            "style": "form",
            "encoding": {},
            "headers": { "x-h": header },
        } } }),
        json!({}),
    );
    let header = json!({ "schema": { "type": "string", "nullable": true } });
    let encoding = json!({ "contentType": "text/plain", "headers": { "x-h": header } });
    assert_eq!(value, json!({ "encoding": { "p": encoding } }));
    let at = format!("{CONTENT}/multipart~1form-data/encoding/p");
    assert_eq!(records, [format!("encoding {at}/encoding"), format!("encoding {at}/style")]);
}

#[test]
fn headers_bodies_and_servers_are_converted_everywhere() {
    let old = json!({ "type": "string", "nullable": true });
    let new = json!({ "type": ["string", "null"] });
    let (item, records) = converted(
        json!({
            "servers": [{ "url": "/", "name": "n" }],
            "post": {
                "requestBody": { "content": { "text/plain": { "schema": new } } },
                "responses": { "200": {
                    "description": "",
                    "headers": { "x-h": { "schema": new, "allowReserved": true } },
                    "links": { "l": { "$ref": "#/components/links/l", "summary": "s" } },
                } },
                "servers": [{ "url": "/", "name": "n" }],
            },
        }),
        json!({ "links": { "l": {} } }),
    );
    assert_eq!(
        item,
        json!({
            "servers": [{ "url": "/" }],
            "post": {
                "requestBody": { "content": { "text/plain": { "schema": old } } },
                "responses": { "200": {
                    "description": "",
                    "headers": { "x-h": { "schema": old } },
                    "links": { "l": { "$ref": "#/components/links/l" } },
                } },
                "servers": [{ "url": "/" }],
            },
        })
    );
    assert_eq!(
        records,
        [
            "parameters /paths/~1a/post/responses/200/headers/x-h/allowReserved",
            "references /paths/~1a/post/responses/200/links/l/summary",
            "servers /paths/~1a/post/servers/0/name",
            "servers /paths/~1a/servers/0/name",
        ]
    );
}
