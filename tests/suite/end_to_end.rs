//! From a document on a server, by `pull`, to a compiled client that is called.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use clap::Parser as _;
use iam_codegen::{Document, Limits, Settings, surface::surface};
use serde_json::{Value, json};
use xtask::{Cli, Outcome, Workspace};

use crate::{
    samples,
    server::{Server, answer},
    workspace,
};

/// Runs a command of xtask in a workspace at `root`; gives what it printed.
pub(crate) async fn xtask(root: &Path, arguments: &[&str]) -> (Outcome, String) {
    let arguments: Vec<String> =
        ["xtask"].iter().chain(arguments).map(|text| (*text).to_owned()).collect();
    let workspace = Workspace { openapi: root.join("openapi"), ..Workspace::at(workspace::root()) };
    // The commands bring their own runtime, which must not start inside this one.
    let run = move || {
        let mut out = Vec::new();
        let command = Cli::try_parse_from(arguments).unwrap().command;
        let outcome = command.run(&workspace, &mut out);
        let text = String::from_utf8(out).unwrap();
        (outcome.unwrap_or_else(|error| panic!("{text}{error:?}")), text)
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// A copy of `openapi/` in a directory of its own.
pub(crate) fn copy_of_documents(root: &Path) {
    let from = workspace::root().join("openapi");
    for file in workspace::files(&from) {
        let to = root.join("openapi").join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&file, to).unwrap();
    }
}

fn listing(document: &Path, overlays: &[iam_codegen::Overlay]) -> BTreeSet<String> {
    let bytes = fs::read(document).unwrap();
    let document = Document::parse("d.json", &bytes, &Limits::default()).unwrap();
    let output = iam_codegen::run(document, overlays, &Settings::new("Api")).unwrap();
    let areas = surface(&output.source).unwrap();
    let lines = areas.iter().flat_map(|area| {
        area.listing.split("\n\n").flat_map(|item| {
            let name = item.split(['(', '\n']).next().unwrap_or_default().to_owned();
            item.lines().map(move |line| format!("{name} | {}", line.trim())).collect::<Vec<_>>()
        })
    });
    lines.collect()
}

/// Generates a crate of its own from `document`, and a program in it that calls
/// every operation; gives the crate's directory.
pub(crate) async fn standalone(root: &Path, document: &Path, name: &str) -> PathBuf {
    let out = root.join(name);
    let (document, directory) = (document.to_str().unwrap(), out.to_str().unwrap());
    let (outcome, text) = xtask(
        root,
        &["generate", "--spec", document, "--out", directory, "--name", name, "--no-build"],
    )
    .await;
    assert_eq!(outcome, Outcome::Done, "{text}");
    out
}

/// Calls every operation of the crate in `directory` at a real server.
async fn call_all(directory: &Path, name: &str, document: &Path) {
    let file = document.display().to_string();
    let bytes = fs::read(document).unwrap();
    let document = Document::parse(file, &bytes, &Limits::default()).unwrap();
    let api = iam_codegen::run(document, &[], &Settings::new("Api")).unwrap().api;
    fs::create_dir_all(directory.join("examples")).unwrap();
    let program = samples::program(&api, &name.replace('-', "_"));
    fs::write(directory.join("examples/call_all.rs"), program).unwrap();
    let manifest = directory.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let tokio =
        "\n[dev-dependencies]\ntokio = { version = \"1\", features = [\"rt\", \"macros\"] }\n";
    fs::write(&manifest, text + tokio).unwrap();

    let model = api.clone();
    let server = Server::start(move |seen| samples::reply(&model, seen)).await;
    let (directory, url) = (directory.to_owned(), server.url().to_owned());
    let printed = tokio::task::spawn_blocking(move || {
        workspace::cargo(&directory, &["run", "--quiet", "--example", "call_all", "--", &url])
    });
    let printed = printed.await.unwrap().unwrap_or_else(|text| panic!("{text}"));
    let ok = printed.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(ok, api.operations.len(), "{printed}");
    let called: BTreeSet<_> = server
        .seen()
        .iter()
        .map(|seen| samples::operation(&api, seen).expect("it is an operation").name.clone())
        .collect();
    assert_eq!(called.len(), api.operations.len());
}

/// A document as IBM might publish it next.
fn changed() -> Value {
    let path = workspace::root().join("openapi/iam-access-groups.json");
    let mut document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let groups = &mut document["paths"]["/v2/groups"]["get"];
    let parameters = groups["parameters"].as_array_mut().unwrap();
    parameters.push(json!({"name": "hideEmpty", "in": "query", "schema": {"type": "boolean"}}));
    let group = &mut document["components"]["schemas"]["Group"]["properties"];
    group["member_count"] = json!({"type": "integer", "format": "int32"});
    document["paths"]["/v2/groups/{access_group_id}/archive"] = json!({"post": {
        "operationId": "archiveAccessGroup",
        "tags": ["Access groups"],
        "parameters": [
            {"name": "access_group_id", "in": "path", "required": true, "schema": {"type": "string"}},
        ],
        "responses": {"204": {"description": "Archived."}},
    }});
    document
}

/// Pulls [`changed`] into a workspace at `root`; gives the file.
async fn pull_changed(root: &Path) -> PathBuf {
    copy_of_documents(root);
    let vendored = root.join("openapi/iam-access-groups.json");
    let before = listing(&vendored, &[]);

    let text = serde_json::to_vec(&changed()).unwrap();
    let server = Server::start(move |_| answer(200, &[("etag", "\"2\"")], text.clone())).await;
    let url = format!("{}/iam-access-groups.json", server.url());
    let (outcome, text) = xtask(root, &["pull", "iam-access-groups", "--from", &url]).await;
    assert_eq!(outcome, Outcome::Changed, "{text}");
    assert!(text.contains("\n  drift, and none of it breaks anything: 3 additive\n"), "{text}");
    let pulled: Value = serde_json::from_slice(&fs::read(&vendored).unwrap()).unwrap();
    assert_eq!(pulled, changed());

    let after = listing(&vendored, &[]);
    let added: Vec<_> = after.difference(&before).map(String::as_str).collect();
    let gone: Vec<_> = before.difference(&after).map(String::as_str).collect();
    assert_eq!(
        added,
        [
            "archive_access_group | -> ()",
            "archive_access_group | POST /v2/groups/{access_group_id}/archive",
            "archive_access_group | access_group_id = path access_group_id",
            "archive_access_group | archive_access_group(access_group_id: impl Into<String>)",
            "archive_access_group | success [204]",
            "list_access_groups | .hide_empty(bool) = query hideEmpty",
            "struct Group | member_count: Option<i32>, optional",
        ]
    );
    assert!(gone.is_empty(), "{gone:#?}");

    vendored
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_document_is_pulled_and_listed() {
    let directory = tempfile::tempdir().unwrap();
    pull_changed(directory.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "compiles a crate; CI runs it"]
async fn a_changed_document_is_pulled_generated_compiled_and_called() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let vendored = pull_changed(root).await;
    let crate_directory = standalone(root, &vendored, "changed-groups").await;
    call_all(&crate_directory, "changed-groups", &vendored).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "compiles a crate; CI runs it"]
async fn the_real_upstream_document_is_pulled_generated_compiled_and_called() {
    let Some(upstream) = workspace::extra_document("ibm-cloud-iam.yml") else { return };
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    copy_of_documents(root);
    let bytes = fs::read(upstream).unwrap();
    let server = Server::start(move |_| answer(200, &[], bytes.clone())).await;
    let url = format!("{}/ibm-cloud-iam.yml", server.url());
    let (outcome, text) = xtask(root, &["pull", "ibm-cloud-iam", "--from", &url]).await;
    assert_eq!(outcome, Outcome::Changed, "{text}");

    let pulled = root.join("openapi/watch/ibm-cloud-iam.yml");
    let document = Document::parse("d.yml", &fs::read(&pulled).unwrap(), &Limits::default());
    let output = iam_codegen::run(document.unwrap(), &[], &Settings::new("Api")).unwrap();
    assert_eq!(output.operations, 39);
    let crate_directory = standalone(root, &pulled, "upstream-iam").await;
    call_all(&crate_directory, "upstream-iam", &pulled).await;
}
