//! Leaves out what cannot be generated, so that one operation does not cost the others.
//!
//! Whatever the stages reject is taken out of the document, and they start over: nothing
//! of an operation that is left out remains in the module. The record names these steps:
//!
//! | step | what it does |
//! |---|---|
//! | `references` | reads what a reference that leads nowhere names as any value |
//! | `schemas` | reads a schema that cannot be generated as any value |
//! | `operations` | leaves out an operation that cannot be generated |

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{
    Output, Settings,
    adapt::name_schemas_elsewhere,
    adaptation::Adaptations,
    document::{
        references::{self, Fault},
        walk::{Node, operation_name},
    },
    error::{Error, Problem},
    pointer, stages,
};

/// The number of times that the stages start over. Each finds all of its problems at once, so that
/// real documents need three or four rounds.
const ROUNDS: usize = 24;

/// The methods of a path item.
const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// The treatment of operations that cannot be generated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unsupported {
    /// The document is refused, with every problem of every operation.
    #[default]
    Refuse,
    /// Such an operation is left out, and listed in [`Output::left_out`].
    LeaveOut,
}

/// An operation that the module does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The operationId, or method and path.
    pub operation: String,
    /// JSON pointer of the operation.
    pub pointer: String,
    /// The reasons, each with its place and its remedy; never empty.
    pub problems: Vec<Problem>,
}

/// Takes `document` through all stages, and leaves out what they reject.
pub(crate) fn run(name: &str, mut document: Value, settings: &Settings) -> Result<Output, Error> {
    let mut lowering = Lowering::default();
    for _ in 0..ROUNDS {
        lowering.references(&mut document);
        let error = match stages(name, document.clone(), settings) {
            Ok(output) => return lowering.finish(name, output),
            Err(error) => error,
        };
        if !lowering.take_out(&mut document, error.problems()) {
            // The problem may be in a schema that the stages have moved.
            let before = document.clone();
            name_schemas_elsewhere(&mut document);
            if document == before {
                return Err(error);
            }
        }
    }
    let message = format!("cannot be generated after {ROUNDS} rounds of leaving out operations");
    let mut problems = vec![Problem::new("", message).remedy("correct it with an overlay")];
    problems.extend(lowering.left_out.into_values().flat_map(|left_out| left_out.problems));
    Err(Error::new(name, problems))
}

/// The changes made to a document.
#[derive(Debug, Default)]
struct Lowering {
    record: Adaptations,
    /// By pointer.
    left_out: BTreeMap<String, LeftOut>,
}

impl Lowering {
    fn finish(self, name: &str, mut output: Output) -> Result<Output, Error> {
        let mut record = self.record;
        for LeftOut { operation, pointer, problems } in self.left_out.values() {
            let reasons: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
            let what = format!("operation {operation} left out: {}", reasons.join("; "));
            record.record("operations", pointer, what, "it cannot be generated");
        }
        let left_out: Vec<_> = self.left_out.into_values().collect();
        if output.operations == 0 && !left_out.is_empty() {
            let problems: Vec<_> = left_out.into_iter().flat_map(|left| left.problems).collect();
            return Err(Error::new(name, problems));
        }
        output.adaptations.extend(record.into_list());
        output.adaptations.sort();
        output.left_out = left_out;
        Ok(output)
    }

    /// Gives every reference that cannot be followed something to stand for.
    fn references(&mut self, document: &mut Value) {
        // The end of a chain of references may be what is replaced.
        loop {
            let faults = references::faults(document);
            let mut changed = false;
            for fault in faults {
                changed |= self.reference(document, fault);
            }
            if !changed {
                return;
            }
        }
    }

    fn reference(&mut self, document: &mut Value, fault: Fault) -> bool {
        let Fault { node, at, problem } = fault;
        let (stand_in, what) = match node {
            Node::Schema => (json!({}), "any value"),
            Node::Response => (json!({"description": "", "content": {"*/*": {}}}), "bytes"),
            Node::RequestBody => {
                (json!({"content": {"application/json": {"schema": {}}}}), "any value")
            }
            Node::Header => (json!({"schema": {}}), "any value"),
            // Without the parameter, or the path, the operations mean something else.
            Node::Parameter | Node::PathItem | Node::Operation
                if !is_served(&at) && self.take_out(document, std::slice::from_ref(&problem)) =>
            {
                return true;
            }
            _ => (json!({}), "nothing"),
        };
        if node == Node::PathItem {
            self.leave_out_paths(document, &at, &problem);
        }
        let Some(place) = document.pointer_mut(&at) else { return false };
        *place = stand_in;
        let what = format!("{what}: {}", problem.message);
        self.record.record("references", at, what, "what it names is unknown");
        true
    }

