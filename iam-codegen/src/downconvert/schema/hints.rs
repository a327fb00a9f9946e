//! `discriminator` and `xml`: objects that help to read a value.

use serde_json::Value;

use crate::{
    downconvert::{
        context::Context,
        object::{Object, drop_key},
    },
    pointer::child,
};

/// A discriminator whose property may be missing -> none at all.
///
/// In 3.0 the property is there and decides. To keep the rest of it would make
/// readers refuse the very values that the default is for.
pub(super) fn discriminator(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let default = schema.get("discriminator").is_some_and(|hint| {
        hint.as_object().is_some_and(|hint| hint.contains_key("defaultMapping"))
    });
    if default {
        let why = "3.0 has no default mapping, and takes the property to be always there";
        drop_key(schema, "discriminator", at, "downconvert/discriminator", why, context);
    }
}

/// `nodeType` -> `attribute` or `wrapped`, where one of them says the same.
pub(super) fn xml(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let is_array = schema.get("type").is_some_and(|name| name == "array");
    let Some(xml) = schema.get_mut("xml").and_then(Value::as_object_mut) else {
        return;
    };
    let equivalent = match (xml.get("nodeType").and_then(Value::as_str), is_array) {
        (Some("attribute"), _) => Some("attribute"),
        (Some("element"), true) => Some("wrapped"),
        // What they are without it.
        (Some("element"), false) | (Some("none"), true) => {
            xml.remove("nodeType");
            return;
        }
        _ => None,
    };
    if let Some(key) = equivalent {
        xml.remove("nodeType");
        xml.insert(key.to_owned(), true.into());
    }
    let why = "3.0 knows elements and attributes only";
    drop_key(xml, "nodeType", &child(at, "xml"), "downconvert/xml", why, context);
}
