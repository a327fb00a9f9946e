//! What is demanded of a single value: type, null, format, listed values,
//! pattern, what holds by default, who sends it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    super::{
        pairs::{Difference, PairId, Spot},
        side::{Loc, Side},
        value::{hash, hashes, same},
        view::{View, is_null},
    },
    Sort, Task, Walk, spot,
};

/// The types that JSON Schema has, null aside.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Keys that say which way a property goes, and what it means to set or drop them.
pub(super) const ONE_WAY: [(&str, &str, &str); 2] = [
    ("readOnly", "became-read-only", "no-longer-read-only"),
    ("writeOnly", "became-write-only", "no-longer-write-only"),
];

/// How two sets of valid values stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    Narrowed,
    Widened,
    Changed,
}

fn relation<T: Ord>(old: &BTreeSet<T>, new: &BTreeSet<T>) -> Relation {
    match (new.is_subset(old), old.is_subset(new)) {
        (true, true) => Relation::Equal,
        (true, false) => Relation::Narrowed,
        (false, true) => Relation::Widened,
        (false, false) => Relation::Changed,
    }
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn keywords(&mut self, task: &Task<'a>) {
        let (pair, old, new) = (task.pair, &task.old, &task.new);
        let wants = |keys: &[&str]| {
            task.only.as_ref().is_none_or(|only| keys.iter().any(|key| only.contains(key)))
        };
        if wants(&["type"]) {
            self.types(task);
        }
        if task.only.is_none() || wants(&["nullable"]) || old.null.is_some() || new.null.is_some() {
            self.null(pair, old, new);
        }
        if wants(&["format"]) {
            self.format(pair, spot(old, "format"), spot(new, "format"));
        }
        if wants(&["enum", "const"]) {
            self.values(pair, old, new);
        }
        if wants(&["x-extensible-enum"]) {
            let list =
                |view: &View<'a>| view.get("x-extensible-enum").filter(|loc| loc.value.is_array());
            self.listed(pair, list(old), list(new), old, new, "x-extensible-enum");
        }
        if wants(&["pattern"]) {
            self.pattern(pair, old, new);
        }
        if wants(&["default"]) {
            let (old, new) = (spot(old, "default"), spot(new, "default"));
            let kind = match (old.value(), new.value()) {
                (None, _) => "default-added",
                (_, None) => "default-removed",
                (Some(before), Some(after)) if same_default(task, before, after) => {
                    "default-rewritten"
                }
                _ => "default-changed",
            };
            self.leaf(pair, kind, "", old, new);
        }
        if wants(&["uniqueItems"]) {
            let (on, off) = ("unique-items-demanded", "unique-items-waived");
            self.flag(pair, "uniqueItems", on, off, old, new);
        }
        // Of a property, its object says so.
        let property = self.pairs[pair].segment.starts_with('.');
        for (key, on, off) in ONE_WAY.into_iter().filter(|_| !property) {
            if wants(&[key]) {
                self.flag(pair, key, on, off, old, new);
            }
        }
        if wants(&["xml"]) {
            self.leaf(pair, "xml-changed", "", spot(old, "xml"), spot(new, "xml"));
        }
        if wants(&["example", "examples"]) {
            self.examples(pair, old, new);
        }
        self.limits(task);
    }

    /// A key that is false unless it says true.
    pub(super) fn flag(
        &mut self,
        pair: PairId,
        key: &str,
        on: &'static str,
        off: &'static str,
        old: &View<'a>,
        new: &View<'a>,
    ) {
        let kind = match (old.flag(key), new.flag(key)) {
            (false, true) => on,
            (true, false) => off,
            _ => return,
        };
        self.differ(pair, Difference::new(kind, "", spot(old, key), spot(new, key)));
    }

    fn types(&mut self, task: &Task<'a>) {
        let (old, new) = (&task.old, &task.new);
        let (mut before, mut after) = (types(self.old, old), types(self.new, new));
        // `oneOf` of bare types says what a list of types says.
        let bare = (types_by_union(old), types_by_union(new));
        let mut by_union = None;
        match bare {
            (Some((key, types)), None) => (before, by_union) = (types, Some(key)),
            (None, Some((key, types))) => (after, by_union) = (types, Some(key)),
            _ => {}
        }
        if by_union.is_none() && names(old).is_empty() && names(new).is_empty() {
            return self.odd_types(task);
        }
        let relation = relation(&before, &after);
        let relation = match relation {
            Relation::Equal
                if by_union.is_none() && names(old).is_empty() != names(new).is_empty() =>
            {
                let (old, new) = (spot(old, "type"), spot(new, "type"));
                return self.differ(task.pair, Difference::new("type-implied", "", old, new));
            }
            Relation::Equal => return self.odd_types(task),
            // Whatever is sent as text can be read as text.
            _ if task.sort == Sort::Text && before != after => {
                let scalar =
                    |set: &BTreeSet<&str>| !set.contains("array") && !set.contains("object");
                match (scalar(&before), scalar(&after)) {
                    (true, true) if after.contains("string") && !before.contains("string") => {
                        Relation::Widened
                    }
                    (true, true) if before.contains("string") && !after.contains("string") => {
                        Relation::Narrowed
                    }
                    _ => relation,
                }
            }
            relation => relation,
        };
        let kind = match relation {
            Relation::Narrowed => "type-narrowed",
            Relation::Widened => "type-widened",
            Relation::Equal | Relation::Changed => "type-changed",
        };
        let mut difference = Difference::new(kind, "", spot(old, "type"), spot(new, "type"));
        if let Some(key) = by_union {
            difference.also.push((spot(old, key), spot(new, key)));
        }
        self.differ(task.pair, difference);
    }

    /// Types that JSON Schema does not have are compared as they are written.
    fn odd_types(&mut self, task: &Task<'a>) {
        let odd = |view: &View<'a>| -> BTreeSet<String> {
            let names = names(view);
            let odd = names.into_iter().filter(|name| *name != "null" && !TYPES.contains(name));
            odd.map(str::to_owned).collect()
        };
        if odd(&task.old) != odd(&task.new) {
            let (old, new) = (spot(&task.old, "type"), spot(&task.new, "type"));
            self.differ(task.pair, Difference::new("type-changed", "", old, new));
        }
    }

    fn null(&mut self, pair: PairId, old: &View<'a>, new: &View<'a>) {
        let (before, after) = (Null::of(old), Null::of(new));
        let kind = match (before.is, after.is) {
            (Some(false), Some(true)) => "became-nullable",
            (Some(true), Some(false)) => "became-not-nullable",
            // No type is demanded: null counts only where it is spoken of.
            (None, Some(true)) if !after.by_type => "became-nullable",
            (Some(true), None) if !before.by_type => "became-not-nullable",
            _ => return,
        };
        let place = |null: &Null<'a>, view: &View<'a>, other: &Null<'a>| match &null.said {
            Some(loc) => Spot::Here(loc.clone()),
            // Where the other side says it, this one would.
            None => Spot::of(view.get(other.key()), &view.site, &[other.key()]),
        };
        let (from, to) = (place(&before, old, &after), place(&after, new, &before));
        let mut difference = Difference::new(kind, "", from, to);
        if old.null.is_some() != new.null.is_some() {
            // All that stood here now stands in a list beside null, or the
            // other way round.
            let here = old.site.entries().chain(new.site.entries());
            let keys: BTreeSet<_> = here.map(|(key, _)| key).collect();
            let place =
                |view: &View<'a>, key: &str| Spot::of(view.site.key(key), &view.site, &[key]);
            difference.also =
                keys.into_iter().map(|key| (place(old, key), place(new, key))).collect();
        }
        self.differ(pair, difference);
    }

    fn format(&mut self, pair: PairId, old: Spot<'a>, new: Spot<'a>) {
        let name = |spot: &Spot<'a>| spot.value().and_then(Value::as_str).unwrap_or_default();
        let kind = match (old.value(), new.value()) {
            (None, _) => "format-added",
            (_, None) => "format-removed",
            _ => match (name(&old), name(&new)) {
                ("int32", "int64") | ("float", "double") => "format-widened",
                ("int64", "int32") | ("double", "float") => "format-narrowed",
                _ => "format-changed",
            },
        };
        self.leaf(pair, kind, "", old, new);
    }

    fn pattern(&mut self, pair: PairId, old: &View<'a>, new: &View<'a>) {
        let free = |view: &View<'a>| {
            let text = view.get("pattern").and_then(|loc| loc.value.as_str());
            text.is_none_or(|text| matches!(text, "" | ".*" | "^.*$" | "^" | "$"))
        };
        let kind = match (free(old), free(new)) {
            (true, false) => "pattern-added",
            (false, true) => "pattern-removed",
            (true, true) => return,
            (false, false) => "pattern-changed",
        };
        self.leaf(pair, kind, "", spot(old, "pattern"), spot(new, "pattern"));
    }

    /// `enum`, and `const` as an `enum` of one.
    fn values(&mut self, pair: PairId, old: &View<'a>, new: &View<'a>) {
        let list = |view: &View<'a>| {
            view.get("enum").filter(|loc| loc.value.is_array()).or_else(|| view.get("const"))
        };
        self.listed(pair, list(old), list(new), old, new, "enum");
    }

    fn listed(
        &mut self,
        pair: PairId,
        before: Option<Loc<'a>>,
        after: Option<Loc<'a>>,
        old: &View<'a>,
        new: &View<'a>,
        key: &str,
    ) {
        let kind = match (&before, &after) {
            (None, None) => return,
            (None, Some(_)) => "became-enum",
            (Some(_), None) => "no-longer-enum",
            (Some(before), Some(after)) if before.value.is_array() && after.value.is_array() => {
                return self.each_value(pair, [before, after], [old, new], false);
            }
            (Some(before), Some(after)) => {
                return self.each_value(pair, [before, after], [old, new], true);
            }
        };
        let written = |loc: &Option<Loc<'a>>, other: &Option<Loc<'a>>| {
            let one = loc.as_ref().or(other.as_ref());
            if one.is_some_and(|one| one.value.is_array()) { key } else { "const" }
        };
        let key = written(&before, &after);
        self.differ(pair, Difference::new(kind, "", spot(old, key), spot(new, key)));
    }

    /// Each value that comes or goes; `whole` if one side has `const` and the
    /// other a list, so that no value stands at a place of its own.
    fn each_value(
        &mut self,
        pair: PairId,
        [before, after]: [&Loc<'a>; 2],
        [old, new]: [&View<'a>; 2],
        whole: bool,
    ) {
        let items = |loc: &Loc<'a>| -> Vec<Loc<'a>> {
            if loc.value.is_array() { loc.items().collect() } else { vec![loc.clone()] }
        };
        let (was, is) = (items(before), items(after));
        // Whether null is valid is said once, by the type.
        let silent = Null::of(old).is.is_none() && Null::of(new).is.is_none();
        let hashed = |list: &[Loc<'a>]| hashes(list.iter().map(|loc| loc.value));
        let (was_set, is_set) = (hashed(&was), hashed(&is));
        let lacks = |set: &BTreeSet<u128>, loc: &Loc<'a>| {
            (silent || !loc.value.is_null()) && !set.contains(&hash(loc.value))
        };
        let end = |loc: &Loc<'a>| Spot::Missing(loc.clone(), vec!["-".to_owned()]);
        let mut found = Vec::new();
        for value in was.iter().filter(|value| lacks(&is_set, value)) {
            found.push(("enum-value-removed", value, (Spot::Here(value.clone()), end(after))));
        }
        for value in is.iter().filter(|value| lacks(&was_set, value)) {
            found.push(("enum-value-added", value, (end(before), Spot::Here(value.clone()))));
        }
        for (kind, value, spots) in found {
            let name = plain(value.value);
            let difference = if whole {
                let keys = if before.value.is_array() || after.value.is_array() {
                    ["enum", "const"]
                } else {
                    ["const", "enum"]
                };
                let at = |key: &str| (spot(old, key), spot(new, key));
                let mut difference = Difference::new(kind, name, at(keys[0]).0, at(keys[0]).1);
                difference.also.push(at(keys[1]));
                difference
            } else {
                Difference::new(kind, name, spots.0, spots.1)
            };
            self.differ(pair, difference);
        }
    }

    /// `example: x` says what `examples: [x]` says.
    fn examples(&mut self, pair: PairId, old: &View<'a>, new: &View<'a>) {
        let list = |view: &View<'a>| -> Vec<&'a Value> {
            let mut all: Vec<&Value> =
                view.get("example").map(|loc| loc.value).into_iter().collect();
            match view.get("examples").map(|loc| loc.value) {
                Some(Value::Array(items)) => all.extend(items),
                Some(other) => all.push(other),
                None => {}
            }
            all
        };
        let (before, after) = (list(old), list(new));
        if before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| same(a, b)) {
            return;
        }
        for key in ["example", "examples"] {
            self.leaf(pair, "example-changed", key, spot(old, key), spot(new, key));
        }
    }
}

