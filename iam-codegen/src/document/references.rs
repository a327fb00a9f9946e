//! Every `$ref` leads to a place in the document, and none of them in a circle
//! that has no end. (A schema whose property refers to it is no such circle.)

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::walk::{Node, walk};
use crate::{error::Problem, pointer};

/// A reference that cannot be followed, or what needs itself.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The kind of object at the place.
    pub(crate) node: Node,
    /// JSON pointer of the object.
    pub(crate) at: String,
    pub(crate) problem: Problem,
}

/// From each place that cannot be understood without another to that other: a reference
/// to its target, a schema to what it is composed of.
type Needs = BTreeMap<String, (Node, Vec<String>)>;

/// Everything that is wrong with the references of `document`.
pub(crate) fn faults(document: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut needs = Needs::new();
    walk(document, &mut |node, at, operation, value| {
        if node == Node::Schema {
            for list in ["allOf", "anyOf", "oneOf"] {
                let members = value.get(list).and_then(Value::as_array).map_or(0, Vec::len);
                let list = pointer::child(at, list);
                let members = (0..members).map(|index| pointer::child(&list, index.to_string()));
                needs.entry(at.to_owned()).or_insert((node, Vec::new())).1.extend(members);
            }
        }
        if matches!(node, Node::Map(_) | Node::List(_) | Node::Document | Node::Components) {
            return;
        }
        let Some(reference) = value.get("$ref") else {
            return;
        };
        let mut fault = |message: String, remedy: &str| {
            let problem = Problem::new(pointer::child(at, "$ref"), message).remedy(remedy);
            let problem = match operation {
                Some(operation) => problem.operation(operation),
                None => problem,
            };
            faults.push(Fault { node, at: at.to_owned(), problem });
        };
        let Some(reference) = reference.as_str() else {
            fault("a reference is not a string".into(), "write it as a string");
            return;
        };
        // `#name` is an anchor of 3.1, resolved by the down-conversion.
        let anchor =
            reference.len() > 1 && reference.starts_with('#') && !reference.starts_with("#/");
        if anchor && node == Node::Schema {
            return;
        }
        match pointer::of_reference(reference) {
            None => fault(
                format!("the reference `{reference}` leads out of the document"),
                "bundle the document into one file first",
            ),
            Some(target) if document.pointer(&target).is_none() => fault(
                format!("the reference `{reference}` leads nowhere"),
                "add what it names, or remove it with an overlay",
            ),
            Some(target) => {
                needs.entry(at.to_owned()).or_insert((node, Vec::new())).1.push(target);
            }
        }
    });
    faults.extend(circles(&needs));
    faults
}

/// The places that need themselves. Iterative, since chains may be long.
fn circles(needs: &Needs) -> Vec<Fault> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut faults = Vec::new();
    for start in needs.keys() {
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        let mut on_path: BTreeSet<&str> = BTreeSet::from([start.as_str()]);
        while let Some((at, next)) = path.last_mut() {
            let at = *at;
            let target = (!done.contains(at))
                .then(|| needs.get(at).and_then(|(_, targets)| targets.get(*next)))
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
                let problem = Problem::new(at, message)
                    .remedy("break the circle of references in an overlay");
                let node = needs.get(at).map_or(Node::Opaque, |(node, _)| *node);
                faults.push(Fault { node, at: at.to_owned(), problem });
            }
        }
    }
    faults
}
