//! Small steps on JSON objects that the conversions share.

use serde_json::{Map, Value};

use super::context::Context;
use crate::pointer::child;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Visits each member of the map or list that `owner` holds under `key`.
pub(super) fn each(
    owner: &mut Object,
    key: &str,
    at: &str,
    mut visit: impl FnMut(&mut Value, &str),
) {
    match owner.get_mut(key) {
        Some(Value::Object(map)) => {
            let at = child(at, key);
            map.iter_mut().for_each(|(name, value)| visit(value, &child(&at, name)));
        }
        Some(Value::Array(list)) => {
            let at = child(at, key);
            for (index, value) in list.iter_mut().enumerate() {
                visit(value, &child(&at, index.to_string()));
            }
        }
        _ => {}
    }
}

/// Removes `key` and records that it is gone, as something that changes
/// neither the wire nor the types.
pub(super) fn drop_key(
    owner: &mut Object,
    key: &str,
    at: &str,
    pass: &'static str,
    why: &'static str,
    context: &mut Context<'_>,
) {
    if owner.remove(key).is_some() {
        context.record(pass, child(at, key), format!("`{key}` left out"), why);
    }
}

/// Adds `text` before the description.
pub(super) fn prepend_description(owner: &mut Object, text: String) {
    let description = match owner.get("description").and_then(Value::as_str) {
        Some(description) if !description.is_empty() => format!("{text}\n\n{description}"),
        _ => text,
    };
    owner.insert("description".to_owned(), description.into());
}

/// The list under `key`, made if there is none; `None` if something else is there.
pub(super) fn list_mut<'a>(owner: &'a mut Object, key: &str) -> Option<&'a mut Vec<Value>> {
    owner.entry(key).or_insert_with(|| Value::Array(Vec::new())).as_array_mut()
}
