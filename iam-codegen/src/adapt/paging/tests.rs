use serde_json::json;

use super::*;
use crate::adapt::adapt;

const TOKEN: &str = r#"{"token_parameter": "start", "token_from": "/next/at", "token_kind": "token",
    "items": "list", "size_parameter": "limit", "size_maximum": 100}"#;
const OFFSET: &str = r#"{"offset_parameter": "offset", "limit_parameter": "limit",
    "total": "total", "items": "list"}"#;

/// A list operation with `paging`.
fn adapted(paging: Value) -> Result<Option<Paging>, Vec<Problem>> {
    let query = |name: &str, type_: Value| json!({"name": name, "in": "query", "schema": type_});
    let mut needed = query("needed", json!({"type": "string"}));
    needed["required"] = json!(true);
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/things": {"get": {
            "operationId": "listThings",
            "x-paging": paging,
            "parameters": [
                query("start", json!({"type": "string"})),
                query("offset", json!({"type": "integer"})),
                query("limit", json!({"type": "string"})),
                query("each", json!({"type": "array", "items": {"type": "string"}})),
                needed,
            ],
            "responses": {"200": {"description": "", "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Page"},
            }}}},
        }}},
        "components": {"schemas": {"Page": {
            "type": "object",
            "required": ["next", "total", "list"],
            "properties": {
                "next": {"type": "object", "properties": {"at": {"type": "string"}, "n": {"type": "integer"}}},
                "url": {"type": "string"},
                "total": {"type": "integer"},
                "list": {"type": "array", "items": {"type": "boolean"}},
                "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            },
        }}},
    });
    adapt("t.json", document, &mut Adaptations::new())
        .map(|mut api| api.operations.remove(0).paging)
        .map_err(|error| error.problems().to_vec())
}

fn step(name: &str, optional: bool) -> Step {
    Step { name: name.to_owned(), optional }
}

#[test]
fn names_are_resolved_to_those_of_rust() {
    let expected = Paging {
        start: "start".to_owned(),
        size: "limit".to_owned(),
        size_maximum: Some(100),
        page: Type::Named("Page".to_owned()),
        items: step("list", false),
        item: Type::Boolean,
        // Of a page, only the items are required.
        next: Next::Token(vec![step("next", true), step("at", true)]),
    };
    let token: Value = serde_json::from_str(TOKEN).unwrap();
    assert_eq!(adapted(token), Ok(Some(expected.clone())));

    let url = json!({
        "token_parameter": "offset", "token_from": "/url", "token_kind": "url-query",
        "url_query_name": "o", "items": "list", "size_parameter": "limit",
    });
    let next = Next::Url { from: vec![step("url", true)], query: "o".to_owned() };
    let start = "offset".to_owned();
    let url_paging = Paging { start: start.clone(), size_maximum: None, next, ..expected.clone() };
    assert_eq!(adapted(url), Ok(Some(url_paging)));

    let next = Next::Offset { total: step("total", true) };
    let offset = Paging { start, size_maximum: None, next, ..expected };
    assert_eq!(adapted(serde_json::from_str(OFFSET).unwrap()), Ok(Some(offset)));
}

/// That `paging` with `key` set to `value`, or without it, is refused.
#[track_caller]
fn refused(paging: &str, key: &str, value: Option<Value>, at: &str, message: &str) {
    let mut paging: Value = serde_json::from_str(paging).unwrap();
    let map = paging.as_object_mut().unwrap();
    match value {
        Some(value) => map.insert(key.to_owned(), value),
        None => map.remove(key),
    };
    let problems = adapted(paging).unwrap_err();
    let problem = Problem::new(format!("/paths/~1things/get/x-paging{at}"), message);
    let problem = problem.operation("listThings").remedy("correct `x-paging` with an overlay");
    assert_eq!(problems, [problem]);
}

#[test]
fn what_it_names_must_be_there_and_of_a_type_that_fits() {
    for (key, value, message) in [
        ("token_parameter", "limits", "the operation has no query parameter `limits`"),
        ("token_parameter", "each", "the parameter `each` is neither text nor a whole number"),
        (
            "token_parameter",
            "needed",
            "the parameter `needed` is required: the first page has none",
        ),
        ("size_parameter", "each", "the parameter `each` is neither text nor a whole number"),
        ("token_from", "next", "`next` is no JSON pointer below the page"),
        ("token_from", "/next", "what stands at `/next` is no text"),
        ("token_from", "/next/n", "what stands at `/next/n` is no text"),
        ("token_from", "/next/at/x", "the page has no field `x` there"),
        ("token_from", "/list/0", "the page has no field `0` there"),
        ("token_from", "/either/x", "the page has no field `x` there"),
        ("token_kind", "url", "`url` is neither `token` nor `url-query`"),
        ("url_query_name", "at", "only a URL has a query"),
        ("items", "url", "the field `url` is no list"),
        ("items", "", "it is not a name"),
    ] {
        refused(TOKEN, key, Some(json!(value)), &format!("/{key}"), message);
    }
    for (key, value, message) in [
        ("offset_parameter", "start", "the parameter `start` is no whole number"),
        ("limit_parameter", "size", "the operation has no query parameter `size`"),
        ("total", "url", "the field `url` is no whole number"),
        ("total", "count", "the page has no field `count` there"),
    ] {
        refused(OFFSET, key, Some(json!(value)), &format!("/{key}"), message);
    }
}

#[test]
fn each_key_is_known_and_each_that_is_needed_is_there() {
    for key in ["token_parameter", "token_from", "token_kind", "items", "size_parameter"] {
        refused(TOKEN, key, None, "", &format!("it has no `{key}`"));
    }
    for key in ["limit_parameter", "total", "items"] {
        refused(OFFSET, key, None, "", &format!("it has no `{key}`"));
    }
    refused(TOKEN, "token_kind", Some(json!("url-query")), "", "it has no `url_query_name`");
    refused(TOKEN, "items", Some(json!(1)), "/items", "it is not a name");
    for value in [json!(0), json!("9"), json!(-1), json!(1.5)] {
        let message = "it is no whole number above 0";
        refused(TOKEN, "size_maximum", Some(value), "/size_maximum", message);
    }
    // The keys of one way are not those of the other.
    let keys = "`offset_parameter`, `limit_parameter`, `total`, `items`, `size_maximum`";
    let message = format!("`token_kind` is none of its keys: {keys}");
    refused(OFFSET, "token_kind", Some(json!("token")), "", &message);
}
