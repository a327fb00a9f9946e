//! Every `$ref` leads to a place in the document, and none of them in a circle
//! that has no end. (A schema whose property refers to it is no such circle.)

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::walk::{Node, walk};
use crate::{error::Problem, pointer};

pub(super) fn check(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    // From each place that cannot be understood without another to that other:
    // a reference to its target, a schema to what it is composed of.
    let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    walk(document, &mut |node, at, operation, value| {
        if node == Node::Schema {
            for list in ["allOf", "anyOf", "oneOf"] {
                let members = value.get(list).and_then(Value::as_array).map_or(0, Vec::len);
                let list = pointer::child(at, list);
                let members = (0..members).map(|index| pointer::child(&list, index.to_string()));
                needs.entry(at.to_owned()).or_default().extend(members);
            }
        }
        if matches!(node, Node::Map(_) | Node::List(_) | Node::Document | Node::Components) {
            return;
        }
        let Some(reference) = value.get("$ref") else {
            return;
        };
        let problem = |message: String, remedy: &str| {
            let problem = Problem::new(pointer::child(at, "$ref"), message).remedy(remedy);
            match operation {
                Some(operation) => problem.operation(operation),
                None => problem,
            }
        };
        let Some(reference) = reference.as_str() else {
            problems.push(problem("a reference is not a string".into(), "write it as a string"));
            return;
        };
        // `#name` is an anchor of 3.1, resolved by the down-conversion.
        let anchor =
            reference.len() > 1 && reference.starts_with('#') && !reference.starts_with("#/");
        if anchor && node == Node::Schema {
            return;
        }
        match pointer::of_reference(reference) {
            None => problems.push(problem(
                format!("the reference `{reference}` leads out of the document"),
                "bundle the document into one file first",
            )),
            Some(target) if document.pointer(&target).is_none() => problems.push(problem(
                format!("the reference `{reference}` leads nowhere"),
                "add what it names, or remove it with an overlay",
            )),
            Some(target) => needs.entry(at.to_owned()).or_default().push(target),
        }
    });
    problems.extend(circles(&needs));
    problems
}

/// The places that need themselves. Iterative, since chains may be long.
fn circles(needs: &BTreeMap<String, Vec<String>>) -> Vec<Problem> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut problems = Vec::new();
    for start in needs.keys() {
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        let mut on_path: BTreeSet<&str> = BTreeSet::from([start.as_str()]);
        while let Some((at, next)) = path.last_mut() {
            let at = *at;
            let target = (!done.contains(at))
                .then(|| needs.get(at).and_then(|targets| targets.get(*next)))
                .flatten();
            let Some(target) = target else {
                done.insert(at);
                on_path.remove(at);
                path.pop();
                continue;
            };
            *next += 1;
            if on_path.insert(target) {
                path.push((target, 0));
            } else if !done.contains(target.as_str()) {
                let message = format!("this is defined by itself, through {target}");
                problems.push(
                    Problem::new(at, message)
                        .remedy("break the circle of references in an overlay"),
                );
            }
        }
    }
    problems
}
