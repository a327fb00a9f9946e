//! A document that is published anew, all that need not stay the same changed:
//! texts, order, the spelling of operationIds, where request schemas stand, and
//! media types. `pull` takes it in, and the client stays what it was.

use std::{collections::BTreeSet, fs, path::Path};

use iam_codegen::{
    Settings,
    sources::{Source, Sources},
    surface::surface,
};
use serde_json::{Value, json};
use xtask::Outcome;

use crate::{
    end_to_end::{copy_of_documents, standalone, xtask},
    workspace,
};

/// What every body and response of JSON says that it is.
const MEDIA_TYPE: &str = "application/json; charset=utf-8";

/// The document as it might be published next.
fn republished(mut document: Value) -> Value {
    rewrite(&mut document);
    for (_, item) in document["paths"].as_object_mut().unwrap() {
        for (_, operation) in item.as_object_mut().unwrap() {
            // Beside the operations there are parameters.
            let Some(id) = operation.get("operationId").and_then(Value::as_str) else { continue };
            operation["operationId"] = json!(camel_case(id));
        }
    }
    document
}

/// Changes texts and media types, and reverses lists that have no order.
fn rewrite(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match (key.as_str(), &mut *value) {
                    ("description" | "summary", Value::String(text)) => {
                        *text = format!("Once more: {}", text.to_lowercase());
                    }
                    // What it says there is no text: it says when an action is needed.
                    ("example" | "x-ibm-permissions", _) => {}
                    ("parameters" | "enum" | "required", Value::Array(list)) => {
                        list.reverse();
                        list.iter_mut().for_each(rewrite);
                    }
                    ("content", Value::Object(content)) => {
                        if let Some(mut media) = content.remove("application/json") {
                            rewrite(&mut media);
                            content.insert(MEDIA_TYPE.to_owned(), media);
                        }
                    }
                    (_, value) => rewrite(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(rewrite),
        _ => {}
    }
}

/// `list_v2_policies` as `listV2Policies`.
fn camel_case(id: &str) -> String {
    let mut words = id.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |id, word| {
        let (head, tail) = word.split_at(1);
        id + &head.to_uppercase() + tail
    })
}

/// As JSON, the entries of every object in reverse.
fn reversed_text(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            out.push('{');
            for (index, (key, value)) in map.iter().rev().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&json!(key).to_string());
                out.push(':');
                reversed_text(value, out);
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for (index, value) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                reversed_text(value, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Every line of the surface: area and item, and the line.
fn lines(root: &Path, service: &str, source: &Source) -> BTreeSet<(String, String)> {
    let sources = Sources::load(root.join("openapi")).unwrap();
    let document = sources.document(source).unwrap();
    let overlays = sources.overlays(source).unwrap();
    let output = iam_codegen::run(document, &overlays, &Settings::for_service(service)).unwrap();
    let mut lines = BTreeSet::new();
    for area in surface(&output.source).unwrap() {
        for item in area.listing.split("\n\n") {
            let name = item.split(['(', '\n']).next().unwrap();
            let item = item.lines().map(|line| (format!("{}: {name}", area.name), line.to_owned()));
            lines.extend(item);
        }
    }
    lines
}

/// Pulls the document of `service` as it might be published next, into a
/// workspace at `root`. Not one name, argument, setter or type becomes another:
/// all that differs is the media type, which the client sends as it is written.
async fn assert_same_client(root: &Path, service: &str) {
    copy_of_documents(root);
    let sources = Sources::load(root.join("openapi")).unwrap();
    let (_, source) = sources.client().find(|(name, _)| *name == service).unwrap();
    let before = lines(root, service, source);
    let document = sources.document(source).unwrap().into_parts().1;
    let mut text = String::new();
    reversed_text(&republished(document), &mut text);
    let file = root.join("new.json");
    fs::write(&file, &text).unwrap();
    let pull = ["pull", &source.name, "--from", file.to_str().unwrap()];
    let (outcome, report) = xtask(root, &pull).await;
    assert_eq!(outcome, Outcome::Changed, "{report}");
    assert_eq!(fs::read_to_string(root.join("openapi").join(&source.file)).unwrap(), text);

    let mut expected = BTreeSet::new();
    for (item, line) in before {
        let written = match line.trim() {
            "content-type application/json" | "accept application/json" => {
                line.replace("application/json", MEDIA_TYPE)
            }
            _ => line,
        };
        expected.insert((item, written));
    }
    let after = lines(root, service, source);
    let gone: Vec<_> = expected.difference(&after).collect();
    let new: Vec<_> = after.difference(&expected).collect();
    assert!(gone.is_empty() && new.is_empty(), "gone {gone:#?}, new {new:#?}");

    for told in [
        "\n  taken from file new.json\n".to_owned(),
        "\n  drift, and none of it breaks anything: ".to_owned(),
    ] {
        assert!(report.contains(&told), "no {told:?} in:\n{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_republished_gives_the_same_client() {
    let directory = tempfile::tempdir().unwrap();
    assert_same_client(directory.path(), "identity").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_management_republished_gives_the_same_client() {
    let directory = tempfile::tempdir().unwrap();
    assert_same_client(directory.path(), "policy_management").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_groups_republished_give_the_same_client() {
    let directory = tempfile::tempdir().unwrap();
    assert_same_client(directory.path(), "access_groups").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "compiles a crate; CI runs it"]
async fn a_republished_document_compiles() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    assert_same_client(root, "access_groups").await;
    let document = root.join("openapi/iam-access-groups.json");
    let directory = standalone(root, &document, "republished-groups").await;
    let check = move || workspace::cargo(&directory, &["check", "--quiet"]);
    let checked = tokio::task::spawn_blocking(check).await.unwrap();
    checked.unwrap_or_else(|text| panic!("{text}"));
}

/// The rewriting does what this test is about.
#[test]
fn a_republished_document_is_another() {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    let (_, source) = sources.client().next().unwrap();
    let old = sources.document(source).unwrap().into_parts().1;
    let new = republished(old.clone());
    let (old, new) = (&old["paths"]["/v1/apikeys"]["post"], &new["paths"]["/v1/apikeys"]["post"]);
    assert_eq!(new["operationId"], "createApiKey");
    assert_ne!(new["description"], old["description"]);
    let names = |operation: &Value| -> Vec<Value> {
        let parameters = operation["parameters"].as_array().unwrap();
        parameters.iter().map(|parameter| parameter["name"].clone()).collect()
    };
    assert!(names(old).len() > 1);
    assert!(names(new).iter().eq(names(old).iter().rev()));
    assert!(new["requestBody"]["content"][MEDIA_TYPE]["schema"].is_object());
    let mut text = String::new();
    reversed_text(&json!({"a": 1, "b": [{"c": 2, "d": 3}]}), &mut text);
    assert_eq!(text, r#"{"b":[{"d":3,"c":2}],"a":1}"#);
}
