//! Puts everything but schemas where it is used, so that later steps meet no
//! reference other than `#/components/schemas/…`. Exact, but for callbacks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::names;
use crate::{
    adaptation::Adaptations,
    depth::Depth,
    document::walk::{Node, walk},
    error::Problem,
    pointer,
};

/// How many values references may add, against documents built to explode.
const BUDGET: usize = 5_000_000;

/// The length of a chain of references.
const DEPTH: Depth = Depth::new(128);

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Puts parameters, bodies, responses, headers and path items in the place of
/// the references to them, and names schemas that are referred to elsewhere.
pub fn inline_references(document: &mut Value, record: &mut Adaptations) {
    name_schemas_elsewhere(document);
    drop_callbacks(document, record);
    let source = document.clone();
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    let mut inlining = Inlining {
        source: &source,
        budget: BUDGET,
        open: Vec::new(),
        circles: Vec::new(),
        deep: Vec::new(),
    };
    for item in paths.values_mut() {
        inlining.inline(item, Node::PathItem, DEPTH);
        merge_path_parameters(item);
    }
    for target in inlining.circles {
        let problem = Problem::new(target, "this is defined by itself");
        record.reject(problem.remedy("break the circle of references in an overlay"));
    }
    for target in inlining.deep {
        let problem = Problem::new(target, "references lead to this through too many others");
        record.reject(problem.remedy("shorten the chain with an overlay"));
    }
    if inlining.budget == 0 {
        let problem = Problem::new("/paths", "references expand to more than five million values");
        record.reject(problem.remedy("split the document"));
    }
}

/// Gives a name to schemas that are referred to by a path other than
/// `#/components/schemas/…`, for instance `#/…/properties/id`.
pub(crate) fn name_schemas_elsewhere(document: &mut Value) {
    let mut elsewhere = BTreeSet::new();
    walk(document, &mut |node, _, _, value| {
        let target = (node == Node::Schema).then(|| pointer::reference(value)).flatten();
        let Some(target) = target.and_then(pointer::of_reference) else { return };
        if component(&target).is_none() {
            elsewhere.insert(target);
        }
    });
    if elsewhere.is_empty() {
        return;
    }
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let mut taken: names::Taken = schemas.into_iter().flat_map(Map::keys).cloned().collect();
    let mut named = BTreeMap::new();
    // Deepest first: a place inside another is named before that one moves.
    let mut targets: Vec<_> = elsewhere.into_iter().collect();
    targets.sort_by_key(|target| std::cmp::Reverse(target.len()));
    for target in targets {
        let words: Vec<_> = pointer::tokens(&target)
            .filter(|token| {
                !["components", "schemas", "properties", "paths"].contains(&token.as_str())
            })
            .collect();
        let name = names::unique(names::pascal(&words.join("-")), &mut taken);
        let reference = format!("#/components/schemas/{name}");
        let Some(place) = document.pointer_mut(&target) else { continue };
        let schema = std::mem::replace(place, json!({"$ref": reference}));
        if let Some(schemas) = object_at(document, &["components", "schemas"]) {
            schemas.insert(name, schema);
        }
        named.insert(target, reference);
    }
    crate::document::walk::schemas_mut(document, &mut |_, schema| {
        let target = pointer::reference(schema).and_then(pointer::of_reference);
        if let Some(reference) = target.and_then(|target| named.get(&target)) {
            schema["$ref"] = json!(reference);
        }
    });
}

/// The object below `keys`, made where there is none; `None` where something
/// else stands in the way.
fn object_at<'a>(document: &'a mut Value, keys: &[&str]) -> Option<&'a mut Map<String, Value>> {
    let mut at = document.as_object_mut()?;
    for key in keys {
        at = at.entry(*key).or_insert_with(|| json!({})).as_object_mut()?;
    }
    Some(at)
}

/// The component that `pointer` names.
pub(super) fn component(target: &str) -> Option<String> {
    let mut tokens = pointer::tokens(target);
    let path = (tokens.next()?, tokens.next()?, tokens.next()?, tokens.next());
    match path {
        (first, second, name, None) if first == "components" && second == "schemas" => Some(name),
        _ => None,
    }
}

fn drop_callbacks(document: &mut Value, record: &mut Adaptations) {
    let mut holders = Vec::new();
    walk(document, &mut |node, at, _, value| {
        for (kind, key) in [(Node::Operation, "callbacks"), (Node::Response, "links")] {
            if node == kind && value.get(key).is_some() {
                holders.push((at.to_owned(), key));
            }
        }
    });
    for (holder, key) in holders {
        if let Some(Value::Object(map)) = document.pointer_mut(&holder) {
            map.remove(key);
            let at = pointer::child(&holder, key);
            record.record("callbacks", at, format!("{key} left out"), "a client serves nothing");
        }
    }
}

struct Inlining<'a> {
    source: &'a Value,
    budget: usize,
    /// The places whose copies the walk is in.
    open: Vec<String>,
    /// The places that contain themselves.
    circles: Vec<String>,
    /// The places that too many references lead to.
    deep: Vec<String>,
}

impl Inlining<'_> {
    fn inline(&mut self, value: &mut Value, node: Node, left: Depth) {
        if matches!(node, Node::Opaque | Node::Schema | Node::Leaf | Node::Callback)
            || self.budget == 0
        {
            return;
        }
        let depth = self.open.len();
        let mut left = left;
        // In a map `$ref` is a name like any other.
        while !matches!(node, Node::Map(_) | Node::List(_))
            && let Some(at) = pointer::reference(value).and_then(pointer::of_reference)
        {
            let Some(target) = self.source.pointer(&at) else { break };
            if self.open.contains(&at) {
                self.circles.push(at);
                break;
            }
            let Some(fewer) = left.down() else {
                self.deep.push(at);
                break;
            };
            left = fewer;
            self.budget = self.budget.saturating_sub(size(target));
            if self.budget == 0 {
                break;
            }
            let mut inlined = target.clone();
            // A path item may have fields beside its reference.
            if let (Value::Object(inlined), Value::Object(own), Node::PathItem) =
                (&mut inlined, &*value, node)
            {
                let own = own.iter().filter(|(key, _)| *key != "$ref");
                inlined.extend(own.map(|(key, value)| (key.clone(), value.clone())));
            }
            *value = inlined;
            self.open.push(at);
        }
        match value {
            Value::Object(map) => {
                map.iter_mut().for_each(|(key, child)| self.inline(child, node.child(key), left));
            }
            Value::Array(list) => {
                list.iter_mut().for_each(|child| self.inline(child, node.child("0"), left));
            }
            _ => {}
        }
        self.open.truncate(depth);
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        Value::Array(list) => 1 + list.iter().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// Gives each operation the parameters of its path that it does not override.
fn merge_path_parameters(item: &mut Value) {
    let Some(item) = item.as_object_mut() else { return };
    let Some(Value::Array(shared)) = item.remove("parameters") else { return };
    for method in METHODS {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
        let own = operation.entry("parameters").or_insert_with(|| json!([]));
        let Some(own) = own.as_array_mut() else { continue };
        let identity = |p: &Value| (p.get("name").cloned(), p.get("in").cloned());
        let overridden: HashSet<_> = own.iter().map(identity).collect();
        let inherited = shared.iter().filter(|p| !overridden.contains(&identity(p)));
        own.extend(inherited.cloned().collect::<Vec<_>>());
    }
}
