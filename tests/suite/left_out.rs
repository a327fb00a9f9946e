//! Operations that cannot be generated are left out of a module that is compiled and exercised, and
//! listed; `tests/left_out` has the documents.

use std::fs;

use iam_codegen::{Document, Error, Limits, Output, Settings, Unsupported, document::parse_value};
use iam_tests::corpus::{without_operations, without_references};
use serde_json::{Value, json};

use crate::{
    server::{Server, answer},
    workspace,
};

fn generate(path: &str, unsupported: Unsupported) -> Result<Output, Error> {
    let bytes = fs::read(workspace::root().join("tests").join(path)).unwrap();
    let document = Document::parse_unresolved(path, &bytes, &Limits::default())?;
    let mut settings = Settings::new("Api");
    settings.unsupported = unsupported;
    iam_codegen::run(document, &[], &settings)
}

fn output(name: &str) -> Output {
    generate(&format!("left_out/{name}.yaml"), Unsupported::LeaveOut).unwrap()
}

fn recorded(output: &Output, pass: &str) -> Vec<String> {
    let found = output.adaptations.iter().filter(|adaptation| adaptation.pass == pass);
    found.map(|adaptation| adaptation.pointer.clone()).collect()
}

#[tokio::test]
async fn operations_are_left_out_with_all_that_they_use() {
    let output = output("operations");
    let found: Vec<_> = output
        .left_out
        .iter()
        .map(|left| (left.operation.as_str(), left.pointer.as_str()))
        .collect();
    let expected = [
        ("delete_shared", "/paths/shared-without-slash/delete"),
        ("/elsewhere", "/paths/~1elsewhere"),
        ("get_empty_segment", "/paths/~1empty~1~1segment/get"),
        ("copy_kept", "/paths/~1kept/additionalOperations/COPY"),
        ("post_kept", "/paths/~1kept/post"),
        ("post_referred_to", "/paths/~1referred~1~1to/post"),
        ("put_through", "/paths/~1through/put"),
        ("get_twice", "/paths/~1twice/get"),
        ("GET /unknown", "/paths/~1unknown/get"),
    ];
    assert_eq!(found, expected);
    for left in &output.left_out {
        for problem in &left.problems {
            assert!(problem.remedy.is_some() && problem.operation.is_some(), "{problem}");
        }
    }
    let pointers: Vec<_> = expected.iter().map(|(_, pointer)| (*pointer).to_owned()).collect();
    assert_eq!(recorded(&output, "operations"), pointers);
    let message = |index: usize| output.left_out[index].problems[0].message.as_str();
    assert_eq!(message(2), "the path contains `\\` or an empty segment");
    assert_eq!(message(6), "the reference `#/components/parameters/Missing` leads nowhere");

    let types: Vec<_> = output.api.types.keys().map(String::as_str).collect();
    assert_eq!(types.len(), 2, "{types:?}");
    assert!(types.contains(&"Kept"));
    for gone in ["OnlyLeftOut", "OnlyInner", "post_kept", "empty_segment"] {
        assert!(!output.source.contains(gone), "{gone}");
    }

    let server =
        Server::start(|_| answer(200, &[("content-type", "application/json")], r#"{"name": "n"}"#))
            .await;
    let api = without_operations::Api::new(&server.client());
    let kept = api.get_kept().send().await.unwrap().into_inner();
    assert_eq!(kept.name.as_deref(), Some("n"));
    let through = api.get_through().send().await.unwrap().into_inner();
    assert_eq!(through.name.as_deref(), Some("n"));
    assert_eq!(without_operations::operation::ALL.len(), 4);
    let server = Server::answering(204, "").await;
    let api = without_operations::Api::new(&server.client());
    api.delete_shared().send().await.unwrap();
    api.put_twice().send().await.unwrap();
    let seen = server.seen();
    let targets: Vec<_> =
        seen.iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect();
    assert_eq!(targets, ["DELETE /shared", "PUT /twice"]);
}

#[tokio::test]
async fn what_is_unknown_is_any_value() {
    let output = output("references");
    assert!(output.left_out.is_empty());
    let fields = "/components/schemas/A/properties";
    assert_eq!(
        recorded(&output, "references"),
        [
            "/components/schemas/A/properties/elsewhere",
            "/components/schemas/A/properties/list/items",
            "/components/schemas/A/properties/number",
            &format!("{fields}/unknown"),
            "/components/schemas/Circle",
            "/paths/~1a/delete/responses/200",
            "/paths/~1a/put/requestBody",
        ]
    );
    let body = r#"{"name": "n", "unknown": [1], "elsewhere": {"a": 2}, "number": "x",
                   "list": [1, "b", {}], "circle": 3}"#;
    let server =
        Server::start(move |_| answer(200, &[("content-type", "application/json")], body)).await;
    let api = without_references::Api::new(&server.client());
    let a = api.get_a().send().await.unwrap().into_inner();
    assert_eq!(a.unknown, json!([1]));
    assert_eq!(a.elsewhere, Some(json!({"a": 2})));
    assert_eq!(serde_json::to_value(&a).unwrap(), serde_json::from_str::<Value>(body).unwrap());
    let bytes = api.delete_a().send().await.unwrap().into_inner();
    assert_eq!(&bytes[..], body.as_bytes());
    api.put_a().body(json!({"any": ["thing"]})).send().await.unwrap();
    let sent = server.seen().pop().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&sent.body).unwrap(), json!({"any": ["thing"]}));
}

#[test]
fn a_document_is_refused_where_that_is_asked_for() {
    for name in ["operations", "references"] {
        let error = generate(&format!("left_out/{name}.yaml"), Unsupported::Refuse).unwrap_err();
        assert!(error.problems().len() >= 2, "{error}");
    }
}

/// Of what is refused, all but what is at fault is generated.
#[test]
fn what_is_refused_is_generated_in_part() {
    let mut failed = Vec::new();
    for path in workspace::files(&workspace::root().join("tests/rejected")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let limits = Limits::default();
        let mut value = parse_value(&name, &fs::read(&path).unwrap(), &limits).unwrap();
        value["paths"]["/kept"]["get"] =
            json!({"operationId": "kept_all_the_same", "responses": {"204": {"description": ""}}});
        let bytes = serde_json::to_vec(&value).unwrap();
        let mut settings = Settings::new("Api");
        settings.unsupported = Unsupported::LeaveOut;
        let output = Document::parse_unresolved("t.json", &bytes, &limits)
            .and_then(|document| iam_codegen::run(document, &[], &settings));
        let Ok(output) = output else {
            failed.push(name);
            continue;
        };
        assert!(output.source.contains("fn kept_all_the_same"), "{name}");
        let steps = ["operations", "references", "schemas"];
        let all = steps.map(|step| recorded(&output, step));
        assert!(!all.concat().is_empty(), "{name}: nothing recorded");
        assert_eq!(all[0].len(), output.left_out.len(), "{name}");
    }
    // Not OpenAPI 3.
    assert_eq!(failed, ["version.yaml"]);
}
