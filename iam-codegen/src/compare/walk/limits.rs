//! Limits: least and greatest values, lengths and numbers.

use super::{
    super::{pairs::Difference, value::same, view::View},
    Task, Walk, spot,
};

/// A limit that one key holds: the key, what it is when absent, and its kinds.
struct Limit {
    key: &'static str,
    lower: bool,
    set: &'static str,
    narrowed: &'static str,
    widened: &'static str,
}

const fn lower(key: &'static str, narrowed: &'static str, widened: &'static str) -> Limit {
    Limit { key, lower: true, set: narrowed, narrowed, widened }
}

const fn upper(
    key: &'static str,
    set: &'static str,
    narrowed: &'static str,
    widened: &'static str,
) -> Limit {
    Limit { key, lower: false, set, narrowed, widened }
}

const LIMITS: [Limit; 8] = [
    lower("minLength", "min-length-raised", "min-length-lowered"),
    upper("maxLength", "max-length-set", "max-length-lowered", "max-length-raised"),
    lower("minItems", "min-items-raised", "min-items-lowered"),
    upper("maxItems", "max-items-set", "max-items-lowered", "max-items-raised"),
    lower("minProperties", "min-properties-raised", "min-properties-lowered"),
    upper("maxProperties", "max-properties-set", "max-properties-lowered", "max-properties-raised"),
    // At least one item must fit `contains`, unless said otherwise.
    lower("minContains", "min-contains-raised", "min-contains-lowered"),
    upper("maxContains", "max-contains-set", "max-contains-lowered", "max-contains-raised"),
];

/// The keys this file looks at.
pub(super) const KEYS: [&str; 13] = [
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

impl<'a> Walk<'_, 'a> {
    pub(super) fn limits(&mut self, task: &Task<'a>) {
        let wants = |key: &str| task.only.as_ref().is_none_or(|only| only.contains(key));
        for limit in LIMITS.iter().filter(|limit| wants(limit.key)) {
            self.limit(task, limit);
        }
        if wants("minimum") || wants("exclusiveMinimum") {
            self.bound(task, true);
        }
        if wants("maximum") || wants("exclusiveMaximum") {
            self.bound(task, false);
        }
        if wants("multipleOf") {
            self.multiple(task);
        }
    }

    fn limit(&mut self, task: &Task<'a>, limit: &Limit) {
        let number = |view: &View<'a>| view.get(limit.key).and_then(|loc| loc.value.as_f64());
        let absent = match limit.key {
            "minContains" => 1.0,
            _ if limit.lower => 0.0,
            _ => f64::INFINITY,
        };
        let (before, after) =
            (number(&task.old).unwrap_or(absent), number(&task.new).unwrap_or(absent));
        let kind = match before.partial_cmp(&after) {
            Some(std::cmp::Ordering::Less) if limit.lower => limit.narrowed,
            Some(std::cmp::Ordering::Greater) if !limit.lower && before.is_infinite() => limit.set,
            Some(std::cmp::Ordering::Greater) if !limit.lower => limit.narrowed,
            Some(std::cmp::Ordering::Equal) | None => return,
            Some(_) => limit.widened,
        };
        let (old, new) = (spot(&task.old, limit.key), spot(&task.new, limit.key));
        self.differ(task.pair, Difference::new(kind, "", old, new));
    }

    /// The least or greatest value. 3.0 says beside it whether it is itself
    /// valid, 3.1 has a second limit.
    fn bound(&mut self, task: &Task<'a>, lower: bool) {
        let keys =
            if lower { ["minimum", "exclusiveMinimum"] } else { ["maximum", "exclusiveMaximum"] };
        let (before, after) = (bound(&task.old, keys, lower), bound(&task.new, keys, lower));
        let free = before.0.is_infinite();
        let kind = match (before.partial_cmp(&after), lower) {
            (Some(std::cmp::Ordering::Equal) | None, _) => return,
            (Some(std::cmp::Ordering::Less), true) if free => "minimum-set",
            (Some(std::cmp::Ordering::Less), true) => "minimum-raised",
            (Some(std::cmp::Ordering::Greater), true) => "minimum-lowered",
            (Some(std::cmp::Ordering::Greater), false) if free => "maximum-set",
            (Some(std::cmp::Ordering::Greater), false) => "maximum-lowered",
            (Some(std::cmp::Ordering::Less), false) => "maximum-raised",
        };
        for key in keys {
            let (old, new) = (spot(&task.old, key), spot(&task.new, key));
            self.leaf(task.pair, kind, key, old, new);
        }
    }

    fn multiple(&mut self, task: &Task<'a>) {
        let (old, new) = (spot(&task.old, "multipleOf"), spot(&task.new, "multipleOf"));
        let kind = match (old.value(), new.value()) {
            (None, _) => "multiple-of-added",
            (_, None) => "multiple-of-removed",
            (Some(old), Some(new)) if same(old, new) => return,
            _ => "multiple-of-changed",
        };
        self.leaf(task.pair, kind, "", old, new);
    }
}

/// The limit, and how far inside it the first valid value lies: of two equal
/// limits that which shuts itself out is the narrower.
fn bound(view: &View<'_>, [inclusive, exclusive]: [&str; 2], lower: bool) -> (f64, i8) {
    let step = if lower { 1 } else { -1 };
    let none = if lower { f64::NEG_INFINITY } else { f64::INFINITY };
    let number = |key: &str| view.get(key).and_then(|loc| loc.value.as_f64());
    let first = match number(inclusive) {
        Some(limit) if view.flag(exclusive) => (limit, step),
        Some(limit) => (limit, 0),
        None => (none, 0),
    };
    let second = number(exclusive).map_or((none, 0), |limit| (limit, step));
    let tighter = if lower { second > first } else { second < first };
    if tighter { second } else { first }
}
