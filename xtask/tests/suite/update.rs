//! `update`: everything, or nothing. Cargo is the real one; the workspace is
//! small, and laid out as ours is.

use std::{collections::BTreeMap, fs, path::PathBuf};

use crate::{
    server::nobody,
    support::{Bench, PETS, Ran},
};

pub(crate) const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\n### Added\n\n- Everything.\n";

/// [`PETS`] with one more optional field.
pub(crate) fn additive() -> String {
    PETS.replace(r#""properties": {"name""#, r#""properties": {"age": {"type": "integer"}, "name""#)
}

/// A work tree with packages of the names that `update` builds. `iam-client`
/// compiles unless the document says "uncompilable"; the tests pass unless it
/// says "untestable", and pin how often it says "type".
pub(crate) fn bench() -> Bench {
    let bench = Bench::with_pets();
    bench.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"iam-client\", \"tests\"]\n\
         [workspace.package]\nversion = \"0.4.2\"\n",
    );
    let package = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
    };
    bench.write("iam-client/Cargo.toml", package("iam-client"));
    bench.write(
        "iam-client/build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=../openapi\");\n    \
         let text = std::fs::read_to_string(\"../openapi/pets.json\").unwrap();\n    \
         assert!(!text.contains(\"uncompilable\"));\n}\n",
    );
    bench.write("iam-client/src/lib.rs", "");
    bench.write(
        "tests/Cargo.toml",
        package("iam-tests")
            + "[dependencies]\niam-client = { path = \"../iam-client\" }\n\
               [[test]]\nname = \"suite\"\npath = \"suite.rs\"\n",
    );
    bench.write("tests/src/lib.rs", "");
    bench.write(
        "tests/suite.rs",
        "mod snapshots {\n#[test]\nfn pin() {\n    \
         let text = std::fs::read_to_string(\"../openapi/pets.json\").unwrap();\n    \
         assert_eq!(std::env::var(\"INSTA_UPDATE\").unwrap(), \"always\");\n    \
         std::fs::write(\"snapshots/pin.snap\", text.matches(\"type\").count().to_string()).unwrap();\n    \
         assert!(!text.contains(\"untestable\"));\n}\n}\n\
         #[test]\nfn another_that_is_not_asked_for() {\n    panic!();\n}\n",
    );
    bench.write("tests/snapshots/pin.snap", "before");
    // An area that the client does not have.
    bench.write("tests/snapshots/surface/pets/operations/cats.snap", "gone");
    bench.write("CHANGELOG.md", CHANGELOG);
    bench.write(".gitignore", "target/\n*.snap.new\n");
    bench.commit();
    bench
}

/// All files but those of git and of the target directory.
pub(crate) fn state(bench: &Bench) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut state = bench.state(".");
    let not = ["./target", "./.git"].map(|directory| bench.path(directory));
    state.retain(|path, _| !not.iter().any(|directory| path.starts_with(directory)));
    state
}

/// The number of copies of the work tree that are left.
pub(crate) fn copies(bench: &Bench) -> usize {
    let files = fs::read_dir(bench.path("target/update")).unwrap().flatten();
    files.filter(|file| file.file_name().to_string_lossy().starts_with("tree")).count()
}

pub(crate) fn update(bench: &Bench, document: &str, more: &[&str]) -> Ran {
    bench.write("target/new.json", document);
    let path = bench.path("target/new.json");
    bench.run(&[&["update", "pets", "--from", path.to_str().unwrap()], more].concat())
}

