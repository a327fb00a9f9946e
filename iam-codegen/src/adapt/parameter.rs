//! Parameters: which can be sent, where, and as what.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    body, names,
    operation::Place as OperationPlace,
    schema::{CONSTANT, Context, Schemas},
};
use crate::{
    api::{self, Docs, Parameter, Place, Style, Styled, Type},
    pointer,
};

const PASS: &str = "parameters";

/// Header parameters that OpenAPI ignores: media types and security say it.
pub(crate) const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// The number of parameters that an operation may have; a hundred are many.
const MAX_PARAMETERS: usize = 1_000;

/// The parameters of an operation in the order of arguments; `None` if one of
/// them was rejected.
pub(super) fn parameters(
    operation: &OperationPlace<'_>,
    taken: &mut names::Taken,
    schemas: &mut Schemas<'_, '_>,
) -> Option<Vec<Parameter>> {
    let list = operation.value.get("parameters").and_then(Value::as_array);
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut complete = true;
    let template = template(operation, schemas)?;
    let count = list.map_or(0, Vec::len).max(template.len());
    if count > MAX_PARAMETERS {
        let message = format!("{count} parameters are more than the limit of {MAX_PARAMETERS}");
        let problem = operation.problem(&operation.pointer, message);
        schemas.record.reject(problem.remedy("remove some with an overlay"));
        return None;
    }
    for (index, value) in list.into_iter().flatten().enumerate() {
        let at = pointer::child(&operation.pointer, "parameters");
        let at = pointer::child(&at, index.to_string());
        match parameter(operation, value, &at, &template, schemas) {
            Ok(Some(parameter)) => parameters.push(parameter),
            Ok(None) => {}
            Err(message) => {
                let problem = operation.problem(at, message).remedy("change it with an overlay");
                schemas.record.reject(problem);
                complete = false;
            }
        }
    }
    for variable in &template {
        let declared = |p: &Parameter| p.place == Place::Path && p.wire == *variable;
        if !parameters.iter().any(declared) {
            let what = format!("`{{{variable}}}` taken as text");
            schemas.record.record(
                PASS,
                &operation.pointer,
                what,
                "the path parameter is not declared",
            );
            parameters.push(Parameter {
                wire: variable.clone(),
                name: String::new(),
                place: Place::Path,
                required: true,
                type_: Type::String,
                style: None,
                constant: None,
                docs: Docs::default(),
            });
        }
    }
    parameters.sort_by_key(|p| {
        let in_template =
            template.iter().position(|name| p.place == Place::Path && *name == p.wire);
        (p.place, in_template, p.wire.clone())
    });
    parameters.dedup_by(|a, b| (a.place, &a.wire) == (b.place, &b.wire));
    for parameter in &mut parameters {
        let wanted = names::snake(&parameter.wire);
        parameter.name = names::unique(wanted.clone(), taken);
        if parameter.name != wanted {
            let what = format!(
                "{:?} parameter `{}` is called `{}`",
                parameter.place, parameter.wire, parameter.name
            );
            schemas.record.record("names", &operation.pointer, what, "the name is taken");
        }
    }
    complete.then_some(parameters)
}

/// The variables of the path, in order.
fn template(operation: &OperationPlace<'_>, schemas: &mut Schemas<'_, '_>) -> Option<Vec<String>> {
    let mut variables: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut rest = api::template(operation.path);
    let malformed = loop {
        let Some(open) = rest.find(['{', '}']) else { break false };
        let (Some(inner), Some(length)) =
            (rest[open..].strip_prefix('{'), rest[open..].find('}').and_then(|n| n.checked_sub(1)))
        else {
            break true;
        };
        let name = &inner[..length];
        if name.is_empty() || name.contains(['{', '/']) {
            break true;
        }
        if seen.insert(name) {
            variables.push(name.to_owned());
        }
        rest = &inner[length + 1..];
    };
    if malformed {
        let message = "the braces of the path do not match";
        let problem = operation.problem(&operation.pointer, message);
        schemas.record.reject(problem.remedy("correct the path with an overlay"));
        return None;
    }
    Some(variables)
}

