//! Parameters and headers.

use serde_json::Value;

use super::{
    context::Context,
    document::is_reference,
    media,
    object::{Object, drop_key, each},
    query_string,
    references::Settled,
    schema,
};
use crate::pointer::child;

const PASS: &str = "downconvert/parameters";

/// The parameters of `owner`, a path item or an operation.
pub(super) fn list(owner: &mut Object, at: &str, context: &mut Context<'_>) {
    let Some(Value::Array(list)) = owner.get_mut("parameters") else {
        return;
    };
    let at = child(at, "parameters");
    let mut converted = Vec::with_capacity(list.len());
    for (index, mut parameter) in std::mem::take(list).into_iter().enumerate() {
        let at = child(&at, index.to_string());
        if context.refers_to_query_string(&parameter) {
            converted.append(&mut query_string::convert(&parameter, &at, context));
        } else {
            self::parameter(&mut parameter, &at, context);
            converted.push(parameter);
        }
    }
    *list = converted;
}

/// The parameters among the components, but for query strings: these have been
/// written out wherever something referred to them.
pub(super) fn components(components: &mut Object, settled: &Settled, context: &mut Context<'_>) {
    each(components, "parameters", "/components", |parameter, at| {
        if !context.refers_to_query_string(parameter) {
            self::parameter(parameter, &settled.origin(at), context);
        }
    });
    let Some(Value::Object(parameters)) = components.get_mut("parameters") else {
        return;
    };
    parameters.retain(|name, parameter| {
        let gone = context.refers_to_query_string(parameter);
        if gone {
            context
                .record_unused("downconvert/query-string", &child("/components/parameters", name));
        }
        !gone
    });
}

fn parameter(parameter: &mut Value, at: &str, context: &mut Context<'_>) {
    if is_reference(parameter, at, context) {
        return;
    }
    let Some(parameter) = parameter.as_object_mut() else {
        return;
    };
    if parameter.get("style").is_some_and(|style| style == "cookie") {
        let why = "3.0 writes cookies in the style `form`, which escapes more";
        drop_key(parameter, "style", at, PASS, why, context);
    }
    if parameter.get("in").is_some_and(|place| place != "query") {
        let why = "3.0 leaves reserved characters as they are in the query only";
        drop_key(parameter, "allowReserved", at, PASS, why, context);
    }
    value(parameter, at, context);
}

/// The header at the pointer `at`.
pub(super) fn header(header: &mut Value, at: &str, context: &mut Context<'_>) {
    if is_reference(header, at, context) {
        return;
    }
    if let Some(header) = header.as_object_mut() {
        let why = "3.0 leaves reserved characters as they are in the query only";
        drop_key(header, "allowReserved", at, PASS, why, context);
        value(header, at, context);
    }
}

/// What parameters and headers have in common.
fn value(owner: &mut Object, at: &str, context: &mut Context<'_>) {
    if let Some(schema) = owner.get_mut("schema") {
        schema::convert(schema, &child(at, "schema"), context);
    }
    media::content(owner, at, context);
    media::examples(owner, at, context);
}
