//! What the three documents hold besides the facts: texts, examples, failures,
//! actions and events, and what `openapi/README.md` says of them.

mod examples;
mod texts;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use crate::{
    openapi::{self, Vendored, elements, entries, operations, vendored},
    workspace,
};

/// Asserts that `wrong` is empty, and shows all of it if it is not.
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn json(file: &str) -> Value {
    serde_json::from_slice(&fs::read(workspace::root().join(file)).unwrap()).unwrap()
}

/// The failures that follow from what an operation is.
#[test]
fn every_operation_has_the_failures_of_its_kind() {
    let mut wrong = Vec::new();
    for Vendored { name, document, .. } in &vendored() {
        for operation in operations(document) {
            let failures: BTreeSet<_> = operation.responses().map(|(status, _)| status).collect();
            let has = |place: &str, name: Option<&str>| {
                let mut parameters = operation.parameters();
                parameters.any(|p| p["in"] == place && name.is_none_or(|name| p["name"] == name))
            };
            let expected = [
                ("401", true),
                ("403", true),
                ("429", true),
                ("500", true),
                ("400", operation.body().is_some()),
                ("404", has("path", None)),
                ("412", has("header", Some("If-Match"))),
            ];
            for (status, _) in expected.iter().filter(|(_, expected)| *expected) {
                if !failures.contains(status) {
                    wrong.push(format!("{name}: {} has no {status}", operation.id));
                }
            }
            if failures.contains("412") && !has("header", Some("If-Match")) {
                wrong.push(format!("{name}: {} has 412 without If-Match", operation.id));
            }
        }
    }
    assert_none(&wrong);
}

/// The names below `pointer` of an operation, with whether each is inferred.
fn names<'a>(operation: &'a Value, pointer: &str) -> Vec<(&'a str, bool)> {
    let entries = operation.pointer(pointer).into_iter().flat_map(elements);
    let named = entries.map(|entry| (entry["name"].as_str().unwrap(), entry["x-inferred"] == true));
    named.collect()
}

const ACTIONS: &str = "/x-ibm-permissions/actions";
const EVENTS: &str = "/x-ibm-events/events";

#[test]
fn actions_and_events_are_those_that_ibm_publishes() {
    let (roles, events) = (json("tests/facts/roles.json"), json("tests/facts/events.json"));
    let services = entries(&roles["services"]);
    let actions: BTreeSet<_> = services
        .flat_map(|(_, service)| entries(&service["actions"]))
        .map(|(name, _)| name)
        .collect();
    let events: BTreeSet<_> = openapi::strings(&events["events"]).collect();
    assert!(actions.len() > 50 && events.len() > 50);
    let mut wrong = Vec::new();
    for Vendored { name, document, overlaid } in &vendored() {
        for (stage, document) in [("document", document), ("overlays", overlaid)] {
            for operation in operations(document) {
                for (pointer, known) in [(ACTIONS, &actions), (EVENTS, &events)] {
                    let named = names(operation.value, pointer);
                    let distinct: BTreeSet<_> = named.iter().map(|(name, _)| *name).collect();
                    let at = format!("{name}, {stage}: {}", operation.id);
                    if distinct.len() < named.len() {
                        wrong.push(format!("{at} names one twice at {pointer}"));
                    }
                    let unknown = distinct.difference(known);
                    wrong.extend(
                        unknown.map(|name| format!("{at} names {name}, which nobody knows")),
                    );
                    // What is inferred is ours, and ours stands in overlays.
                    if stage == "document" && named.iter().any(|(_, inferred)| *inferred) {
                        wrong.push(format!("{at} infers at {pointer}"));
                    }
                }
            }
        }
    }
    assert_none(&wrong);
}

/// What the facts state for the operations of API keys, and for no other.
#[test]
fn only_the_stated_actions_and_events_are_not_marked_as_inferred() {
    let stated =
        |names: &[&str]| -> BTreeSet<String> { names.iter().map(|&n| n.to_owned()).collect() };
    let events = |verb: &str| -> BTreeSet<String> {
        ["user", "serviceid"].map(|kind| format!("iam-identity.{kind}-apikey.{verb}")).into()
    };
    let none = BTreeSet::new;
    let expected = BTreeMap::from([
        (
            "list_api_keys",
            (stated(&["iam-identity.apikey.list", "iam-identity.apikey.manage"]), none()),
        ),
        ("create_api_key", (stated(&["iam-identity.apikey.create"]), events("create"))),
        ("get_api_key", (stated(&["iam-identity.apikey.get"]), none())),
        ("get_api_keys_details", (stated(&["iam-identity.apikey.get"]), none())),
        ("update_api_key", (stated(&["iam-identity.apikey.update"]), events("update"))),
        ("delete_api_key", (stated(&["iam-identity.apikey.delete"]), events("delete"))),
        ("lock_api_key", (none(), events("update"))),
        ("unlock_api_key", (none(), events("update"))),
    ]);
    let vendored = vendored();
    let mut found = BTreeMap::new();
    for Vendored { document, overlaid, .. } in &vendored {
        for (plain, overlaid) in operations(document).iter().zip(operations(overlaid)) {
            let stated = |operation: &Value, pointer: &str| -> BTreeSet<String> {
                let names = names(operation, pointer).into_iter();
                names.filter(|(_, inferred)| !inferred).map(|(name, _)| name.to_owned()).collect()
            };
            let of = |operation: &Value| (stated(operation, ACTIONS), stated(operation, EVENTS));
            assert_eq!(of(plain.value), of(overlaid.value), "an overlay states for {}", plain.id);
            let (actions, events) = of(plain.value);
            if !actions.is_empty() || !events.is_empty() {
                found.insert(plain.id, (actions, events));
            }
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn the_role_table_is_that_of_the_facts() {
    assert_eq!(json("openapi/roles.json"), json("tests/facts/roles.json"));
}

/// The lists of `openapi/README.md`: document and kind to operations and total.
type Lists = BTreeMap<(String, &'static str), (BTreeSet<String>, usize, usize)>;

/// What `openapi/README.md` lists below "What is not known".
fn listed() -> Lists {
    let text = fs::read_to_string(workspace::root().join("openapi/README.md")).unwrap();
    let (_, text) = text.split_once("## What is not known").unwrap();
    let mut lists = Lists::new();
    for section in text.split("\n### ").skip(1) {
        let (name, section) = section.split_once('\n').unwrap();
        for (kind, start) in [("action", "No action known ("), ("event", "No event known (")] {
            let (_, list) = section.split_once(start).unwrap();
            let list = list.split("\n\n").next().unwrap();
            let (counts, list) = list.split_once("):").unwrap();
            let (count, total) = counts.split_once(" of ").unwrap();
            let ids: Vec<_> = list.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            let distinct: BTreeSet<_> = ids.iter().cloned().collect();
            assert_eq!(distinct.len(), ids.len(), "{name} lists one twice");
            let entry = (distinct, count.parse().unwrap(), total.parse().unwrap());
            lists.insert((name.to_owned(), kind), entry);
        }
    }
    lists
}

#[test]
fn the_operations_without_action_or_event_are_listed() {
    let mut expected = Lists::new();
    for Vendored { name, overlaid, .. } in &vendored() {
        for (kind, pointer) in [("action", ACTIONS), ("event", EVENTS)] {
            let operations = operations(overlaid);
            let without = operations.iter().filter(|o| names(o.value, pointer).is_empty());
            let without: BTreeSet<_> = without.map(|operation| operation.id.to_owned()).collect();
            let count = without.len();
            expected.insert((name.clone(), kind), (without, count, operations.len()));
        }
    }
    assert_eq!(listed(), expected);
}
