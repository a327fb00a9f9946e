//! A schema: which rules look at which of its keys.

use serde_json::Value;

use super::{
    super::{
        pairs::{BOTH, Difference, Mask, PairId, Spot},
        value::same,
        view::View,
    },
    Sort, Task, Walk, limits, spot,
};

/// Keys that a rule of its own looks at, besides those of limits.
const KEYS: &[&str] = &[
    "$ref",
    "$anchor",
    "type",
    "nullable",
    "format",
    "enum",
    "const",
    "x-extensible-enum",
    "pattern",
    "default",
    "readOnly",
    "writeOnly",
    "uniqueItems",
    "xml",
    "example",
    "examples",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "items",
    "prefixItems",
    "contains",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "if",
    "then",
    "else",
    "discriminator",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
];

/// Keys that hold one schema, the step to it, and what it means that the schema
/// comes or goes.
const SINGLE: &[(&str, &str, &str, &str)] = &[
    ("items", "[]", "items-constrained", "items-freed"),
    ("contains", " contains", "contains-added", "contains-removed"),
    ("propertyNames", " names", "property-names-constrained", "property-names-freed"),
    ("unevaluatedProperties", " other properties", "unevaluated-constrained", "unevaluated-freed"),
    ("unevaluatedItems", " other items", "unevaluated-constrained", "unevaluated-freed"),
    ("contentSchema", " content", "content-schema-added", "content-schema-removed"),
    ("then", " then", "condition-added", "condition-removed"),
    ("else", " else", "condition-added", "condition-removed"),
];