fn parameter(
    operation: &OperationPlace<'_>,
    value: &Value,
    at: &str,
    template: &[String],
    schemas: &mut Schemas<'_, '_>,
) -> Result<Option<Parameter>, String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let (Some(wire), Some(place)) = (text("name"), text("in")) else {
        return Err("a parameter needs `name` and `in`".to_owned());
    };
    let mut required = value.get("required") == Some(&Value::Bool(true));
    let place = match place {
        "path" => Place::Path,
        "query" => Place::Query,
        "header" => Place::Header,
        "cookie" => Place::Cookie,
        other => return Err(format!("`{wire}` cannot be sent: in {other}")),
    };
    if place == Place::Path {
        if !template.iter().any(|variable| variable == wire) {
            let what = format!("path parameter `{wire}` left out");
            schemas.record.record(PASS, at, what, "the path has no such variable");
            return Ok(None);
        }
        if !required {
            let what = format!("path parameter `{wire}` required");
            schemas.record.record(PASS, at, what, "a path has no optional parts");
            required = true;
        }
    }
    if place == Place::Query && is_fixed(operation.path, wire) {
        let what = format!("query parameter `{wire}` left out");
        schemas.record.record(PASS, at, what, "the path gives it a value");
        return Ok(None);
    }
    if place == Place::Header
        && IGNORED_HEADERS.iter().any(|ignored| wire.eq_ignore_ascii_case(ignored))
    {
        let what = format!("header `{wire}` left out");
        schemas.record.record(PASS, at, what, "OpenAPI describes it elsewhere");
        return Ok(None);
    }
    if matches!(place, Place::Header | Place::Cookie)
        && (wire.is_empty() || !wire.bytes().all(is_token))
    {
        let kind = if place == Place::Header { "header" } else { "cookie" };
        return Err(format!("`{wire}` is no {kind} name"));
    }
    if let Some(constant) = value.pointer("/schema").and_then(|schema| schema.get(CONSTANT)) {
        let constant = match constant {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => constant.to_string(),
            other => return Err(format!("`{wire}` cannot have the constant {other}")),
        };
        if place == Place::Path {
            return Err(format!("`{wire}` is part of the path; write its constant there"));
        }
        return Ok(Some(Parameter {
            wire: wire.to_owned(),
            name: String::new(),
            place,
            required: true,
            type_: Type::String,
            style: (place == Place::Cookie).then_some((Style::Form, true)),
            constant: Some(constant),
            docs: Docs::default(),
        }));
    }
    let context = |key: &str| {
        let name = format!("{}{}", operation.type_name, names::pascal(wire));
        Context::new(pointer::child(at, key), name)
    };
    let (styled, schema) = match (value.get("schema"), json_content(value)) {
        (Some(schema), _) => (style(value, place, wire)?, Some((schema, context("schema")))),
        (None, Some((media_type, schema))) => {
            let mut context = context("content");
            context.pointer =
                pointer::child(&pointer::child(&context.pointer, media_type), "schema");
            ((Style::Json, false), Some((schema, context)))
        }
        (None, None) => {
            let what = format!("`{wire}` given as text");
            schemas.record.record(PASS, at, what, "its content is serialised by the caller");
            (style(value, place, wire)?, None)
        }
    };
    let (type_, mut docs) = match schema {
        Some((schema, context)) => {
            let resolved = schemas.resolve(schema, &context);
            (resolved.type_, resolved.docs)
        }
        None => (Type::String, Docs::default()),
    };
    let type_ = match sendable(type_, styled.0, wire, at, schemas) {
        Type::String if place == Place::Header && is_if_match(wire) => Type::ETag,
        type_ => type_,
    };
    let style = needs_style(&type_, place, styled, schemas).then_some(styled);
    if value.get("allowReserved") == Some(&json!(true)) {
        let what = format!("`{wire}` sent with all signs encoded");
        schemas.record.record(PASS, at, what, "its value is data, not part of the address");
    }
    docs.text = text("description").map(str::to_owned).or(docs.text);
    docs.deprecated |= value.get("deprecated") == Some(&json!(true));
    Ok(Some(Parameter {
        wire: wire.to_owned(),
        name: String::new(),
        place,
        required,
        type_,
        style,
        constant: None,
        docs,
    }))
}