/// A value as a word.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn names<'a>(view: &View<'a>) -> Vec<&'a str> {
    match view.get("type").map(|loc| loc.value) {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The types that a `oneOf` or `anyOf` of nothing but types makes valid, and
/// its key.
pub(super) fn types_by_union<'a>(view: &View<'a>) -> Option<(&'static str, BTreeSet<&'a str>)> {
    let key = ["oneOf", "anyOf"].into_iter().find(|key| view.get(key).is_some())?;
    if view.get("type").is_some() {
        return None;
    }
    let mut types = BTreeSet::new();
    for member in view.get(key)?.items().filter(|member| !is_null(member.value)) {
        let map = member.value.as_object().filter(|map| map.len() == 1)?;
        let name = map.get("type")?.as_str()?;
        types.insert(name);
        if name == "number" {
            types.insert("integer");
        }
    }
    Some((key, types))
}

/// The types that are valid, null aside. Where none is stated, they are those of
/// the alternatives, as far as these state theirs.
fn types<'a>(side: &Side<'a>, view: &View<'a>) -> BTreeSet<&'a str> {
    let of_alternatives = || -> Option<BTreeSet<&'a str>> {
        let list = ["oneOf", "anyOf"].into_iter().find_map(|key| view.get(key))?;
        let members = list.items().filter(|member| !is_null(member.value));
        let stated: Option<Vec<_>> = members.map(|member| stated(&side.schema(&member))).collect();
        stated.filter(|stated| !stated.is_empty()).map(|all| all.into_iter().flatten().collect())
    };
    let types = stated(view).or_else(of_alternatives);
    types.unwrap_or_else(|| TYPES.into_iter().collect())
}

