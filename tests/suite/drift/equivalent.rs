//! Rewritings that say the same in other words: no change.

use serde_json::{Value, json};

use super::{compared, kinds, with_schema};

/// Two schemas that say the same, as request and response and both ways.
#[track_caller]
fn assert_same(versions: [&str; 2], old: Value, new: Value) {
    let (old, new) = (with_schema(versions[0], &old, &old), with_schema(versions[1], &new, &new));
    for (a, b) in [(&old, &new), (&new, &old)] {
        let comparison = compared(a, b);
        let mut kinds = kinds(&comparison);
        // That the version changed is said, and nothing else.
        kinds.retain(|kind| versions[0] == versions[1] || *kind != "openapi-version-changed");
        assert_eq!(kinds, [""; 0], "{:#?}", comparison.changes);
    }
}

fn a() -> Value {
    json!({"$ref": "#/components/schemas/A"})
}

fn inline_a() -> Value {
    json!({"type": "object", "properties": {"a": {"type": "string"}}})
}

#[test]
fn a_reference_is_what_it_leads_to() {
    for version in ["3.0.3", "3.1.0"] {
        assert_same([version; 2], a(), inline_a());
        assert_same([version; 2], json!({"allOf": [a()]}), a());
        assert_same([version; 2], json!({"oneOf": [a()]}), inline_a());
        assert_same(
            [version; 2],
            json!({"type": "array", "items": a()}),
            json!({"items": {"anyOf": [inline_a()]}, "type": "array"}),
        );
        assert_same(
            [version; 2],
            json!({"description": "d", "allOf": [a()]}),
            json!({"description": "d", "type": "object", "properties": {"a": {"type": "string"}}}),
        );
        assert_same(
            [version; 2],
            json!({"type": "object", "allOf": [a()]}),
            json!({"$ref": "#/components/schemas/A"}),
        );
    }
}

#[test]
fn null_is_written_in_many_ways() {
    let nullable = json!({"type": "string", "nullable": true});
    let list = json!({"type": ["string", "null"]});
    assert_same(["3.0.3", "3.1.0"], nullable.clone(), list.clone());
    assert_same(["3.1.0"; 2], list, json!({"anyOf": [{"type": "string"}, {"type": "null"}]}));
    assert_same(
        ["3.0.3", "3.1.0"],
        json!({"nullable": true, "allOf": [a()]}),
        json!({"oneOf": [{"type": "null"}, a()]}),
    );
    assert_same(
        ["3.0.3", "3.1.0"],
        json!({"type": "string", "nullable": true, "enum": ["a", null]}),
        json!({"type": ["null", "string"], "enum": [null, "a"]}),
    );
}

#[test]
fn limits_examples_and_constants_are_written_anew_in_3_1() {
    assert_same(
        ["3.0.3", "3.1.0"],
        json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}),
        json!({"type": "integer", "exclusiveMinimum": 1}),
    );
    assert_same(
        ["3.0.3", "3.1.0"],
        json!({"type": "integer", "maximum": 9, "exclusiveMaximum": false, "example": 1}),
        json!({"type": ["integer"], "maximum": 9.0, "examples": [1]}),
    );
    assert_same(
        ["3.0.3", "3.2.0"],
        json!({"type": "string", "enum": ["a"]}),
        json!({"type": "string", "const": "a"}),
    );
}

#[test]
fn what_holds_anyway_need_not_be_said() {
    for version in ["3.0.3", "3.1.0"] {
        assert_same(
            [version; 2],
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
            json!({
                "type": "object", "required": [], "additionalProperties": true, "minProperties": 0,
                "properties": {"a": {
                    "type": "string", "nullable": false, "readOnly": false, "minLength": 0,
                    "deprecated": false, "uniqueItems": false,
                }},
            }),
        );
        assert_same([version; 2], json!({"type": "array"}), json!({"type": "array", "items": {}}));
    }
}

#[test]
fn order_does_not_count() {
    assert_same(
        ["3.1.0"; 2],
        json!({
            "type": "object", "required": ["a", "b"],
            "properties": {"a": {"enum": ["x", "y"]}, "b": {"oneOf": [a(), {"type": "string"}]}},
        }),
        json!({
            "required": ["b", "a"], "type": "object",
            "properties": {"b": {"oneOf": [{"type": "string"}, a()]}, "a": {"enum": ["y", "x"]}},
        }),
    );
}

/// A document of one parameter, body, response and header.
fn whole() -> Value {
    json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "security": [{"k": []}],
        "paths": {"/t": {"post": {
            "operationId": "t",
            "parameters": [
                {"name": "p", "in": "query", "schema": {"type": "string"}},
                {"name": "X-H", "in": "header", "schema": {"type": "string"}},
            ],
            "requestBody": {"content": {"application/json": {"schema": {"type": "string"}}}},
            "responses": {"200": {
                "description": "", "headers": {"X-A": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"type": "string"}}},
            }},
        }}},
        "components": {"securitySchemes": {"k": {"type": "http", "scheme": "bearer"}}},
    })
}

#[track_caller]
fn assert_same_documents(old: &Value, new: &Value) {
    for (a, b) in [(old, new), (new, old)] {
        assert_eq!(compared(a, b).changes, []);
    }
}

#[test]
fn parts_may_be_moved_to_the_components() {
    let mut extracted = whole();
    let operation = extracted["paths"]["/t"]["post"].take();
    extracted["components"]["parameters"] =
        json!({"P": operation["parameters"][0], "H": operation["parameters"][1]});
    extracted["components"]["requestBodies"] = json!({"B": operation["requestBody"]});
    extracted["components"]["responses"] = json!({"R": operation["responses"]["200"]});
    let header = extracted["components"]["responses"]["R"]["headers"]["X-A"].take();
    extracted["components"]["responses"]["R"]["headers"]["X-A"] =
        json!({"$ref": "#/components/headers/A"});
    extracted["components"]["headers"] = json!({"A": header});
    extracted["paths"]["/t"]["post"] = json!({
        "operationId": "t",
        "parameters": [{"$ref": "#/components/parameters/P"}, {"$ref": "#/components/parameters/H"}],
        "requestBody": {"$ref": "#/components/requestBodies/B"},
        "responses": {"200": {"$ref": "#/components/responses/R"}},
    });
    assert_same_documents(&whole(), &extracted);
}

#[test]
fn parts_may_be_said_once_for_all() {
    let mut spread = whole();
    // Parameters at the path, servers and security at the operation.
    let operation = &mut spread["paths"]["/t"]["post"];
    let parameters = operation["parameters"].take();
    operation.as_object_mut().unwrap().remove("parameters");
    operation["security"] = json!([{"k": []}]);
    operation["servers"] = json!([{"url": "https://a.example/"}]);
    operation["parameters"] =
        json!([{"name": "x-h", "in": "header", "schema": {"type": "string"}}]);
    spread["paths"]["/t"]["parameters"] = parameters;
    assert_same_documents(&whole(), &spread);
}

#[test]
fn a_recursive_schema_is_itself() {
    let tree = |name: &str| {
        let mut document = with_schema(
            "3.1.0",
            &json!({"$ref": format!("#/components/schemas/{name}")}),
            &json!({}),
        );
        document["components"]["schemas"][name] = json!({
            "type": "object",
            "properties": {"next": {"$ref": format!("#/components/schemas/{name}")}},
        });
        document
    };
    assert_same_documents(&tree("T"), &tree("T"));
    let renamed = compared(&tree("T"), &tree("Tree"));
    assert_eq!(kinds(&renamed), ["schema-renamed"]);
}
