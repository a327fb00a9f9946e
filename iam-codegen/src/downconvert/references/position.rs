//! Which places of a document hold what, and which of them stay where they are.

use serde_json::Value;

use crate::{document::walk::Node, downconvert::context::resolve};

/// The kind of what `key` holds in an object of the kind `node`.
pub(in crate::downconvert) fn below(node: Node, key: &str) -> Node {
    match node {
        // Only these two maps can be extended: elsewhere `x-...` is a name like
        // any other, for instance that of a header.
        Node::Map(kind) if !matches!(kind, Node::PathItem | Node::Response) => *kind,
        _ => node.child(key),
    }
}

/// Whether what stands in `value` under `key` stays there and stays whole.
///
/// False where in doubt: moving out what a reference leads to is always exact.
pub(super) fn stays(document: &Value, node: Node, value: &Value, key: &str) -> bool {
    match (node, key) {
        (Node::Document, "webhooks")
        | (Node::Components, "pathItems" | "mediaTypes")
        | (Node::PathItem, "query" | "additionalOperations")
        | (Node::Encoding, "encoding" | "itemEncoding" | "prefixEncoding") => false,
        (Node::MediaType, _) => {
            let inexpressible = ["$ref", "itemSchema", "itemEncoding", "prefixEncoding"];
            inexpressible.iter().all(|key| value.get(key).is_none())
        }
        // The place of one parameter may be taken by several.
        (Node::Map(Node::Parameter), _) => {
            !value.get(key).is_some_and(|parameter| is_query_string(document, parameter))
        }
        (Node::List(Node::Parameter), _) => false,
        (Node::Schema, "properties" | "allOf") => is_plain(value),
        (Node::Schema, "items") => is_plain(value) && value.get("prefixItems").is_none(),
        (Node::Schema, "additionalProperties") => {
            is_plain(value) && value.get("patternProperties").is_none()
        }
        (Node::Schema, _) => false,
        _ => true,
    }
}

/// Whether `parameter` is, or refers to, one that stands for the whole query string.
pub(in crate::downconvert) fn is_query_string(document: &Value, parameter: &Value) -> bool {
    let resolved = resolve(document, parameter);
    let parameter = resolved.as_ref().map_or(parameter, |(_, parameter)| parameter);
    parameter.get("in").is_some_and(|place| place == "querystring")
}

/// Whether the conversion of `schema` leaves its keywords in `schema` itself.
fn is_plain(schema: &Value) -> bool {
    let types = schema.get("type").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    types.iter().filter(|name| *name != "null").count() < 2
        && schema.get("$ref").is_none()
        && schema.get("$dynamicRef").is_none()
}
