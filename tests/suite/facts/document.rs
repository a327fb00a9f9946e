//! States what a document says. What is not known here is stated as it stands,
//! so that it shows up as a difference.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Described, Kind, Statements};
use crate::openapi::{Operation, component, elements, entries, operations, strings};

/// A schema in a word and its marks.
fn described(schema: &Value) -> Described {
    // A reference with something beside it stands in an `allOf` of its own.
    let alone = schema["allOf"].as_array().filter(|members| members.len() == 1);
    let described = match (component(schema), alone, schema["type"].as_str()) {
        (Some(name), None, None) => Described::new(name),
        (None, Some(members), None) => described(&members[0]),
        (None, None, Some("array")) => {
            Described::new(format!("list of {}", described(&schema["items"])))
        }
        (None, None, Some("object")) if schema["additionalProperties"] == true => {
            Described::new("map of any")
        }
        (None, None, Some("object")) => {
            Described::new(format!("map of {}", described(&schema["additionalProperties"])))
        }
        (None, None, Some(type_)) => Described::new(type_),
        (None, None, None) => Described::new("any"),
        _ => panic!("no schema that is known here: {schema}"),
    };
    entries(schema).fold(described, |described, (key, value)| match (key, value) {
        ("$ref" | "allOf" | "type" | "items" | "additionalProperties" | "description", _) => {
            described
        }
        ("format", Value::String(format)) => described.mark(format),
        ("readOnly", Value::Bool(true)) => described.mark("read-only"),
        ("enum", _) => described.of(strings(value).map(str::to_owned).collect()),
        (key, value) => described.mark(format!("{key}: {value}")),
    })
}

/// The fields of an object, each with its name.
fn fields(schema: &Value) -> Vec<(&str, String)> {
    let required: BTreeSet<_> = strings(&schema["required"]).collect();
    let fields = entries(&schema["properties"]).map(|(name, field)| {
        (name, described(field).mark_if(required.contains(name), "required").to_string())
    });
    let mut fields: Vec<_> = fields.collect();
    for name in required {
        if schema["properties"].get(name).is_none() {
            fields.push((name, "required, and nowhere described".to_owned()));
        }
    }
    fields
}

/// What a schema is besides its fields.
fn model(schema: &Value) -> String {
    let list = |key: &str| {
        let mut names: Vec<_> =
            elements(&schema[key]).map(|member| described(member).to_string()).collect();
        names.sort();
        names.join(", ")
    };
    let base = match (schema.get("oneOf"), schema.get("anyOf"), schema["type"].as_str()) {
        (Some(_), None, None) => format!("one of {}", list("oneOf")),
        (None, Some(_), None) => format!("any of {}", list("anyOf")),
        (None, None, Some(type_)) => type_.to_owned(),
        _ => panic!("no model that is known here: {schema}"),
    };
    let known = ["oneOf", "anyOf", "type", "description", "properties", "required"];
    let others = entries(schema).filter(|(key, _)| !known.contains(key));
    let described = Described::new(base);
    others
        .fold(described, |described, (key, value)| described.mark(format!("{key}: {value}")))
        .to_string()
}

/// Media type and type of content; no type where its fields are stated one by one.
fn content(holder: &Value, is_flattened: bool) -> String {
    let media = entries(&holder["content"]).map(|(media_type, media)| {
        let known = ["schema", "example"];
        let others = entries(media).filter(|(key, _)| !known.contains(key));
        let base = if is_flattened {
            media_type.to_owned()
        } else {
            format!("{media_type} {}", described(&media["schema"]))
        };
        let described = Described::new(base);
        others
            .fold(described, |described, (key, _)| described.mark(format!("has {key}")))
            .to_string()
    });
    let media: Vec<_> = media.collect();
    if media.is_empty() { "no content".to_owned() } else { media.join(" or ") }
}

/// The schema of a request body, if it is an object with fields.
fn flattened<'a>(document: &'a Value, body: &'a Value) -> Option<&'a Value> {
    let (_, media) = entries(&body["content"]).next()?;
    let schema = crate::openapi::follow(document, &media["schema"]);
    schema.get("properties").map(|_| schema)
}

