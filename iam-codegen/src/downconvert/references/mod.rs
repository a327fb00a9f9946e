//! References: makes each one a pointer to a place that stays.
//!
//! Afterwards `$ref` is the only keyword that refers, `$defs` are components,
//! anchors are pointers, and whatever stood where the other conversions move or
//! remove something, and was referred to, has become a component of its own.
//! All of it is exact, so that nothing is recorded.

mod names;
pub(super) mod position;
mod scan;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::{
    names::Names,
    position::{is_query_string, stays},
    scan::{Holder, Scan, Use},
};
use super::object::{Object, list_mut};
use crate::{
    adaptation::Adaptations,
    document::walk::Node,
    error::Problem,
    pointer::{self, child, tokens},
};

/// What the later conversions need to know of the references.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Where the components that were made here stood, by their new pointers.
    origins: BTreeMap<String, String>,
    /// Whether something is referred to that has to be inlined.
    pub(super) inlines: bool,
}

impl Settled {
    /// The place in the input document of the component at `at`.
    pub(super) fn origin(&self, at: &str) -> String {
        self.origins.get(at).map_or(at, String::as_str).to_owned()
    }
}

/// Settles the references of `document`, in place.
pub(super) fn settle(document: &mut Value, adaptations: &mut Adaptations) -> Settled {
    let mut scan = Scan::default();
    scan.document(document);
    let mut settling = Settling { names: Names::of(document), ..Settling::default() };
    settling.take_in_strays(document, &mut scan);
    settling.move_definitions(&scan);
    let targets = settling.targets(document, &scan, adaptations);
    rewrite(document, &scan, &targets, &settling);
    remove_used_anchors(document, &scan, &targets);
    let inlines = settling.inlines || scan.query_string;
    settling.hoist(document);
    Settled { origins: settling.origins, inlines }
}

#[derive(Default)]
struct Settling {
    names: Names,
    /// What leaves its place: from its pointer to that of the component it becomes.
    moved: BTreeMap<String, String>,
    origins: BTreeMap<String, String>,
    /// The pointers of `moved` that are yet to be taken out, with their nesting.
    pending: Vec<(usize, String)>,
    inlines: bool,
}

impl Settling {
    /// Copies what is referred to but stands where nothing is looked into, for
    /// instance in an extension, to a component; what it refers to is next.
    fn take_in_strays(&mut self, document: &mut Value, scan: &mut Scan) {
        let mut next = 0;
        while let Some(found) = scan.uses.get(next) {
            next += 1;
            let Some(at) = scan.target_by_pointer(document, found) else {
                continue;
            };
            let kind = found.kind;
            let Some(place) = locate(document, scan, &at) else {
                continue;
            };
            let Some(section) = section(kind, &at) else {
                continue;
            };
            if place.node != Node::Opaque || self.moved.contains_key(&place.at) {
                continue;
            }
            let Some(copy) = document.pointer(&place.at).cloned() else {
                continue;
            };
            let (name, new) = self.names.component(section, &place.at);
            if insert_component(document, section, name, copy) {
                self.origins.insert(new.clone(), place.at.clone());
                self.moved.insert(place.at, new.clone());
                scan.below(document, kind, new);
            }
        }
    }

    /// Plans to move the members of all `$defs` to the components.
    fn move_definitions(&mut self, scan: &Scan) {
        for at in &scan.definitions {
            self.plan(at, "schemas");
        }
    }

    /// The target of each use, moves of what cannot be referred to later planned.
    fn targets(
        &mut self,
        document: &Value,
        scan: &Scan,
        adaptations: &mut Adaptations,
    ) -> Vec<Option<String>> {
        let mut targets = Vec::with_capacity(scan.uses.len());
        for found in &scan.uses {
            let target = match scan.target(document, found) {
                Ok(target) => target,
                Err(message) => {
                    adaptations.reject(problem(found, message));
                    None
                }
            };
            let place = target.and_then(|target| locate(document, scan, &target));
            targets.push(place.map(|place| {
                self.keep_referable(document, found.kind, &place);
                place.at
            }));
        }
        targets
    }

    fn keep_referable(&mut self, document: &Value, kind: Node, place: &Place) {
        if matches!(kind, Node::PathItem | Node::MediaType) {
            self.inlines = true;
            return;
        }
        if place.stays || place.node != kind || self.moved.contains_key(&place.at) {
            return;
        }
        let query_string = kind == Node::Parameter
            && document.pointer(&place.at).is_some_and(|found| is_query_string(document, found));
        if let (Some(section), false) = (section(kind, &place.at), query_string) {
            self.plan(&place.at, section);
        }
    }

    fn plan(&mut self, at: &str, section: &'static str) {
        let (_, new) = self.names.component(section, at);
        let origin = match self.prefix(&self.origins, at) {
            Some(origin) => origin,
            None => at.to_owned(),
        };
        self.origins.insert(new.clone(), origin);
        self.moved.insert(at.to_owned(), new);
        self.pending.push((at.matches('/').count(), at.to_owned()));
    }

    /// Where what stands at `at` will be.
    fn new_place(&self, at: &str) -> Option<String> {
        self.prefix(&self.moved, at)
    }

    /// `at` with its longest prefix that is a key of `map` replaced by the value.
    fn prefix(&self, map: &BTreeMap<String, String>, at: &str) -> Option<String> {
        let mut end = at.len();
        loop {
            if let Some(new) = map.get(&at[..end]) {
                return Some(format!("{new}{}", &at[end..]));
            }
            end = at[..end].rfind('/')?;
        }
    }

