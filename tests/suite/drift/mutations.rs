//! Documents against mutations of themselves. Each is found, of the right kind,
//! at the right place, with the operations it reaches; and taken back, it leaves
//! the document as it was, to the letter.
//!
//! An ordinary run takes a sample, the same in every run. All mutations take half
//! an hour: `cargo test -p iam-tests drift::mutations -- --ignored`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use iam_codegen::{
    Document, Limits,
    compare::{Change, Options, compare},
    sources::Sources,
};

use super::{
    accounting::taken_back,
    mutate::{Mutation, Target, mutations, targets},
};
use crate::workspace;

/// The documents that the client is generated from.
fn vendored() -> Vec<PathBuf> {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    sources.client().map(|(_, source)| sources.directory().join(&source.file)).collect()
}

/// Whether a change is at `place`, or in a list that is there.
fn stands_at(change: &Change, place: &str) -> bool {
    let places = [&change.old, &change.new, &change.missing];
    places.into_iter().flatten().any(|one| {
        one.pointer == place
            || one
                .pointer
                .strip_prefix(place)
                .is_some_and(|rest| rest.starts_with('/') && rest.matches('/').count() == 1)
    })
}

fn check(old: &Document, mutation: Mutation) -> Result<(), String> {
    let new = match Document::from_value("new.json", mutation.value.clone()) {
        Ok(new) => new,
        Err(error) => return Err(format!("{}: {error}", mutation.what)),
    };
    let sides = (std::slice::from_ref(old), std::slice::from_ref(&new));
    let changes = compare(sides.0, sides.1, &Options::default()).unwrap().changes;
    // What only the removed thing used is now unused.
    let own: Vec<_> = changes.iter().filter(|change| change.kind != "component-removed").collect();
    let named: Vec<_> = own.iter().map(|change| (change.kind, change.name.as_str())).collect();
    let [change] = own.as_slice() else {
        return Err(format!("{}: {named:?}", mutation.what));
    };
    if !mutation.kinds.contains(&change.kind) || !stands_at(change, &mutation.place) {
        return Err(format!("{}: {named:?} at {:?} {:?}", mutation.what, change.old, change.new));
    }
    if taken_back(&mutation.value, &changes) != *old.value() {
        return Err(format!("{}: {named:?} taken back is not the old document", mutation.what));
    }
    let back = compare(sides.1, sides.0, &Options::default()).unwrap().changes;
    if back.is_empty() || taken_back(old.value(), &back) != mutation.value {
        return Err(format!("{}: the way back is not accounted for: {back:#?}", mutation.what));
    }
    Ok(())
}

/// `document` as it is in `path`, without its text: places by line are tested
/// elsewhere, and looking for them would take most of the time.
fn load(path: &Path) -> Document {
    let bytes = std::fs::read(path).unwrap();
    let name = path.display().to_string();
    let (name, value) = Document::parse(name, &bytes, &Limits::default()).unwrap().into_parts();
    Document::from_value(name, value).unwrap()
}

/// Checks mutations of `path`, all or `sample` of them spread over the document;
/// gives the kinds of change.
fn check_all(path: &Path, sample: Option<usize>) -> BTreeSet<&'static str> {
    let document = load(path);
    let targets = targets(document.value());
    let chosen: Vec<(&Target, Option<usize>)> = match sample {
        None => targets.iter().map(|target| (target, None)).collect(),
        // Another mutation of each, so that all kinds come up.
        Some(count) => {
            let step = targets.len().div_ceil(count).max(1);
            targets.iter().step_by(step).enumerate().map(|(n, one)| (one, Some(n * 7))).collect()
        }
    };
    let next = AtomicUsize::new(0);
    let run = || -> (BTreeSet<&'static str>, Vec<String>) {
        let (mut kinds, mut missed) = (BTreeSet::new(), Vec::new());
        while let Some((target, pick)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut all = mutations(document.value(), target);
            if let Some(pick) = pick {
                let one = all.swap_remove(pick % all.len());
                all = vec![one];
            }
            for mutation in all {
                kinds.extend(mutation.kinds);
                missed.extend(check(&document, mutation).err());
            }
        }
        (kinds, missed)
    };
    let (mut kinds, mut missed) = (BTreeSet::new(), Vec::new());
    thread::scope(|scope| {
        let threads = [scope.spawn(run), scope.spawn(run)];
        for (more, wrong) in threads.into_iter().map(|thread| thread.join().unwrap()) {
            kinds.extend(more);
            missed.extend(wrong);
        }
    });
    let shown = missed.join("\n");
    assert!(missed.is_empty(), "{} missed in {}:\n{shown}", missed.len(), path.display());
    kinds
}

#[test]
fn a_sample_of_mutations_is_found_where_it_is() {
    let kinds: BTreeSet<_> = vendored().iter().flat_map(|path| check_all(path, Some(24))).collect();
    assert!(kinds.len() > 8, "{kinds:?}");
}

#[test]
#[ignore = "takes minutes; CI runs it"]
fn a_large_sample_of_mutations_is_found_where_it_is() {
    for path in vendored() {
        check_all(&path, Some(100));
    }
    // A small document: all of its mutations.
    if let Some(path) = workspace::extra_document("ibm-cloud-iam.yml") {
        check_all(&path, None);
    }
}
