//! `cargo xtask update` with what IBM published in 2023: a work tree whose whole test
//! suite passes, with nothing edited by hand.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Parser as _;
use iam_codegen::sources::{MANIFEST, Sources};
use xtask::{Cli, Outcome, Workspace};

use crate::{
    server::{Server, answer},
    workspace,
};

/// The place of the clone, and beside it what is compiled there: cargo takes two work trees of
/// one layout for the same.
fn place() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    workspace::root().join(target).join("updated")
}

/// The settings by which everything there is compiled: once, and not to be debugged.
const PROFILE: &str = "[profile.dev]\ndebug = false\nincremental = false\n\
                       [profile.dev.build-override]\ndebug = false\n";

/// Runs a program that succeeds; gives what it printed.
fn succeed(directory: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        // What `update` has compiled.
        .env("CARGO_TARGET_DIR", place().join("target/update/build"))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .unwrap_or_else(|error| panic!("cannot run {program}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let at = directory.display();
    assert!(output.status.success(), "{program} {arguments:?} in {at} failed:\n{text}");
    text
}

/// Runs a command of xtask in the work tree; gives what it printed.
fn xtask(tree: &Path, arguments: &[&str]) -> (Outcome, String) {
    let workspace = Workspace {
        target: place().join("target"),
        cargo: env!("CARGO").into(),
        ..Workspace::at(tree)
    };
    let mut out = Vec::new();
    let cli = Cli::try_parse_from(["xtask"].iter().chain(arguments)).unwrap();
    let outcome = cli.command.run(&workspace, &mut out);
    let text = String::from_utf8(out).unwrap();
    (outcome.unwrap_or_else(|error| panic!("{text}{error:?}")), text)
}

/// A clone of this workspace as it is committed, with addresses at `server`.
fn clone(sources: &Sources, server: &str) -> PathBuf {
    let tree = place().join("tree");
    if tree.exists() {
        fs::remove_dir_all(&tree).unwrap();
    }
    fs::create_dir_all(place().join(".cargo")).unwrap();
    fs::write(place().join(".cargo/config.toml"), PROFILE).unwrap();
    let root = workspace::root();
    let arguments = ["clone", "--quiet", root.to_str().unwrap(), tree.to_str().unwrap()];
    succeed(&root, "git", &arguments);
    let manifest = tree.join("openapi").join(MANIFEST);
    let mut addresses = fs::read_to_string(&manifest).unwrap();
    for (_, source) in sources.client() {
        let address = &source.upstream[0];
        let (_, name) = address.rsplit_once('/').unwrap();
        addresses = addresses.replace(address.as_str(), &format!("{server}/{name}"));
    }
    fs::write(&manifest, addresses).unwrap();
    let settings = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let commit = ["-c", "commit.gpgsign=false", "commit", "--quiet", "--all", "--message", "Here"];
    succeed(&tree, "git", &[&settings[..], &commit].concat());
    tree
}

/// IBM's documents by the last part of their addresses; `None` if they are not there.
fn published(sources: &Sources) -> Option<BTreeMap<String, Vec<u8>>> {
    let documents = sources.client().map(|(_, source)| {
        let name = source.upstream[0].rsplit('/').next()?;
        let path = workspace::extra_document(&format!("ibm-2023-09-08/{name}"))?;
        Some((format!("/{name}"), fs::read(path).unwrap()))
    });
    documents.collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "compiles the workspace; CI runs it"]
async fn every_test_passes_after_an_update_to_what_ibm_published() {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    let Some(documents) = published(&sources) else { return };
    let served = documents.clone();
    let server = Server::start(move |seen| match served.get(&seen.target) {
        Some(document) => answer(200, &[], document.clone()),
        None => answer(404, &[], ""),
    })
    .await;
    let tree = clone(&sources, server.url());
    let update = tree.clone();
    let (outcome, told) =
        tokio::task::spawn_blocking(move || xtask(&update, &["update"])).await.unwrap();
    assert_eq!(outcome, Outcome::Changed, "{told}");
    assert!(told.contains("\n3 changed, 0 unchanged, 0 failed\n"), "{told}");
    assert_eq!(server.seen().len(), documents.len());

    let report = fs::read_to_string(place().join("target/drift-report.md")).unwrap();
    let changelog = fs::read_to_string(tree.join("CHANGELOG.md")).unwrap();
    let at = |text: &str| report.find(text).unwrap_or_else(|| panic!("no {text} in {report}"));
    assert!(report.starts_with("# Drift against "), "{report}");
    assert!(at("\n**Verdict: drift that breaks") < at("\nSuggested version: "), "{report}");
    assert!(at("\nSuggested version: ") < at("\n## Breaking"), "{report}");
    for (_, source) in sources.client() {
        let name = &source.name;
        assert!(report.contains(name.as_str()), "no {name} in {report}");
        assert!(changelog.contains(&format!("\n- `{name}`, version ")), "{changelog}");
        let file = fs::read(tree.join("openapi").join(&source.file)).unwrap();
        assert!(documents.values().any(|document| *document == file), "{name}");
    }
    let status = succeed(&tree, "git", &["status", "--porcelain"]);
    let places = ["openapi/", "tests/snapshots/", "CHANGELOG.md"];
    for line in status.lines() {
        assert!(places.iter().any(|place| line[3..].starts_with(place)), "{status}");
    }

    let (outcome, told) = xtask(&tree, &["check"]);
    assert_eq!(outcome, Outcome::Done, "{told}");
    let arguments = ["test", "--workspace", "--locked", "--offline", "--no-fail-fast"];
    let tested = succeed(&tree, env!("CARGO"), &arguments);
    // Among them are those that call every operation.
    let calls = "test operations::requests::with_everything_optional_set ... ok";
    assert!(tested.contains(calls), "{tested}");
    fs::remove_dir_all(&tree).unwrap();
}
