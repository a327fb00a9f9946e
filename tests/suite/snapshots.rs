//! Pins what the vendored documents come out as.

use std::{collections::BTreeSet, env, fmt::Write as _};

use iam_codegen::{Settings, sources::Sources, surface::surface};

use crate::{examples, openapi::vendored, published, workspace};

/// All snapshots: one per area, document, overlay set and set of examples, by name.
fn snapshots() -> Vec<(String, String)> {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    let mut snapshots = Vec::new();
    for (service, source) in sources.client() {
        let document = sources.document(source).unwrap();
        let overlays = sources.overlays(source).unwrap();
        let output =
            iam_codegen::run(document, &overlays, &Settings::for_service(service)).unwrap();
        for area in surface(&output.source).unwrap() {
            let name = format!("surface/{service}/{}", area.name);
            snapshots.push((name, area.listing));
        }
        let mut adaptations = String::new();
        for adaptation in &output.adaptations {
            writeln!(adaptations, "{adaptation}").unwrap();
        }
        snapshots.push((format!("adaptations/{}", source.name), adaptations));
        let mut applied = String::new();
        for action in &output.overlays {
            let overlay = action.overlay.rsplit('/').next().unwrap();
            writeln!(applied, "{overlay}: {} {}", action.change, action.target).unwrap();
            for place in &action.places {
                writeln!(applied, "  at {place}").unwrap();
            }
            writeln!(applied, "  {}", action.reason).unwrap();
        }
        snapshots.push((format!("overlays/{}", source.name), applied));
    }
    for document in vendored() {
        let (count, misfits) = examples::misfits(document);
        let (responses, unread) = published::unread(document);
        let mut listed = format!("{count} examples, {} faults by their schemas\n", misfits.len());
        writeln!(listed, "{responses} for types, {} not read", unread.len()).unwrap();
        for line in misfits.iter().chain(&unread) {
            writeln!(listed, "{line}").unwrap();
        }
        snapshots.push((format!("examples/{}", document.name), listed));
    }
    snapshots
}

#[test]
fn the_vendored_documents_come_out_as_pinned() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut failed = Vec::new();
    let mut expected = BTreeSet::new();
    for (name, content) in snapshots() {
        let (directory, file) = name.rsplit_once('/').unwrap();
        settings.set_snapshot_path(format!("../snapshots/{directory}"));
        expected.insert(format!("{name}.snap"));
        let check = || settings.bind(|| insta::assert_snapshot!(file, content));
        // All differences at once: a reviewer wants to see the whole change.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "changed: {failed:#?}; see CONTRIBUTING.md for how to take it in");
    let root = workspace::root().join("tests/snapshots");
    let present: BTreeSet<String> = workspace::files(&root)
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned())
        .filter(|path| path.ends_with(".snap"))
        .collect();
    let stale: Vec<_> = present.difference(&expected).collect();
    assert!(stale.is_empty(), "no test refers to {stale:#?}: delete them");
}

#[test]
fn every_area_is_pinned_under_a_name_of_its_own() {
    let names: Vec<_> = snapshots().into_iter().map(|(name, _)| name).collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), distinct.len(), "{names:#?}");
    assert!(names.iter().any(|name| name == "surface/identity/operations/apikeys"));
}

/// `.cargo/config.toml` sets the variable; without it, insta would leave a
/// `.snap.new` for each difference, in the way of whoever comes next.
#[test]
fn no_file_is_left_for_a_review() {
    assert!(env::var_os("INSTA_UPDATE").is_some(), "run the tests with cargo");
}
