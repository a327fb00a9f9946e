//! `update` with a document of our own in the style of those that IBM publishes. The tests
//! of iam-tests compile a client from it, and call it.

use iam_codegen::{Limits, document::parse_value};
use serde_json::{Value, json};

use crate::update::{bench, update};

const PUBLISHED: &str = include_str!("../../../tests/ibm-style/published.yaml");
const OVERLAY: &str = include_str!("../../../tests/ibm-style/overlay.yaml");

fn published() -> Value {
    parse_value("published.yaml", PUBLISHED.as_bytes(), &Limits::default()).unwrap()
}

fn text(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap()
}

/// The document as it was vendored: with an operation that is not published, without a
/// field that is, and with no parameter `Authorization`.
fn vendored() -> Value {
    let mut document = published();
    document["paths"]["/v1/lockers/{id}/disable"] = json!({"post": {
        "operationId": "disable_locker",
        "tags": ["Locker operations"],
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"204": {"description": "Disabled."}},
    }});
    let items = document["paths"].as_object_mut().unwrap().values_mut();
    for operation in items.flat_map(|item| item.as_object_mut().unwrap().values_mut()) {
        if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
            parameters.retain(|parameter| parameter["name"] != "Authorization");
        }
    }
    let locker = &mut document["components"]["schemas"]["Locker"]["properties"];
    locker.as_object_mut().unwrap().remove("restrict").unwrap();
    document
}

#[test]
fn a_document_in_ibms_style_is_taken_in() {
    let bench = bench();
    bench.write("openapi/overlays/pets.yaml", OVERLAY);
    let ran = bench.pull_from_file("pets", "target/old.json", &text(&vendored()));
    assert_eq!(ran.code, 10, "{}", ran.text);
    let marks = ["follows", "precedes"]
        .map(|what| format!("<!-- What {what} is written by `cargo xtask generate`. -->"));
    bench.write("openapi/README.md", marks.join("\n"));
    bench.write(
        "openapi/roles.json",
        r#"{"source": "a test", "services": {"lockers": {
            "roles": {"Viewer": {"kind": "platform", "actions": ["lockers.locker.list"]}},
            "actions": {}
        }}}"#,
    );
    bench.commit();

    let new = text(&published());
    let ran = update(&bench, &new, &[]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert_eq!(bench.read("openapi/pets.json"), new);
    assert_eq!(bench.read("tests/snapshots/pin.snap"), new.matches("type").count().to_string());
    // The correction of the operation that is not published is left out, and told.
    let skipped = "the update of $.paths['/v1/lockers/{id}/disable'].post, which the document does \
                   not have; it is there because: The document does not say that it can be repeated.";
    assert_eq!(ran.text.matches("skipped: ").count(), 1, "{}", ran.text);
    assert!(ran.text.contains(skipped), "{}", ran.text);
    let readme = bench.read("openapi/README.md");
    assert!(readme.contains("No action known (4 of 7):"), "{readme}");
    assert!(readme.contains("No event known (6 of 7):"), "{readme}");
    let roles = "No role known (3 of 4 actions):\n`lockers.locker.create`, `lockers.locker.get`, \
                 `lockers.locker.manage`.";
    assert!(readme.contains(roles), "{readme}");

    // What breaks comes first, and IBM's way of asking for a token breaks nothing.
    let report = bench.read("target/drift-report.md");
    let start = "# Drift against `file new.json`\n\n**Verdict: drift that breaks callers or users \
                 of the client: 1 breaking, 1 additive, 5 other.**\n\nSuggested version: 0.5.0, \
                 after 0.4.2: ";
    assert!(report.starts_with(start), "{report}");
    let section = |heading: &str| {
        let part = report.split("\n## ").find(|part| part.starts_with(heading));
        part.unwrap_or_else(|| panic!("no {heading} in {report}"))
    };
    assert!(section("Breaking (1)").contains("`operation-removed`"), "{report}");
    assert!(section("Breaking (1)").contains("  - disable_locker: "), "{report}");
    assert!(section("Additive (1)").contains("`optional-property-added`"), "{report}");
    assert!(section("Other (5)").contains("`ignored-parameter-changed`"), "{report}");
    let changelog = bench.read("CHANGELOG.md");
    let noted = "- `pets`, version 1.0.0 as before: 1 breaking, 1 additive, 5 other changes.";
    assert!(changelog.contains(noted), "{changelog}");
}
