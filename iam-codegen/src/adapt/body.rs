//! Request bodies and successes: one media type each, and what it carries.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    form, names,
    operation::Place,
    schema::{Context, Schemas},
};
use crate::{
    api::{Body, Content, Encoding, Success, Type},
    pointer,
};

const PASS: &str = "media-types";

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
const JSON_PATCH: &str = "application/json-patch+json";

/// The request body; `None` if it was rejected.
pub(super) fn request(
    place: &Place<'_>,
    taken: &mut names::Taken,
    schemas: &mut Schemas<'_, '_>,
) -> Option<Option<Body>> {
    let Some(value) = place.value.get("requestBody") else { return Some(None) };
    let at = pointer::child(&place.pointer, "requestBody");
    let Some((written, media)) = choose(value, &at, schemas) else { return Some(None) };
    let at = pointer::child(&pointer::child(&at, "content"), written);
    let media_type = essence(written);
    let reject = |schemas: &mut Schemas<'_, '_>, message: String| {
        let problem = place.problem(&at, message);
        schemas.record.reject(problem.remedy("offer another media type with an overlay"));
        None
    };
    let encoding = match encoding(&media_type) {
        Some(encoding) => encoding,
        None => return reject(schemas, format!("a body of type {media_type} cannot be sent")),
    };
    let context =
        Context::new(pointer::child(&at, "schema"), format!("{}Request", place.type_name));
    let resolved = media.get("schema").map(|schema| match encoding {
        Encoding::Multipart => form::multipart(schema, &context, schemas),
        _ => schemas.resolve(schema, &context),
    });
    let type_ = match (encoding, resolved.clone()) {
        (Encoding::Text, _) => Type::String,
        (Encoding::Bytes, _) | (_, None) => Type::Any,
        (Encoding::Json, Some(resolved)) => resolved.into_value(),
        (Encoding::Form | Encoding::Multipart, Some(resolved)) => resolved.type_,
    };
    let is_form = matches!(encoding, Encoding::Form | Encoding::Multipart);
    if is_form && !may_be_object(&type_, schemas) {
        return reject(schemas, format!("a body of type {media_type} has fields"));
    }
    let styles = match encoding {
        Encoding::Form => form::styles(media),
        _ => Ok(BTreeMap::new()),
    };
    let styles = match styles {
        Ok(styles) => styles,
        Err(message) => return reject(schemas, message),
    };
    let media_types = match encoding {
        Encoding::Multipart => form::media_types(media),
        _ => BTreeMap::new(),
    };
    let text = value.get("description").and_then(Value::as_str).map(str::to_owned);
    Some(Some(Body {
        media_type: if media_type == "*/*" { JSON.to_owned() } else { written.trim().to_owned() },
        encoding,
        required: value.get("required") == Some(&json!(true)),
        flattened: flatten(&type_, &place.pointer, taken, schemas),
        clear_setters: BTreeMap::new(),
        type_,
        styles,
        media_types,
        description: text.or(resolved.and_then(|resolved| resolved.docs.text)),
    }))
}

/// The operations whose body is JSON or plain text, by pointer: each as two operations, of
/// which the first sends JSON and the second text.
pub(super) fn texts(document: &Value) -> BTreeMap<String, [Value; 2]> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let at = pointer::child("/paths", path);
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (pointer::child(&at, method), operation))
    });
    let both = operations.filter_map(|(at, operation)| {
        let content = operation.get("requestBody")?.get("content")?.as_object()?;
        let is_json = |written: &String| encoding(&essence(written)) == Some(Encoding::Json);
        let (text, _) = content
            .iter()
            .find(|(written, media)| essence(written) == "text/plain" && may_be_text(media))?;
        content.keys().any(is_json).then(|| {
            let with = |chosen: &dyn Fn(&String) -> bool| {
                let mut operation = operation.clone();
                if let Some(content) = operation.pointer_mut("/requestBody/content")
                    && let Some(content) = content.as_object_mut()
                {
                    content.retain(|written, _| chosen(written));
                }
                operation
            };
            let mut second = with(&|written| written == text);
            second["requestBody"]["required"] = json!(true);
            (at, [with(&|written| written != text), second])
        })
    });
    both.collect()
}

