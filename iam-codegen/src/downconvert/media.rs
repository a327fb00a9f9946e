//! Media types, their encodings, and example objects.

use serde_json::{Value, json};

use super::{
    context::Context,
    document::is_reference,
    object::{Object, drop_key, each},
    parameters, schema,
};
use crate::pointer::{child, of_reference, reference};

/// The media types under `content` of `owner`.
pub(super) fn content(owner: &mut Object, at: &str, context: &mut Context<'_>) {
    let at = child(at, "content");
    if let Some(Value::Object(content)) = owner.get_mut("content") {
        for (name, media_type) in content {
            self::media_type(media_type, name, &child(&at, name), context);
        }
    }
}

fn media_type(media_type: &mut Value, name: &str, at: &str, context: &mut Context<'_>) {
    if let Some(target) = reference(media_type).and_then(of_reference) {
        is_reference(media_type, at, context);
        // 3.0 has no component for media types.
        let inlined = context.inlining(&target, &child(at, "$ref"), |context, mut referred| {
            self::media_type(&mut referred, name, &target, context);
            referred
        });
        if let Some(inlined) = inlined {
            *media_type = inlined;
        }
        return;
    }
    let Some(media_type) = media_type.as_object_mut() else {
        return;
    };
    let multipart = name.trim().to_ascii_lowercase().starts_with("multipart/");
    if sequential(media_type, at, context) {
        // There is no schema left.
    } else if multipart {
        binary_parts(media_type);
    } else if schema::is_binary(name) {
        make_binary(media_type.entry("schema").or_insert_with(|| json!({})));
    }
    if let Some(schema) = media_type.get_mut("schema") {
        schema::convert(schema, &child(at, "schema"), context);
    }
    examples(media_type, at, context);
    each(media_type, "encoding", at, |encoding, at| {
        self::encoding(encoding, multipart, at, context);
    });
}

/// A media type of one item after another -> one without a schema.
///
/// To keep the schema of the whole would be to say that it is one JSON array.
fn sequential(media_type: &mut Object, at: &str, context: &mut Context<'_>) -> bool {
    let keys = ["itemSchema", "itemEncoding", "prefixEncoding"];
    if !keys.iter().any(|key| media_type.contains_key(*key)) {
        return false;
    }
    for key in keys.into_iter().chain(["schema"]) {
        let why = "3.0 cannot describe items one after another, so that the body is left raw";
        drop_key(media_type, key, at, "downconvert/sequential-media", why, context);
    }
    true
}

/// Parts of which the schema says nothing are binary, unless an encoding says
/// that they are text.
fn binary_parts(media_type: &mut Object) {
    let encoding = media_type.get("encoding").cloned().unwrap_or_default();
    let properties = media_type.get_mut("schema").and_then(|schema| schema.get_mut("properties"));
    let Some(properties) = properties.and_then(Value::as_object_mut) else {
        return;
    };
    for (name, part) in properties {
        let content_type = encoding.get(name).and_then(|encoding| encoding.get("contentType"));
        if content_type.and_then(Value::as_str).is_some_and(|name| !schema::is_binary(name)) {
            continue;
        }
        // Each item of an array is a part of its own.
        let is_array = part.get("type").is_some_and(|name| name == "array");
        match part.as_object_mut() {
            Some(array) if is_array => {
                make_binary(array.entry("items").or_insert_with(|| json!({})));
            }
            _ => make_binary(part),
        }
    }
}

/// Binary content, which 3.1 says nothing about -> a string of `format: binary`.
fn make_binary(schema: &mut Value) {
    const SAYS_NOTHING: [&str; 9] = [
        "title",
        "description",
        "deprecated",
        "example",
        "examples",
        "minLength",
        "maxLength",
        "contentMediaType",
        "$comment",
    ];
    if *schema == true {
        *schema = json!({});
    }
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if schema.keys().all(|key| SAYS_NOTHING.contains(&key.as_str()) || key.starts_with("x-")) {
        // Redundant here, and void where it contradicts the media type.
        schema.remove("contentMediaType");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("format".to_owned(), "binary".into());
    }
}

fn encoding(encoding: &mut Value, multipart: bool, at: &str, context: &mut Context<'_>) {
    const PASS: &str = "downconvert/encoding";
    let Some(encoding) = encoding.as_object_mut() else {
        return;
    };
    for key in ["encoding", "prefixEncoding", "itemEncoding"] {
        drop_key(encoding, key, at, PASS, "3.0 does not nest encodings", context);
    }
    if multipart {
        for key in ["style", "explode", "allowReserved"] {
            let why = "3.0 ignores it in multipart bodies";
            drop_key(encoding, key, at, PASS, why, context);
        }
    }
    each(encoding, "headers", at, |header, at| parameters::header(header, at, context));
}

/// The example objects of `owner`.
pub(super) fn examples(owner: &mut Object, at: &str, context: &mut Context<'_>) {
    each(owner, "examples", at, |example, at| self::example(example, at, context));
}

/// The example object at `at`.
pub(super) fn example(example: &mut Value, at: &str, context: &mut Context<'_>) {
    const PASS: &str = "downconvert/examples";
    if is_reference(example, at, context) {
        return;
    }
    let Some(example) = example.as_object_mut() else {
        return;
    };
    if let Some(value) = example.remove("dataValue") {
        if example.contains_key("value") {
            let why = "an example of 3.0 has one value";
            context.record(PASS, child(at, "dataValue"), "`dataValue` left out", why);
        } else {
            example.insert("value".to_owned(), value);
        }
    }
    if !example.contains_key("value")
        && !example.contains_key("externalValue")
        && let Some(text) = example.remove("serializedValue")
    {
        example.insert("value".to_owned(), text);
        let why = "3.0 gives as a string what it cannot give as a value";
        context.record(PASS, child(at, "serializedValue"), "`serializedValue` became `value`", why);
    }
    let why = "an example of 3.0 has one value";
    drop_key(example, "serializedValue", at, PASS, why, context);
}
