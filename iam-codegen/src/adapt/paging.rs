//! Paging: how the pages of a list follow each other, as `x-paging` says.
//!
//! | key | holds |
//! |---|---|
//! | `token_parameter` | the query parameter that says where a page begins |
//! | `token_from` | JSON pointer, in the page, to what says where the next one begins |
//! | `token_kind` | `token`: it is that value; `url-query`: it stands in the query of that URL |
//! | `url_query_name` | its name in that query |
//! | `offset_parameter`, `total` | instead of those: pages begin at a number, and the page has the count of all items in this field |
//! | `size_parameter` or, with an offset, `limit_parameter` | how many items a page has |
//! | `size_maximum` | how many it has at most; may be missing |
//! | `items` | the field of the page that holds its items |

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    adaptation::Adaptations,
    api::{Encoding, Next, Operation, Paging, Parameter, Place, Shape, Step, Type, TypeDefinition},
    error::Problem,
    pointer,
};

type Types = BTreeMap<String, TypeDefinition>;

/// Where the extension stands in an operation.
const KEY: &str = "x-paging";

const TOKEN_KEYS: [&str; 7] = [
    "token_parameter",
    "token_from",
    "token_kind",
    "url_query_name",
    "items",
    "size_parameter",
    "size_maximum",
];
const OFFSET_KEYS: [&str; 5] =
    ["offset_parameter", "limit_parameter", "total", "items", "size_maximum"];

/// What is wrong, and with which key; an empty one is the extension itself.
type Fault = (&'static str, String);

/// The operations that return pages, each with the field that holds the items.
pub(super) fn pages<'a>(
    document: &'a Value,
    operations: &'a [Operation],
) -> impl Iterator<Item = (&'a Operation, &'a str)> {
    operations.iter().filter_map(|operation| {
        let extension = document.pointer(&operation.pointer)?.get(KEY)?;
        Some((operation, extension.get("items")?.as_str()?))
    })
}

/// Reads the extension of each operation that has it.
pub(super) fn resolve(
    document: &Value,
    operations: &mut [Operation],
    types: &Types,
    record: &mut Adaptations,
) {
    for operation in operations {
        let extension = document.pointer(&operation.pointer).and_then(|value| value.get(KEY));
        let Some(extension) = extension else { continue };
        match paging(extension, operation, types) {
            Ok(paging) => operation.paging = Some(paging),
            Err((key, message)) => {
                let at = pointer::child(&operation.pointer, KEY);
                let at = if key.is_empty() { at } else { pointer::child(&at, key) };
                let problem = Problem::new(at, message).operation(&operation.id);
                record.reject(problem.remedy("correct `x-paging` with an overlay"));
            }
        }
    }
}

fn paging(extension: &Value, operation: &Operation, types: &Types) -> Result<Paging, Fault> {
    let Some(map) = extension.as_object() else {
        return Err(("", "it is not an object".to_owned()));
    };
    let by_offset = map.contains_key("offset_parameter");
    let known: &[&str] = if by_offset { &OFFSET_KEYS } else { &TOKEN_KEYS };
    if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
        let list = known.join("`, `");
        return Err(("", format!("`{key}` is none of its keys: `{list}`")));
    }
    let page = page(operation)?;
    let fields = Page { type_: &page, types };
    let items = fields.field("items", text(map, "items")?)?;
    let Type::List(item) = items.1.clone() else {
        return Err(("items", format!("the field `{}` is no list", items.0.name)));
    };
    let (start, size, next) = if by_offset {
        let (total, type_) = fields.field("total", text(map, "total")?)?;
        if !matches!(type_, Type::Integer(_)) {
            return Err(("total", format!("the field `{}` is no whole number", total.name)));
        }
        let start = parameter(map, "offset_parameter", operation)?;
        if !matches!(start.type_, Type::Integer(_)) {
            let message = format!("the parameter `{}` is no whole number", start.wire);
            return Err(("offset_parameter", message));
        }
        (start, parameter(map, "limit_parameter", operation)?, Next::Offset { total })
    } else {
        let from = fields.path("token_from", text(map, "token_from")?)?;
        let next = match text(map, "token_kind")? {
            "token" if map.contains_key("url_query_name") => {
                return Err(("url_query_name", "only a URL has a query".to_owned()));
            }
            "token" => Next::Token(from),
            "url-query" => Next::Url { from, query: text(map, "url_query_name")?.to_owned() },
            other => {
                let message = format!("`{other}` is neither `token` nor `url-query`");
                return Err(("token_kind", message));
            }
        };
        let start = parameter(map, "token_parameter", operation)?;
        (start, parameter(map, "size_parameter", operation)?, next)
    };
    Ok(Paging {
        start: start.name.clone(),
        size: size.name.clone(),
        size_maximum: maximum(map)?,
        items: items.0,
        item: *item,
        page,
        next,
    })
}

