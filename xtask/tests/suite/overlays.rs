//! Overlays that are not there, no longer fit, or need not fit.

use std::fs;

use crate::{
    server::{Reply, Server},
    support::{Bench, PETS},
};

const OVERLAY: &str = "openapi/overlays/pets.yaml";

/// Adds `actions` to the overlay, and a second overlay with the same.
fn extend(bench: &Bench, actions: &str) {
    let overlay = bench.read(OVERLAY) + actions;
    bench.write(OVERLAY, &overlay);
    let start = overlay.find("  - target").unwrap();
    bench.write("openapi/overlays/more.yaml", format!("{}{actions}", &overlay[..start]));
    let manifest = bench.read("openapi/sources.toml");
    let listed = "overlays = [\"overlays/pets.yaml\", \"overlays/more.yaml\"]";
    let manifest = manifest.replace("overlays = [\"overlays/pets.yaml\"]", listed);
    bench.write("openapi/sources.toml", manifest);
}

#[test]
fn an_overlay_that_cannot_be_used_is_never_no_drift() {
    type Break = fn(&Bench);
    let cases: [(Break, &str); 5] = [
        (|bench| fs::remove_file(bench.path(OVERLAY)).unwrap(), "pets.yaml: cannot be read"),
        (
            |bench| {
                fs::remove_file(bench.path(OVERLAY)).unwrap();
                fs::create_dir(bench.path(OVERLAY)).unwrap();
            },
            "pets.yaml: cannot be read",
        ),
        (|bench| bench.write(OVERLAY, "overlay: [\n"), "pets.yaml: line "),
        (|bench| bench.write(OVERLAY, "overlay: 1.0.0\n"), "lists at least one action"),
        (
            |bench| bench.write(OVERLAY, bench.read(OVERLAY).replace("Pet.", "Cat.")),
            "the action matches nothing",
        ),
    ];
    // The same document: with a tag, without, and from a file.
    let tagged = Server::start(|request| match request.header("if-none-match") {
        Some(_) => Reply::new("304 Not Modified", &[], ""),
        None => Reply::new("200 OK", &[("etag", "\"1\"")], PETS),
    });
    let plain = Server::start(|_| Reply::ok(PETS));
    for (break_it, expected) in cases {
        for server in [&tagged, &plain] {
            let bench = Bench::pulled(&[&server.url("/pets.json")]);
            break_it(&bench);
            bench.write("same.json", PETS);
            let file = bench.path("same.json");
            let against = ["drift", "pets", "--against", file.to_str().unwrap()];
            for arguments in [&["drift", "pets"][..], &against] {
                let ran = bench.run(arguments);
                assert_eq!(ran.code, 3, "{arguments:?} {expected}: {}", ran.text);
                assert!(ran.text.contains(expected), "{}", ran.text);
            }
            bench.fails(&["pull", "pets"], expected);
        }
    }
}

#[test]
fn a_manifest_without_sources_is_never_no_drift() {
    let bench = Bench::with_pets();
    for manifest in ["", "# nothing\n", "source = []\n"] {
        bench.write("openapi/sources.toml", manifest);
        for (command, code) in [("drift", 3), ("pull", 1), ("check", 1), ("generate", 1)] {
            let ran = bench.run(&[command]);
            assert_eq!(ran.code, code, "{}", ran.text);
            assert!(ran.text.contains("the manifest lists no source"), "{}", ran.text);
        }
    }
}

#[test]
fn all_misfits_of_all_overlays_are_listed_at_once() {
    let bench = Bench::with_pets();
    extend(
        &bench,
        "  - target: $.paths['/pets/{id}'].get.tags\n    description: They are missing.\n    \
         update: [x]\n",
    );
    let document = PETS.replace("\"name\"", "\"nickname\"").replace("\"tags\": [\"Pets\"],", "");
    bench.write("new.json", &document);
    let file = bench.path("new.json");
    let file = file.to_str().unwrap();
    let expected = [
        ("pets.yaml", 0, "$.components.schemas.Pet.properties.name", "The document does not say"),
        ("pets.yaml", 1, "$.paths['/pets/{id}'].get.tags", "They are missing."),
        ("more.yaml", 0, "$.paths['/pets/{id}'].get.tags", "They are missing."),
    ];
    bench.fails(&["pull", "pets", "--from", file], "the action matches nothing");
    let pulled = bench.run(&["pull", "pets", "--from", file]).text;
    let drift = bench.run(&["drift", "pets", "--against", file]);
    assert_eq!(drift.code, 2, "{}", drift.text);
    for (overlay, index, target, reason) in expected {
        let is = |line: &&str| line.contains(target) && line.contains(reason);
        let line = pulled
            .lines()
            .filter(is)
            .find(|line| line.contains(&format!("overlays/{overlay}: /actions/{index}: ")));
        assert!(line.is_some(), "{overlay} {index} in {pulled}");
        let action = format!("openapi/overlays/{overlay} action {}", index + 1);
        assert!(drift.text.lines().filter(is).any(|line| line.contains(&action)), "{}", drift.text);
    }
}

#[test]
fn a_conditional_action_is_skipped_and_listed_where_its_target_is_absent() {
    let bench = Bench::with_pets();
    extend(
        &bench,
        "  - target: $.paths['/cats'].get\n    description: Cats have no tags.\n    \
         x-if-present: Older documents have no cats.\n    update: {tags: [cats]}\n",
    );
    let document = PETS.replace("Get a pet", "Get one pet");
    let skipped = "pets.yaml: the update of $.paths['/cats'].get, which the document does not \
                   have; it is there because: Cats have no tags.\n";
    bench.write("new.json", &document);
    let file = bench.path("new.json");
    let drift = bench.run(&["drift", "pets", "--against", file.to_str().unwrap()]);
    assert_eq!(drift.code, 1, "{}", drift.text);
    let pulled = bench.run(&["pull", "pets", "--from", file.to_str().unwrap()]);
    assert_eq!(pulled.code, 10, "{}", pulled.text);
    let unchanged = bench.run(&["pull", "pets", "--from", file.to_str().unwrap()]);
    assert_eq!(unchanged.code, 0, "{}", unchanged.text);
    let check = bench.run(&["check"]);
    assert_eq!(check.code, 0, "{}", check.text);
    assert!(check.text.contains(", 1 overlay actions, the same twice\n"), "{}", check.text);
    let generate = bench.run(&["generate", "--no-build"]);
    for ran in [drift, pulled, unchanged, check, generate] {
        assert_eq!(ran.text.matches(skipped).count(), 1, "{}", ran.text);
        assert_eq!(ran.text.matches("skipped: ").count(), 2, "{}", ran.text);
    }
    // Where the target is present, the action is applied.
    let cats = document.replace("/pets/{id}", "/cats").replace(
        r#"{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}"#,
        "",
    );
    let ran = bench.pull_from_file("pets", "new/pets.json", &cats);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert!(!ran.text.contains("skipped: "), "{}", ran.text);
    let check = bench.run(&["check"]).text;
    assert!(check.contains(", 3 overlay actions, the same twice\n"), "{check}");
}
