//! Changes to a document, chosen by proptest and made anywhere in it.

use proptest::{prelude::*, sample::Index, sample::select};
use serde_json::{Map, Value, json};

/// One change. An [`Index`] chooses among the nodes that it can be made at.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Remove(Index),
    /// A second member beside the first, under another name or at another place.
    Duplicate(Index, String),
    Swap(Index, Index),
    /// What stands at the first also stands at the second.
    Copy(Index, Index),
    Rename(Index, String),
    Replace(Index, Value),
    /// A reference in the place of the first, to the second.
    Refer(Index, Index),
    ReferToSelf(Index),
    /// A keyword in an object, in place of what stood under it.
    Insert(Index, &'static str, Value),
    /// So many levels of a schema around a node.
    Nest(Index, usize, &'static str),
}

/// What documents of OpenAPI and schemas of JSON Schema consist of.
const KEYWORDS: &[&str] = &[
    "$ref",
    "$defs",
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$comment",
    "$schema",
    "type",
    "format",
    "enum",
    "const",
    "default",
    "nullable",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "items",
    "prefixItems",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "readOnly",
    "writeOnly",
    "deprecated",
    "title",
    "description",
    "summary",
    "example",
    "examples",
    "discriminator",
    "xml",
    "externalDocs",
    "in",
    "name",
    "style",
    "explode",
    "allowReserved",
    "schema",
    "content",
    "encoding",
    "itemSchema",
    "itemEncoding",
    "prefixEncoding",
    "headers",
    "links",
    "operationId",
    "tags",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
    "security",
    "servers",
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    "query",
    "additionalOperations",
    "200",
    "204",
    "2XX",
    "default",
    "404",
    "application/json",
    "text/plain",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "*/*",
    "/{x}",
    "new",
    "extra",
    "webhooks",
];

/// Names and texts that are hard on whoever quotes, cases, escapes or compiles them.
const TEXTS: &[&str] = &[
    "", " ", "x", "X", "type", "Self", "self", "crate", "super", "new", "extra", "send", "body",
    "client", "value", "String", "Option", "Vec", "Box", "Value", "Unknown", "Response", "_", "__",
    "-", "+", "1", "2fa", "$", "$ref", "a-b", "a_b", "aB", "é", "日本", "𝕏", "\u{0}", "\u{200b}",
    "\"", "\\", "\n", "\r\n", "*/", "/*", "//", "\"#", "{}", "{x}", "#[doc]", "`", "```", "~", "'",
];

/// Texts that mean something where they may stand.
const WORDS: &[&str] = &[
    "string",
    "integer",
    "number",
    "boolean",
    "object",
    "array",
    "null",
    "date-time",
    "password",
    "byte",
    "binary",
    "int32",
    "int64",
    "uint64",
    "double",
    "path",
    "query",
    "header",
    "cookie",
    "querystring",
    "form",
    "simple",
    "deepObject",
    "spaceDelimited",
    "pipeDelimited",
    "label",
    "matrix",
    "application/json",
    "text/plain",
    "#",
    "#/",
    "#/components",
    "#/components/schemas",
    "#/paths",
    "#anchor",
    "#/components/schemas/Nothing",
    "3.0.3",
    "3.1.0",
    "3.2.0",
    "2.0",
    "https://example.com",
    "/a/{id}",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(TEXTS).prop_map(str::to_owned),
        6 => select(WORDS).prop_map(str::to_owned),
        3 => select(KEYWORDS).prop_map(str::to_owned),
        2 => (select(TEXTS), select(TEXTS)).prop_map(|(a, b)| format!("{a}{b}")),
        1 => "\\PC{0,12}",
        1 => Just("long ".repeat(400)),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    let numbers = [
        json!(0),
        json!(-1),
        json!(1),
        json!(255),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(0.5),
        json!(1e308),
        json!(-1e-308),
        json!(1e19),
        json!(-0.0),
    ];
    prop_oneof![
        1 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::from),
        2 => select(numbers.to_vec()),
        5 => text().prop_map(Value::from),
    ]
}

/// Any JSON, and above all such that looks like a schema.
fn value() -> impl Strategy<Value = Value> {
    const TYPES: &[&str] = &["string", "integer", "number", "boolean", "object", "array", "null"];
    let schema = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!(false)),
        select(TYPES).prop_map(|name| json!({ "type": name })),
        (select(TYPES), select(TYPES)).prop_map(|(a, b)| json!({ "type": [a, b] })),
        (select(TYPES), scalar()).prop_map(|(a, b)| json!({ "type": a, "enum": [b] })),
        (text(), text()).prop_map(|(a, b)| json!({ "type": "string", "enum": [a, b] })),
        text().prop_map(|name| json!({ "type": "object", "required": [name] })),
        text().prop_map(|format| json!({ "type": "string", "format": format })),
    ];
    let leaf = prop_oneof![scalar(), schema];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let keyword = select(KEYWORDS).prop_map(str::to_owned);
        let name = prop_oneof![text(), keyword];
        const LISTS: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
        const SINGLE: &[&str] =
            &["items", "additionalProperties", "not", "propertyNames", "if", "contains"];
        let members = proptest::collection::vec(inner.clone(), 0..3);
        let map = proptest::collection::vec((name, inner.clone()), 0..3)
            .prop_map(|list| list.into_iter().collect::<Map<_, _>>());
        prop_oneof![
            map.clone().prop_map(Value::from),
            members.clone().prop_map(Value::from),
            map.prop_map(|map| json!({ "type": "object", "properties": map })),
            (select(LISTS), members).prop_map(|(key, list)| json!({ key: list })),
            (select(SINGLE), inner).prop_map(|(key, schema)| json!({ key: schema })),
        ]
    })
}

