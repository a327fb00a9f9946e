//! One side of a comparison: its documents, places in them, and references.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use serde_json::Value;

use super::value::Hash;
use crate::{Document, pointer};

/// A place in a document and what stands there.
#[derive(Debug, Clone)]
pub(super) struct Loc<'a> {
    pub(super) value: &'a Value,
    pub(super) document: usize,
    path: Option<Rc<Step<'a>>>,
}

#[derive(Debug)]
struct Step<'a> {
    parent: Option<Rc<Step<'a>>>,
    token: Cow<'a, str>,
}

impl<'a> Loc<'a> {
    pub(super) fn root(document: usize, value: &'a Value) -> Self {
        Self { value, document, path: None }
    }

    fn step(&self, token: impl Into<Cow<'a, str>>, value: &'a Value) -> Self {
        let path = Some(Rc::new(Step { parent: self.path.clone(), token: token.into() }));
        Self { value, document: self.document, path }
    }

    /// What `key` holds.
    pub(super) fn key(&self, key: &str) -> Option<Self> {
        let (key, value) = self.value.as_object()?.get_key_value(key)?;
        Some(self.step(key.as_str(), value))
    }

    /// What stands at `index` of a list.
    pub(super) fn index(&self, index: usize) -> Option<Self> {
        let value = self.value.as_array()?.get(index)?;
        Some(self.step(index.to_string(), value))
    }

    /// The entries of an object; none if it is none.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Loc<'a>)> + use<'a> {
        let this = self.clone();
        let entries = self.value.as_object().into_iter().flatten();
        entries.map(move |(key, value)| (key.as_str(), this.step(key.as_str(), value)))
    }

    /// The items of a list; none if it is none.
    pub(super) fn items(&self) -> impl Iterator<Item = Loc<'a>> + use<'a> {
        let this = self.clone();
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(move |(index, value)| this.step(index.to_string(), value))
    }

    /// The place that `pointer` leads to from here.
    pub(super) fn pointed(&self, pointer: &str) -> Option<Self> {
        let mut at = self.clone();
        for token in pointer::tokens(pointer) {
            at = match at.value {
                Value::Array(_) => at.index(token.parse().ok()?)?,
                _ => at.key(&token)?,
            };
        }
        Some(at)
    }

    /// Unique among the places of both sides.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self.value) as usize
    }

    pub(super) fn tokens(&self) -> Vec<&str> {
        let mut tokens = Vec::new();
        let mut step = self.path.as_deref();
        while let Some(at) = step {
            tokens.push(&*at.token);
            step = at.parent.as_deref();
        }
        tokens.reverse();
        tokens
    }

    /// The JSON pointer.
    pub(super) fn pointer(&self) -> String {
        self.tokens().into_iter().fold(String::new(), |at, token| pointer::child(&at, token))
    }

    /// Section and name, if this is a component.
    pub(super) fn component(&self) -> Option<(&str, &str)> {
        match self.tokens().as_slice() {
            ["components", section, name] => {
                // The borrow of `tokens` ends here, that of the steps does not.
                Some((section, name))
            }
            _ => None,
        }
    }

    /// What `key` holds, if it is text.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.as_object()?.get(key)?.as_str()
    }
}

/// The documents of one side.
pub(super) struct Side<'a> {
    pub(super) documents: &'a [Document],
    /// For a component that another document has as well: the first of them.
    twins: HashMap<usize, Loc<'a>>,
    anchors: Vec<HashMap<&'a str, Loc<'a>>>,
    resolved: RefCell<HashMap<(usize, &'a str), Option<Loc<'a>>>>,
}