#[test]
fn an_update_is_complete_and_left_for_review() {
    let bench = bench();
    let marks = ["follows", "precedes"]
        .map(|what| format!("<!-- What {what} is written by `cargo xtask generate`. -->"));
    bench.write("openapi/README.md", marks.join("\n"));
    bench.commit();
    let ran = update(&bench, &additive(), &[]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert_eq!(bench.read("openapi/pets.json"), additive());
    assert!(bench.read("openapi/README.md").contains("No action known (1 of 1):\n`get_pet`."));
    assert!(bench.lock().contains("file new.json"), "{}", bench.lock());
    // The new field has a type as well.
    let pinned: usize = bench.read("tests/snapshots/pin.snap").parse().unwrap();
    assert_eq!(pinned, PETS.matches("type").count() + 1);
    assert!(!bench.path("tests/snapshots/surface/pets/operations/cats.snap").exists());
    let expected = format!(
        "{CHANGELOG}\n### Documents\n\n\
         - `pets`, version 1.0 as before: 0 breaking, 1 additive, 0 other changes.\n"
    );
    assert_eq!(bench.read("CHANGELOG.md"), expected);
    let report = bench.read("target/drift-report.md");
    let start = "# Drift against `file new.json`\n\n**Verdict: drift, and none of it breaks anything: \
                 1 additive.**\n\nSuggested version: 0.4.3, after 0.4.2: the Rust surface only \
                 grows.\n";
    assert!(report.starts_with(start), "{report}");
    assert!(ran.text.ends_with("suggested version: 0.4.3\n"), "{}", ran.text);

    // Once more: there is nothing left to do, and cargo is not even called.
    let mut bench = bench;
    bench.commit();
    bench.workspace.cargo = "/nowhere/cargo".into();
    let before = state(&bench);
    let ran = update(&bench, &additive(), &[]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(ran.text.ends_with("nothing changed; nothing was touched\n"), "{}", ran.text);
    assert_eq!(state(&bench), before);
    assert_eq!(copies(&bench), 0);
}

#[test]
fn the_report_says_what_breaks_before_anything_else() {
    let bench = bench();
    let broken = additive().replace("\"get_pet\"", "\"fetch_pet\"");
    let ran = update(&bench, &broken, &["--report", bench.path("r/report.md").to_str().unwrap()]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    let report = bench.read("r/report.md");
    let at = |text: &str| report.find(text).unwrap_or_else(|| panic!("no {text} in {report}"));
    assert!(at("**Verdict: drift that breaks") < at("Suggested version: 0.5.0, after 0.4.2"));
    assert!(at("Suggested version") < at("## Breaking"));
    assert!(at("## Breaking") < at("\n  - get_pet: get_pet("));
    assert!(at("\n  + fetch_pet: fetch_pet(") < at("## Additive"));
    let changelog = bench.read("CHANGELOG.md");
    let expected = "  - Breaking: GET /pets/{id}: an operation has another operationId";
    assert!(changelog.contains(expected), "{changelog}");
}

/// Breaks the bench before the update; gives the document and the report.
type Break = fn(&Bench) -> (String, Option<PathBuf>);

#[test]
fn whatever_fails_leaves_everything_as_it_was() {
    let cases: [(&str, Break, &str); 8] = [
        ("refused", |_| ("{}".to_owned(), None), "not every document could be pulled"),
        (
            "overlay",
            |_| (PETS.replace("\"name\"", "\"title\""), None),
            "not every document could be pulled",
        ),
        (
            "build",
            |_| (additive().replace("Get a pet", "uncompilable"), None),
            "the client or its tests do not compile with the new documents; cargo says:",
        ),
        (
            "snapshots",
            |_| (additive().replace("Get a pet", "untestable"), None),
            "the snapshots could not be refreshed; cargo says:",
        ),
        (
            "no section",
            |bench| {
                bench.write("CHANGELOG.md", "# Changelog\n");
                (additive(), None)
            },
            "no section `## Unreleased`",
        ),
        (
            "no changelog",
            |bench| {
                fs::remove_file(bench.path("CHANGELOG.md")).unwrap();
                (additive(), None)
            },
            "cannot read",
        ),
        (
            "acknowledgements",
            |bench| {
                bench.write("openapi/acknowledged.toml", "?");
                (additive(), None)
            },
            "openapi/acknowledged.toml:1: ",
        ),
        (
            "report",
            |bench| {
                bench.write("file", "");
                (additive(), Some(bench.path("file/report.md")))
            },
            "cannot make",
        ),
    ];
    for (name, break_it, expected) in cases {
        let bench = bench();
        let (document, report) = break_it(&bench);
        bench.commit();
        let before = state(&bench);
        let report = report.map(|path| path.to_str().unwrap().to_owned());
        let more: Vec<_> = report.iter().flat_map(|path| ["--report", path.as_str()]).collect();
        let ran = update(&bench, &document, &more);
        assert_eq!(ran.code, 1, "{name}: {}", ran.text);
        assert!(ran.text.contains(expected), "{name}: {}", ran.text);
        assert!(ran.text.contains("the work tree is as it was"), "{name}: {}", ran.text);
        // Paths are those of the work tree, not of the copy.
        assert!(!ran.text.contains("target/update/tree-"), "{name}: {}", ran.text);
        assert!(state(&bench) == before, "{name} left something behind: {}", ran.text);
    }
}

#[test]
fn no_answer_and_no_cargo_are_failures_too() {
    let mut bench = bench();
    let manifest = bench.read("openapi/sources.toml");
    bench.write(
        "openapi/sources.toml",
        manifest.replace("https://example.com/pets.json", &nobody()),
    );
    bench.commit();
    let before = state(&bench);
    // `others` generates nothing of the client, and is not asked for.
    let ran = bench.run(&["update"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(!ran.text.contains("others"), "{}", ran.text);
    assert_eq!(state(&bench), before);
    bench.workspace.cargo = "/nowhere/cargo".into();
    let ran = update(&bench, &additive(), &[]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains("cannot run /nowhere/cargo"), "{}", ran.text);
    assert_eq!(state(&bench), before);
    assert_eq!(bench.run(&["update", "--from", "x.json"]).code, 64);
    assert_eq!(bench.run(&["update", "cats"]).code, 64);
    let directory = bench.path("openapi");
    let ran = bench.run(&["update", "--report", directory.to_str().unwrap()]);
    assert_eq!(ran.code, 64, "{}", ran.text);
    assert!(ran.text.contains("openapi is a directory; --report takes a file"), "{}", ran.text);
}
