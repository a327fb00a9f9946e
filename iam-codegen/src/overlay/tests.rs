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
         it is there because: r; the document changed: correct the target, remove the action, \
         or mark it with `x-if-present`"
    );
    let several = json!([{"target": "$.paths", "description": "r", "copy": "$..required"}]);
    assert!(failure(several).contains("the copy source matches 2 places"));
    let misfit = json!([{"target": "$.paths", "description": "r", "update": 1}]);
    assert!(failure(misfit).contains("the update does not fit what is at /paths"));
}

#[test]
fn every_misfit_of_every_overlay_is_listed_at_once() {
    let parse = |name: &str, actions: Value| {
        let overlay =
            json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions});
        Overlay::parse(name, overlay.to_string().as_bytes()).unwrap()
    };
    let first = parse(
        "one.yaml",
        json!([
            {"target": "$.gone", "description": "first\n  reason", "remove": true},
            {"target": "$.components.schemas.Other", "description": "fits", "update": {"a": 1}},
            {"target": "$.paths", "description": "second", "update": 1},
        ]),
    );
    let second = parse(
        "two.yaml",
        json!([{"target": "$.paths", "description": "third", "copy": "$.nowhere"}]),
    );
    let overlays = [first, second];
    let fitted = fit(document(), &overlays);
    let misfits: Vec<_> =
        fitted.misfits.iter().map(|misfit| (&*misfit.overlay, misfit.index)).collect();
    assert_eq!(misfits, [("one.yaml", 0), ("one.yaml", 2), ("two.yaml", 0)]);
    assert_eq!(fitted.applied.len(), 1);
    assert_eq!(fitted.document.unwrap().value()["components"]["schemas"]["Other"]["a"], 1);

    let error = apply(document(), &overlays).unwrap_err().to_string();
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 3, "{error}");
    for (line, parts) in lines.iter().zip([
        ["one.yaml: /actions/0: the action matches nothing in doc.json", "because: first reason;"],
        ["one.yaml: /actions/2: the update does not fit what is at /paths", "because: second;"],
        ["two.yaml: /actions/0: the copy source matches 0 places", "because: third;"],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
}

#[test]
fn an_action_that_does_not_fit_everywhere_changes_nothing() {
    // The schemas take an object, the lists in them do not.
    let actions = json!([
        {"target": "$.components.schemas.ApiKey.properties.apikey['type', 'gone']",
         "description": "r", "update": "integer"},
        {"target": "$.components.schemas['ApiKey', 'Other']..*", "description": "r",
         "update": {"x": 1}},
    ]);
    let before = document().value()["components"]["schemas"]["ApiKey"]["properties"].clone();
    let fitted = fit(document(), &[overlay(actions).unwrap()]);
    assert_eq!(fitted.misfits.len(), 1);
    let document = fitted.document.unwrap();
    let after = &document.value()["components"]["schemas"]["ApiKey"]["properties"];
    assert_eq!(before["apikey"], json!({"type": "string"}));
    assert_eq!(after["apikey"], json!({"type": "integer"}));
}

#[test]
fn a_conditional_action_is_skipped_where_its_target_is_absent() {
    let actions = |marker: Value| {
        overlay(json!([
            {"target": "$.components.schemas.Gone", "description": "r", "remove": true,
             "x-if-present": marker},
            {"target": "$.components.schemas.Other", "description": "r", "remove": true,
             "x-if-present": marker},
        ]))
    };
    for marker in [json!(true), json!("only in documents of 2023")] {
        let (document, applied) = apply(document(), &[actions(marker).unwrap()]).unwrap();
        assert!(document.value()["components"]["schemas"].get("Other").is_none());
        let skipped: Vec<_> = applied.iter().map(Applied::is_skipped).collect();
        assert_eq!(skipped, [true, false]);
    }
    // Where the target is present, the action has to fit it.
    let misfit = json!([{"target": "$.paths", "description": "r", "update": 1,
        "x-if-present": true}]);
    assert!(failure(misfit).contains("the update does not fit what is at /paths"));
    let unmarked = apply(document(), &[actions(json!(false)).unwrap()]).unwrap_err().to_string();
    assert!(unmarked.contains("the action matches nothing"), "{unmarked}");
    for marker in [json!(""), json!(1), json!(null)] {
        let error = actions(marker).unwrap_err().to_string();
        assert!(error.contains("/actions/0/x-if-present: `x-if-present` is neither"), "{error}");
        assert!(error.contains("/actions/1/x-if-present"), "{error}");
    }
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
