//! For every kind of change a pair of smallest documents, both ways.

use std::collections::BTreeSet;

use iam_codegen::{
    Limits,
    compare::{Change, Direction, Options, Wire, compare, kinds},
    document::parse_value,
};
use serde_json::{Value, json};

use super::{accounting::assert_accounted, compared, document, with_schema, worst};
use crate::workspace;

/// One case of `tests/drift`.
pub(crate) struct Case {
    /// File and number, for messages.
    pub(crate) name: String,
    value: Value,
}

impl Case {
    pub(crate) fn text(&self, key: &str) -> &str {
        self.value[key].as_str().unwrap_or_else(|| panic!("{}: {key}", self.name))
    }

    /// The two verdicts of `key`: there and back.
    fn verdicts(&self, key: &str) -> [Wire; 2] {
        let words: Vec<_> = self.text(key).split('/').map(verdict).collect();
        words.try_into().unwrap_or_else(|_| panic!("{}: {key}", self.name))
    }

    fn list(&self, key: &str) -> Vec<String> {
        let list = self.value[key].as_array().into_iter().flatten();
        list.map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    /// The pairs to compare: old, new, and by which key they are judged.
    pub(crate) fn pairs(&self) -> Vec<(Value, Value, &'static str)> {
        let versions = match self.value["only"].as_str() {
            Some(version) => vec![version],
            None => vec!["3.0.3", "3.1.0", "3.2.0"],
        };
        let mut pairs = Vec::new();
        for version in versions {
            if let [old, new] = self.value["schema"].as_array().map_or(&[][..], Vec::as_slice) {
                let same = json!({"type": "boolean"});
                let request = |schema| with_schema(version, schema, &same);
                let response = |schema| with_schema(version, &same, schema);
                pairs.push((request(old), request(new), "request"));
                pairs.push((response(old), response(new), "response"));
            }
            if let [old, new] = self.value["document"].as_array().map_or(&[][..], Vec::as_slice) {
                let document = |patch| {
                    let mut base = base(version);
                    merge(&mut base, patch);
                    base
                };
                pairs.push((document(old), document(new), "wire"));
            }
        }
        assert!(!pairs.is_empty(), "{}: neither `schema` nor `document`", self.name);
        pairs
    }
}

/// The smallest document that cases are merged into.
fn base(version: &str) -> Value {
    json!({
        "openapi": version, "info": {"title": "T", "version": "1"},
        "paths": {"/t": {"get": {
            "operationId": "t",
            "responses": {"200": {"description": ""}},
        }}},
    })
}

/// Merges as a merge patch does: null removes.
fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.remove(key);
                } else {
                    merge(target.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => {
            *target = patch.clone();
        }
    }
}

fn verdict(word: &str) -> Wire {
    match word {
        "documentation" => Wire::Documentation,
        "compatible" => Wire::Compatible,
        "risky" => Wire::Risky,
        "breaking" => Wire::Breaking,
        other => panic!("no verdict: {other}"),
    }
}

/// All cases of `tests/drift`.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for file in workspace::files(&workspace::root().join("tests/drift")) {
        if file.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&file).unwrap();
        let list = parse_value(&name, &bytes, &Limits::default()).unwrap();
        for (index, value) in list.as_array().unwrap().iter().enumerate() {
            let kind = value["kind"].as_str().unwrap();
            cases.push(Case { name: format!("{name} {index} ({kind})"), value: value.clone() });
        }
    }
    cases
}

