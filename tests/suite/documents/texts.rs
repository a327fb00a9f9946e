//! Every part of a document says what it is, in words of its own.

use std::collections::BTreeSet;

use iam_codegen::{overlay, sources::Sources};
use serde_json::Value;

use super::assert_none;
use crate::{
    openapi::{Vendored, elements, entries, follow, operations, vendored},
    workspace,
};

/// A text, what it describes, and the name that it has to say more than.
struct Text<'a> {
    at: String,
    name: &'a str,
    text: Option<&'a str>,
}

fn text<'a>(at: impl Into<String>, name: &'a str, holder: &'a Value) -> Text<'a> {
    Text { at: at.into(), name, text: holder["description"].as_str() }
}

/// All descriptions that a document must have.
fn texts(document: &Value) -> Vec<Text<'_>> {
    let mut texts =
        vec![text("the document", document["info"]["title"].as_str().unwrap(), &document["info"])];
    for tag in elements(&document["tags"]) {
        let name = tag["name"].as_str().unwrap();
        texts.push(text(format!("tag {name}"), name, tag));
    }
    for (kind, components) in entries(&document["components"]) {
        for (name, component) in entries(components) {
            texts.push(text(format!("{kind} {name}"), name, component));
            for (field, schema) in entries(&component["properties"]) {
                texts.push(text(format!("{kind} {name}, field {field}"), field, schema));
            }
        }
    }
    for operation in operations(document) {
        let id = operation.id;
        texts.push(text(format!("operation {id}"), id, operation.value));
        for parameter in operation.parameters() {
            let name = parameter["name"].as_str().unwrap();
            texts.push(text(format!("operation {id}, parameter {name}"), name, parameter));
        }
        for (status, response) in operation.responses() {
            texts.push(text(format!("operation {id}, status {status}"), "", response));
        }
        // A body with fields is described by its schema.
        let has_fields =
            |media: &Value| follow(document, &media["schema"]).get("properties").is_some();
        if let Some(body) = operation.body()
            && !entries(&body["content"]).any(|(_, media)| has_fields(media))
        {
            texts.push(text(format!("operation {id}, body"), "", body));
        }
    }
    texts
}

/// The words of a name or text, in lower case, singular where that is easy.
fn words(text: &str) -> BTreeSet<String> {
    let mut separated = String::new();
    let mut after_lower = false;
    for sign in text.chars() {
        if sign.is_uppercase() && after_lower {
            separated.push(' ');
        }
        after_lower = sign.is_lowercase() || sign.is_ascii_digit();
        separated.extend(sign.to_lowercase());
    }
    let words =
        separated.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect()
}

/// Whether `text` says next to nothing beyond `name`: fewer than two words that
/// are neither in it nor articles.
fn is_filler(name: &str, text: &str) -> bool {
    let mut known = words(name);
    known.extend(["a", "an", "the"].map(str::to_owned));
    words(text).difference(&known).count() < 2
}

#[test]
fn filler_is_told_from_descriptions() {
    for (name, text) in [
        ("name", "The name of the name."),
        ("account_id", "Account ID."),
        ("account_id", "ID of the account."),
        ("getApiKey", "Gets an API key."),
        ("", "The group."),
    ] {
        assert!(is_filler(name, text), "{text}");
    }
    for (name, text) in [
        ("account_id", "ID of the account, 32 hexadecimal digits."),
        ("name", "Display name, for people."),
        ("token_type", "Scheme for the `Authorization` header: `Bearer`."),
    ] {
        assert!(!is_filler(name, text), "{text}");
    }
}

#[test]
fn everything_is_described_and_nothing_with_filler() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for Vendored { name, overlaid, .. } in &vendored() {
        for Text { at, name: described, text } in texts(overlaid) {
            seen += 1;
            match text.map(str::trim) {
                None | Some("") => wrong.push(format!("{name}: {at} is not described")),
                Some(text) if is_filler(described, text) => {
                    wrong.push(format!("{name}: {at} is described with filler: {text}"));
                }
                Some(text) if !text.ends_with(['.', '`']) || text.contains("  ") => {
                    wrong.push(format!("{name}: {at} is no sentence: {text}"));
                }
                Some(_) => {}
            }
        }
    }
    assert_none(&wrong);
    assert!(seen > 3000, "{seen}");
}

#[test]
fn every_operation_has_a_summary_of_its_own_and_a_known_tag() {
    let mut wrong = Vec::new();
    for Vendored { name, overlaid, .. } in &vendored() {
        let tags: BTreeSet<_> =
            elements(&overlaid["tags"]).filter_map(|t| t["name"].as_str()).collect();
        let (mut used, mut summaries) = (BTreeSet::new(), BTreeSet::new());
        for operation in operations(overlaid) {
            let at = format!("{name}: {}", operation.id);
            match operation.value["summary"].as_str() {
                None | Some("") => wrong.push(format!("{at} has no summary")),
                Some(text) if text.contains('\n') || text.ends_with('.') || text.len() > 60 => {
                    wrong.push(format!("{at}: no summary for one line: {text}"));
                }
                Some(text) if operation.value["description"] == text => {
                    wrong.push(format!("{at}: the description is the summary"));
                }
                Some(text) if !summaries.insert(text) => {
                    wrong.push(format!("{at}: not its own: {text}"))
                }
                Some(_) => {}
            }
            let own: Vec<_> =
                elements(&operation.value["tags"]).filter_map(Value::as_str).collect();
            if own.len() != 1 || !tags.contains(own[0]) {
                wrong.push(format!("{at} has the tags {own:?}"));
            }
            used.extend(own);
        }
        wrong
            .extend(tags.difference(&used).map(|tag| format!("{name}: nothing has the tag {tag}")));
    }
    assert_none(&wrong);
}

/// The overlays' parser demands a reason; this demands that it is a sentence.
#[test]
fn every_action_of_an_overlay_has_a_reason() {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    for (_, source) in sources.client() {
        let overlays = sources.overlays(source).unwrap();
        let (_, applied) = overlay::apply(sources.document(source).unwrap(), &overlays).unwrap();
        assert!(applied.len() > 10, "{}", source.name);
        for action in applied {
            let reason = &action.reason;
            assert!(
                reason.ends_with('.') && words(reason).len() > 5,
                "{}: {reason}",
                action.target
            );
        }
    }
}
