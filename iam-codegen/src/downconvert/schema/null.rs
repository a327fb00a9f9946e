//! Null: a type of its own in 3.1, `nullable` in 3.0.

use serde_json::{Value, json};

use super::{
    add_all_of,
    types::{listed, set},
    values::enum_of,
};
use crate::{
    downconvert::{context::Context, object::Object},
    pointer::child,
};

const PASS: &str = "downconvert/null";

/// Writes every way to let null in as `nullable`.
pub(super) fn convert(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        let why = "3.1 has no such keyword, but the meaning is plain";
        context.widen_by_null(PASS, child(at, "nullable"), "`nullable` taken as in 3.0", why);
    }
    let types = listed(schema);
    if types.as_deref() == Some(&["null".to_owned()]) {
        return only_null(schema);
    }
    let by_type = types.as_ref().map(|types| types.iter().any(|name| name == "null"));
    let by_enum = schema.get("enum").and_then(Value::as_array);
    let by_enum = by_enum.map(|values| values.contains(&Value::Null));
    let by_any_of = remove_null_members(schema, "anyOf", at, context);
    let by_one_of = remove_null_members(schema, "oneOf", at, context);
    if let (Some(mut types), Some(true)) = (types, by_type) {
        types.retain(|name| name != "null");
        set(schema, &types);
    }
    let says = [by_type, by_enum, by_any_of, by_one_of];
    if says.contains(&Some(true)) {
        schema.insert("nullable".to_owned(), true.into());
        if says.contains(&Some(false)) {
            let why = "one keyword lists null and another does not; APIs that do so send it";
            context.widen_by_null(PASS, at, "null let in", why);
        }
    }
}

/// `type: null` -> the enum that holds null alone.
fn only_null(schema: &mut Object) {
    schema.remove("type");
    match schema.get("enum").and_then(Value::as_array) {
        Some(values) if !values.contains(&Value::Null) => {
            add_all_of(schema, enum_of(Value::Null));
        }
        _ => {
            schema.insert("enum".to_owned(), json!([null]));
            schema.insert("nullable".to_owned(), true.into());
        }
    }
}

/// Removes the members of the list under `key` that take null and nothing
/// else: `Some(true)` if there were any.
fn remove_null_members(
    schema: &mut Object,
    key: &str,
    at: &str,
    context: &mut Context<'_>,
) -> Option<bool> {
    let members = schema.get_mut(key)?.as_array_mut()?;
    let takers = members.iter().filter(|member| takes_null(member)).count();
    let before = members.len();
    members.retain(|member| !is_only_null(member));
    if members.len() == before {
        return None;
    }
    let left = members.len();
    if key == "oneOf" && takers > 1 {
        let why = "two members take null, so that `oneOf` excludes it, which cannot be meant";
        context.widen_by_null(PASS, child(at, key), "null let in", why);
    }
    if left == 0 {
        schema.remove(key);
        add_all_of(schema, enum_of(Value::Null));
    } else if left == 1 && !schema.contains_key("discriminator") {
        // `allOf` and not the member itself, whose annotations are not those of
        // the whole. (A discriminator stays with its list.)
        if let Some(Value::Array(mut members)) = schema.remove(key) {
            add_all_of(schema, members.remove(0));
        }
    }
    Some(true)
}

fn takes_null(schema: &Value) -> bool {
    schema.get("nullable").is_some_and(|nullable| *nullable == true)
}

fn is_only_null(schema: &Value) -> bool {
    let values = schema.get("enum").and_then(Value::as_array);
    values.is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_null))
}