/// The types that `type` names, or else the object that `properties` describe.
/// A whole number is a number too.
fn stated<'a>(view: &View<'a>) -> Option<BTreeSet<&'a str>> {
    let names = names(view);
    if names.is_empty() {
        let described = view.get("properties").is_some_and(|loc| loc.value.is_object());
        return described.then(|| BTreeSet::from(["object"]));
    }
    let mut types: BTreeSet<_> = names.into_iter().filter(|name| TYPES.contains(name)).collect();
    if types.contains("number") {
        types.insert("integer");
    }
    Some(types)
}

/// Returns whether two defaults mean the same, each as a value of the type that its own
/// schema demands. All scalars are alike where values are sent as text.
fn same_default(task: &Task<'_>, old: &Value, new: &Value) -> bool {
    let (before, after) = (meant(&task.old, old), meant(&task.new, new));
    let scalar = |value: &Value| !matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
    same(&before, &after)
        || (task.sort == Sort::Text
            && scalar(&before)
            && scalar(&after)
            && plain(&before) == plain(&after))
}

/// A default of the wrong type as the value of the demanded type that is written
/// the same way: `"20"` as 20 for an integer, `false` as `"false"` for a string.
fn meant(view: &View<'_>, default: &Value) -> Value {
    let names = names(view);
    let demands = |name: &str| names.contains(&name);
    let converted = match default {
        Value::String(text) if !demands("string") => {
            let read = serde_json::from_str(text).ok();
            read.filter(|value: &Value| match value {
                Value::Bool(_) => demands("boolean"),
                Value::Number(number) => {
                    demands("number") || (demands("integer") && !number.is_f64())
                }
                _ => false,
            })
        }
        Value::Bool(_) | Value::Number(_) if names == ["string"] => {
            Some(Value::String(default.to_string()))
        }
        _ => None,
    };
    converted.unwrap_or_else(|| default.clone())
}