fn text<'a>(map: &'a Map<String, Value>, key: &'static str) -> Result<&'a str, Fault> {
    match map.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(_) => Err((key, "it is not a name".to_owned())),
        None => Err(("", format!("it has no `{key}`"))),
    }
}

fn maximum(map: &Map<String, Value>) -> Result<Option<u64>, Fault> {
    let Some(value) = map.get("size_maximum") else { return Ok(None) };
    match value.as_u64() {
        Some(number) if number > 0 => Ok(Some(number)),
        _ => Err(("size_maximum", "it is no whole number above 0".to_owned())),
    }
}

/// The optional query parameter, a text or a whole number, that `key` names.
fn parameter<'a>(
    map: &Map<String, Value>,
    key: &'static str,
    operation: &'a Operation,
) -> Result<&'a Parameter, Fault> {
    let wire = text(map, key)?;
    let mut parameters = operation.parameters.iter().filter(|p| p.place == Place::Query);
    let Some(parameter) = parameters.find(|parameter| parameter.wire == wire) else {
        return Err((key, format!("the operation has no query parameter `{wire}`")));
    };
    if !matches!(parameter.type_, Type::String | Type::Integer(_)) {
        return Err((key, format!("the parameter `{wire}` is neither text nor a whole number")));
    }
    if parameter.required {
        return Err((key, format!("the parameter `{wire}` is required: the first page has none")));
    }
    Ok(parameter)
}

/// The type of a page: what the operation returns.
fn page(operation: &Operation) -> Result<Type, Fault> {
    let mut contents = operation.success.replies.iter().map(|(_, content)| content);
    let first = contents.next().and_then(Option::as_ref);
    let first = first.filter(|content| content.encoding == Encoding::Json);
    let same = |content: &Option<crate::api::Content>| {
        content.as_ref().map(|content| &content.type_) == first.map(|first| &first.type_)
    };
    match first {
        Some(first) if contents.all(same) => Ok(first.type_.clone()),
        _ => Err(("", "the operation does not always return a page in JSON".to_owned())),
    }
}

/// A page, to look fields up in.
struct Page<'a> {
    type_: &'a Type,
    types: &'a Types,
}

impl<'a> Page<'a> {
    /// The field `wire` of the page.
    fn field(&self, key: &'static str, wire: &str) -> Result<(Step, &'a Type), Fault> {
        self.step(key, self.type_, wire)
    }

    /// The fields on the way to the text at `pointer`.
    fn path(&self, key: &'static str, pointer: &str) -> Result<Vec<Step>, Fault> {
        if !pointer.starts_with('/') {
            return Err((key, format!("`{pointer}` is no JSON pointer below the page")));
        }
        let (mut steps, mut type_) = (Vec::new(), self.type_);
        for wire in pointer::tokens(pointer) {
            let (step, inner) = self.step(key, type_, &wire)?;
            steps.push(step);
            type_ = inner;
        }
        if *type_ != Type::String {
            return Err((key, format!("what stands at `{pointer}` is no text")));
        }
        Ok(steps)
    }

    fn step(&self, key: &'static str, of: &Type, wire: &str) -> Result<(Step, &'a Type), Fault> {
        let name = match of {
            Type::Named(name) => Some(name),
            Type::Boxed(inner) => match &**inner {
                Type::Named(name) => Some(name),
                _ => None,
            },
            _ => None,
        };
        let shape = name.and_then(|name| self.types.get(name)).map(|definition| &definition.shape);
        let field = match shape {
            Some(Shape::Struct { fields, .. }) => fields.iter().find(|field| field.wire == wire),
            _ => None,
        };
        let field = field.ok_or_else(|| (key, format!("the page has no field `{wire}` there")))?;
        let optional = !field.required || field.nullable;
        Ok((Step { name: field.name.clone(), optional }, &field.type_))
    }
}

#[cfg(test)]
mod tests;