/// What a key holds in a schema that follows the specification.
fn fits(key: &str, value: &Value) -> bool {
    match key {
        "type" => value.is_string() || value.is_array(),
        "enum" | "required" | "allOf" | "oneOf" | "anyOf" | "prefixItems" => value.is_array(),
        "x-extensible-enum" => value.is_array(),
        "format" | "pattern" | "$ref" => value.is_string(),
        "nullable" | "readOnly" | "writeOnly" | "uniqueItems" | "deprecated" => value.is_boolean(),
        "exclusiveMinimum" | "exclusiveMaximum" => value.is_boolean() || value.is_number(),
        "properties" | "patternProperties" | "dependentSchemas" | "dependentRequired" => {
            value.is_object()
        }
        "items"
        | "contains"
        | "additionalProperties"
        | "propertyNames"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contentSchema"
        | "unevaluatedItems"
        | "unevaluatedProperties" => value.is_object() || value.is_boolean(),
        "discriminator" => value.is_object(),
        key if limits::KEYS.contains(&key) => value.is_number(),
        _ => true,
    }
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn schema(&mut self, task: &Task<'a>) {
        let (pair, old, new) = (task.pair, &task.old, &task.new);
        if !(old.base.value.is_object() && new.base.value.is_object()) {
            return self.no_object(task);
        }
        if task.only.is_none() && self.wrapped(task) {
            return;
        }
        self.keywords(task);
        if task.only.is_none() {
            self.object(task);
            self.composition(task);
            for &(key, segment, added, removed) in SINGLE {
                self.single(task, key, segment, added, removed);
            }
            self.prefix(task);
            self.condition(
                task,
                "if",
                ["condition-added", "condition-removed", "condition-changed"],
            );
            self.condition(task, "not", ["negation-added", "negation-removed", "negation-changed"]);
            for (key, kinds) in [
                (
                    "contentEncoding",
                    [
                        "content-encoding-added",
                        "content-encoding-removed",
                        "content-encoding-changed",
                    ],
                ),
                (
                    "contentMediaType",
                    [
                        "content-media-type-added",
                        "content-media-type-removed",
                        "content-media-type-changed",
                    ],
                ),
            ] {
                self.condition(task, key, kinds);
            }
            // A name to refer to this schema by says nothing of it, unless the
            // reference leads nowhere we know.
            self.leaf_reference(pair, old, new);
        }
        self.odd(task);
        let looked_at: Vec<&str> = KEYS.iter().chain(&limits::KEYS).copied().collect();
        self.rest(task, &looked_at);
    }

    /// `true`, `false`, or nothing that is a schema.
    fn no_object(&mut self, task: &Task<'a>) {
        let (old, new) = (&task.old.base, &task.new.base);
        // `true` takes everything, as does a schema that demands nothing.
        let takes = |value: &Value| match value {
            Value::Bool(takes) => Some(*takes),
            Value::Object(map) if map.is_empty() => Some(true),
            _ => None,
        };
        let kind = match (takes(old.value), takes(new.value)) {
            (Some(a), Some(b)) if a == b => return,
            (_, Some(false)) => "boolean-schema-narrowed",
            (Some(false), _) => "boolean-schema-widened",
            (Some(true), None) if new.value.is_object() => "type-narrowed",
            (None, Some(true)) if old.value.is_object() => "type-widened",
            _ => "unclassified",
        };
        self.leaf(task.pair, kind, "", Spot::Here(old.clone()), Spot::Here(new.clone()));
    }

    fn single(
        &mut self,
        task: &Task<'a>,
        key: &str,
        segment: &str,
        added: &'static str,
        removed: &'static str,
    ) {
        let everything = |value: &Value| match value {
            Value::Bool(value) => *value,
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        let demand = |view: &View<'a>| view.get(key).filter(|loc| !everything(loc.value));
        let kind = match (demand(&task.old), demand(&task.new)) {
            (None, None) => return,
            (Some(old), Some(new)) => {
                let sort = if key == "items" { task.sort } else { Sort::Schema };
                self.meet(sort, task.pair, BOTH, segment, &old, &new);
                return;
            }
            (None, Some(_)) => added,
            (Some(_), None) => removed,
        };
        self.leaf(task.pair, kind, key, spot(&task.old, key), spot(&task.new, key));
    }

    fn prefix(&mut self, task: &Task<'a>) {
        let list = |view: &View<'a>| view.get("prefixItems");
        let items =
            |view: &View<'a>| list(view).into_iter().flat_map(|list| list.items()).collect();
        let (before, after): (Vec<_>, Vec<_>) = (items(&task.old), items(&task.new));
        for (index, (old, new)) in before.iter().zip(&after).enumerate() {
            self.meet(Sort::Schema, task.pair, BOTH, &format!("[{index}]"), old, new);
        }
        let end = |view: &View<'a>| Spot::of(None, &view.at, &["prefixItems", "-"]);
        let shared = before.len().min(after.len());
        for (index, loc) in before.iter().enumerate().skip(shared) {
            let spots = (Spot::Here(loc.clone()), end(&task.new));
            let difference =
                Difference::new("prefix-item-removed", index.to_string(), spots.0, spots.1);
            self.differ(task.pair, difference);
        }
        for (index, loc) in after.iter().enumerate().skip(shared) {
            let spots = (end(&task.old), Spot::Here(loc.clone()));
            let difference =
                Difference::new("prefix-item-added", index.to_string(), spots.0, spots.1);
            self.differ(task.pair, difference);
        }
    }

    /// A key whose value is compared as a whole.
    fn condition(&mut self, task: &Task<'a>, key: &str, kinds: [&'static str; 3]) {
        let (old, new) = (spot(&task.old, key), spot(&task.new, key));
        let kind = match (&old, &new) {
            (Spot::Here(old), Spot::Here(new)) => {
                let (a, b) = (self.shapes.of(self.old, old), self.shapes.of(self.new, new));
                let schemas = old.value.is_object() && new.value.is_object();
                let equal = if schemas { a == b } else { same(old.value, new.value) };
                if equal {
                    return;
                }
                kinds[2]
            }
            (Spot::Here(_), _) => kinds[1],
            (_, Spot::Here(_)) => kinds[0],
            _ => return,
        };
        self.differ(task.pair, Difference::new(kind, "", old, new));
    }

    /// A reference that could not be followed is compared as it is written.
    fn leaf_reference(&mut self, pair: PairId, old: &View<'a>, new: &View<'a>) {
        let unknown = |view: &View<'a>, side: &super::Side<'a>| {
            let text = view.base.text("$ref");
            text.is_some_and(|text| side.resolve(view.base.document, text).is_none())
        };
        if unknown(old, self.old) || unknown(new, self.new) {
            self.leaf(pair, "unclassified", "$ref", spot(old, "$ref"), spot(new, "$ref"));
        }
    }

    /// What is not what the specification has at its place is compared as it is
    /// written, since no rule understands it.
    fn odd(&mut self, task: &Task<'a>) {
        let (old, new) = (task.old.keys(), task.new.keys());
        for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
            let only = task.only.as_ref().is_none_or(|only| only.contains(key));
            let fits = |loc: Option<&super::Loc<'a>>| loc.is_none_or(|loc| fits(key, loc.value));
            if only && !(fits(old.get(key)) && fits(new.get(key))) {
                let spots = (spot(&task.old, key), spot(&task.new, key));
                self.leaf(task.pair, "unclassified", key, spots.0, spots.1);
            }
        }
    }

    /// The directions that a property goes in.
    pub(super) fn directions(read_only: bool, write_only: bool) -> Mask {
        use super::super::pairs::{REQUEST, RESPONSE};
        match (read_only, write_only) {
            (true, false) => RESPONSE,
            (false, true) => REQUEST,
            _ => BOTH,
        }
    }
}