    /// Lists the paths whose operations are unknown, since what is at `item` is.
    fn leave_out_paths(&mut self, document: &Value, item: &str, problem: &Problem) {
        let paths = document.get("paths").and_then(Value::as_object);
        for path in paths.into_iter().flat_map(Map::keys) {
            let at = pointer::child("/paths", path);
            if chain(document, &at).any(|place| place == item) {
                let problems = vec![problem.clone().operation(path.as_str())];
                let left_out = LeftOut { operation: path.clone(), pointer: at.clone(), problems };
                self.left_out.insert(at, left_out);
            }
        }
    }

    /// Takes out what `problems` are about; returns whether anything was.
    fn take_out(&mut self, document: &mut Value, problems: &[Problem]) -> bool {
        let mut changed = false;
        let mut doomed: BTreeMap<String, Vec<&Problem>> = BTreeMap::new();
        for problem in problems {
            let operations = match operation_at(document, &problem.pointer) {
                Some(operation) if problem.operation.is_some() => vec![operation],
                operation => match schema_at(document, &problem.pointer) {
                    Some(at) => {
                        changed |= self.lower_schema(document, &at, problem);
                        continue;
                    }
                    None => operation.map_or_else(
                        || users(document, &problem.pointer),
                        |operation| vec![operation],
                    ),
                },
            };
            for operation in operations {
                doomed.entry(operation).or_default().push(problem);
            }
        }
        if refers_into(document, &doomed) {
            name_schemas_elsewhere(document);
        }
        for (at, problems) in doomed {
            let Some(operation) = remove(document, &at) else { continue };
            changed = true;
            let operation = operation_name(&operation, &at);
            let problems = problems.into_iter().map(|problem| match problem.operation {
                Some(_) => problem.clone(),
                None => problem.clone().operation(&operation),
            });
            let left_out = LeftOut { problems: problems.collect(), operation, pointer: at.clone() };
            self.left_out.insert(at, left_out);
        }
        changed
    }

    fn lower_schema(&mut self, document: &mut Value, at: &str, problem: &Problem) -> bool {
        let Some(place) = document.pointer_mut(at).filter(|place| **place != json!({})) else {
            return false;
        };
        *place = json!({});
        let what = format!("any value: {}", problem.message);
        self.record.record("schemas", at, what, "it cannot be generated");
        true
    }
}

/// The pointer of the operation that `at` is in, if the document has it.
fn operation_at(document: &Value, at: &str) -> Option<String> {
    let tokens: Vec<_> = pointer::tokens(at).take(4).collect();
    let (path, method, additional) = match tokens.as_slice() {
        [paths, path, key, method] if paths == "paths" && key == "additionalOperations" => {
            (path, method, true)
        }
        [paths, path, method, ..] if paths == "paths" && METHODS.contains(&method.as_str()) => {
            (path, method, false)
        }
        _ => return None,
    };
    let item = pointer::child("/paths", path);
    let holder = if additional { pointer::child(&item, "additionalOperations") } else { item };
    let operation = pointer::child(&holder, method);
    let own = document.pointer(&operation).is_some();
    let referred = document.pointer(&pointer::child("/paths", path)).and_then(pointer::reference);
    (own || referred.is_some()).then_some(operation)
}

/// Returns whether `at` is in what a client serves: a callback or a webhook.
fn is_served(at: &str) -> bool {
    let tokens: Vec<_> = pointer::tokens(at).take(4).collect();
    let token = |index: usize| tokens.get(index).map(String::as_str);
    match token(0) {
        Some("webhooks") => true,
        Some("components") => token(1) == Some("callbacks"),
        _ => token(3) == Some("callbacks"),
    }
}

/// The pointer of the innermost schema around `at`.
fn schema_at(document: &Value, at: &str) -> Option<String> {
    let (mut node, mut value) = (Node::Document, document);
    let (mut here, mut found) = (String::new(), None);
    for token in pointer::tokens(at) {
        here = pointer::child(&here, &token);
        node = node.child(&token);
        let Some(next) = value.pointer(&pointer::child("", &token)) else { break };
        value = next;
        if node == Node::Schema {
            found = Some(here.clone());
        }
    }
    found
}

/// The operations that what is at `at` belongs to: those of a path, or those that refer to
/// a component, directly or through others.
fn users(document: &Value, at: &str) -> Vec<String> {
    let tokens: Vec<_> = pointer::tokens(at).take(3).collect();
    match tokens.as_slice() {
        // Of an operation that has been left out for another problem.
        [paths, _, method] if paths == "paths" && METHODS.contains(&method.as_str()) => Vec::new(),
        [paths, path, ..] if paths == "paths" => operations_of(document, path),
        [components, kind, name] if components == "components" => {
            let component = pointer::child(&pointer::child("/components", kind), name);
            users_of_component(document, component)
        }
        _ => Vec::new(),
    }
}

