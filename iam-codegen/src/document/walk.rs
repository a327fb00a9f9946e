//! What stands where in an OpenAPI document, so that a step can tell a schema
//! from a property that happens to be called `items`.

use serde_json::Value;

use crate::pointer;

/// The kind of object that stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// The OpenAPI object itself.
    Document,
    /// The components object.
    Components,
    /// A path item, also one below a callback or a webhook.
    PathItem,
    /// An operation.
    Operation,
    /// A parameter.
    Parameter,
    /// A request body.
    RequestBody,
    /// A response.
    Response,
    /// A header.
    Header,
    /// A media type object.
    MediaType,
    /// An encoding object.
    Encoding,
    /// A schema.
    Schema,
    /// A callback: a map from expressions to path items.
    Callback,
    /// An object that holds no schema but may be a reference: example, link, security scheme.
    Leaf,
    /// A map from names to objects of one kind.
    Map(&'static Node),
    /// A list of objects of one kind.
    List(&'static Node),
    /// Data, or something no step looks into.
    Opaque,
}

impl Node {
    /// The kind of what `key` holds in an object of this kind.
    pub fn child(self, key: &str) -> Self {
        use Node::*;
        match (self, key) {
            // Of all maps, only paths and responses can be extended.
            (Map(PathItem | Response), _) if key.starts_with("x-") => Opaque,
            (Map(kind), _) => *kind,
            (List(kind), _) => *kind,
            (Callback, _) if !key.starts_with("x-") => PathItem,
            (Document, "paths" | "webhooks") => Map(&PathItem),
            (Document, "components") => Components,
            (Components, "schemas") => Map(&Schema),
            (Components, "responses") => Map(&Response),
            (Components, "parameters") => Map(&Parameter),
            (Components, "requestBodies") => Map(&RequestBody),
            (Components, "headers") => Map(&Header),
            (Components, "callbacks") => Map(&Callback),
            (Components, "pathItems") => Map(&PathItem),
            (Components, "mediaTypes") => Map(&MediaType),
            (Components, "examples" | "links" | "securitySchemes") => Map(&Leaf),
            (
                PathItem,
                "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace"
                | "query",
            ) => Operation,
            (PathItem, "additionalOperations") => Map(&Operation),
            (PathItem | Operation, "parameters") => List(&Parameter),
            (Operation, "requestBody") => RequestBody,
            (Operation, "responses") => Map(&Response),
            (Operation, "callbacks") => Map(&Callback),
            (Parameter | Header | MediaType, "schema") | (MediaType, "itemSchema") => Schema,
            (Parameter | Header | RequestBody | Response, "content") => Map(&MediaType),
            (Parameter | Header | MediaType, "examples") => Map(&Leaf),
            (Response, "headers") | (Encoding, "headers") => Map(&Header),
            (Response, "links") => Map(&Leaf),
            (MediaType | Encoding, "encoding") => Map(&Encoding),
            (MediaType | Encoding, "itemEncoding") => Encoding,
            (MediaType | Encoding, "prefixEncoding") => List(&Encoding),
            (
                Schema,
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
            ) => Map(&Schema),
            (Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems") => List(&Schema),
            (
                Schema,
                "items"
                | "additionalProperties"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "propertyNames"
                | "unevaluatedItems"
                | "unevaluatedProperties"
                | "contentSchema",
            ) => Schema,
            _ => Opaque,
        }
    }
}

/// What [`walk`] calls: with the kind, the JSON pointer, the operation (its
/// operationId, or method and path) and the value.
pub type Visit<'a> = dyn FnMut(Node, &str, Option<&str>, &Value) + 'a;

/// Visits every object of `value` that can hold or be a reference, parents first.
pub fn walk(value: &Value, visit: &mut Visit<'_>) {
    descend(value, Node::Document, String::new(), None, visit);
}

fn descend(value: &Value, node: Node, at: String, operation: Option<&str>, visit: &mut Visit<'_>) {
    if node == Node::Opaque {
        return;
    }
    let named = (node == Node::Operation).then(|| operation_name(value, &at));
    let operation = named.as_deref().or(operation);
    visit(node, &at, operation, value);
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                descend(child, node.child(key), pointer::child(&at, key), operation, visit);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                let index = index.to_string();
                descend(child, node.child(&index), pointer::child(&at, &index), operation, visit);
            }
        }
        _ => {}
    }
}

/// The operationId of the operation at `at`, or its method and path.
pub(crate) fn operation_name(operation: &Value, at: &str) -> String {
    if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
        return id.to_owned();
    }
    let tokens: Vec<_> = pointer::tokens(at).collect();
    match tokens.as_slice() {
        [.., path, method] => format!("{} {path}", method.to_uppercase()),
        _ => at.to_owned(),
    }
}

/// Visits every schema of `value` that may be changed in place, children first.
///
/// `visit` is given the JSON pointer and the schema.
pub fn schemas_mut(value: &mut Value, visit: &mut dyn FnMut(&str, &mut Value)) {
    descend_mut(value, Node::Document, String::new(), visit);
}

fn descend_mut(value: &mut Value, node: Node, at: String, visit: &mut dyn FnMut(&str, &mut Value)) {
    if node == Node::Opaque {
        return;
    }
    match &mut *value {
        Value::Object(map) => {
            for (key, child) in map {
                descend_mut(child, node.child(key), pointer::child(&at, key), visit);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter_mut().enumerate() {
                let index = index.to_string();
                descend_mut(child, node.child(&index), pointer::child(&at, &index), visit);
            }
        }
        _ => {}
    }
    if node == Node::Schema {
        visit(&at, value);
    }
}
