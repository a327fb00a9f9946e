//! The verdict on the generated client, and the lines it stands on.

use iam_codegen::{
    Settings,
    compare::{Change, Comparison, Options, Rust, SurfaceLine, compare},
};
use serde_json::{Value, json};

use super::{document, kinds};

/// A service of one operation whose body is the component A and which returns B.
fn service() -> Value {
    let content = |name: &str| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}});
    json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "security": [{"k": []}],
        "paths": {"/t": {"post": {
            "operationId": "make_t", "tags": ["T"],
            "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
            "requestBody": {"required": true, "content": content("A")},
            "responses": {"200": {"description": "", "content": content("B")}},
        }}},
        "components": {
            "securitySchemes": {"k": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "A": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}},
                "B": {"type": "object", "required": ["id"], "properties": {
                    "id": {"type": "string"}, "count": {"type": "integer"},
                    "state": {"type": "string", "enum": ["on", "off"]},
                }},
            },
        },
    })
}

fn compared(change: impl FnOnce(&mut Value)) -> Comparison {
    let mut new = service();
    change(&mut new);
    let options = Options::with_surface(Settings::new("T"));
    let comparison =
        compare(&[document("old.json", &service())], &[document("new.json", &new)], &options);
    let comparison = comparison.unwrap();
    assert_eq!(comparison.not_generated, None);
    assert!(comparison.changes.iter().all(|change| !change.predicted));
    comparison
}

/// The only change, with its verdict.
#[track_caller]
fn one(kind: &str, rust: Rust, change: impl FnOnce(&mut Value)) -> Change {
    let comparison = compared(change);
    assert_eq!(kinds(&comparison), [kind], "{:#?}", comparison.changes);
    let change = comparison.changes.into_iter().next().unwrap();
    assert_eq!(change.rust, rust, "{change:#?}");
    change
}

fn texts(lines: &[SurfaceLine]) -> Vec<String> {
    let sign = |line: &SurfaceLine| if line.added { "+" } else { "-" };
    lines.iter().map(|line| format!("{} {}", sign(line), line.text.trim())).collect()
}

const A: &str = "/components/schemas/A";
const B: &str = "/components/schemas/B";

#[test]
fn a_new_optional_property_is_additive() {
    let change = one("optional-property-added", Rust::Additive, |new| {
        new.pointer_mut(B).unwrap()["properties"]["more"] = json!({"type": "boolean"});
    });
    assert_eq!(texts(&change.lines), ["+ more: Option<bool>, optional"]);
    assert_eq!((change.lines[0].area.as_str(), change.lines[0].item.as_str()), ("types", "B"));
}

#[test]
fn a_new_value_of_an_open_enum_is_additive() {
    let change = one("enum-value-added", Rust::Additive, |new| {
        let values = &mut new.pointer_mut(B).unwrap()["properties"]["state"]["enum"];
        values.as_array_mut().unwrap().push(json!("idle"));
    });
    assert_eq!(texts(&change.lines), ["+ Idle = \"idle\""]);
}

#[test]
fn a_property_that_becomes_required_in_a_response_loses_its_option() {
    let change = one("property-became-required", Rust::Breaking, |new| {
        new.pointer_mut(B).unwrap()["required"] = json!(["id", "count"]);
    });
    assert_eq!(texts(&change.lines), ["- count: Option<i64>, optional", "+ count: i64"]);
}

#[test]
fn a_required_property_of_a_request_changes_arguments() {
    let change = one("required-property-added", Rust::Breaking, |new| {
        let schema = new.pointer_mut(A).unwrap();
        schema["properties"]["kind"] = json!({"type": "string"});
        schema["required"] = json!(["name", "kind"]);
    });
    assert!(change.lines.iter().any(|line| line.item == "make_t" && !line.added), "{change:#?}");
}

