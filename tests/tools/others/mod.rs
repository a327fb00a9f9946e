//! Two public tools that compare documents: what one of them calls breaking
//! breaks for us too, at the same operation, or stands in `excused` with the
//! reason why not.
//!
//! Compared are the pairs of `tests/drift`, both ways; mutations of a document
//! of ours; and the pairs of [`judged`](crate::judged), where they are there.

// Why something is not breaking for us.
mod excused;
// The crate `drift`.
mod oxide;
// `redocly diff`, from npm.
mod redocly;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use iam_codegen::{
    compare::{Change, Wire},
    pointer,
};
use serde_json::Value;

use self::excused::{EXCUSED, Excuse, Tool};
use crate::{
    drift::{
        compared,
        mutate::{Target, mutations, targets},
        rules,
    },
    judged, workspace,
};

/// Two documents.
struct Pair {
    name: String,
    /// What the list calls it: pairs that differ in nothing that matters share this.
    listed: String,
    old: Value,
    new: Value,
}

impl Pair {
    fn documents(&self) -> [&Value; 2] {
        [&self.old, &self.new]
    }
}

/// A change that a tool calls breaking.
#[derive(Debug)]
struct Broken {
    /// Which rule of the tool's says so.
    rule: String,
    message: String,
    /// JSON pointers, without `#`; one of them breaks.
    places: Vec<String>,
}

/// What a tool says of a pair: all that breaks, or why it says nothing.
type Verdict = Result<Vec<Broken>, String>;

/// All pairs: those of the checkout first.
static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let mut pairs = of_rules();
    pairs.extend(of_mutations());
    pairs.extend(of_corpus());
    pairs
});

/// Each case in one version: that tools take all of them alike is not at issue.
fn of_rules() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for case in rules::cases() {
        let all = case.pairs();
        let version = all[0].0["openapi"].clone();
        for (old, new, judged_by) in all {
            if old["openapi"] != version {
                continue;
            }
            for (way, old, new) in [("", &old, &new), (" back", &new, &old)] {
                pairs.push(Pair {
                    name: format!("{} {judged_by}{way}", case.name),
                    listed: format!("{} {judged_by}{way}", case.text("kind")),
                    old: old.clone(),
                    new: new.clone(),
                });
            }
        }
    }
    pairs
}

/// A few mutations of a document of ours, of each kind.
fn of_mutations() -> Vec<Pair> {
    let path = workspace::root().join("openapi/iam-access-groups.json");
    let document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let (operations, objects): (Vec<_>, Vec<_>) =
        targets(&document).into_iter().partition(|one| matches!(one, Target::Operation(_)));
    let chosen = operations.iter().step_by(40).chain(objects.iter().step_by(40));
    chosen
        .flat_map(|target| mutations(&document, target))
        .map(|mutation| Pair {
            name: mutation.what,
            listed: format!("{MUTATION}{}", mutation.kinds[0]),
            old: document.clone(),
            new: mutation.value,
        })
        .collect()
}

/// The prefix of a mutation in the list, before its kind.
const MUTATION: &str = "mutation ";

fn of_corpus() -> Vec<Pair> {
    let Some(directory) = workspace::extra(judged::CORPUS, "pairs") else { return Vec::new() };
    let files = workspace::files(&directory);
    let read = |file: &Path| serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let mut pairs = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if let Some(key) = name.strip_suffix(".old.json") {
            let new = directory.join(format!("{key}.new.json"));
            let (name, listed) = (key.to_owned(), key.to_owned());
            pairs.push(Pair { name, listed, old: read(file), new: read(&new) });
        }
    }
    pairs
}

const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// The operations of a document, by where they stand.
fn operations(document: &Value) -> BTreeMap<[String; 3], &Value> {
    let mut found = BTreeMap::new();
    for area in ["paths", "webhooks"] {
        for (path, item) in document[area].as_object().into_iter().flatten() {
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    found.insert([area.to_owned(), path.clone(), method.to_owned()], operation);
                }
            }
        }
    }
    found
}

/// What an operation is called by us.
fn called(at: &[String; 3], operation: &Value) -> String {
    let otherwise = || format!("{} {}", at[2].to_uppercase(), at[1]);
    operation["operationId"].as_str().map_or_else(otherwise, str::to_owned)
}

/// The components that `value` refers to, directly or not.
fn referred<'a>(document: &'a Value, value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str);
            if let Some(at) = target.and_then(|target| target.strip_prefix('#'))
                && found.insert(at)
                && let Some(target) = document.pointer(at)
            {
                referred(document, target, found);
            }
            map.values().for_each(|value| referred(document, value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| referred(document, value, found)),
        _ => {}
    }
}

