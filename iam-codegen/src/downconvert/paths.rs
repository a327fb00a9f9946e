//! Paths: path items, operations, request bodies, responses, callbacks.

use serde_json::{Value, json};

use super::{
    context::Context,
    document::{is_reference, last_token, link, servers},
    media,
    object::{Object, each, prepend_description},
    parameters, security,
};
use crate::pointer::{child, of_reference, reference};

/// The methods that a path item of 3.0 has.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The operationId of `operation`, or its method and path.
pub(super) fn operation_name(operation: &Object, method: &str, path: &str) -> String {
    match operation.get("operationId").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => format!("{} {path}", method.to_ascii_uppercase()),
    }
}

/// A member of the paths object or of a callback, at the pointer `at`.
pub(super) fn path(item: &mut Value, at: &str, context: &mut Context<'_>) {
    let path = last_token(at);
    if !path.starts_with("x-") {
        path_item(item, at, &path, context);
    }
}

/// The path item at the pointer `at`, used for `path`.
fn path_item(item: &mut Value, at: &str, path: &str, context: &mut Context<'_>) {
    if let Some(fields) = item.as_object_mut() {
        fields_of_path_item(fields, at, path, context);
    }
    let Some(target) = reference(item).and_then(of_reference) else {
        return;
    };
    // 3.0 has no component for path items.
    let inlined = context.inlining(&target, &child(at, "$ref"), |context, mut referred| {
        path_item(&mut referred, &target, path, context);
        referred
    });
    match (item, inlined) {
        (Value::Object(item), Some(Value::Object(referred))) => {
            merge(item, referred, &target, at, context);
        }
        // Of the wrong shape, for later stages to see.
        (item, Some(other)) => *item = other,
        (_, None) => {}
    }
}

fn fields_of_path_item(item: &mut Object, at: &str, path: &str, context: &mut Context<'_>) {
    parameters::list(item, at, context);
    servers(item, at, context);
    for method in METHODS {
        if let Some(operation) = item.get_mut(method) {
            self::operation(operation, &child(at, method), method, path, context);
        }
    }
    additional_operations(item, at, path, context);
    if let Some(query) = item.remove("query") {
        unknown_method(&query, &child(at, "query"), "query", path, context);
    }
}

/// Puts `referred`, which stands at `target`, in the place of the `$ref` to it.
fn merge(item: &mut Object, referred: Object, target: &str, at: &str, context: &mut Context<'_>) {
    item.remove("$ref");
    for (key, value) in referred {
        if !item.contains_key(&key) {
            item.insert(key, value);
        } else if item.get(&key) != Some(&value) {
            let what = format!("`{key}` of {target} left out");
            let why = "the field stands beside the reference too, and the nearer one counts";
            context.record("downconvert/path-items", child(at, key), what, why);
        }
    }
}

/// `additionalOperations` -> operations of 3.0 where it knows the method.
fn additional_operations(item: &mut Object, at: &str, path: &str, context: &mut Context<'_>) {
    let key = "additionalOperations";
    let at = child(at, key);
    let operations = match item.remove(key) {
        Some(Value::Object(operations)) => operations,
        Some(_) => {
            let why = "its value is not of the form that the specification gives it";
            context.record("downconvert/methods", at, format!("`{key}` left out"), why);
            return;
        }
        None => return,
    };
    for (method, mut operation) in operations {
        let at = child(&at, &method);
        let known = method.to_ascii_lowercase();
        if METHODS.contains(&known.as_str()) && !item.contains_key(&known) {
            self::operation(&mut operation, &at, &known, path, context);
            item.insert(known, operation);
        } else {
            unknown_method(&operation, &at, &method, path, context);
        }
    }
}

fn unknown_method(
    operation: &Value,
    at: &str,
    method: &str,
    path: &str,
    context: &mut Context<'_>,
) {
    if context.in_callback {
        let why = "3.0 does not know the method, and a client does not call it";
        context.record("downconvert/methods", at, format!("method `{method}` left out"), why);
        return;
    }
    let name = match operation.as_object() {
        Some(operation) => operation_name(operation, method, path),
        None => format!("{} {path}", method.to_ascii_uppercase()),
    };
    let message = if METHODS.contains(&method.to_ascii_lowercase().as_str()) {
        format!("the method `{method}` is described twice")
    } else {
        format!("the method `{method}` cannot be expressed")
    };
    let outer = context.operation.replace(name);
    context.reject(at, message, "remove the operation with an overlay");
    context.operation = outer;
}

fn operation(operation: &mut Value, at: &str, method: &str, path: &str, context: &mut Context<'_>) {
    let Some(operation) = operation.as_object_mut() else {
        return;
    };
    let outer = context.operation.replace(operation_name(operation, method, path));
    parameters::list(operation, at, context);
    if let Some(body) = operation.get_mut("requestBody") {
        request_body(body, &child(at, "requestBody"), context);
    }
    responses(operation, at, context);
    each(operation, "callbacks", at, |callback, at| self::callback(callback, at, context));
    security::requirements(operation, at, context);
    servers(operation, at, context);
    context.operation = outer;
}

/// 3.1 lets an operation do without responses, 3.0 does not.
fn responses(operation: &mut Object, at: &str, context: &mut Context<'_>) {
    let missing = operation.get("responses").is_none_or(|responses| *responses == json!({}));
    if missing {
        operation.insert("responses".to_owned(), json!({ "default": { "description": "" } }));
        let what = "a response without content is expected";
        let why = "3.0 demands at least one response";
        context.record("downconvert/responses", child(at, "responses"), what, why);
        return;
    }
    each(operation, "responses", at, |response, at| {
        if !last_token(at).starts_with("x-") {
            self::response(response, at, context);
        }
    });
}

/// The request body at the pointer `at`.
pub(super) fn request_body(body: &mut Value, at: &str, context: &mut Context<'_>) {
    if is_reference(body, at, context) {
        return;
    }
    if let Some(body) = body.as_object_mut() {
        media::content(body, at, context);
    }
}

/// The response at the pointer `at`.
pub(super) fn response(response: &mut Value, at: &str, context: &mut Context<'_>) {
    if is_reference(response, at, context) {
        return;
    }
    let Some(response) = response.as_object_mut() else {
        return;
    };
    if let Some(summary) = response.remove("summary") {
        let text = summary.as_str().unwrap_or_default();
        if !text.is_empty() {
            prepend_description(response, text.to_owned());
        }
        let what = "`summary` moved to the front of `description`";
        let why = "a response of 3.0 has no summary";
        context.record("downconvert/responses", child(at, "summary"), what, why);
    }
    // Optional since 3.2. It may be empty, so that this says nothing new.
    response.entry("description").or_insert_with(|| "".into());
    each(response, "headers", at, |header, at| parameters::header(header, at, context));
    media::content(response, at, context);
    each(response, "links", at, |value, at| link(value, at, context));
}

/// The callback at the pointer `at`.
pub(super) fn callback(callback: &mut Value, at: &str, context: &mut Context<'_>) {
    if is_reference(callback, at, context) {
        return;
    }
    let outer = std::mem::replace(&mut context.in_callback, true);
    if let Some(expressions) = callback.as_object_mut() {
        for (expression, item) in expressions {
            path(item, &child(at, expression), context);
        }
    }
    context.in_callback = outer;
}