/// Returns whether the query that is part of a path key gives `wire` a value.
fn is_fixed(path: &str, wire: &str) -> bool {
    let query = path.split('#').next().and_then(|path| path.split_once('?'));
    let pairs = query.into_iter().flat_map(|(_, query)| query.split('&'));
    pairs.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)).any(|name| name == wire)
}

/// Its value is what an earlier answer had as its `ETag` (RFC 9110, 13.1.1).
fn is_if_match(wire: &str) -> bool {
    wire.eq_ignore_ascii_case("if-match")
}

/// A character that the name of a header or cookie may have (RFC 9110, token).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The media type and schema of a parameter that is sent as JSON.
fn json_content(value: &Value) -> Option<(&str, &Value)> {
    let content = value.get("content")?.as_object()?;
    let (media_type, media) = content.iter().next()?;
    let essence = body::essence(media_type);
    let is_json = essence == "application/json" || essence.ends_with("+json");
    is_json.then_some((media_type.as_str(), media.get("schema")?))
}

/// The style of a parameter.
fn style(value: &Value, place: Place, wire: &str) -> Result<Styled, String> {
    let style = value.get("style").and_then(Value::as_str);
    let explode = value.get("explode").and_then(Value::as_bool);
    let style = match (place, style) {
        (Place::Path | Place::Header, None | Some("simple")) => Style::Simple,
        (Place::Path, Some("label")) => Style::Label,
        (Place::Path, Some("matrix")) => Style::Matrix,
        (Place::Query | Place::Cookie, None | Some("form")) => Style::Form,
        (Place::Query, Some("spaceDelimited")) => Style::SpaceDelimited,
        (Place::Query, Some("pipeDelimited")) => Style::PipeDelimited,
        (Place::Query, Some("deepObject")) => Style::DeepObject,
        (_, style) => {
            return Err(format!("`{wire}` has the style {}", style.unwrap_or("none")));
        }
    };
    Ok((style, explode.unwrap_or(style == Style::Form)))
}

/// Returns whether progenitor's core cannot send a parameter in its style.
fn needs_style(
    type_: &Type,
    place: Place,
    (style, explode): Styled,
    schemas: &Schemas<'_, '_>,
) -> bool {
    match style {
        Style::Json | Style::Label | Style::Matrix | Style::DeepObject => true,
        _ if place == Place::Cookie => true,
        _ => match type_ {
            Type::List(item) => (place == Place::Query && !explode) || is_structured(item, schemas),
            type_ => is_structured(type_, schemas),
        },
    }
}

/// Returns whether values of a type are lists or objects.
fn is_structured(type_: &Type, schemas: &Schemas<'_, '_>) -> bool {
    match type_ {
        Type::Named(name) => !schemas.is_enum(name),
        Type::List(_) | Type::Map(_) | Type::SecretJson => true,
        _ => false,
    }
}

/// The type of a parameter. A choice of scalars is given as text, unless the style is one for
/// objects.
fn sendable(
    type_: Type,
    style: Style,
    wire: &str,
    at: &str,
    schemas: &mut Schemas<'_, '_>,
) -> Type {
    if style == Style::Json {
        return type_;
    }
    match type_ {
        Type::List(item) => {
            let item = sendable(*item, style, wire, at, schemas);
            if is_structured(&item, schemas) && style != Style::DeepObject {
                let what = format!("each item of `{wire}` sent as JSON");
                schemas.record.record(PASS, at, what, "its style has no form for nested values");
            }
            Type::List(Box::new(item))
        }
        Type::Nullable(item) => {
            let what = format!("`{wire}` holds no null");
            schemas.record.record(PASS, at, what, "null has no form outside of JSON");
            sendable(*item, style, wire, at, schemas)
        }
        Type::Named(name) if schemas.is_union(&name) && style != Style::DeepObject => {
            let what = format!("`{wire}` given as text");
            schemas.record.record(PASS, at, what, "it may be of several types");
            Type::String
        }
        Type::Any if style != Style::DeepObject => {
            let what = format!("`{wire}` given as text");
            schemas.record.record(PASS, at, what, "it may be of several types");
            Type::String
        }
        type_ => type_,
    }
}
