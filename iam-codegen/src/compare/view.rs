//! What an object says once references, and wrappers that add nothing, are
//! followed: `$ref`, `allOf` of one, and `oneOf` or `anyOf` of one and null.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    side::{Loc, Side},
    value::{object, same},
};
use crate::depth::Depth;

/// How many references and wrappers may lead from one to the next.
const HOPS: Depth = Depth::new(64);

/// Keys that describe a schema wherever it is used, and so may stand beside a
/// reference and hide what the target says.
const TEXTS: &[&str] = &[
    "description",
    "title",
    "summary",
    "deprecated",
    "readOnly",
    "writeOnly",
    "default",
    "example",
    "examples",
    "externalDocs",
    "$comment",
    "nullable",
    "xml",
];

/// Keys that demand something and stand alone: beside a reference they add to it.
const DEMANDS: &[&str] = &[
    "type",
    "format",
    "enum",
    "const",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// An object and what it takes over from elsewhere.
#[derive(Debug, Clone)]
pub(super) struct View<'a> {
    /// Where it is written, whether or not anything is added there.
    pub(super) site: Loc<'a>,
    /// Where it is used; the same as `base` if nothing is added there.
    pub(super) at: Loc<'a>,
    /// What it is in the end.
    pub(super) base: Loc<'a>,
    /// Whether `base` is at another place than where it is used.
    pub(super) hops: bool,
    /// What is said on the way and not by `base`.
    pub(super) overlay: BTreeMap<&'a str, Loc<'a>>,
    /// Where null is let in on the way.
    pub(super) null: Option<Loc<'a>>,
    /// The components that were passed.
    pub(super) passed: Vec<Loc<'a>>,
}

impl<'a> View<'a> {
    fn plain(at: Loc<'a>) -> Self {
        let (base, site) = (at.clone(), at.clone());
        Self {
            site,
            at,
            base,
            hops: false,
            overlay: BTreeMap::new(),
            null: None,
            passed: Vec::new(),
        }
    }

    /// Whether the place of use adds something.
    pub(super) fn adds(&self) -> bool {
        !self.overlay.is_empty() || self.null.is_some()
    }

    /// What `key` holds, the place of use before the target.
    pub(super) fn get(&self, key: &str) -> Option<Loc<'a>> {
        self.overlay.get(key).cloned().or_else(|| self.base.key(key))
    }

    /// All keys and what they hold.
    pub(super) fn keys(&self) -> BTreeMap<&'a str, Loc<'a>> {
        let mut keys: BTreeMap<_, _> = self.base.entries().collect();
        keys.extend(self.overlay.iter().map(|(key, loc)| (*key, loc.clone())));
        keys
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some_and(|loc| loc.value == &Value::Bool(true))
    }

    fn through(self, outer: Loc<'a>, keys: Vec<(&'a str, Loc<'a>)>, null: Option<Loc<'a>>) -> Self {
        let mut view = self;
        for (key, loc) in keys {
            // What the target says as well adds nothing.
            if view.get(key).is_none_or(|inner| !same(inner.value, loc.value)) {
                view.overlay.insert(key, loc);
            }
        }
        if view.null.is_none() {
            view.null = null;
        }
        view.hops = true;
        view.site = outer.clone();
        view.at = if view.adds() { outer } else { view.base.clone() };
        view
    }
}

impl<'a> Side<'a> {
    /// What stands at `at` of anything but schemas: only `$ref` is followed.
    pub(super) fn object(&self, at: &Loc<'a>) -> View<'a> {
        self.follow(at, HOPS)
    }

    fn follow(&self, at: &Loc<'a>, left: Depth) -> View<'a> {
        let target = at.text("$ref").and_then(|text| self.resolve(at.document, text));
        match (target, left.down()) {
            (Some(target), Some(left)) => {
                let mut view = self.follow(&target, left);
                view.passed.push(target);
                let keys = at.entries().filter(|(key, _)| *key != "$ref").collect();
                view.through(at.clone(), keys, None)
            }
            _ => View::plain(at.clone()),
        }
    }

    /// What the schema at `at` says.
    pub(super) fn schema(&self, at: &Loc<'a>) -> View<'a> {
        self.peel(at, HOPS)
    }

    fn peel(&self, at: &Loc<'a>, left: Depth) -> View<'a> {
        let plain = View::plain(at.clone());
        let (Some(map), Some(left)) = (object(at.value), left.down()) else { return plain };
        let Some((wrapper, target, null)) = self.inner(at) else { return plain };
        // A lone null or nothing is no wrapper.
        let mut view = self.peel(&target, left);
        if wrapper == "$ref" {
            view.passed.push(target);
        }
        let rest: Vec<_> = map.keys().filter(|key| *key != wrapper).collect();
        let may_stand = rest.iter().all(|key| {
            let key = key.as_str();
            let text = TEXTS.contains(&key) || key.starts_with("x-");
            text || DEMANDS.contains(&key)
                && view.get(key).is_none_or(|inner| same(inner.value, &map[key]))
                // A type demanded outside shuts out null that is let in inside.
                && (key != "type" || view.null.is_none())
        });
        if !may_stand || (null.is_some() && wrapper != "$ref" && !rest_is_text(&rest)) {
            return plain;
        }
        let keys = at.entries().filter(|(key, _)| *key != wrapper).collect();
        view.through(at.clone(), keys, null)
    }

    /// The only schema that `at` wraps: by which key, where, and whether null
    /// is let in beside it.
    fn inner(&self, at: &Loc<'a>) -> Option<(&'static str, Loc<'a>, Option<Loc<'a>>)> {
        if let Some(text) = at.text("$ref") {
            return Some(("$ref", self.resolve(at.document, text)?, None));
        }
        if let Some(all) = at.key("allOf") {
            return (all.value.as_array()?.len() == 1)
                .then(|| Some(("allOf", all.index(0)?, None)))?;
        }
        for key in ["oneOf", "anyOf"] {
            let Some(list) = at.key(key) else { continue };
            let members: Vec<_> = list.items().filter(|member| !is_null(member.value)).collect();
            let null = members.len() < list.items().count();
            if let [member] = members.as_slice() {
                return Some((key, member.clone(), null.then(|| list.clone())));
            }
            return None;
        }
        None
    }
}

fn rest_is_text(rest: &[&String]) -> bool {
    rest.iter().all(|key| TEXTS.contains(&key.as_str()) || key.starts_with("x-"))
}

/// Whether a schema takes null and nothing else.
pub(super) fn is_null(schema: &Value) -> bool {
    let Some(map) = object(schema) else { return false };
    let only = |key: &str| map.keys().all(|other| other == key || TEXTS.contains(&other.as_str()));
    match (map.get("type"), map.get("enum"), map.get("const")) {
        (Some(Value::String(name)), None, None) => name == "null" && only("type"),
        (Some(Value::Array(names)), None, None) => {
            names.len() == 1 && names[0] == "null" && only("type")
        }
        (None, Some(Value::Array(values)), None) => {
            values.len() == 1 && values[0].is_null() && only("enum")
        }
        (None, None, Some(Value::Null)) => only("const"),
        _ => false,
    }
}
