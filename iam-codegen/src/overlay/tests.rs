use serde_json::json;

use super::*;

fn document() -> Document {
    let value = json!({"openapi": "3.0.0", "paths": {}, "components": {"schemas": {
        "ApiKey": {"required": ["id", "apikey", "name"], "properties": {"apikey": {"type": "string"}}},
        "Other": {"required": ["apikey"]},
    }}});
    Document::from_value("doc.json", value).unwrap()
}

fn overlay(actions: Value) -> Result<Overlay, Error> {
    let overlay =
        json!({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": actions});
    Overlay::parse("o.yaml", overlay.to_string().as_bytes())
}

fn applied(actions: Value) -> Value {
    let (document, _) = apply(document(), &[overlay(actions).unwrap()]).unwrap();
    document.value()["components"]["schemas"].clone()
}

fn failure(actions: Value) -> String {
    apply(document(), &[overlay(actions).unwrap()]).unwrap_err().to_string()
}

#[test]
fn an_update_merges_objects_appends_to_lists_and_replaces_scalars() {
    let schemas = applied(json!([
        {"target": "$.components.schemas.ApiKey", "description": "r",
         "update": {"required": ["iam_id"], "properties": {"apikey": {"format": "password"}}}},
        {"target": "$.components.schemas.Other.required", "description": "r", "update": "id"},
        {"target": "$.components.schemas.ApiKey.properties.apikey.type", "description": "r",
         "update": "integer"},
    ]));
    assert_eq!(schemas["ApiKey"]["required"], json!(["id", "apikey", "name", "iam_id"]));
    assert_eq!(
        schemas["ApiKey"]["properties"]["apikey"],
        json!({"type": "integer", "format": "password"})
    );
    assert_eq!(schemas["Other"]["required"], json!(["apikey", "id"]));
}

#[test]
fn a_removal_takes_every_match_scalars_in_lists_too() {
    let schemas = applied(json!([
        {"target": "$..required[?@ == 'apikey' || @ == 'id']", "description": "r", "remove": true},
    ]));
    assert_eq!(schemas["ApiKey"]["required"], json!(["name"]));
    assert_eq!(schemas["Other"]["required"], json!([]));
}

#[test]
fn a_copy_merges_its_source() {
    let schemas = applied(json!([
        {"target": "$.components.schemas.Other", "description": "r",
         "copy": "$.components.schemas.ApiKey"},
    ]));
    assert_eq!(schemas["Other"]["properties"], schemas["ApiKey"]["properties"]);
    assert_eq!(schemas["Other"]["required"], json!(["apikey", "id", "apikey", "name"]));
}

#[test]
fn the_report_names_every_place_and_the_reason() {
    let overlay = overlay(json!([
        {"target": "$..required", "description": "never sent", "update": "x"},
    ]));
    let (_, applied) = apply(document(), &[overlay.unwrap()]).unwrap();
    assert_eq!(applied[0].change, "update");
    assert_eq!(applied[0].reason, "never sent");
    assert_eq!(
        applied[0].places,
        ["/components/schemas/ApiKey/required", "/components/schemas/Other/required"]
    );
}

#[test]
fn an_action_without_a_match_is_an_error_that_names_it() {
    assert_eq!(
        failure(json!([{"target": "$.paths['/gone']", "description": "r", "remove": true}])),
        "o.yaml: /actions/0: the action matches nothing in doc.json: target $.paths['/gone']; \
         the document changed: correct the target, or remove the action"
    );
    let several = json!([{"target": "$.paths", "description": "r", "copy": "$..required"}]);
    assert!(failure(several).contains("the copy source matches 2 places"));
    let misfit = json!([{"target": "$.paths", "description": "r", "update": 1}]);
    assert!(failure(misfit).contains("the update does not fit what is at /paths"));
}

#[test]
fn a_document_broken_by_an_overlay_is_an_error() {
    let dangling = json!([{"target": "$.components.schemas.Other", "description": "r",
        "update": {"properties": {"a": {"$ref": "#/components/schemas/Gone"}}}}]);
    assert!(failure(dangling).contains("leads nowhere"));
}

#[test]
fn malformed_overlays_say_what_to_mend() {
    let message = |actions| overlay(actions).unwrap_err().to_string();
    assert!(message(json!([])).contains("/actions: an overlay lists at least one action"));
    assert!(message(json!([{"target": "$.a", "update": 1}])).contains("/actions/0/description"));
    assert!(message(json!([{"update": 1}])).contains("/actions/0/target"));
    let bad_path = json!([{"target": "$.[", "description": "r", "remove": true}]);
    assert!(message(bad_path).contains("/actions/0/target: not a JSONPath"));
    let both = json!([{"target": "$", "description": "r", "remove": true, "update": 1}]);
    assert!(message(both).contains("one of `update`, `copy` and `remove: true`"));
    let typo = json!([{"target": "$", "description": "r", "updated": 1}]);
    assert!(message(typo).contains("no field `updated`"));
    let version = Overlay::parse("o.yaml", b"overlay: 2.0.0\nactions: []\n").unwrap_err();
    assert!(version.to_string().contains("no overlay of version 1.0 or 1.1"));
}