fn state_operation(
    document: &Value,
    operation: &Operation<'_>,
    state: &mut impl FnMut(Kind, String, String),
) {
    let at = format!("operation {}", operation.id);
    let known = [
        "operationId",
        "summary",
        "description",
        "tags",
        "parameters",
        "requestBody",
        "responses",
        // Of whom it asks what is in tests of their own.
        "security",
        "x-ibm-permissions",
        "x-ibm-events",
        "x-paging",
    ];
    let what = Described::new(format!("{} {}", operation.method.to_uppercase(), operation.path));
    let others = entries(operation.value).filter(|(key, _)| !known.contains(key));
    let what = others.fold(what, |what, (key, value)| what.mark(format!("{key}: {value}")));
    state(Kind::Operation, at.clone(), what.to_string());
    for parameter in operation.parameters() {
        let known = ["name", "in", "description", "required", "schema"];
        let what =
            described(&parameter["schema"]).mark_if(parameter["required"] == true, "required");
        let others = entries(parameter).filter(|(key, _)| !known.contains(key));
        let what = others.fold(what, |what, (key, value)| what.mark(format!("{key}: {value}")));
        let (place, name) =
            (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap());
        state(Kind::Parameter, format!("{at} {place} {name}"), what.to_string());
    }
    if let Some(body) = operation.body() {
        let schema = flattened(document, body);
        let what = Described::new(content(body, schema.is_some()));
        let what = what.mark_if(body["required"] == true, "required");
        state(Kind::Body, format!("{at} body"), what.to_string());
        for (name, field) in schema.map(fields).into_iter().flatten() {
            state(Kind::BodyField, format!("{at} body {name}"), field);
        }
    }
    for (status, response) in operation.responses() {
        let kind = if status.starts_with('2') { Kind::Success } else { Kind::Failure };
        let at = format!("{at} status {status}");
        state(kind, at.clone(), content(response, false));
        for (name, header) in entries(&response["headers"]) {
            let header = crate::openapi::follow(document, header);
            let what = described(&header["schema"]).to_string();
            state(Kind::ResponseHeader, format!("{at} header {name}"), what);
        }
    }
    if let Some(paging) = operation.value.get("x-paging") {
        let (pager, maximum) = paging_of(operation, paging);
        state(Kind::Pager, format!("{at} paging"), pager);
        if let Some(maximum) = maximum {
            state(Kind::PageMaximum, format!("{at} largest page"), maximum);
        }
    }
}

/// How to page, and the largest page.
fn paging_of(operation: &Operation<'_>, paging: &Value) -> (String, Option<String>) {
    let maximum = paging.get("size_maximum").map(Value::to_string);
    let text = |key: &str| paging[key].as_str();
    let (Some(name), Some(from), Some(kind)) =
        (text("token_parameter"), text("token_from"), text("token_kind"))
    else {
        return (paging.to_string(), maximum);
    };
    let parameter = operation.parameters().find(|p| p["in"] == "query" && p["name"] == name);
    let type_ = parameter.and_then(|parameter| parameter["schema"]["type"].as_str());
    let shown = |key: &str| text(key).unwrap_or("nothing");
    let in_query = text("url_query_name").map(|name| format!(" {name}")).unwrap_or_default();
    let pager = format!(
        "{name} = {kind}{in_query} of {from}, {}; items {}; size {}",
        type_.unwrap_or("no such parameter"),
        shown("items"),
        shown("size_parameter")
    );
    (pager, maximum)
}

/// All places of schemas outside request bodies that refer to a component.
fn referred(value: &Value, found: &mut BTreeSet<String>) {
    found.extend(component(value).map(str::to_owned));
    match value {
        Value::Object(map) => {
            map.iter()
                .filter(|(key, _)| *key != "requestBody")
                .for_each(|(_, v)| referred(v, found));
        }
        Value::Array(list) => list.iter().for_each(|v| referred(v, found)),
        _ => {}
    }
}

/// Everything that `document` says, but for its texts.
pub(super) fn statements(document: &Value) -> Statements {
    let mut statements = Statements::new();
    let mut state = |kind, place: String, what: String| {
        let before = statements.insert((kind, place.clone()), what);
        assert_eq!(before, None, "{place} is stated twice");
    };
    let servers: Vec<_> =
        elements(&document["servers"]).map(|s| s["url"].as_str().unwrap()).collect();
    state(Kind::Service, "server".to_owned(), servers.join(", "));
    state(
        Kind::Service,
        "version".to_owned(),
        document["info"]["version"].as_str().unwrap().to_owned(),
    );
    let operations = operations(document);
    for operation in &operations {
        state_operation(document, operation, &mut state);
    }
    // What only request bodies refer to has no name in the facts: the SDKs flatten it.
    let mut models = BTreeSet::new();
    referred(document, &mut models);
    let bodies =
        operations.iter().filter_map(Operation::body).flat_map(|body| entries(&body["content"]));
    let bodies: BTreeSet<_> = bodies
        .filter_map(|(_, media)| component(&media["schema"]))
        .filter(|name| !models.contains(*name))
        .collect();
    for (name, schema) in entries(&document["components"]["schemas"]) {
        if bodies.contains(name) {
            continue;
        }
        let at = format!("model {name}");
        state(Kind::Model, at.clone(), model(schema));
        for (field, what) in fields(schema) {
            state(Kind::Field, format!("{at} field {field}"), what);
        }
        let variants = elements(&schema["oneOf"]).chain(elements(&schema["anyOf"]));
        for variant in variants.filter_map(component) {
            state(Kind::Variant, format!("model {variant} variant"), name.to_owned());
        }
    }
    statements
}