/// The argument and setter names of the fields of a struct that is sent.
fn flatten(
    type_: &Type,
    at: &str,
    taken: &mut names::Taken,
    schemas: &mut Schemas<'_, '_>,
) -> Option<BTreeMap<String, String>> {
    let Type::Named(name) = type_ else { return None };
    let fields = schemas.fields(name)?.iter().filter(|field| field.constant.is_none());
    let fields: Vec<_> = fields.map(|f| (f.wire.clone(), f.name.clone())).collect();
    let names = fields.into_iter().map(|(wire, name)| {
        if !taken.contains(&name) {
            return (wire, names::unique(name, taken));
        }
        let renamed = names::unique(format!("body_{name}"), taken);
        let what = format!("body field `{wire}` is called `{renamed}`");
        schemas.record.record("names", at, what, "the name is taken");
        (wire, renamed)
    });
    Some(names.collect())
}

/// Returns whether a value of a type can be an object.
fn may_be_object(type_: &Type, schemas: &Schemas<'_, '_>) -> bool {
    match type_ {
        Type::Named(name) => !schemas.is_enum(name),
        Type::Map(_) | Type::Any | Type::SecretJson => true,
        Type::Nullable(inner) | Type::Boxed(inner) => may_be_object(inner, schemas),
        _ => false,
    }
}

/// What the documented successes return.
pub(super) fn success(place: &Place<'_>, schemas: &mut Schemas<'_, '_>) -> Option<Success> {
    let empty = Map::new();
    let responses = place.value.get("responses").and_then(Value::as_object).unwrap_or(&empty);
    let mut replies = Vec::new();
    let mut description = None;
    let mut alternative = None;
    let successes: Vec<_> = responses.keys().filter_map(|key| Some((status(key)?, key))).collect();
    // `default` describes errors where a success is described as well.
    let only_default = successes.is_empty() && responses.contains_key("default");
    let default = "default".to_owned();
    let successes = if only_default { vec![(0, &default)] } else { successes };
    for (status, key) in successes {
        let at = pointer::child(&pointer::child(&place.pointer, "responses"), key);
        let response = &responses[key];
        let text = response.get("description").and_then(Value::as_str);
        description = description.or(text.filter(|text| !text.is_empty()).map(str::to_owned));
        let content = if place.method == "head" || [204, 205].contains(&status) {
            if response.get("content").is_some() {
                let why = "no body can come with it";
                schemas.record.record("responses", &at, "its content is left out", why);
            }
            None
        } else {
            let chosen = choose(response, &at, schemas)
                .map(|(written, media)| content(place, &at, status, written, media, schemas));
            if chosen.as_ref().is_some_and(|content| content.encoding == Encoding::Json) {
                alternative = alternative.or_else(|| self::alternative(response));
            }
            chosen
        };
        replies.push((status, content));
    }
    if replies.is_empty() {
        let at = pointer::child(&place.pointer, "responses");
        schemas.record.record("responses", at, "bytes", "no success is described");
        let content =
            Content { media_type: "*/*".to_owned(), encoding: Encoding::Bytes, type_: Type::Any };
        replies.push((0, Some(content)));
    }
    Some(Success { replies, alternative, description })
}

/// Text or bytes among the contents of a response. Web pages are left out, which a proxy may
/// have sent, and so is what is described as an object: some frameworks list `text/plain` as
/// another name of JSON.
fn alternative(response: &Value) -> Option<Content> {
    let content = response.get("content")?.as_object()?;
    let candidates = content.iter().filter_map(|(written, media)| {
        let essence = essence(written);
        let encoding = encoding(&essence)?;
        let is_text = may_be_text(media);
        let is_raw = matches!(encoding, Encoding::Text | Encoding::Bytes);
        (is_raw && is_text && !essence.contains("html")).then_some((written, encoding))
    });
    let (written, encoding) =
        candidates.min_by_key(|(_, encoding)| *encoding == Encoding::Bytes)?;
    let type_ = if encoding == Encoding::Text { Type::String } else { Type::Any };
    Some(Content { media_type: written.trim().to_owned(), encoding, type_ })
}

