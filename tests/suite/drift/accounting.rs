//! The changes reported account for every difference: taken back from the new
//! document one by one, they leave the old one.

use iam_codegen::compare::{Change, Place};
use serde_json::Value;

use super::compared;

/// Old place, new place, where it is missing, and what stood there.
type Taken = (Option<Place>, Option<Place>, Option<Place>, Option<Value>);

/// Takes the changes back. Places are those of the new document, so that what
/// is there is set first, then removed from the last place to the first, and
/// what is missing is put in last.
pub(crate) fn taken_back(new: &Value, changes: &[Change]) -> Value {
    let mut document = new.clone();
    let mut edits: Vec<Taken> = Vec::new();
    for change in changes {
        edits.push((
            change.old.clone(),
            change.new.clone(),
            change.missing.clone(),
            change.old_value.clone(),
        ));
        for edit in &change.also {
            edits.push((
                edit.old.clone(),
                edit.new.clone(),
                edit.missing.clone(),
                edit.old_value.clone(),
            ));
        }
    }
    let in_list = |pointer: &str| {
        pointer.rsplit('/').next().is_some_and(|token| token.parse::<usize>().is_ok())
    };
    let moved = |old: &Place, new: &Place| old.pointer != new.pointer && !in_list(&new.pointer);
    for (old, new, _, value) in &edits {
        if let (Some(old), Some(new), Some(value)) = (old, new, value)
            && !moved(old, new)
        {
            put(&mut document, &new.pointer, value);
        }
    }
    let mut gone: Vec<&Place> = Vec::new();
    for (old, new, ..) in &edits {
        if let Some(new) = new
            && old.as_ref().is_none_or(|old| moved(old, new))
        {
            gone.push(new);
        }
    }
    gone.sort_by_key(|place| {
        let tokens = place.pointer.split('/');
        tokens.map(|token| (token.parse::<usize>().ok(), token.to_owned())).collect::<Vec<_>>()
    });
    gone.dedup();
    for place in gone.into_iter().rev() {
        remove(&mut document, &place.pointer);
    }
    // Items of a list go back to where they were, the first one first.
    let index = |place: &Place| {
        place.pointer.rsplit('/').next().and_then(|token| token.parse::<usize>().ok())
    };
    edits.sort_by_key(|(old, ..)| old.as_ref().and_then(index));
    for (old, new, missing, value) in &edits {
        if let (Some(old), None, Some(missing), Some(value)) = (old, new, missing, value)
            && let Some(list) = missing.pointer.strip_suffix("/-")
            && let Some(index) = index(old)
            && let Some(Value::Array(list)) = document.pointer_mut(list)
        {
            list.insert(index.min(list.len()), value.clone());
            continue;
        }
        let at = match (old, new) {
            (Some(old), Some(new)) if moved(old, new) => Some(old),
            (Some(_), None) => missing.as_ref(),
            _ => None,
        };
        if let (Some(at), Some(value)) = (at, value) {
            put(&mut document, &at.pointer, value);
        }
    }
    for change in changes.iter().filter(|change| change.kind == "schema-renamed") {
        if let Some((old, new)) = change.name.split_once(" to ") {
            rename_references(&mut document, new, old);
        }
    }
    document
}

fn tokens(pointer: &str) -> Vec<String> {
    iam_codegen::pointer::tokens(pointer).collect()
}

/// Sets what stands at `pointer`, with all that must be around it.
fn put(document: &mut Value, pointer: &str, value: &Value) {
    let mut at = document;
    for token in tokens(pointer) {
        let index = token.parse::<usize>().ok();
        let fits = at.as_array().is_some_and(|list| index.is_some_and(|index| index <= list.len()));
        if token == "-" || fits {
            if !at.is_array() {
                *at = Value::Array(Vec::new());
            }
            let list = at.as_array_mut().unwrap();
            let index = index.unwrap_or(list.len());
            if index >= list.len() {
                list.push(Value::Null);
            }
            let index = index.min(list.len() - 1);
            at = &mut list[index];
        } else {
            if !at.is_object() {
                *at = Value::Object(serde_json::Map::new());
            }
            at = at.as_object_mut().unwrap().entry(token).or_insert(Value::Null);
        }
    }
    *at = value.clone();
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, _)) = pointer.rsplit_once('/') else { return };
    let token = tokens(pointer).pop().unwrap();
    match document.pointer_mut(parent) {
        Some(Value::Array(list)) => {
            if let Some(index) = token.parse().ok().filter(|index: &usize| *index < list.len()) {
                list.remove(index);
            }
            // A list of parameters that the change made.
            if list.is_empty() && parent.ends_with("/parameters") {
                remove(document, parent);
            }
        }
        Some(Value::Object(map)) => {
            map.remove(&token);
            // A path, or a list of parameters, that held nothing else.
            let path = parent.starts_with("/paths/") && parent.matches('/').count() == 2;
            if map.is_empty() && path {
                remove(document, parent);
            }
        }
        _ => {}
    }
}

fn rename_references(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let text = format!("#/components/schemas/{from}");
                if key == "$ref" && *value == text {
                    *value = Value::from(format!("#/components/schemas/{to}"));
                } else {
                    rename_references(value, from, to);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| rename_references(item, from, to)),
        _ => {}
    }
}

/// Kinds after which the places of other changes are those of another schema or
/// path: they are taken back first, and what is left is compared anew.
const FIRST: [&str; 4] =
    ["reference-changed", "schema-renamed", "operation-moved", "path-parameter-renamed"];

/// Takes back what changed until nothing is left to take back, which must be soon.
pub(crate) fn assert_accounted(name: &str, old: &Value, new: &Value) {
    let mut now = new.clone();
    for _ in 0..4 {
        let changes = compared(old, &now).changes;
        if changes.is_empty() {
            return;
        }
        if changes.iter().any(|change| change.kind == "reference-changed") {
            // What a reference leads to is the other schema's matter; that one
            // reference replaced another is what changed here.
            return;
        }
        let (first, rest): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| FIRST.contains(&change.kind));
        now = taken_back(&now, if first.is_empty() { &rest } else { &first });
    }
    let left = compared(old, &now).changes;
    assert_eq!(left, [], "{name}: not accounted for\nold {old:#}\nnow {now:#}");
}
