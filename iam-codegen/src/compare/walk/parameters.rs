//! Parameters, those of the path item included.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::{
        pairs::{BOTH, Difference, Mask, PairId, REQUEST, RESPONSE, Spot},
        side::{Loc, Side},
        view::View,
    },
    Sort, Task, Walk,
    object::{alike, same_text},
    operations::{Operation, names},
    spot,
};
use crate::adapt::IGNORED_HEADERS;

const KEYS: &[&str] = &[
    "$ref",
    "name",
    "in",
    "required",
    "style",
    "explode",
    "allowReserved",
    "allowEmptyValue",
    "schema",
    "content",
    "example",
    "examples",
];

/// Place and name; for a part of the path its number, since its name is not sent.
type Key = (String, String);

fn parameters<'a>(
    side: &Side<'a>,
    lists: [Option<Loc<'a>>; 2],
    path: &str,
) -> BTreeMap<Key, Loc<'a>> {
    let names = names(path);
    let mut found = BTreeMap::new();
    // The operation's own come last and take precedence.
    for parameter in lists.into_iter().flatten().flat_map(|list| list.items()) {
        let view = side.object(&parameter);
        let text = |key: &str| {
            view.get(key).and_then(|loc| loc.value.as_str()).unwrap_or_default().to_owned()
        };
        let (place, name) = (text("in"), text("name"));
        let name = match names.iter().position(|other| *other == name) {
            Some(index) if place == "path" => format!("{{{index}}}"),
            // Names of headers are the same in capitals.
            _ if place == "header" => name.to_ascii_lowercase(),
            _ => name,
        };
        found.insert((place, name), parameter);
    }
    found
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn parameters(&mut self, pair: PairId, old: &Operation<'a>, new: &Operation<'a>) {
        let lists = |operation: &Operation<'a>| {
            [operation.item.key("parameters"), operation.loc.key("parameters")]
        };
        let mut before = parameters(self.old, lists(old), old.path);
        let mut after = parameters(self.new, lists(new), new.path);
        self.ignored_headers(pair, &mut before, &mut after, (&old.loc, &new.loc));
        self.each_parameter(pair, REQUEST, before, after, (&old.loc, &new.loc));
    }

    /// Takes out the header parameters that OpenAPI ignores.
    fn ignored_headers(
        &mut self,
        pair: PairId,
        before: &mut BTreeMap<Key, Loc<'a>>,
        after: &mut BTreeMap<Key, Loc<'a>>,
        (old, new): (&Loc<'a>, &Loc<'a>),
    ) {
        for name in IGNORED_HEADERS {
            let key = ("header".to_owned(), name.to_owned());
            let spot =
                |found: Option<Loc<'a>>, holder| Spot::of(found, holder, &["parameters", "-"]);
            let spots = (spot(before.remove(&key), old), spot(after.remove(&key), new));
            self.leaf(pair, "ignored-parameter-changed", name, spots.0, spots.1);
        }
    }

    pub(super) fn incoming_parameters(&mut self, pair: PairId, old: &Loc<'a>, new: &Loc<'a>) {
        let before = parameters(self.old, [None, old.key("parameters")], "");
        let after = parameters(self.new, [None, new.key("parameters")], "");
        self.each_parameter(pair, RESPONSE, before, after, (old, new));
    }

    fn each_parameter(
        &mut self,
        pair: PairId,
        mask: Mask,
        before: BTreeMap<Key, Loc<'a>>,
        after: BTreeMap<Key, Loc<'a>>,
        (old, new): (&Loc<'a>, &Loc<'a>),
    ) {
        let meet = |walk: &mut Self, key: &Key, old: &Loc<'a>, new: &Loc<'a>| {
            let name = walk.old.object(old).get("name");
            let name = name.and_then(|loc| loc.value.as_str()).unwrap_or(&key.1).to_owned();
            walk.meet(Sort::Parameter, pair, mask, &format!(" {} {name}", key.0), old, new);
        };
        let mut gone: BTreeMap<&Key, &Loc<'a>> = BTreeMap::new();
        for (key, loc) in &before {
            match after.get(key) {
                Some(new) => meet(self, key, loc, new),
                None => drop(gone.insert(key, loc)),
            }
        }
        let mut come: BTreeMap<&Key, &Loc<'a>> =
            after.iter().filter(|(key, _)| !before.contains_key(*key)).collect();
        for (kind, from, to) in self.parameter_renames(&gone, &come) {
            let (Some(old), Some(new)) = (gone.remove(&from), come.remove(&to)) else { continue };
            let (name, words) = match kind {
                "parameter-moved" => {
                    (format!("{} {} to {}", from.1, from.0, to.0), vec![from.1.clone()])
                }
                _ => (format!("{} to {}", from.1, to.1), vec![from.1.clone(), to.1.clone()]),
            };
            let spots = (Spot::Here(old.clone()), Spot::Here(new.clone()));
            let mut difference = Difference::new(kind, name, spots.0, spots.1).mask(mask);
            difference.words = words;
            self.differ(pair, difference);
            meet(self, &from, old, new);
        }
        let name = |side: &Side<'a>, key: &Key, loc: &Loc<'a>| {
            let name = side.object(loc).get("name");
            let name = name.and_then(|loc| loc.value.as_str()).unwrap_or(&key.1);
            format!("{} {name}", key.0)
        };
        for (key, loc) in gone {
            let missing = Spot::of(None, new, &["parameters", "-"]);
            let name = name(self.old, key, loc);
            let here = Spot::Here(loc.clone());
            let mut difference =
                Difference::new("parameter-removed", name, here, missing).mask(mask);
            difference.words = vec![key.1.clone()];
            self.differ(pair, difference);
        }
        for (key, loc) in come {
            let missing = Spot::of(None, old, &["parameters", "-"]);
            let kind = match self.new.object(loc).flag("required") {
                true => "required-parameter-added",
                false => "optional-parameter-added",
            };
            let name = name(self.new, key, loc);
            let mut difference =
                Difference::new(kind, name, missing, Spot::Here(loc.clone())).mask(mask);
            difference.words = vec![key.1.clone()];
            self.differ(pair, difference);
        }
    }

    /// Parameters that are sent elsewhere, or under another name.
    fn parameter_renames(
        &mut self,
        gone: &BTreeMap<&Key, &Loc<'a>>,
        come: &BTreeMap<&Key, &Loc<'a>>,
    ) -> Vec<(&'static str, Key, Key)> {
        let mut found = Vec::new();
        let (mut from_taken, mut to_taken) = (BTreeSet::new(), BTreeSet::new());
        let mut by_name: BTreeMap<String, Vec<&Key>> = BTreeMap::new();
        for key in come.keys() {
            by_name.entry(key.1.to_ascii_lowercase()).or_default().push(key);
        }
        for key in gone.keys() {
            let others = by_name.get(&key.1.to_ascii_lowercase()).into_iter().flatten();
            let mut others = others.filter(|other| other.0 != key.0);
            if let (Some(other), None) = (others.next(), others.next()) {
                from_taken.insert((*key).clone());
                to_taken.insert((*other).clone());
                found.push(("parameter-moved", (*key).clone(), (*other).clone()));
            }
        }
        let mut groups: BTreeMap<(String, u128, bool), [Vec<Key>; 2]> = BTreeMap::new();
        for (which, list, side) in [(0, gone, self.old), (1, come, self.new)] {
            for (key, loc) in list {
                let view = side.object(loc);
                let shape = view.get("schema").map_or(0, |loc| self.shapes.of(side, &loc));
                let group = (key.0.clone(), shape, view.flag("required"));
                groups.entry(group).or_default()[which].push((*key).clone());
            }
        }
        for [from, to] in groups.into_values() {
            if let ([from], [to]) = (from.as_slice(), to.as_slice())
                && !(from_taken.contains(from) || to_taken.contains(to))
                && (alike(&from.1, &to.1) || same_text(gone[from], come[to]))
            {
                found.push(("parameter-renamed", from.clone(), to.clone()));
            }
        }
        found
    }

    pub(super) fn parameter(&mut self, task: &Task<'a>) {
        let (pair, old, new) = (task.pair, &task.old, &task.new);
        if task.only.is_none() {
            let (on, off) = ("parameter-became-required", "parameter-became-optional");
            self.flag(pair, "required", on, off, old, new);
            let (on, off) = ("empty-value-allowed", "empty-value-refused");
            self.flag(pair, "allowEmptyValue", on, off, old, new);
            let kind = "reserved-characters-changed";
            self.flag(pair, "allowReserved", kind, kind, old, new);
            self.style(task);
            self.carried(task);
            self.media_examples(task);
            for key in ["in", "name"] {
                let odd = |view: &View<'a>| view.get(key).is_none_or(|loc| !loc.value.is_string());
                if odd(old) || odd(new) {
                    self.leaf(pair, "unclassified", key, spot(old, key), spot(new, key));
                }
            }
        }
        self.rest(task, KEYS);
    }

    /// `style` and `explode`, what holds by default included.
    pub(super) fn style(&mut self, task: &Task<'a>) {
        let style = |view: &View<'a>| -> (Value, Value) {
            let place = view.get("in").and_then(|loc| loc.value.as_str());
            let default = match place {
                Some("query" | "cookie") => "form",
                _ => "simple",
            };
            let style = view.get("style").map_or(Value::from(default), |loc| loc.value.clone());
            let explode = style == "form";
            let explode = view.get("explode").map_or(Value::from(explode), |loc| loc.value.clone());
            (style, explode)
        };
        let (before, after) = (style(&task.old), style(&task.new));
        let place = |view: &View<'a>| view.get("in").map(|loc| loc.value);
        if place(&task.old) != place(&task.new) {
            // What holds by default differs because it is sent elsewhere.
            for key in ["style", "explode"] {
                let (old, new) = (spot(&task.old, key), spot(&task.new, key));
                self.leaf(task.pair, "style-changed", key, old, new);
            }
            return;
        }
        for (key, differs) in [("style", before.0 != after.0), ("explode", before.1 != after.1)] {
            let written = task.old.get(key).is_some() || task.new.get(key).is_some();
            if differs && written {
                let (old, new) = (spot(&task.old, key), spot(&task.new, key));
                self.differ(task.pair, Difference::new("style-changed", key, old, new));
            }
        }
    }

    /// The `schema` or `content` of a parameter or header.
    pub(super) fn carried(&mut self, task: &Task<'a>) {
        let get = |view: &View<'a>| (view.get("schema"), view.get("content"));
        match (get(&task.old), get(&task.new)) {
            ((Some(_), None), (None, Some(_))) | ((None, Some(_)), (Some(_), None)) => {
                let mut difference = Difference::new(
                    "serialization-changed",
                    "",
                    spot(&task.old, "schema"),
                    spot(&task.new, "schema"),
                );
                difference.also = vec![(spot(&task.old, "content"), spot(&task.new, "content"))];
                self.differ(task.pair, difference);
            }
            ((old, _), (new, _)) => {
                match (old, new) {
                    (Some(old), Some(new)) => {
                        self.meet(Sort::Text, task.pair, BOTH, "", &old, &new);
                    }
                    (old, _) => {
                        let kind = match old {
                            None => "media-type-schema-added",
                            Some(_) => "media-type-schema-removed",
                        };
                        let spots = (spot(&task.old, "schema"), spot(&task.new, "schema"));
                        self.leaf(task.pair, kind, "", spots.0, spots.1);
                    }
                }
                self.content(task);
            }
        }
    }

    /// The keys that carry examples: of what kind does not matter.
    pub(super) fn media_examples(&mut self, task: &Task<'a>) {
        let keys: BTreeSet<&str> = BTreeSet::from(["example", "examples"]);
        for key in keys {
            let (old, new) = (spot(&task.old, key), spot(&task.new, key));
            self.leaf(task.pair, "example-changed", key, old, new);
        }
    }
}
