use serde_json::json;

use super::*;
use crate::{Document, Settings};

/// The areas of a small service: name and listing.
fn areas(document: serde_json::Value) -> Vec<(String, String)> {
    let document = Document::from_value("t.json", document).unwrap();
    let source = crate::run(document, &[], &Settings::new("Api")).unwrap().source;
    surface(&source).unwrap().into_iter().map(|area| (area.name, area.listing)).collect()
}

#[test]
fn an_area_lists_the_operations_of_a_collection() {
    let areas = areas(json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/v1/things/{id}": {
            "put": {
                "operationId": "put_thing", "tags": ["Things & More"], "deprecated": true,
                "security": [{"IAM": []}],
                "x-ibm-permissions": {"actions": [
                    {"name": "t.put", "x-inferred": true}, {"name": "t.own", "description": "it is yours", "x-inferred": true},
                ]},
                "x-ibm-events": {"events": [{"name": "t.changed"}]},
                "parameters": [
                    {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                    {"name": "If-Match", "in": "header", "required": true, "schema": {"type": "string"}},
                    {"name": "each", "in": "query", "deprecated": true,
                     "schema": {"type": "array", "items": {"type": "string"}}},
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                    "type": "object", "required": ["name"],
                    "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
                }}}},
                "responses": {
                    "200": {"description": "", "content": {"text/plain": {}}},
                    "204": {"description": ""},
                },
            },
            "get": {
                "operationId": "get_thing",
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
                "responses": {"204": {"description": ""}},
            },
        }},
    }));
    let names: Vec<_> = areas.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["operations/things", "types"]);
    assert_eq!(
        areas[0].1,
        "get_thing(id: i64)\n  -> ()\n  GET /v1/things/{id}\n  success [204]\n  idempotent\n  \
         id = path id\n\n\
         put_thing(id: impl Into<String>, if_match: impl Into<ETag>, name: impl Into<String>)\n  \
         -> Option<String>\n  PUT /v1/things/{id}\n  content-type application/json\n  accept text/plain\n  \
         success [200, 204]\n  idempotent\n  deprecated\n  needs t.put (inferred)\n  \
         needs t.own when it is yours (inferred)\n  causes t.changed\n  \
         id = path id\n  if_match = header If-Match\n  name = body\n  \
         .each(impl IntoIterator<Item = impl Into<String>>) = query each, deprecated\n  \
         .size(i64) = body\n\n\
         put_thing_with_body(id: impl Into<String>, if_match: impl Into<ETag>, \
         body: impl Into<types::PutThingRequest>)\n"
    );
}

#[test]
fn a_list_in_pages_is_listed_as_such() {
    let page = json!({"type": "object", "required": ["things"], "properties": {
        "things": {"type": "array", "items": {"type": "string"}}, "next": {"type": "string"},
    }});
    let areas = areas(json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/things": {"get": {
            "operationId": "things",
            "x-paging": {"token_parameter": "at", "token_from": "/next", "token_kind": "token",
                "items": "things", "size_parameter": "size"},
            "parameters": [
                {"name": "at", "in": "query", "schema": {"type": "string"}},
                {"name": "size", "in": "query", "schema": {"type": "integer"}},
            ],
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": page}}}},
        }}},
    }));
    assert_eq!(
        areas[0].1,
        "things()\n  -> types::ThingsResponse\n  GET /things\n  accept application/json\n  \
         success [200]\n  pages types::ThingsResponse, items String\n  idempotent\n  \
         .at(impl Into<String>) = query at\n  .size(i64) = query size\n"
    );
}

#[test]
fn the_types_are_listed_with_what_their_attributes_say() {
    let areas = areas(json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/t": {"get": {"operationId": "t", "responses": {"200": {
            "description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Z"}}},
        }}}}},
        "components": {"schemas": {
            "Z": {
                "type": "object", "required": ["list"], "deprecated": true,
                "properties": {
                    "list": {"type": "array", "items": {"$ref": "#/components/schemas/Kind"}},
                    "type": {"type": "string", "deprecated": true},
                    "either": {"$ref": "#/components/schemas/Either"},
                },
                "additionalProperties": {"type": "boolean"},
            },
            "Kind": {"type": "string", "enum": ["b", "a"]},
            "Either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        }},
    }));
    assert_eq!(
        areas[1].1,
        "union Either\n  Integer(i64)\n  Text(String)\n  Unknown(Value)\n\n\
         enum Kind\n  A = \"a\"\n  B = \"b\"\n\n\
         struct Z, deprecated\n  list: Vec<Kind>, null as empty\n  either: Option<Either>, optional\n  \
         type_: Option<String> = \"type\", optional, deprecated\n  \
         extra: BTreeMap<String, bool>, all further fields\n"
    );
}

