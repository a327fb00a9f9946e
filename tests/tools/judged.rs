//! 275 pairs of small documents, and what oasdiff 1.26.1 says of each. Where we
//! say otherwise, the reason stands here.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use iam_codegen::{
    Document, Limits,
    compare::{Options, Wire, compare},
};
use serde_json::Value;

use crate::{drift::accounting::assert_accounted, workspace};

/// The environment variable that names the directory of the pairs.
pub(crate) const CORPUS: &str = "IAM_DRIFT_CORPUS";

/// Pairs with an error for oasdiff and nothing breaking for us.
const NOT_BREAKING: &[(&str, &str)] = &[
    (
        "2318bda4da",
        "the pattern is that of a property that is only received, so no request has to fit it",
    ),
    (
        "4a8ada4aae",
        "the listed texts gave way to `oneOf` of any text and any number, which takes them all",
    ),
];

/// Pairs in which oasdiff warns of nothing and something breaks for us.
const BREAKING: &[(&str, &str)] = &[
    (
        "00ddb17b00",
        "an operation is gone; that it was deprecated before does not make its calls work",
    ),
    (
        "3c3a4e294a",
        "an operation is gone; that it was deprecated before does not make its calls work",
    ),
    ("3f86a1f37e", "an operation is gone; `x-stability-level` is a convention of oasdiff's"),
    (
        "09ddee150e",
        "one text became a list: its items are joined or repeated, other calls than before",
    ),
    (
        "522fe67d54",
        "one text became a list: its items are joined or repeated, other calls than before",
    ),
    ("0d79ec4f6d", "a further scope is needed: tokens without it are refused"),
    ("29b143a0e1", "a further scope is needed: tokens without it are refused"),
    ("254294b263", "credentials are sent in another way"),
    ("0e896647cb", "who reads `application/json` only does not read `application/problem+json`"),
    ("1465845b75", "who leaves the property out now asks for something else"),
    ("2bf1cf0a48", "a required property is only sent now, and missing in responses"),
    ("63c71b0be9", "a required property is only sent now, and missing in responses"),
    ("500dc3abcb", "a property called `` is demanded, though by mistake"),
    ("51218ce874", "lists in lists may be shorter only: oasdiff does not look into items here"),
    (
        "7448492995",
        "readers meet another alternative, as with `oneOf`, which oasdiff calls an error",
    ),
    ("7db8bfe1fb", "responses need not fit a schema that they had to fit"),
];

#[test]
fn errors_of_another_tool_break_for_us_too() {
    let Some(expected) = workspace::extra(CORPUS, "expected.json") else { return };
    let directory = expected.parent().unwrap();
    let expected = std::fs::read(&expected).unwrap();
    let expected: BTreeMap<String, Vec<Value>> = serde_json::from_slice(&expected).unwrap();
    let (mut errors, mut informed, mut agreed) = (0, 0, 0);
    let (mut missed, mut alarms) = (BTreeSet::new(), BTreeSet::new());
    for (key, judged) in &expected {
        let load = |which: &str| {
            let path = directory.join(format!("pairs/{key}.{which}.json"));
            let bytes = std::fs::read(path).unwrap();
            Document::parse(format!("{key}.{which}.json"), &bytes, &Limits::default()).unwrap()
        };
        let comparison = compare(&[load("old")], &[load("new")], &Options::default()).unwrap();
        for change in &comparison.changes {
            assert_ne!(change.kind, "unclassified", "{key}: {change:#?}");
        }
        let level = |level: &str| judged.iter().any(|entry| entry["level"] == level);
        let count = judged.iter().filter(|entry| entry["level"] == "error").count();
        errors += count;
        let breaking = comparison.wire() == Some(Wire::Breaking);
        if level("error") {
            if breaking {
                agreed += count;
                // At the operation that it names, if it names one.
                for entry in judged.iter().filter(|entry| entry["level"] == "error") {
                    let Some(path) = entry["path"].as_str().filter(|path| path.starts_with('/'))
                    else {
                        continue;
                    };
                    let reached =
                        comparison.changes.iter().filter(|change| change.wire == Wire::Breaking);
                    let at = reached.flat_map(|change| &change.operations).collect::<BTreeSet<_>>();
                    let method = entry["operation"].as_str().unwrap_or_default().to_lowercase();
                    let here = ["old", "new"].into_iter().any(|which| {
                        let document = load(which);
                        let id = &document.value()["paths"][path][&method]["operationId"];
                        id.as_str().is_some_and(|id| at.iter().any(|name| *name == id))
                    });
                    let name =
                        format!("{} {path}", entry["operation"].as_str().unwrap_or_default());
                    let here = here || at.contains(&name);
                    assert!(here, "{key}: nothing breaks at {name}, but at {at:?}");
                }
            } else {
                missed.insert(key.as_str());
            }
        } else if !level("warn") {
            informed += 1;
            if breaking {
                alarms.insert(key.as_str());
            }
        }
    }
    let listed = |list: &'static [(&str, &str)]| -> BTreeSet<&str> {
        list.iter().map(|(key, _)| *key).collect()
    };
    assert_eq!(missed, listed(NOT_BREAKING), "errors of oasdiff that do not break for us");
    assert_eq!(alarms, listed(BREAKING), "what breaks for us alone");
    println!(
        "{agreed} of {errors} errors break for us; of {informed} pairs with infos only, {} break",
        alarms.len()
    );
    assert!(agreed > 150 && informed > 100, "{agreed}, {informed}");
}

fn read(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap();
    Document::parse("pair.json", &bytes, &Limits::default()).unwrap().value().clone()
}

#[test]
fn changes_account_for_every_difference_of_the_pairs() {
    let Some(directory) = workspace::extra(CORPUS, "pairs") else { return };
    let mut pairs = 0;
    for old in workspace::files(&directory) {
        let name = old.file_name().unwrap().to_string_lossy().into_owned();
        let Some(key) = name.strip_suffix(".old.json") else { continue };
        let new = directory.join(format!("{key}.new.json"));
        assert_accounted(key, &read(&old), &read(&new));
        pairs += 1;
    }
    assert!(pairs > 200, "{pairs} pairs are too few");
}
