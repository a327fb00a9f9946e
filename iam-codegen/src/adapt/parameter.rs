//! Parameters: which can be sent, where, and as what.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    names,
    operation::Place as OperationPlace,
    schema::{CONSTANT, Context, Schemas},
};
use crate::{
    api::{self, Docs, Parameter, Place, Type},
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
                joined: None,
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
        "cookie" if !required => {
            schemas.record.record(
                PASS,
                at,
                format!("cookie `{wire}` left out"),
                "no cookies are sent",
            );
            return Ok(None);
        }
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
    if place == Place::Header {
        if IGNORED_HEADERS.iter().any(|ignored| wire.eq_ignore_ascii_case(ignored)) {
            let what = format!("header `{wire}` left out");
            schemas.record.record(PASS, at, what, "OpenAPI describes it elsewhere");
            return Ok(None);
        }
        if wire.is_empty() || !wire.bytes().all(is_token) {
            return Err(format!("`{wire}` is no header name"));
        }
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
            joined: None,
            constant: Some(constant),
            docs: Docs::default(),
        }));
    }
    let joined = separator(value, place, wire)?;
    let (type_, mut docs) = match value.get("schema") {
        Some(schema) => {
            let name = format!("{}{}", operation.type_name, names::pascal(wire));
            let context = Context::new(pointer::child(at, "schema"), name);
            let resolved = schemas.resolve(schema, &context);
            (resolved.type_, resolved.docs)
        }
        None => {
            let what = format!("`{wire}` given as text");
            schemas.record.record(PASS, at, what, "its content is serialised by the caller");
            (Type::String, Docs::default())
        }
    };
    let type_ = match sendable(type_, wire, at, schemas)? {
        Type::String if place == Place::Header && is_if_match(wire) => Type::ETag,
        type_ => type_,
    };
    if value.get("allowReserved") == Some(&json!(true)) {
        let what = format!("`{wire}` sent with all signs encoded");
        schemas.record.record(PASS, at, what, "its value is data, not part of the address");
    }
    // Repeated values are for the query alone.
    let joined = joined.filter(|_| matches!(type_, Type::List(_)));
    docs.text = text("description").map(str::to_owned).or(docs.text);
    docs.deprecated |= value.get("deprecated") == Some(&json!(true));
    Ok(Some(Parameter {
        wire: wire.to_owned(),
        name: String::new(),
        place,
        required,
        type_,
        joined,
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

/// A character that a header name may have (RFC 9110, token).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn separator(value: &Value, place: Place, wire: &str) -> Result<Option<char>, String> {
    let style = value.get("style").and_then(Value::as_str);
    let explode = value.get("explode").and_then(Value::as_bool);
    match (place, style) {
        (Place::Path | Place::Header, None | Some("simple")) => Ok(Some(',')),
        (Place::Query, None | Some("form")) => Ok((explode == Some(false)).then_some(',')),
        (Place::Query, Some("spaceDelimited")) => Ok((explode != Some(true)).then_some(' ')),
        (Place::Query, Some("pipeDelimited")) => Ok((explode != Some(true)).then_some('|')),
        (_, style) => Err(format!("`{wire}` has the style {}", style.unwrap_or("none"))),
    }
}

/// Scalars, enums and lists of them can be sent; a choice of scalars as text.
fn sendable(
    type_: Type,
    wire: &str,
    at: &str,
    schemas: &mut Schemas<'_, '_>,
) -> Result<Type, String> {
    match type_ {
        Type::List(item) => match sendable(*item, wire, at, schemas)? {
            Type::List(_) => Err(format!("`{wire}` is a list of lists")),
            item => Ok(Type::List(Box::new(item))),
        },
        Type::Nullable(item) => {
            let what = format!("`{wire}` holds no null");
            schemas.record.record(PASS, at, what, "null has no form outside of JSON");
            sendable(*item, wire, at, schemas)
        }
        Type::Named(name) if schemas.is_enum(&name) => Ok(Type::Named(name)),
        Type::Named(name) if !schemas.is_union(&name) => Err(format!("`{wire}` is an object")),
        Type::Map(_) => Err(format!("`{wire}` is an object")),
        Type::Named(_) | Type::Any => {
            let what = format!("`{wire}` given as text");
            schemas.record.record(PASS, at, what, "it may be of several types");
            Ok(Type::String)
        }
        scalar => Ok(scalar),
    }
}
