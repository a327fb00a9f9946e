//! A watched document against the documents that generate the client: what it
//! knows and they do not, and where it says otherwise. What it does not know
//! is no news.

use std::collections::BTreeMap;

use anyhow::Result;
use iam_codegen::{
    Document,
    compare::{Change, Options, Wire, compare, kinds},
};
use serde_json::{Map, Value, json};

use super::report::{At, Class, Entry, fingerprint};

const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Areas of kinds that say nothing of operations and fields.
const ASIDE: [&str; 8] =
    ["document", "extension", "server", "security", "path", "component", "header", "surface"];

/// Method, and path without the names of its parameters.
type Key = (&'static str, String);

/// What `watched` knows beyond `client`, and where they contradict each other.
///
/// # Errors
/// Documents too large to compare.
pub(crate) fn coverage(client: &[Document], watched: &Document) -> Result<Vec<Entry>> {
    let here: BTreeMap<Key, String> = client.iter().flat_map(operations).collect();
    let there: BTreeMap<Key, String> = operations(watched).collect();
    let (common, unknown): (Vec<_>, Vec<_>) =
        there.keys().cloned().partition(|key| here.contains_key(key));

    let mut entries = Vec::new();
    let nothing = Document::from_value("none", json!({"openapi": "3.0.3", "paths": {}}))?;
    let rest = reduced(watched, &unknown, None)?;
    let added = compare(&[nothing], &[rest], &Options::default())?.changes;
    let added = added.into_iter().filter(|change| change.kind == "operation-added");
    entries.extend(added.map(|change| entry(Class::UnknownHere, change)));

    let ours = client.iter().map(|document| reduced(document, &common, None));
    let ours = ours.collect::<Result<Vec<_>>>()?;
    let theirs = reduced(watched, &common, Some(&here))?;
    for change in compare(&ours, &[theirs], &Options::default())?.changes {
        if let Some(class) = class(&change) {
            entries.push(entry(class, change));
        }
    }
    Ok(entries)
}

/// What a change from ours to theirs means, if anything.
fn class(change: &Change) -> Option<Class> {
    let kind = kinds().find(|kind| kind.id == change.kind)?;
    let texts = change.wire == Wire::Documentation && kind.area != "type";
    if texts || ASIDE.contains(&kind.area) {
        return None;
    }
    match change.kind {
        // Something of theirs has no counterpart; what ours is, remains.
        "property-renamed" | "parameter-renamed" => Some(Class::UnknownHere),
        // They merely do not say that it must be there, or what it looks like.
        "optional-property-removed" | "required-property-removed" | "parameter-removed" => None,
        id if id.ends_with("-became-required") || id.ends_with("-became-optional") => {
            Some(Class::Contradiction)
        }
        id if id.ends_with("-removed") => None,
        id if id.ends_with("-added") => Some(match id {
            // A narrower statement about something that both know.
            "format-added" | "pattern-added" | "multiple-of-added" => return None,
            _ => Class::UnknownHere,
        }),
        _ => match (&change.old_value, &change.new_value) {
            (Some(_), Some(_)) => Some(Class::Contradiction),
            _ => None,
        },
    }
}

fn entry(class: Class, change: Change) -> Entry {
    let explanation = match class {
        Class::UnknownHere => "known there and not here",
        _ => "says otherwise there",
    };
    let mut entry = Entry::finding(class, change.kind, &change.subject, String::new());
    entry.fingerprint = fingerprint(&["coverage", &change.fingerprint]);
    let text = change.explanation.rsplit_once("; ").map_or(&*change.explanation, |(text, _)| text);
    entry.explanation = format!("{explanation}: {text}");
    entry.reason = "somebody else's description differs from the documents of the client".into();
    entry.name = change.name;
    entry.operations = change.operations;
    entry.direction = Some(change.direction);
    entry.old = change.old.map(At::from);
    entry.new = change.new.map(At::from);
    entry.missing = change.missing.map(At::from);
    entry.old_value = change.old_value;
    entry.new_value = change.new_value;
    entry.also = change.also;
    entry
}

/// Each operation of a document, with the path as it spells it.
fn operations(document: &Document) -> impl Iterator<Item = (Key, String)> {
    let paths = document.value().get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(move |(path, item)| {
        let item = followed(document.value(), item);
        let methods = METHODS.into_iter().filter(move |method| item.get(*method).is_some());
        methods.map(move |method| ((method, plain(path)), path.clone()))
    })
}

/// A path item, reached through its reference if it is one.
fn followed<'a>(document: &'a Value, item: &'a Value) -> &'a Value {
    let target = item.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix('#'));
    target.and_then(|at| document.pointer(at)).unwrap_or(item)
}

/// A path without the names of its parameters and without a slash at its end.
fn plain(path: &str) -> String {
    let mut text = String::new();
    let mut rest = path.trim_end_matches('/');
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    text + rest
}

/// `document` with the operations of `keys` only. With `spelled`, paths end in a
/// slash where they do there; names of parameters do not count anyway.
fn reduced(
    document: &Document,
    keys: &[Key],
    spelled: Option<&BTreeMap<Key, String>>,
) -> Result<Document> {
    let mut value = document.value().clone();
    let mut kept = Map::new();
    let paths = document.value().get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        let mut item = followed(document.value(), item).clone();
        let mut name = path.clone();
        if let Some(item) = item.as_object_mut() {
            let key = |method: &'static str| (method, plain(path));
            item.retain(|field, _| match METHODS.iter().find(|method| *method == field) {
                Some(method) => keys.contains(&key(method)),
                None => field != "additionalOperations",
            });
            let mut methods = METHODS.into_iter().filter(|method| item.contains_key(*method));
            let Some(method) = methods.next() else { continue };
            let there = spelled.and_then(|spelled| spelled.get(&key(method)));
            if there.is_some_and(|there| there.ends_with('/') != path.ends_with('/')) {
                name = match path.strip_suffix('/') {
                    Some(without) => without.to_owned(),
                    None => format!("{path}/"),
                };
            }
        }
        kept.insert(name, item);
    }
    if let Some(fields) = value.as_object_mut() {
        fields.insert("paths".to_owned(), Value::Object(kept));
        fields.remove("webhooks");
    }
    let reduced = Document::from_value(document.name(), value)?;
    Ok(match document.text() {
        Some(text) => reduced.with_text(text),
        None => reduced,
    })
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_of_parameters_and_a_last_slash_do_not_count() {
        assert_eq!(plain("/v1/profiles/{profile-id}/rules/{rule-id}"), "/v1/profiles/{}/rules/{}");
        assert_eq!(plain("/v1/serviceids/"), "/v1/serviceids");
        assert_eq!(plain("/a/{b}:start"), "/a/{}:start");
        assert_eq!(plain("/a/{b"), "/a/{}");
        assert_eq!(plain("/"), "");
    }
}
