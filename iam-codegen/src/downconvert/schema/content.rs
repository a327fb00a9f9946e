//! Strings that hold encoded or binary content.

use serde_json::Value;

use super::types::listed;
use crate::downconvert::{
    context::Context,
    object::{Object, drop_key},
};

const PASS: &str = "downconvert/content";

/// `contentEncoding`, `contentMediaType` -> `format: byte` or `binary`.
pub(super) fn convert(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let why = "a schema of 3.0 does not describe what a string holds";
    drop_key(schema, "contentSchema", at, PASS, why, context);
    let types = listed(schema);
    let may_be_string =
        types.as_ref().is_none_or(|types| types.iter().any(|name| name == "string"));
    let has_format = schema.contains_key("format");
    let encoding = schema.get("contentEncoding").and_then(Value::as_str);
    let media_type = schema.get("contentMediaType").and_then(Value::as_str);
    let format = match (encoding, media_type) {
        _ if has_format || !may_be_string => None,
        // The names of encodings are those of RFC 2045, which has no case.
        (Some(encoding), _) if encoding.eq_ignore_ascii_case("base64") => Some("byte"),
        (None | Some("binary"), Some("application/octet-stream")) => Some("binary"),
        // Raw content has no type in 3.1. With one it is text of that media type.
        (None, Some(media_type)) if types.is_none() && is_binary(media_type) => Some("binary"),
        _ => None,
    };
    match format {
        Some("byte") => {
            schema.remove("contentEncoding");
            schema.insert("format".to_owned(), "byte".into());
        }
        Some(format) => {
            schema.remove("contentEncoding");
            schema.remove("contentMediaType");
            schema.insert("format".to_owned(), format.into());
            schema.entry("type").or_insert_with(|| "string".into());
        }
        None => {}
    }
    drop_key(schema, "contentEncoding", at, PASS, why, context);
    drop_key(schema, "contentMediaType", at, PASS, why, context);
}

/// Whether `media_type` is known to be no text.
pub(in crate::downconvert) fn is_binary(media_type: &str) -> bool {
    const KINDS: [&str; 4] = ["image/", "audio/", "video/", "font/"];
    const TYPES: [&str; 5] = [
        "application/octet-stream",
        "application/pdf",
        "application/zip",
        "application/gzip",
        "application/x-tar",
    ];
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let text = essence.ends_with("+xml") || essence.ends_with("+json");
    TYPES.contains(&essence.as_str())
        || (KINDS.iter().any(|kind| essence.starts_with(kind)) && !text)
}
