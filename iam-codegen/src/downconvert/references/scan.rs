//! Finds the references of a document, and what they can lead to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::position::below;
use crate::{
    document::walk::Node,
    downconvert::{object::Object, paths::operation_name},
    pointer::{self, child},
};

/// One reference.
pub(super) struct Use {
    /// The pointer of the object that holds it.
    pub(super) holder: String,
    pub(super) key: Holder,
    /// The kind of object that it has to lead to.
    pub(super) kind: Node,
    pub(super) reference: String,
    /// The schema resource that it stands in: the pointer of the nearest schema
    /// with an `$id`, or that of the document.
    resource: String,
    pub(super) operation: Option<String>,
}

/// How a reference is held.
pub(super) enum Holder {
    /// Under `$ref`.
    Ref,
    /// Under `$dynamicRef`.
    DynamicRef,
    /// Under this value of a discriminator, in its `mapping`.
    Mapping(String),
}

impl Holder {
    /// The key that the reference stands under.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Ref => "$ref",
            Self::DynamicRef => "$dynamicRef",
            Self::Mapping(value) => value,
        }
    }
}

/// What one walk over the document found.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) uses: Vec<Use>,
    /// The pointers of all members of `$defs` and `definitions`.
    pub(super) definitions: BTreeSet<String>,
    /// Whether there is a parameter that stands for the whole query string.
    pub(super) query_string: bool,
    /// By name, the resource and the pointer of each anchor.
    anchors: BTreeMap<String, Vec<(String, String)>>,
    /// By `$id` as it is written, the pointers of the schemas.
    ids: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Copy)]
struct Surroundings<'a> {
    resource: &'a str,
    operation: Option<&'a str>,
}

impl Scan {
    /// Scans all of `document`.
    pub(super) fn document(&mut self, document: &Value) {
        let surroundings = Surroundings { resource: "", operation: None };
        self.descend(document, Node::Document, String::new(), surroundings);
    }

    /// Scans what stands at `at`, which is of the kind `node`.
    pub(super) fn below(&mut self, document: &Value, node: Node, at: String) {
        if let Some(value) = document.pointer(&at) {
            let surroundings = Surroundings { resource: "", operation: None };
            self.descend(value, node, at, surroundings);
        }
    }

    fn descend(&mut self, value: &Value, node: Node, at: String, around: Surroundings<'_>) {
        if node == Node::Opaque {
            return;
        }
        match value {
            Value::Object(map) => {
                let named = (node == Node::Operation).then(|| name_at(map, &at));
                let starts = node == Node::Schema && map.get("$id").is_some_and(Value::is_string);
                let around = Surroundings {
                    resource: if starts { &at } else { around.resource },
                    operation: named.as_deref().or(around.operation),
                };
                self.object(value, node, &at, around);
                for (key, value) in map {
                    self.descend(value, below(node, key), child(&at, key), around);
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    let index = index.to_string();
                    self.descend(value, below(node, &index), child(&at, &index), around);
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, value: &Value, node: Node, at: &str, around: Surroundings<'_>) {
        if matches!(node, Node::Map(_) | Node::List(_) | Node::Document | Node::Components) {
            return;
        }
        self.query_string |=
            node == Node::Parameter && value.get("in").is_some_and(|place| place == "querystring");
        self.reference(value, "$ref", Holder::Ref, node, at, around);
        if node == Node::Schema {
            self.schema(value, at, around);
        }
    }

    fn schema(&mut self, schema: &Value, at: &str, around: Surroundings<'_>) {
        self.reference(schema, "$dynamicRef", Holder::DynamicRef, Node::Schema, at, around);
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = schema.get(key).and_then(Value::as_str) {
                let place = (around.resource.to_owned(), at.to_owned());
                self.anchors.entry(name.to_owned()).or_default().push(place);
            }
        }
        if let Some(id) = schema.get("$id").and_then(Value::as_str) {
            self.ids.entry(id.to_owned()).or_default().push(at.to_owned());
        }
        for key in ["$defs", "definitions"] {
            let names = schema.get(key).and_then(Value::as_object).into_iter().flatten();
            let holder = child(at, key);
            self.definitions.extend(names.map(|(name, _)| child(&holder, name)));
        }
        if let Some(mapping) = schema.pointer("/discriminator/mapping").and_then(Value::as_object) {
            let holder = format!("{at}/discriminator/mapping");
            for (name, target) in mapping {
                // Anything else is the name of a component, or leads out of the document.
                if target.as_str().is_some_and(|target| target.starts_with('#')) {
                    let key = Holder::Mapping(name.clone());
                    let mapping = schema.pointer("/discriminator/mapping").unwrap_or(schema);
                    self.reference(mapping, name, key, Node::Schema, &holder, around);
                }
            }
        }
    }

    fn reference(
        &mut self,
        holder: &Value,
        name: &str,
        key: Holder,
        kind: Node,
        at: &str,
        around: Surroundings<'_>,
    ) {
        if let Some(reference) = holder.get(name).and_then(Value::as_str) {
            self.uses.push(Use {
                holder: at.to_owned(),
                key,
                kind,
                reference: reference.to_owned(),
                resource: around.resource.to_owned(),
                operation: around.operation.map(str::to_owned),
            });
        }
    }

    /// The pointer that `found` leads to, if it is written as one.
    pub(super) fn target_by_pointer(&self, document: &Value, found: &Use) -> Option<String> {
        let at = pointer::of_reference(&found.reference)?;
        Some(within(document, &found.resource, at))
    }

    /// The pointer that `found` leads to; `None` if that is out of the document.
    pub(super) fn target(&self, document: &Value, found: &Use) -> Result<Option<String>, String> {
        let reference = found.reference.as_str();
        let (id, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = if id.is_empty() {
            &found.resource
        } else {
            match self.ids.get(id).map(Vec::as_slice) {
                Some([one]) => one,
                Some(_) => return Err(format!("`{id}` is the `$id` of more than one schema")),
                None => return Ok(None),
            }
        };
        if fragment.is_empty() || fragment.starts_with('/') {
            let at = pointer::of_reference(&format!("#{fragment}"));
            return Ok(at.map(|at| within(document, resource, at)));
        }
        let anchors = self.anchors.get(fragment).map_or(&[][..], Vec::as_slice);
        let mut own = anchors.iter().filter(|(of, _)| of == resource);
        match (anchors, own.next(), own.next()) {
            ([(_, at)], _, _) => Ok(Some(at.clone())),
            // An anchor belongs to its resource, but not a dynamic reference to its own.
            (_, Some((_, at)), None) if !matches!(found.key, Holder::DynamicRef) => {
                Ok(Some(at.clone()))
            }
            ([], _, _) => Err(format!("the reference `{reference}` names no anchor")),
            _ => Err(format!("the reference `{reference}` names more than one anchor")),
        }
    }
}

/// The name of the operation at `at`.
fn name_at(operation: &Object, at: &str) -> String {
    let tokens: Vec<_> = pointer::tokens(at).collect();
    match tokens.as_slice() {
        [.., path, method] => operation_name(operation, method, path),
        _ => at.to_owned(),
    }
}

/// `at` in the schema resource at `resource` if it is there, else in the document,
/// which is what most authors mean.
fn within(document: &Value, resource: &str, at: String) -> String {
    let inner = format!("{resource}{at}");
    if !resource.is_empty() && document.pointer(&inner).is_some() { inner } else { at }
}