fn assert_said(case: &Case, changes: &[Change], back: bool, judged_by: &str) {
    let (kind, with) = if back { ("back", "back-with") } else { ("kind", "with") };
    let times = case.value["times"].as_u64().unwrap_or(1);
    let mut expected = case.list(with);
    expected.extend((0..times).map(|_| case.text(kind).to_owned()));
    expected.sort();
    let mut found: Vec<_> = changes
        .iter()
        .filter(|change| change.direction != Direction::Neither || judged_by == "wire")
        .map(|change| change.kind.to_owned())
        .collect();
    found.sort();
    // What cannot go one way is not judged there.
    if found != expected && judged_by != "wire" {
        expected.retain(|kind| !kind.starts_with("required-property-became-w"));
    }
    assert_eq!(found, expected, "{}, back: {back}, {judged_by}: {changes:#?}", case.name);
    let verdict = case.verdicts(judged_by)[usize::from(back)];
    assert_eq!(worst(changes), Some(verdict), "{}, back: {back}, {judged_by}", case.name);
    for change in changes {
        assert!(!change.reason.is_empty() && !change.explanation.is_empty(), "{}", case.name);
        assert!(change.old.is_some() || change.new.is_some(), "{}: no place", case.name);
        for place in [&change.old, &change.new, &change.missing].into_iter().flatten() {
            assert!(place.line.is_some() && place.column.is_some(), "{}: {place:?}", case.name);
        }
        match judged_by {
            "request" => assert_ne!(change.direction, Direction::Response, "{}", case.name),
            "response" => assert_ne!(change.direction, Direction::Request, "{}", case.name),
            _ => {}
        }
    }
}

#[test]
fn every_case_is_judged_as_expected_both_ways() {
    for case in cases() {
        for (old, new, judged_by) in case.pairs() {
            let forth = compared(&old, &new).changes;
            assert_said(&case, &forth, false, judged_by);
            let back = compared(&new, &old).changes;
            assert_said(&case, &back, true, judged_by);
            assert_eq!(compared(&old, &old).changes, [], "{}", case.name);
            assert_accounted(&case.name, &old, &new);
            assert_accounted(&case.name, &new, &old);
        }
    }
}

#[test]
fn every_kind_has_a_case() {
    let mut covered: BTreeSet<String> = BTreeSet::new();
    for case in cases() {
        covered.extend([case.text("kind").to_owned(), case.text("back").to_owned()]);
        covered.extend(case.list("with"));
        covered.extend(case.list("back-with"));
    }
    // Cases of their own: several documents, renamed schemas, the surface.
    let elsewhere = ["document-added", "document-removed", "surface-changed"];
    let lacking: Vec<_> = kinds()
        .map(|kind| kind.id)
        .filter(|kind| !covered.contains(*kind) && !elsewhere.contains(kind))
        .collect();
    assert_eq!(lacking, [""; 0], "kinds without a case in tests/drift");
}

/// Redocly's judgement found it: the demand was lost beside the description.
#[test]
fn a_name_is_demanded_by_the_side_that_does_not_describe_it() {
    let described = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let demanded = json!({"type": "object", "required": ["a"]});
    let nothing = json!({"type": "object"});
    for version in ["3.0.3", "3.1.0"] {
        let request = |schema| with_schema(version, schema, &nothing);
        let response = |schema| with_schema(version, &nothing, schema);
        let sent = compared(&request(&described), &request(&demanded));
        assert_eq!(super::kinds(&sent), ["optional-property-removed", "property-became-required"]);
        assert_eq!(worst(&sent.changes), Some(Wire::Breaking));
        let received = compared(&response(&demanded), &response(&described));
        assert_eq!(
            super::kinds(&received),
            ["optional-property-added", "property-became-optional"]
        );
        assert_eq!(worst(&received.changes), Some(Wire::Breaking));
        assert_accounted(version, &request(&described), &request(&demanded));
        assert_accounted(version, &response(&demanded), &response(&described));
    }
}

#[test]
fn fingerprints_tell_the_changes_of_a_pair_apart() {
    for case in cases() {
        for (old, new, _) in case.pairs() {
            let (old, new) = (document("o.json", &old), document("n.json", &new));
            let changes = compare(&[old], &[new], &Options::default()).unwrap().changes;
            let all: BTreeSet<_> = changes.iter().map(|change| &change.fingerprint).collect();
            assert_eq!(all.len(), changes.len(), "{changes:#?}");
        }
    }
}
