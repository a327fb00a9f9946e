//! Forms and multipart bodies: their fields, files, styles and media types.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::schema::{Context, Resolved, Schemas};
use crate::api::{Style, Styled, Type};

/// The type of a multipart body. Binary strings and lists of them are files.
pub(super) fn multipart(
    schema: &Value,
    context: &Context,
    schemas: &mut Schemas<'_, '_>,
) -> Resolved {
    let mut flat = schemas.member(schema, context);
    let files = files(&mut flat, context, schemas);
    if files.is_empty() {
        return schemas.resolve(schema, context);
    }
    let resolved = schemas.resolve(&Value::Object(flat), context);
    if let Type::Named(name) = &resolved.type_ {
        schemas.make_files(name, &files);
    }
    resolved
}

/// The names of the properties that are files, which are plain strings afterwards.
fn files(
    flat: &mut Map<String, Value>,
    context: &Context,
    schemas: &mut Schemas<'_, '_>,
) -> Vec<String> {
    let chooses = ["oneOf", "anyOf", "enum"].iter().any(|key| flat.contains_key(*key));
    let is_object = flat.get("type").is_none_or(|type_| type_ == "object");
    let properties = flat.get_mut("properties").and_then(Value::as_object_mut);
    let (Some(properties), true, false) = (properties, is_object, chooses) else {
        return Vec::new();
    };
    let (mut files, mut absent) = (Vec::new(), Vec::new());
    for (name, property) in properties {
        let own = schemas.member(property, context);
        let mut plain = own.clone();
        if is_binary(&own) {
            plain.remove("format");
        } else if own.get("type").is_some_and(|type_| type_ == "array")
            && let Some(items) = own.get("items")
            && is_binary(&schemas.member(items, context))
        {
            plain.insert("items".to_owned(), json!({"type": "string"}));
        } else {
            continue;
        }
        // A part that is null is one that is left out.
        if plain.remove("nullable") == Some(json!(true)) {
            absent.push(name.clone());
        }
        *property = Value::Object(plain);
        files.push(name.clone());
    }
    if let Some(required) = flat.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !absent.iter().any(|absent| name == absent.as_str()));
    }
    files
}

fn is_binary(schema: &Map<String, Value>) -> bool {
    let is = |key: &str, value: &str| schema.get(key).is_some_and(|given| given == value);
    is("type", "string") && is("format", "binary")
}

/// The media type that `media` states for each field. A list of them or a range says what a
/// file may be, not what it is.
pub(super) fn media_types(media: &Value) -> BTreeMap<String, String> {
    let stated = encodings(media).filter_map(|(name, encoding)| {
        let media_type = encoding.get("contentType")?.as_str()?.trim();
        let one = !media_type.contains([',', '*']);
        let printable = media_type.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        (one && printable && media_type.contains('/'))
            .then(|| (name.clone(), media_type.to_owned()))
    });
    stated.collect()
}

/// The style that `media` states for each field of a form.
///
/// As OpenAPI 3.0.4 has it: a media type counts for a field without `style`, `explode` and
/// `allowReserved`.
pub(super) fn styles(media: &Value) -> Result<BTreeMap<String, Styled>, String> {
    let mut styles = BTreeMap::new();
    for (name, encoding) in encodings(media) {
        let style = encoding.get("style").and_then(Value::as_str);
        let explode = encoding.get("explode").and_then(Value::as_bool);
        let styled =
            ["style", "explode", "allowReserved"].iter().any(|k| encoding.get(*k).is_some());
        let style = match style {
            None if !styled => {
                let media_type = encoding.get("contentType").and_then(Value::as_str);
                if media_type.is_some_and(|name| name.trim().ends_with("json")) {
                    styles.insert(name.clone(), (Style::Json, false));
                }
                continue;
            }
            None | Some("form") => Style::Form,
            Some("spaceDelimited") => Style::SpaceDelimited,
            Some("pipeDelimited") => Style::PipeDelimited,
            Some("deepObject") => Style::DeepObject,
            Some(other) => {
                return Err(format!("the field `{name}` of a form has the style {other}"));
            }
        };
        styles.insert(name.clone(), (style, explode.unwrap_or(style == Style::Form)));
    }
    Ok(styles)
}

fn encodings(media: &Value) -> impl Iterator<Item = (&String, &Value)> {
    media.get("encoding").and_then(Value::as_object).into_iter().flatten()
}