fn operations_of(document: &Value, path: &str) -> Vec<String> {
    let at = pointer::child("/paths", path);
    let item = path_item(document, &at);
    let keys = item.keys().filter(|key| METHODS.contains(&key.as_str()));
    let mut operations: Vec<_> = keys.map(|key| pointer::child(&at, key)).collect();
    let additional = pointer::child(&at, "additionalOperations");
    let more = item.get("additionalOperations").and_then(Value::as_object);
    operations.extend(more.into_iter().flat_map(Map::keys).map(|m| pointer::child(&additional, m)));
    operations
}

fn users_of_component(document: &Value, component: String) -> Vec<String> {
    let mut by_target: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let kinds = document.get("components").and_then(Value::as_object);
    for (kind, components) in kinds.into_iter().flatten() {
        let at = pointer::child("/components", kind);
        for (name, value) in components.as_object().into_iter().flatten() {
            note_targets(value, &pointer::child(&at, name), &mut by_target);
        }
    }
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        note_targets(item, &pointer::child("/paths", path), &mut by_target);
    }
    let mut known = BTreeSet::from([component.clone()]);
    let mut open = vec![component];
    let mut operations = BTreeSet::new();
    while let Some(target) = open.pop() {
        for user in by_target.remove(&target).unwrap_or_default() {
            let tokens: Vec<_> = pointer::tokens(&user).collect();
            match tokens.as_slice() {
                [paths, path] if paths == "paths" => {
                    let refers = |operation: &String| {
                        let value = document.pointer(operation);
                        value.is_none_or(|value| mentions(value, &target))
                    };
                    let item = document.pointer(&user);
                    let shared = item.and_then(|item| item.get("parameters"));
                    let all = shared.is_some_and(|shared| mentions(shared, &target));
                    let affected = operations_of(document, path);
                    operations.extend(affected.into_iter().filter(|o| all || refers(o)));
                }
                _ if known.insert(user.clone()) => open.push(user),
                _ => {}
            }
        }
    }
    operations.into_iter().collect()
}

/// Notes that `user` refers to each component that `value` mentions.
fn note_targets(value: &Value, user: &str, by_target: &mut BTreeMap<String, BTreeSet<String>>) {
    each_target(value, &mut |target| {
        by_target.entry(target).or_default().insert(user.to_owned());
    });
}

fn mentions(value: &Value, component: &str) -> bool {
    let mut found = false;
    each_target(value, &mut |target| found |= target == component);
    found
}

/// The component that each reference in `value` leads to or into.
fn each_target(value: &Value, visit: &mut dyn FnMut(String)) {
    if let Some(target) = pointer::reference(value).and_then(pointer::of_reference) {
        let unit = pointer::tokens(&target).take(3);
        visit(unit.fold(String::new(), |at, token| pointer::child(&at, token)));
    }
    match value {
        Value::Object(map) => map.values().for_each(|value| each_target(value, visit)),
        Value::Array(list) => list.iter().for_each(|value| each_target(value, visit)),
        _ => {}
    }
}

/// Returns whether something refers to a part of one of `operations`.
fn refers_into(document: &Value, operations: &BTreeMap<String, Vec<&Problem>>) -> bool {
    let mut found = false;
    each_target(document, &mut |target| found |= operations.contains_key(&target));
    found
}

/// `at`, and the places that it refers to through each other.
fn chain(document: &Value, at: &str) -> impl Iterator<Item = String> {
    let next = |at: &String| {
        let reference = document.pointer(at).and_then(pointer::reference);
        reference.and_then(pointer::of_reference)
    };
    // No chain of references returns to itself; the bound keeps other callers safe.
    std::iter::successors(Some(at.to_owned()), next).take(128)
}

/// The fields of the path item at `at`, with those of the one that it refers to.
fn path_item(document: &Value, at: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    for at in chain(document, at) {
        let own = document.pointer(&at).and_then(Value::as_object);
        for (key, value) in own.into_iter().flatten().filter(|(key, _)| *key != "$ref") {
            fields.entry(key).or_insert_with(|| value.clone());
        }
    }
    fields
}

/// Removes the operation at `at`. A path item that is shared is copied first.
fn remove(document: &mut Value, at: &str) -> Option<Value> {
    let tokens: Vec<_> = pointer::tokens(at).collect();
    let [_, path, keys @ ..] = tokens.as_slice() else { return None };
    let item_at = pointer::child("/paths", path);
    if document.pointer(at).is_none() {
        let whole = path_item(document, &item_at);
        *document.pointer_mut(&item_at)? = Value::Object(whole);
    }
    let item = document.pointer_mut(&item_at)?;
    match keys {
        [method] => item.as_object_mut()?.remove(method),
        [holder, method] => item.get_mut(holder)?.as_object_mut()?.remove(method),
        _ => None,
    }
}