impl<'a> Side<'a> {
    pub(super) fn new(documents: &'a [Document]) -> Self {
        let twins = if documents.len() > 1 { twins(documents) } else { HashMap::new() };
        let anchors = documents.iter().enumerate().map(|(index, document)| {
            let mut found = HashMap::new();
            anchors(&Loc::root(index, document.value()), &mut found);
            found
        });
        Self { documents, twins, anchors: anchors.collect(), resolved: RefCell::default() }
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = Loc<'a>> + use<'a> {
        let documents = self.documents.iter().enumerate();
        documents.map(|(index, document)| Loc::root(index, document.value()))
    }

    /// Where `reference`, which stands in the document of `from`, leads to.
    pub(super) fn resolve(&self, from: usize, reference: &'a str) -> Option<Loc<'a>> {
        if let Some(found) = self.resolved.borrow().get(&(from, reference)) {
            return found.clone();
        }
        let found = match pointer::of_reference(reference) {
            Some(pointer) => Loc::root(from, self.documents[from].value()).pointed(&pointer),
            None => reference
                .strip_prefix('#')
                .and_then(|anchor| self.anchors[from].get(anchor).cloned()),
        };
        let found = found.map(|loc| self.twins.get(&loc.address()).cloned().unwrap_or(loc));
        self.resolved.borrow_mut().insert((from, reference), found.clone());
        found
    }

    /// Whether the component `name` is in any document.
    pub(super) fn has_component(&self, section: &str, name: &str) -> bool {
        self.documents.iter().any(|document| {
            let section = document.value().get("components").and_then(|all| all.get(section));
            section.and_then(|section| section.get(name)).is_some()
        })
    }

    /// Every component once: section, name, place.
    pub(super) fn components(&self) -> Vec<(&'a str, &'a str, Loc<'a>)> {
        let mut all = Vec::new();
        for root in self.roots() {
            let Some(components) = root.key("components") else { continue };
            for (section, entries) in components.entries() {
                for (name, loc) in entries.entries() {
                    let first = self.twins.get(&loc.address());
                    if first.is_none_or(|first| first.address() == loc.address()) {
                        all.push((section, name, loc));
                    }
                }
            }
        }
        all.sort_by(|a, b| (a.0, a.1, a.2.document).cmp(&(b.0, b.1, b.2.document)));
        all
    }
}

fn anchors<'a>(at: &Loc<'a>, found: &mut HashMap<&'a str, Loc<'a>>) {
    // Most documents have none, and looking is cheap compared to building paths.
    fn has(value: &Value) -> bool {
        match value {
            Value::Object(map) => map.contains_key("$anchor") || map.values().any(has),
            Value::Array(items) => items.iter().any(has),
            _ => false,
        }
    }
    if !has(at.value) {
        return;
    }
    if let Some(anchor) = at.text("$anchor") {
        found.entry(anchor).or_insert_with(|| at.clone());
    }
    at.entries().for_each(|(_, child)| anchors(&child, found));
    at.items().for_each(|child| anchors(&child, found));
}

/// For each component of several documents the first that says the same: it has
/// the same name and value, and so has whatever it refers to.
fn twins<'a>(documents: &'a [Document]) -> HashMap<usize, Loc<'a>> {
    struct Node<'a> {
        loc: Loc<'a>,
        section: &'a str,
        name: &'a str,
        needs: Vec<(usize, String)>,
        class: u128,
    }
    let mut nodes: Vec<Node<'a>> = Vec::new();
    let mut index: HashMap<(usize, String), usize> = HashMap::new();
    for (number, document) in documents.iter().enumerate() {
        let Some(components) = Loc::root(number, document.value()).key("components") else {
            continue;
        };
        for (section, entries) in components.entries() {
            for (name, loc) in entries.entries() {
                let mut class = Hash::new();
                class.text(section);
                class.text(name);
                class.value(loc.value);
                let mut needs = Vec::new();
                references(loc.value, &mut |reference| {
                    let pointer = pointer::of_reference(reference).unwrap_or_default();
                    needs.push((number, component_of(&pointer)));
                });
                index.insert((number, component_of(&loc.pointer())), nodes.len());
                nodes.push(Node { loc, section, name, needs, class: class.finish() });
            }
        }
    }
    // Classes only ever split, so once their number stays they are final.
    let count = |nodes: &[Node<'_>]| {
        nodes.iter().map(|node| node.class).collect::<std::collections::BTreeSet<_>>().len()
    };
    let mut classes = count(&nodes);
    loop {
        let next: Vec<u128> = nodes
            .iter()
            .map(|node| {
                let mut class = Hash::new();
                class.bytes(&node.class.to_le_bytes());
                for need in &node.needs {
                    let need = index.get(need).map_or(0, |&index| nodes[index].class);
                    class.bytes(&need.to_le_bytes());
                }
                class.finish()
            })
            .collect();
        nodes.iter_mut().zip(next).for_each(|(node, class)| node.class = class);
        let now = count(&nodes);
        if now == classes {
            break;
        }
        classes = now;
    }
    let mut first: BTreeMap<(&str, &str, u128), Loc<'a>> = BTreeMap::new();
    let mut twins = HashMap::new();
    for node in &nodes {
        let key = (node.section, node.name, node.class);
        let first = first.entry(key).or_insert_with(|| node.loc.clone());
        twins.insert(node.loc.address(), first.clone());
    }
    twins
}

/// The pointer of the component that `pointer` leads into.
fn component_of(pointer: &str) -> String {
    pointer.split('/').take(4).collect::<Vec<_>>().join("/")
}

fn references<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a str)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("$ref", Value::String(reference)) => visit(reference),
                    (_, value) => references(value, visit),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, visit)),
        _ => {}
    }
}