/// The operations that something at `place` is about: those there, those that
/// refer to it, or all of them.
fn about(pair: &Pair, place: &str) -> BTreeSet<String> {
    let tokens: Vec<_> = pointer::tokens(place).collect();
    let mut names = BTreeSet::new();
    for document in pair.documents() {
        for (at, operation) in operations(document) {
            let here = match tokens.first().map(String::as_str) {
                Some("paths" | "webhooks") => {
                    // All operations of a path, if it is about none.
                    let one = tokens.get(2).is_some_and(|one| METHODS.contains(&one.as_str()));
                    let depth = if one { 3 } else { 2 };
                    at.iter().zip(&tokens).take(depth).all(|(one, other)| one == other)
                }
                Some("components") if tokens[1] != "securitySchemes" => {
                    let item = &document[&at[0]][&at[1]];
                    let mut found = BTreeSet::new();
                    for value in [Some(operation), item.get("parameters"), item.get("$ref")] {
                        referred(document, value.unwrap_or(&Value::Null), &mut found);
                    }
                    found.iter().any(|one| {
                        place
                            .strip_prefix(one)
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    })
                }
                _ => true,
            };
            if here {
                names.insert(called(&at, operation));
            }
        }
    }
    names
}

/// What we say of one of `operations`, or of all if there are none.
fn at<'a>(changes: &'a [Change], operations: &BTreeSet<String>) -> Vec<&'a Change> {
    let here = |change: &&Change| {
        operations.is_empty() || change.operations.iter().any(|name| operations.contains(name))
    };
    changes.iter().filter(here).collect()
}

/// Whether what we say is what the list says that we say.
fn fits(excuse: &Excuse, ours: &[&Change]) -> bool {
    let Some((kinds, wire)) = excuse.ours else { return ours.is_empty() };
    ours.iter().map(|change| change.wire).max() == Some(wire)
        && ours.iter().any(|change| {
            kinds.contains(&change.kind) && change.wire == wire && change.rust >= excuse.rust
        })
}

/// Asserts that all that breaks for a tool breaks for us, or is in the list.
fn assert_agreed(tool: Tool, verdicts: Vec<Verdict>, at_least: usize) {
    let (mut total, mut agreed, mut own, mut unread) = (0, 0, 0, 0);
    let (mut missed, mut used) = (Vec::new(), BTreeSet::new());
    assert_eq!(verdicts.len(), PAIRS.len());
    for (pair, verdict) in PAIRS.iter().zip(verdicts) {
        let Ok(broken) = verdict else {
            unread += 1;
            continue;
        };
        if broken.is_empty() {
            continue;
        }
        let comparison = compared(&pair.old, &pair.new);
        for one in broken {
            total += 1;
            let operations = one.places.iter().flat_map(|place| about(pair, place)).collect();
            let ours = at(&comparison.changes, &operations);
            if ours.iter().any(|change| change.wire == Wire::Breaking) {
                agreed += 1;
                own += usize::from(!of_the_corpus(&pair.listed));
                continue;
            }
            let excuse = EXCUSED.iter().find(|excuse| {
                excuse.pairs_of(tool, &one.rule).any(|name| name == pair.listed)
                    && fits(excuse, &ours)
            });
            if excuse.is_some() {
                used.insert((one.rule, pair.listed.clone()));
            } else {
                let ours: Vec<_> = ours.iter().map(|one| (one.kind, one.wire, one.rust)).collect();
                missed.push(format!(
                    "{} ({}): {}: {} At {operations:?} we say {ours:?}",
                    pair.name, pair.listed, one.rule, one.message
                ));
            }
        }
    }
    let pairs = PAIRS.len();
    println!(
        "{tool:?}: {total} changes break in {pairs} pairs ({unread} not read); {agreed} break \
         for us too, {own} of them in pairs of our own; {} are listed, as {}",
        total - agreed - missed.len(),
        used.len()
    );
    assert!(missed.is_empty(), "{} are missed:\n{}", missed.len(), missed.join("\n"));
    // Which mutations there are depends on the document.
    let here = |name: &str| {
        let always = !of_the_corpus(name) && !name.starts_with(MUTATION);
        always || PAIRS.iter().any(|pair| pair.listed == name)
    };
    let unused: Vec<_> = EXCUSED
        .iter()
        .flat_map(|excuse| excuse.all_of(tool))
        .filter(|(rule, name)| here(name) && !used.contains(&((*rule).into(), (*name).into())))
        .collect();
    assert_eq!(unused, [], "listed, but not needed");
    assert!(own >= at_least, "{own} changes of our own pairs break for both");
}

/// Returns whether a pair is from the corpus, which may be absent.
fn of_the_corpus(listed: &str) -> bool {
    listed.len() == 10 && listed.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[test]
fn what_breaks_for_redocly_breaks_for_us_too() {
    let verdicts = redocly::verdicts(&PAIRS);
    let verdicts = verdicts.unwrap_or_else(|why| panic!("redocly diff cannot be run: {why}"));
    assert_agreed(Tool::Redocly, verdicts, 150);
}

#[test]
fn what_breaks_for_the_crate_drift_breaks_for_us_too() {
    assert_agreed(Tool::Drift, oxide::verdicts(&PAIRS), 50);
}
