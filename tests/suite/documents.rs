//! Rules that hold for every document that the client is generated from, whatever
//! IBM adds to it.

use std::{collections::BTreeSet, fs};

use iam_codegen::{overlay, sources::Sources};
use serde_json::Value;

use crate::{
    openapi::{Vendored, elements, entries, operations, vendored},
    workspace,
};

/// Asserts that `wrong` is empty, and shows all of it if it is not.
pub(crate) fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let mut wrong = Vec::new();
    for Vendored { name, overlaid, .. } in vendored() {
        let mut ids = BTreeSet::new();
        for operation in operations(overlaid) {
            if !ids.insert(operation.id) {
                wrong.push(format!("{name}: two operations are {}", operation.id));
            }
        }
        assert!(!ids.is_empty(), "{name} has no operations");
    }
    assert_none(&wrong);
}

#[test]
fn every_variable_of_a_path_is_a_required_parameter() {
    let mut wrong = Vec::new();
    for Vendored { name, overlaid, .. } in vendored() {
        for operation in operations(overlaid) {
            let variables: BTreeSet<_> = operation
                .path
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}').map(|(variable, _)| variable))
                .collect();
            let parameters: BTreeSet<_> = operation
                .parameters()
                .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            if variables != parameters {
                let id = operation.id;
                wrong.push(format!("{name}: {id}: {variables:?} in the path, {parameters:?}"));
            }
        }
    }
    assert_none(&wrong);
}

/// The entries of `x-ibm-permissions` or `x-ibm-events`: name, and whether it is inferred.
fn named<'a>(operation: &'a Value, pointer: &str) -> Vec<(&'a str, bool)> {
    let entries = operation.pointer(pointer).into_iter().flat_map(elements);
    entries.map(|one| (one["name"].as_str().unwrap(), one["x-inferred"] == true)).collect()
}

const ACTIONS: &str = "/x-ibm-permissions/actions";
const EVENTS: &str = "/x-ibm-events/events";

#[test]
fn no_operation_names_an_action_or_event_twice() {
    let mut wrong = Vec::new();
    for Vendored { name, overlaid, .. } in vendored() {
        for operation in operations(overlaid) {
            for pointer in [ACTIONS, EVENTS] {
                let named = named(operation.value, pointer);
                let distinct: BTreeSet<_> = named.iter().map(|(name, _)| *name).collect();
                if distinct.len() < named.len() {
                    wrong.push(format!("{name}: {}: {named:?} at {pointer}", operation.id));
                }
            }
        }
    }
    assert_none(&wrong);
}

/// Inferred actions are ours: they are in overlays and in the table of roles.
#[test]
fn what_is_inferred_is_in_overlays_and_known() {
    let text = fs::read(workspace::root().join("openapi/roles.json")).unwrap();
    let roles: Value = serde_json::from_slice(&text).unwrap();
    let services = entries(&roles["services"]);
    let known: BTreeSet<_> = services
        .flat_map(|(_, service)| entries(&service["actions"]))
        .map(|(name, _)| name)
        .collect();
    let mut wrong = Vec::new();
    for Vendored { name, document, overlaid, .. } in vendored() {
        let inferred = |document, pointer: &str| -> BTreeSet<(String, String)> {
            let operations = operations(document).into_iter();
            let inferred = operations.flat_map(|operation| {
                let all = named(operation.value, pointer).into_iter();
                let inferred = all.filter(|(_, inferred)| *inferred);
                inferred.map(move |(name, _)| (operation.id.to_owned(), name.to_owned()))
            });
            inferred.collect()
        };
        for pointer in [ACTIONS, EVENTS] {
            let in_document = inferred(document, pointer).into_iter();
            wrong.extend(
                in_document.map(|one| format!("{name}: inferred in the document: {one:?}")),
            );
        }
        let actions = inferred(overlaid, ACTIONS).into_iter();
        let unknown = actions.filter(|(_, action)| !known.contains(action.as_str()));
        wrong.extend(unknown.map(|one| format!("{name}: not in roles.json: {one:?}")));
    }
    assert_none(&wrong);
}

/// The overlays' parser demands a reason; this demands that it is a sentence.
#[test]
fn every_action_of_an_overlay_has_a_reason() {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    let mut wrong = Vec::new();
    for (_, source) in sources.client() {
        let overlays = sources.overlays(source).unwrap();
        let (_, applied) = overlay::apply(sources.document(source).unwrap(), &overlays).unwrap();
        for action in applied {
            let reason = &action.reason;
            if !reason.ends_with('.') || reason.split_whitespace().count() < 5 {
                wrong.push(format!("{}: {}: {reason}", source.name, action.target));
            }
        }
    }
    assert_none(&wrong);
}
