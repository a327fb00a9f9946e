//! Values by a fixed rule from the schemas: what is sent, and what is answered.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::document::{Field, Operation, fields, resolved};
use crate::openapi::{elements, entries};

/// How IAM writes times: no seconds, and no colon in the offset.
pub(crate) const IBM_TIME: &str = "2020-09-28T17:49+0000";

/// Which fields a value has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// All.
    All,
    /// Those that are required.
    Required,
    /// All, and those that are not required have an empty value.
    Empty,
}

/// How values are made.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) fill: Fill,
    /// Fields that are left out are null instead.
    pub(crate) nulls: bool,
    /// Each object has a field that nobody knows.
    pub(crate) unknown_fields: bool,
    /// Each enum has a value that nobody knows.
    pub(crate) unknown_values: bool,
    /// Every date-time.
    pub(crate) time: &'static str,
    /// Which variant of a union comes first.
    pub(crate) variant: usize,
    /// It comes from a service: fields that are never sent are there.
    pub(crate) received: bool,
}

impl Style {
    /// What a request carries.
    pub(crate) const fn sent(fill: Fill) -> Self {
        Self { received: false, ..Self::received(fill) }
    }

    /// What a response carries.
    pub(crate) const fn received(fill: Fill) -> Self {
        Self {
            fill,
            nulls: false,
            unknown_fields: false,
            unknown_values: false,
            time: IBM_TIME,
            variant: 0,
            received: true,
        }
    }
}

/// The depth to which values have optional fields, for a type may hold itself.
const DEPTH: usize = 10;

/// Makes values of one document's schemas.
#[derive(Clone, Copy)]
pub(crate) struct Maker<'a> {
    pub(crate) document: &'a Value,
    pub(crate) style: Style,
}

/// The place of a value: it tells fields and items of lists apart.
#[derive(Clone, Copy)]
struct At<'a> {
    name: &'a str,
    index: usize,
    depth: usize,
}

impl At<'_> {
    fn item(self, index: usize) -> Self {
        Self { index: self.index + index, depth: self.depth + 1, ..self }
    }
}

impl Maker<'_> {
    /// A value of a schema.
    pub(crate) fn value(self, schema: &Value) -> Value {
        self.full(&resolved(self.document, schema), At { name: "value", index: 0, depth: 0 })
    }

    /// The value of a field or parameter, if it has one in this style.
    fn field(self, field: &Field, index: usize, depth: usize) -> Option<Value> {
        let schema = resolved(self.document, &field.schema);
        let at = At { name: &field.name, index, depth };
        let fill = if depth > DEPTH { Fill::Required } else { self.style.fill };
        match (fill, field.required) {
            (Fill::All, _) | (_, true) => Some(self.full(&schema, at)),
            (Fill::Required, false) => self.style.nulls.then_some(Value::Null),
            (Fill::Empty, false) => Some(empty(&schema).unwrap_or_else(|| self.full(&schema, at))),
        }
    }

    fn full(self, schema: &Map<String, Value>, at: At<'_>) -> Value {
        let name = at.name;
        if let Some(constant) = schema.get("x-constant") {
            return constant.clone();
        }
        if let Some(known) = schema.get("enum").and_then(|values| elements(values).next()) {
            let unknown = self.style.unknown_values && known.is_string();
            return if unknown { json!(format!("new {name}")) } else { known.clone() };
        }
        if schema.contains_key("oneOf") || schema.contains_key("anyOf") {
            return self.variant(schema, at);
        }
        let is = |key: &str, value: &str| schema.get(key).is_some_and(|found| found == value);
        if schema.get("properties").is_some_and(|properties| entries(properties).next().is_some()) {
            return self.object(schema, at);
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") if is("format", "date-time") => json!(self.style.time),
            Some("string") => json!(text(name, at.index)),
            Some("integer") if is("format", "int32") => json!(70_000 + name.len()),
            // Integers have 64 bits.
            Some("integer") => json!(7_000_000_000_u64 + name.len() as u64),
            Some("number") => json!(0.5),
            Some("boolean") => json!(true),
            Some("array") => {
                let items = resolved(self.document, schema.get("items").unwrap_or(&Value::Null));
                let count = if at.depth > DEPTH { 0 } else { 2 };
                (0..count).map(|index| self.full(&items, at.item(index))).collect()
            }
            Some("object") if schema.get("additionalProperties").is_some_and(Value::is_object) => {
                let values = resolved(self.document, &schema["additionalProperties"]);
                json!({format!("{name} ä/b"): self.full(&values, at.item(0))})
            }
            _ => json!({format!("any {name}"): [1, "ä", null]}),
        }
    }

    /// One of several, with the fields beside the list.
    fn variant(self, schema: &Map<String, Value>, at: At<'_>) -> Value {
        let lists = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key));
        let variants: Vec<_> = lists.flat_map(elements).collect();
        let chosen = variants[(self.style.variant + at.index) % variants.len()];
        let mut value = self.full(&resolved(self.document, chosen), at);
        if let Some(object) = value.as_object_mut()
            && let Value::Object(own) = self.object(schema, at)
        {
            object.extend(own);
        }
        value
    }

    fn object(self, schema: &Map<String, Value>, at: At<'_>) -> Value {
        let mut object = Map::new();
        for field in fields(self.document, schema) {
            if field.read_only && !self.style.received {
                continue;
            }
            if let Some(value) = self.field(&field, at.index, at.depth + 1) {
                object.insert(field.name, value);
            }
        }
        if self.style.unknown_fields {
            object.insert("never heard of".to_owned(), json!({"deep": [null, {"er": 1}]}));
        }
        Value::Object(object)
    }
}