/// What is said about null.
struct Null<'a> {
    /// `None` where any type is valid and null is not spoken of.
    is: Option<bool>,
    /// Where it is let in.
    said: Option<Loc<'a>>,
    /// Whether that is the type.
    by_type: bool,
}

impl<'a> Null<'a> {
    fn of(view: &View<'a>) -> Self {
        let by = |is, said, by_type| Self { is, said, by_type };
        if view.flag("nullable") {
            return by(Some(true), view.get("nullable"), false);
        }
        if let Some(null) = &view.null {
            return by(Some(true), Some(null.clone()), false);
        }
        if let Some(list) = union_with_null(view) {
            return by(Some(true), Some(list), false);
        }
        let names = names(view);
        if names.contains(&"null") {
            return by(Some(true), view.get("type"), true);
        }
        if names.is_empty() {
            return by(None, None, false);
        }
        by(Some(false), view.get("type").filter(|loc| loc.value.is_array()), true)
    }

    /// The key that says it.
    fn key(&self) -> &'static str {
        match &self.said {
            Some(loc) if loc.tokens().last() == Some(&"type") => "type",
            Some(loc) if loc.tokens().last() == Some(&"oneOf") => "oneOf",
            Some(loc) if loc.tokens().last() == Some(&"anyOf") => "anyOf",
            _ => "nullable",
        }
    }
}

/// The list of alternatives that has null among them.
fn union_with_null<'a>(view: &View<'a>) -> Option<Loc<'a>> {
    let lists = ["oneOf", "anyOf"].into_iter().filter_map(|key| view.get(key));
    let mut lists = lists.filter(|list| list.items().any(|member| is_null(member.value)));
    lists.next()
}