pub(super) fn change() -> impl Strategy<Value = Change> {
    const WRAPPERS: &[&str] =
        &["items", "allOf", "oneOf", "properties", "additionalProperties", "not"];
    let at = any::<Index>;
    prop_oneof![
        2 => at().prop_map(Change::Remove),
        2 => (at(), text()).prop_map(|(at, name)| Change::Duplicate(at, name)),
        2 => (at(), at()).prop_map(|(a, b)| Change::Swap(a, b)),
        2 => (at(), at()).prop_map(|(a, b)| Change::Copy(a, b)),
        4 => (at(), text()).prop_map(|(at, name)| Change::Rename(at, name)),
        4 => (at(), value()).prop_map(|(at, value)| Change::Replace(at, value)),
        2 => (at(), at()).prop_map(|(a, b)| Change::Refer(a, b)),
        1 => at().prop_map(Change::ReferToSelf),
        8 => (at(), select(KEYWORDS), value()).prop_map(|(at, key, value)| {
            Change::Insert(at, key, value)
        }),
        1 => (at(), 1..120usize, select(WRAPPERS)).prop_map(|(at, depth, key)| {
            Change::Nest(at, depth, key)
        }),
    ]
}

impl Change {
    /// Makes the change in `document`, whose root stays an object.
    pub(super) fn make(&self, document: &mut Value) {
        let mut nodes = Vec::new();
        list(document, "", &mut nodes);
        if nodes.is_empty() {
            return;
        }
        let node = |index: &Index| index.get(&nodes).as_str();
        match self {
            Self::Remove(at) => {
                edit(
                    document,
                    node(at),
                    |map, key| drop(map.remove(key)),
                    |list, index| {
                        list.remove(index);
                    },
                );
            }
            Self::Duplicate(at, name) => edit(
                document,
                node(at),
                |map, key| {
                    let twin = map[key].clone();
                    map.insert(name.clone(), twin);
                },
                |list, index| list.push(list[index].clone()),
            ),
            Self::Swap(a, b) => {
                let (first, second) = (at(document, node(a)), at(document, node(b)));
                set(document, node(a), second);
                set(document, node(b), first);
            }
            Self::Copy(a, b) => {
                let copy = at(document, node(a));
                set(document, node(b), copy);
            }
            Self::Rename(at, name) => edit(
                document,
                node(at),
                |map, key| {
                    if let Some(value) = map.remove(key) {
                        map.insert(name.clone(), value);
                    }
                },
                |list, index| list[index] = json!(name),
            ),
            Self::Replace(at, value) => set(document, node(at), value.clone()),
            Self::Refer(a, b) => set(document, node(a), reference(node(b))),
            Self::ReferToSelf(at) => set(document, node(at), reference(node(at))),
            Self::Insert(at, key, value) => {
                let objects: Vec<_> = nodes
                    .iter()
                    .filter(|node| document.pointer(node).is_some_and(Value::is_object))
                    .collect();
                if !objects.is_empty()
                    && let Some(Value::Object(map)) =
                        document.pointer_mut(at.get(&objects).as_str())
                {
                    map.insert((*key).to_owned(), value.clone());
                }
            }
            Self::Nest(index, depth, key) => {
                let mut value = at(document, node(index));
                for _ in 0..*depth {
                    value = match *key {
                        "allOf" | "oneOf" => json!({ *key: [value] }),
                        "properties" => json!({ "type": "object", "properties": { "a": value } }),
                        _ => json!({ *key: value }),
                    };
                }
                set(document, node(index), value);
            }
        }
    }
}

fn reference(at: &str) -> Value {
    json!({ "$ref": format!("#{at}") })
}

fn at(document: &Value, at: &str) -> Value {
    document.pointer(at).cloned().unwrap_or_default()
}

/// The pointers of all nodes but the root.
fn list(value: &Value, at: &str, nodes: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => return,
    };
    for (key, child) in children {
        let at = format!("{at}/{key}");
        list(child, &at, nodes);
        nodes.push(at);
    }
}

/// Replaces what stands at `at`, if it still stands there.
fn set(document: &mut Value, at: &str, value: Value) {
    if let Some(place) = document.pointer_mut(at) {
        *place = value;
    }
}

/// Changes the map or the list that holds `at`.
fn edit(
    document: &mut Value,
    at: &str,
    in_map: impl FnOnce(&mut Map<String, Value>, &str),
    in_list: impl FnOnce(&mut Vec<Value>, usize),
) {
    let Some((holder, token)) = at.rsplit_once('/') else { return };
    match document.pointer_mut(holder) {
        Some(Value::Object(map)) => in_map(map, &token.replace("~1", "/").replace("~0", "~")),
        Some(Value::Array(list)) => {
            if let Ok(index) = token.parse() {
                in_list(list, index);
            }
        }
        _ => {}
    }
}