/// An empty value, where there is one: an enum and a time have none, and an
/// object with fields has what it must have.
fn empty(schema: &Map<String, Value>) -> Option<Value> {
    let taken = ["enum", "properties", "oneOf", "anyOf"];
    let is_time = schema.get("format").is_some_and(|format| format == "date-time");
    if is_time || taken.iter().any(|key| schema.contains_key(*key)) {
        return None;
    }
    match schema.get("type")?.as_str()? {
        "string" => Some(json!("")),
        "integer" | "number" => Some(json!(0)),
        "boolean" => Some(json!(false)),
        "array" => Some(json!([])),
        "object" => Some(json!({})),
        _ => None,
    }
}

/// Text with characters that a query and a form have to encode.
fn text(name: &str, index: usize) -> String {
    let again = if index == 0 { String::new() } else { format!(" {index}") };
    format!("{name}{again} ä/b&c=d+e%20\"#?")
}

/// What a call is given, by place and name on the wire.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) path: BTreeMap<String, Value>,
    pub(crate) query: BTreeMap<String, Value>,
    pub(crate) header: BTreeMap<String, Value>,
    /// An object of its fields, or another value.
    pub(crate) body: Option<Value>,
}

/// Values for a call of `operation`.
pub(crate) fn given(operation: &Operation, document: &Value, fill: Fill) -> Given {
    let maker = Maker { document, style: Style::sent(fill) };
    let mut given = Given::default();
    for parameter in &operation.parameters {
        let field = &parameter.field;
        let Some(mut value) = maker.field(field, 0, 0) else { continue };
        // So that each path value has been of either kind.
        let count = given.path.len() + usize::from(fill == Fill::Required);
        let values = match parameter.place.as_str() {
            "path" => {
                if value == json!(text(&field.name, 0)) {
                    value = json!(segment(&field.name, count));
                }
                &mut given.path
            }
            "query" => &mut given.query,
            "header" => {
                if value == json!(text(&field.name, 0)) {
                    value = json!(header(&field.name));
                }
                &mut given.header
            }
            other => panic!("{}: a parameter in {other}", operation.id),
        };
        values.insert(field.name.clone(), value);
    }
    given.body = operation.body.as_ref().and_then(|body| match &body.fields {
        None if body.media.is_json() => Some(maker.value(&body.media.schema)),
        None => Some(json!(XML)),
        Some(fields) => {
            let sent = fields.iter().filter(|field| !field.read_only);
            let fields: Map<_, _> =
                sent.filter_map(|f| Some((f.name.clone(), maker.field(f, 0, 0)?))).collect();
            (body.required || !fields.is_empty()).then_some(Value::Object(fields))
        }
    });
    given
}

/// Text that is not JSON.
pub(crate) const XML: &str = "<md:Entity a=\"ä\">&amp;\n</md:Entity>";

/// A value for a path: with a space, and from the second on with whatever means
/// something in a URL, as CRNs and names have it.
fn segment(name: &str, count: usize) -> String {
    if count == 0 {
        format!("{name} 1")
    } else {
        format!("{name}::a/b?c#d%2Fe&f=g+h;ä,@!$'()*[i]~")
    }
}

/// A value for a header, which has no characters but ASCII.
fn header(name: &str) -> String {
    format!("W/\"{name}, 1-a=b;c\"")
}