    /// Carries out the planned moves, inner ones first, so that none is copied.
    fn hoist(&mut self, document: &mut Value) {
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by(|a, b| b.cmp(a));
        for (_, at) in pending {
            let new = &self.moved[&at];
            let mut tokens_of_new = tokens(new).skip(1);
            let (Some(section), Some(name)) = (tokens_of_new.next(), tokens_of_new.next()) else {
                continue;
            };
            // Nothing is taken out that could not be put in.
            if section_mut(document, &section).is_none() {
                continue;
            }
            if let Some(slot) = document.pointer_mut(&at) {
                let moved = std::mem::replace(slot, json!({ "$ref": reference_to(new) }));
                insert_component(document, &section, name, moved);
            }
        }
    }
}

/// A place in the document.
struct Place {
    /// Its pointer, in canonical form.
    at: String,
    node: Node,
    /// Whether a reference to it still leads there after the conversion.
    stays: bool,
}

fn locate(document: &Value, scan: &Scan, target: &str) -> Option<Place> {
    let mut place = Place { at: String::new(), node: Node::Document, stays: true };
    let mut value = document;
    for token in tokens(target) {
        let kept = match place.node {
            // Without query strings no list of parameters changes.
            Node::List(Node::Parameter) => !scan.query_string,
            node => stays(document, node, value, &token),
        };
        value = match value {
            Value::Object(map) => map.get(&token)?,
            Value::Array(list) => list.get(token.parse::<usize>().ok()?)?,
            _ => return None,
        };
        place.node = position::below(place.node, &token);
        place.at = child(&place.at, &token);
        // A definition moves as a whole, so that counting starts anew there.
        place.stays = (place.stays && kept) || scan.definitions.contains(&place.at);
    }
    Some(place)
}

/// The section of the components for what is referred to as a `kind`.
fn section(kind: Node, at: &str) -> Option<&'static str> {
    Some(match kind {
        Node::Schema => "schemas",
        Node::Parameter => "parameters",
        Node::Response => "responses",
        Node::RequestBody => "requestBodies",
        Node::Header => "headers",
        Node::Callback => "callbacks",
        Node::Leaf => {
            let owner = tokens(at).collect::<Vec<_>>();
            match owner.iter().rev().nth(1).map(String::as_str) {
                Some("examples") => "examples",
                Some("links") => "links",
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// `false` if the components are not of the form that takes one more.
fn insert_component(document: &mut Value, section: &str, name: String, value: Value) -> bool {
    section_mut(document, section).is_some_and(|section| {
        section.insert(name, value);
        true
    })
}

fn section_mut<'a>(document: &'a mut Value, section: &str) -> Option<&'a mut Object> {
    let empty = || json!({});
    let components = document.as_object_mut()?.entry("components").or_insert_with(empty);
    components.as_object_mut()?.entry(section).or_insert_with(empty).as_object_mut()
}

fn problem(found: &Use, message: String) -> Problem {
    let at = child(&found.holder, found.key.name());
    let problem = Problem::new(at, message).remedy("refer to it by a JSON pointer, in an overlay");
    match &found.operation {
        Some(operation) => problem.operation(operation.clone()),
        None => problem,
    }
}

/// Writes the new references.
fn rewrite(document: &mut Value, scan: &Scan, targets: &[Option<String>], settling: &Settling) {
    for (found, target) in scan.uses.iter().zip(targets) {
        let new = target.as_ref().map(|target| match settling.new_place(target) {
            Some(new) => reference_to(&new),
            None if pointer::of_reference(&found.reference).as_ref() == Some(target) => {
                found.reference.clone()
            }
            None => reference_to(target),
        });
        let Some(holder) = document.pointer_mut(&found.holder).and_then(Value::as_object_mut)
        else {
            continue;
        };
        match (&found.key, new) {
            (Holder::DynamicRef, Some(new)) => {
                holder.remove("$dynamicRef");
                if !holder.contains_key("$ref") {
                    holder.insert("$ref".to_owned(), new.into());
                } else if let Some(list) = list_mut(holder, "allOf") {
                    list.push(json!({ "$ref": new }));
                }
            }
            (Holder::Ref, Some(new)) => {
                holder.insert("$ref".to_owned(), new.into());
            }
            (Holder::Mapping(name), Some(new)) => {
                holder.insert(name.clone(), new.into());
            }
            (_, None) => {}
        }
    }
}

/// An anchor that a reference led to has done its work.
fn remove_used_anchors(document: &mut Value, scan: &Scan, targets: &[Option<String>]) {
    for (found, target) in scan.uses.iter().zip(targets) {
        let (Some(target), Some((_, name))) = (target, found.reference.split_once('#')) else {
            continue;
        };
        let Some(schema) = document.pointer_mut(target).and_then(Value::as_object_mut) else {
            continue;
        };
        for key in ["$anchor", "$dynamicAnchor"] {
            if schema.get(key).is_some_and(|anchor| anchor == name) {
                schema.remove(key);
            }
        }
    }
}

/// `at` as a local reference: a URI fragment (RFC 3986, section 3.5).
fn reference_to(at: &str) -> String {
    let mut reference = String::with_capacity(at.len() + 1);
    reference.push('#');
    for byte in at.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte) {
            reference.push(char::from(byte));
        } else {
            reference.push_str(&format!("%{byte:02X}"));
        }
    }
    reference
}

#[cfg(test)]
mod tests;
