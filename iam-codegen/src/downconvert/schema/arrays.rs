//! Arrays: tuples, and items that no other keyword has looked at.

use serde_json::{Value, json};

use super::{any_of, distinct, objects::APPLICATORS};
use crate::{
    downconvert::{context::Context, object::Object},
    pointer::child,
};

/// Keeps `unevaluatedItems` only where it says the same as `items` would.
pub(super) fn settle_unevaluated(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let key = "unevaluatedItems";
    let Some(unevaluated) = schema.get(key) else {
        return;
    };
    if *unevaluated == true || schema.contains_key("items") {
        // Nothing is excluded, or nothing is left unevaluated.
        schema.remove(key);
    } else if APPLICATORS.iter().chain(&["contains"]).any(|key| schema.contains_key(*key)) {
        schema.remove(key);
        let why = "3.0 cannot tell which items other keywords have looked at";
        let what = format!("`{key}` left out");
        context.widen("downconvert/unevaluated", child(at, key), what, why);
    } else if *unevaluated == false {
        schema.remove(key);
        schema.insert("items".to_owned(), false.into());
    }
}

/// What is left of `unevaluatedItems` -> `items`.
pub(super) fn unevaluated_items(schema: &mut Object) {
    if let Some(items) = schema.remove("unevaluatedItems") {
        schema.entry("items").or_insert(items);
    }
}

/// `items: false` -> as many items as there are positions.
pub(super) fn close(schema: &mut Object) {
    if schema.get("items") != Some(&Value::Bool(false)) {
        return;
    }
    let positions = schema.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(positions);
    schema.insert("maxItems".to_owned(), most.min(positions).into());
    schema.remove("items");
}

/// `prefixItems` -> `items` that may be at any position.
pub(super) fn prefix_items(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let Some(Value::Array(positions)) = schema.remove("prefixItems") else {
        return;
    };
    let Some(first) = positions.first() else {
        return;
    };
    let rest = schema.remove("items").or_else(|| schema.remove("unevaluatedItems"));
    let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
    let rest = (most > positions.len() as u64).then(|| rest.unwrap_or_else(|| json!({})));
    let all_alike = positions.iter().chain(&rest).all(|position| position == first);
    let used = usize::try_from(most).unwrap_or(usize::MAX);
    let items = distinct(positions.into_iter().take(used).chain(rest));
    schema.insert("items".to_owned(), items.map_or_else(|| json!({}), any_of));
    if !all_alike {
        let what = "each item may be what any position takes";
        let why = "the items of an array in 3.0 are all alike";
        context.widen("downconvert/prefix-items", child(at, "prefixItems"), what, why);
    }
}

/// 3.0 demands `items` of every array.
pub(super) fn require_items(schema: &mut Object) {
    if schema.get("type").is_some_and(|name| name == "array") && !schema.contains_key("items") {
        schema.insert("items".to_owned(), json!({}));
    }
}