#[test]
fn an_optional_parameter_is_a_setter() {
    let change = one("optional-parameter-added", Rust::Additive, |new| {
        let list = new["paths"]["/t"]["post"]["parameters"].as_array_mut().unwrap();
        list.push(json!({"name": "limit", "in": "query", "schema": {"type": "integer"}}));
    });
    assert_eq!(texts(&change.lines), ["+ .limit(i64) = query limit"]);
}

#[test]
fn a_format_may_be_another_type() {
    let change = one("format-added", Rust::Breaking, |new| {
        new.pointer_mut(B).unwrap()["properties"]["id"]["format"] = json!("date-time");
    });
    assert_eq!(texts(&change.lines), ["- id: String", "+ id: Timestamp"]);
}

#[test]
fn texts_and_limits_leave_the_surface_as_it_is() {
    let change = one("description-changed", Rust::None, |new| {
        new.pointer_mut(B).unwrap()["description"] = json!("Said anew.");
    });
    assert_eq!(change.lines, []);
    one("max-length-set", Rust::None, |new| {
        new.pointer_mut(A).unwrap()["properties"]["name"]["maxLength"] = json!(9);
    });
}

#[test]
fn deprecation_breaks_nobody() {
    let change = one("deprecated", Rust::Additive, |new| {
        new["paths"]["/t"]["post"]["deprecated"] = json!(true);
    });
    assert_eq!(texts(&change.lines), ["+ deprecated"]);
}

#[test]
fn operations_that_come_and_go_take_their_lines_along() {
    let added = |new: &mut Value| {
        new["paths"]["/u"] =
            json!({"get": {"operationId": "get_u", "responses": {"204": {"description": ""}}}});
    };
    let change = one("operation-added", Rust::Additive, added);
    assert!(change.lines.iter().all(|line| line.item == "get_u" && line.added));
    let change = one("operation-renamed", Rust::Breaking, |new| {
        new["paths"]["/t"]["post"]["operationId"] = json!("create_t");
    });
    assert!(change.lines.iter().any(|line| line.item == "make_t" && !line.added));
    assert!(change.lines.iter().any(|line| line.item == "create_t" && line.added));
}

#[test]
fn a_renamed_schema_is_a_renamed_type() {
    let change = one("schema-renamed", Rust::Breaking, |new| {
        let schemas = new["components"]["schemas"].as_object_mut().unwrap();
        let b = schemas.remove("B").unwrap();
        schemas.insert("Thing".into(), b);
        new["paths"]["/t"]["post"]["responses"]["200"]["content"]["application/json"]["schema"] =
            json!({"$ref": "#/components/schemas/Thing"});
    });
    assert!(texts(&change.lines).contains(&"+ -> types::Thing".to_owned()), "{change:#?}");
}

#[test]
fn a_surface_that_changes_without_a_change_is_told() {
    // What was a component stands inline: the same on the wire, another type.
    let comparison = compared(|new| {
        let b = new["components"]["schemas"].as_object_mut().unwrap().remove("B").unwrap();
        new["paths"]["/t"]["post"]["responses"]["200"]["content"]["application/json"]["schema"] = b;
    });
    assert!(
        comparison.changes.iter().all(|change| change.kind == "surface-changed"),
        "{comparison:#?}"
    );
    assert_eq!(comparison.rust(), Some(Rust::Breaking));
}

#[test]
fn what_cannot_be_generated_is_predicted_and_says_so() {
    let mut new = service();
    new["paths"]["/t"]["post"].as_object_mut().unwrap().remove("operationId");
    new.pointer_mut(B).unwrap()["properties"]["more"] = json!({"type": "boolean"});
    new["paths"]["/t"]["post"]["parameters"][0]["name"] = json!(7);
    let options = Options::with_surface(Settings::new("T"));
    let comparison =
        compare(&[document("old.json", &service())], &[document("new.json", &new)], &options);
    let comparison = comparison.unwrap();
    assert!(comparison.not_generated.is_some());
    assert!(comparison.changes.iter().all(|change| change.predicted));
    let added = comparison.changes.iter().find(|change| change.kind == "optional-property-added");
    assert_eq!(added.map(|change| change.rust), Some(Rust::Additive));
}
