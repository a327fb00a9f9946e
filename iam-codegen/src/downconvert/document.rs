//! The OpenAPI object itself, and what stands in it but is no path: metadata,
//! servers, tags, components.

use serde_json::{Value, json};

use super::{
    context::Context,
    media,
    object::{Object, drop_key, each, prepend_description},
    parameters, paths,
    references::Settled,
    schema, security,
};
use crate::pointer::{child, tokens};

const DOCUMENTATION: &str = "it documents and changes neither the wire nor the types";

/// Converts the document, its references settled.
pub(super) fn convert(document: &mut Object, settled: &Settled, context: &mut Context<'_>) {
    let why = "a client does not receive what the service sends on its own";
    drop_key(document, "webhooks", "", "downconvert/webhooks", why, context);
    let why = "3.0 documents are never referred to by another name";
    drop_key(document, "$self", "", "downconvert/self", why, context);
    dialect(document, context);
    info(document, context);
    tags(document, context);
    servers(document, "", context);
    security::requirements(document, "", context);
    document.entry("paths").or_insert_with(|| json!({}));
    each(document, "paths", "", |item, at| paths::path(item, at, context));
    if let Some(Value::Object(components)) = document.get_mut("components") {
        convert_components(components, settled, context);
    }
}

/// Schemas in another dialect than that of OpenAPI may mean something else.
fn dialect(document: &mut Object, context: &mut Context<'_>) {
    let standard = document.get("jsonSchemaDialect").and_then(Value::as_str).is_some_and(|uri| {
        uri.starts_with("https://spec.openapis.org/oas/3.")
            || uri == "https://json-schema.org/draft/2020-12/schema"
    });
    if standard {
        document.remove("jsonSchemaDialect");
    }
    let why = "its schemas are read as those of OpenAPI";
    drop_key(document, "jsonSchemaDialect", "", "downconvert/dialect", why, context);
}

fn info(document: &mut Object, context: &mut Context<'_>) {
    let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) else {
        return;
    };
    match info.remove("summary") {
        Some(Value::String(summary)) => {
            prepend_description(info, summary);
            let what = "`summary` moved to the front of `description`";
            context.record("downconvert/info", "/info/summary", what, "3.0 has no summary here");
        }
        Some(_) => {
            let why = "its value is not of the form that the specification gives it";
            context.record("downconvert/info", "/info/summary", "`summary` left out", why);
        }
        None => {}
    }
    if let Some(license) = info.get_mut("license").and_then(Value::as_object_mut) {
        let pass = "downconvert/info";
        drop_key(license, "identifier", "/info/license", pass, DOCUMENTATION, context);
    }
}

fn tags(document: &mut Object, context: &mut Context<'_>) {
    each(document, "tags", "", |tag, at| {
        let Some(tag) = tag.as_object_mut() else {
            return;
        };
        for key in ["summary", "parent", "kind"] {
            drop_key(tag, key, at, "downconvert/tags", DOCUMENTATION, context);
        }
    });
}

/// The servers of `owner`.
pub(super) fn servers(owner: &mut Object, at: &str, context: &mut Context<'_>) {
    each(owner, "servers", at, |server, at| self::server(server, at, context));
}

fn server(server: &mut Value, at: &str, context: &mut Context<'_>) {
    if let Some(server) = server.as_object_mut() {
        drop_key(server, "name", at, "downconvert/servers", DOCUMENTATION, context);
    }
}

/// Whether `value` is a reference object; if so, leaves it nothing but `$ref`.
pub(super) fn is_reference(value: &mut Value, at: &str, context: &mut Context<'_>) -> bool {
    if !value.get("$ref").is_some_and(Value::is_string) {
        return false;
    }
    if let Some(reference) = value.as_object_mut() {
        for key in ["summary", "description"] {
            let why = "3.0 ignores what stands beside `$ref`";
            drop_key(reference, key, at, "downconvert/references", why, context);
        }
    }
    true
}

fn convert_components(components: &mut Object, settled: &Settled, context: &mut Context<'_>) {
    let at = "/components";
    each(components, "schemas", at, |schema, at| {
        schema::convert(schema, &settled.origin(at), context);
    });
    each(components, "responses", at, |response, at| {
        paths::response(response, &settled.origin(at), context);
    });
    each(components, "requestBodies", at, |body, at| {
        paths::request_body(body, &settled.origin(at), context);
    });
    each(components, "headers", at, |header, at| {
        parameters::header(header, &settled.origin(at), context);
    });
    each(components, "examples", at, |example, at| {
        media::example(example, &settled.origin(at), context);
    });
    each(components, "links", at, |link, at| self::link(link, &settled.origin(at), context));
    each(components, "callbacks", at, |callback, at| {
        paths::callback(callback, &settled.origin(at), context);
    });
    parameters::components(components, settled, context);
    security::schemes(components, context);
    // Inlined by now wherever something referred to them.
    remove_section(components, "pathItems", "downconvert/path-items", context);
    remove_section(components, "mediaTypes", "downconvert/media-types", context);
}

fn remove_section(
    components: &mut Object,
    key: &str,
    pass: &'static str,
    context: &mut Context<'_>,
) {
    let at = child("/components", key);
    if let Some(Value::Object(section)) = components.remove(key) {
        section.keys().for_each(|name| context.record_unused(pass, &child(&at, name)));
    }
}

/// A link, which may name a server.
pub(super) fn link(link: &mut Value, at: &str, context: &mut Context<'_>) {
    if is_reference(link, at, context) {
        return;
    }
    if let Some(server) = link.get_mut("server") {
        self::server(server, &child(at, "server"), context);
    }
}

/// The last reference token of `at`, unescaped.
pub(super) fn last_token(at: &str) -> String {
    tokens(at).last().unwrap_or_default()
}