/// Returns whether `media` has the schema of a text, or none.
fn may_be_text(media: &Value) -> bool {
    media
        .get("schema")
        .is_none_or(|schema| schema.get("type").is_some_and(|type_| type_ == "string"))
}

/// A status in 200..=299; 0 for the range `2XX`.
fn status(key: &str) -> Option<u16> {
    if key.eq_ignore_ascii_case("2XX") {
        return Some(0);
    }
    key.parse().ok().filter(|status| (200..300).contains(status))
}

fn content(
    place: &Place<'_>,
    at: &str,
    status: u16,
    written: &str,
    media: &Value,
    schemas: &mut Schemas<'_, '_>,
) -> Content {
    let media_type = essence(written);
    // What a server sends can be read as bytes at least.
    let encoding = match encoding(&media_type) {
        Some(Encoding::Form | Encoding::Multipart) | None => Encoding::Bytes,
        Some(Encoding::Json) if media.get("schema").is_none() && media_type == "*/*" => {
            Encoding::Bytes
        }
        Some(encoding) => encoding,
    };
    let at = pointer::child(&pointer::child(at, "content"), written);
    let suffix = if [0, 200, 201].contains(&status) { String::new() } else { status.to_string() };
    let context =
        Context::new(pointer::child(&at, "schema"), format!("{}{suffix}Response", place.type_name));
    let type_ = match (encoding, media.get("schema")) {
        (Encoding::Json, Some(schema)) => schemas.resolve(schema, &context).into_value(),
        (Encoding::Text, _) => Type::String,
        _ => Type::Any,
    };
    Content { media_type: written.trim().to_owned(), encoding, type_ }
}

/// The media type to use: JSON before forms, text and all others.
fn choose<'a>(
    holder: &'a Value,
    at: &str,
    schemas: &mut Schemas<'_, '_>,
) -> Option<(&'a str, &'a Value)> {
    let content = holder.get("content")?.as_object()?;
    let mut preference = |written: &str, media: &Value| match encoding(&essence(written)) {
        Some(Encoding::Json) if essence(written) == JSON => 0,
        // A JSON Patch is a list of changes (RFC 6902); another schema is not one of it.
        Some(Encoding::Json) if essence(written) == JSON_PATCH && !is_list(media, at, schemas) => 6,
        Some(Encoding::Json) => 1,
        Some(Encoding::Form) => 2,
        Some(Encoding::Multipart) => 3,
        Some(Encoding::Text) => 4,
        Some(Encoding::Bytes) => 5,
        None => 7,
    };
    let (written, media) =
        content.iter().min_by_key(|(written, media)| preference(written, media))?;
    let others: Vec<_> =
        content.keys().filter(|other| *other != written).map(String::as_str).collect();
    if !others.is_empty() {
        let what = format!("{written} alone, not {}", others.join(", "));
        schemas.record.record(PASS, at, what, "one media type serves all callers");
    }
    if essence(written) == "*/*" && media.get("schema").is_some() {
        schemas.record.record(PASS, at, "*/* taken for JSON", "it has a schema");
    }
    Some((written, media))
}

/// Returns whether the schema of `media` is a list.
fn is_list(media: &Value, at: &str, schemas: &mut Schemas<'_, '_>) -> bool {
    let Some(schema) = media.get("schema") else { return true };
    let flat = schemas.member(schema, &Context::new(at.to_owned(), String::new()));
    match flat.get("type").and_then(Value::as_str) {
        Some(type_) => type_ == "array",
        None => flat.contains_key("items"),
    }
}

/// A media type without its parameters.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// How a media type is encoded; `None` if the client cannot.
fn encoding(essence: &str) -> Option<Encoding> {
    let subtype = essence.split_once('/').map(|(_, subtype)| subtype)?;
    if essence == JSON || essence == "*/*" || subtype.ends_with("+json") {
        Some(Encoding::Json)
    } else if essence == FORM {
        Some(Encoding::Form)
    } else if essence == MULTIPART {
        Some(Encoding::Multipart)
    } else if essence.starts_with("multipart/") {
        None
    } else if essence.starts_with("text/") || subtype == "xml" || subtype.ends_with("+xml") {
        Some(Encoding::Text)
    } else {
        Some(Encoding::Bytes)
    }
}