#[test]
fn an_operation_may_be_called_as_the_method_for_a_whole_body() {
    let body = json!({"required": true, "content": {"application/json": {"schema": {
        "type": "object", "required": ["a"], "properties": {"a": {"type": "string"}},
    }}}});
    let responses = json!({"204": {"description": ""}});
    let areas = areas(json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {
            "/a": {"post": {"operationId": "make", "requestBody": body, "responses": responses}},
            "/a/b": {"post": {"operationId": "make_with_body", "responses": responses}},
        },
    }));
    let heads: Vec<_> =
        areas[0].1.split("\n\n").filter_map(|item| item.split('(').next()).collect();
    assert_eq!(heads, ["make", "make_with_body", "make_with_body2"]);
}

#[test]
fn a_source_of_another_kind_is_an_error() {
    let said = |source: &str| surface(source).unwrap_err().to_string();
    assert!(said("fn").starts_with("generated source: is not Rust: "));
    assert_eq!(said("mod operation {}"), "generated source: has no module `request`");
    let empty = "mod request {} mod operation {} mod types {}";
    assert_eq!(said(empty), "generated source: has no service struct");
}

#[test]
fn the_first_word_of_a_path_becomes_a_file_name() {
    for (path, collection) in [
        ("/v1/apikeys/{id}", "apikeys"),
        ("/v2/groups/_allgroups/members/{iam_id}", "groups"),
        ("/v1/account_settings_assignments/", "account-settings-assignments"),
        ("/v1/account_settings_assignments", "account-settings-assignments"),
        ("/identity/token#apikey", "identity"),
        ("/v1beta1/{account}/idps?beta=true", "idps"),
        ("/{tenant}/v2.1/Users('{id}')", "users"),
        ("/vms/{id}", "vms"),
        ("/v/{id}", "v"),
        ("/a..b", "a-b"),
        ("/Größe", "gr-e"),
        ("/{id}#v1/pets", "default"),
        ("/", "default"),
    ] {
        assert_eq!(operations::collection(path), collection, "{path}");
    }
}

#[test]
fn tags_change_no_area_and_no_listing() {
    let tagged = |tags: [&[&str]; 3]| {
        let [list, make, other] = tags;
        let operation = |id: &str, tags: &[&str]| {
            let responses = json!({"204": {"description": ""}});
            json!({"operationId": id, "tags": tags, "responses": responses})
        };
        areas(json!({
            "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
            "paths": {
                "/v1/a": {"get": operation("list_a", list), "post": operation("make_a", make)},
                "/v2/b": {"get": operation("list_b", other)},
            },
        }))
    };
    let before = tagged([&["A"], &["A"], &["B", "C"]]);
    let names: Vec<_> = before.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["operations/a", "operations/b", "types"]);
    assert_eq!(tagged([&["X"], &["Y"], &[]]), before);
}

#[test]
fn a_success_that_differs_by_status_lists_what_each_returns() {
    let json = |name: &str| {
        json!({"description": "", "content": {"application/json": {
            "schema": {"$ref": format!("#/components/schemas/{name}")},
        }}})
    };
    let areas = areas(json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/things": {"get": {
            "operationId": "get_things",
            "responses": {"200": json("A"), "202": json("B"), "204": {"description": ""}},
        }}},
        "components": {"schemas": {
            "A": {"type": "object", "properties": {"a": {"type": "string"}}},
            "B": {"type": "object", "properties": {"b": {"type": "string"}}},
        }},
    }));
    let listing = &areas[0].1;
    let expected = "get_things()\n  -> GetThingsSuccess\n     Status200(types::A)\n     \
                    Status202(types::B)\n     Status204\n     Other(Bytes)\n  GET /things\n";
    assert!(listing.starts_with(expected), "{listing}");
}
