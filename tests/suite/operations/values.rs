//! Values by a fixed rule from the facts: what is sent, and what is answered.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::facts::{Field, Model, Models, Operation, Type};

/// How IAM writes times: no seconds, and no colon in the offset.
pub(super) const IBM_TIME: &str = "2020-09-28T17:49+0000";

/// Fields that the facts mark required and that do not always come, as their
/// README says and the overlays correct.
const NOT_ALWAYS: [(&str, &str); 5] = [
    ("ApiKey", "apikey"),
    ("ProfileClaimRule", "expiration"),
    ("RoleTemplate", "description"),
    ("ActionControlTemplate", "description"),
    ("AssignmentResourceEntry", "error"),
];

/// Which fields a value has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// All.
    All,
    /// Those that are required.
    Required,
    /// All, and those that are not required have an empty value.
    Empty,
}

/// How values are made.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) fill: Fill,
    /// Fields that are left out are null instead.
    pub(super) nulls: bool,
    /// Each object has a field that nobody knows.
    pub(super) unknown_fields: bool,
    /// Each enum has a value that nobody knows.
    pub(super) unknown_values: bool,
    /// Every date-time.
    pub(super) time: &'static str,
    /// Which variant of a union comes first.
    pub(super) variant: usize,
    /// It comes from a service: fields that are never sent are there.
    pub(super) received: bool,
}

impl Style {
    /// What a request carries.
    pub(super) const fn sent(fill: Fill) -> Self {
        Self { received: false, ..Self::received(fill) }
    }

    /// What a response carries.
    pub(super) const fn received(fill: Fill) -> Self {
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

/// Makes values of one service's models.
#[derive(Clone, Copy)]
pub(super) struct Maker<'a> {
    pub(super) models: &'a Models,
    pub(super) style: Style,
}

impl Maker<'_> {
    /// A value of the model of this name.
    pub(super) fn model(self, name: &str) -> Value {
        self.of(name, 0)
    }

    /// `index` tells the items of a list apart.
    fn of(self, name: &str, index: usize) -> Value {
        let model = self.models.get(name).unwrap_or_else(|| panic!("no model {name}"));
        let variants = model.variants();
        if !variants.is_empty() {
            return self.of(&variants[(self.style.variant + index) % variants.len()], index);
        }
        self.object(name, model, index)
    }

    fn object(self, name: &str, model: &Model, index: usize) -> Value {
        let mut object = Map::new();
        for field in &model.fields {
            if field.read_only && !self.style.received {
                continue;
            }
            let not_always = NOT_ALWAYS.contains(&(name, &field.name));
            if let Some(value) = self.field(field, field.required && !not_always, index) {
                object.insert(field.name.clone(), value);
            }
        }
        if self.style.unknown_fields {
            object.insert("never heard of".to_owned(), json!({"deep": [null, {"er": 1}]}));
        }
        Value::Object(object)
    }

    /// The value of a field or parameter, if it has one in this style.
    fn field(self, field: &Field, required: bool, index: usize) -> Option<Value> {
        match (self.style.fill, required) {
            (Fill::All, _) | (_, true) => Some(self.full(field, index)),
            (Fill::Required, false) => self.style.nulls.then_some(Value::Null),
            (Fill::Empty, false) => Some(self.empty(field, index)),
        }
    }

    fn full(self, field: &Field, index: usize) -> Value {
        let name = &field.name;
        if !field.values.is_empty() {
            let known = json!(field.values[0]);
            return if self.style.unknown_values { json!(format!("new {name}")) } else { known };
        }
        if field.is_date_time() {
            return json!(self.style.time);
        }
        match &field.type_ {
            Type::Plain(kind) if kind == "array" => {
                let items = field.items.as_ref().expect("an array has items");
                json!([self.plain(items, name, index), self.plain(items, name, index + 1)])
            }
            Type::Plain(kind) if kind == "object" => {
                let values = field.additional_properties.as_ref().expect("objects are maps");
                json!({format!("{name} ä/b"): self.plain(values, name, index)})
            }
            other => self.plain(other, name, index),
        }
    }

    fn plain(self, type_: &Type, name: &str, index: usize) -> Value {
        match type_ {
            Type::Reference { model } => self.of(model, index),
            Type::Nested { kind, additional_properties } => {
                assert_eq!(kind, "object", "{name}");
                json!({format!("{name} key"): self.plain(additional_properties, name, index)})
            }
            Type::Plain(kind) => match kind.as_str() {
                "string" => json!(text(name, index)),
                // Integers have 64 bits.
                "integer" => json!(7_000_000_000_u64 + name.len() as u64),
                "boolean" => json!(true),
                "any" => json!({format!("any {name}"): [1, "ä", null]}),
                other => panic!("{name}: type {other}"),
            },
        }
    }

    /// An empty value, and of what a model demands just that.
    fn empty(self, field: &Field, index: usize) -> Value {
        let Type::Plain(kind) = &field.type_ else { return self.full(field, index) };
        if !field.values.is_empty() || field.is_date_time() {
            return self.full(field, index);
        }
        match kind.as_str() {
            "string" => json!(""),
            "integer" => json!(0),
            "boolean" => json!(false),
            "array" => json!([]),
            "object" => json!({}),
            other => panic!("{}: type {other}", field.name),
        }
    }
}

/// Text with characters that a query and a form have to encode.
fn text(name: &str, index: usize) -> String {
    let again = if index == 0 { String::new() } else { format!(" {index}") };
    format!("{name}{again} ä/b&c=d+e%20\"#?")
}

/// What a call is given, by place and name on the wire.
#[derive(Clone, Default)]
pub(super) struct Given {
    pub(super) path: BTreeMap<String, Value>,
    pub(super) query: BTreeMap<String, Value>,
    pub(super) header: BTreeMap<String, Value>,
    /// An object of its fields, or text.
    pub(super) body: Option<Value>,
}

/// Values for a call of `operation`.
pub(super) fn given(operation: &Operation, models: &Models, fill: Fill) -> Given {
    let maker = Maker { models, style: Style::sent(fill) };
    let mut given = Given::default();
    for parameter in &operation.params {
        let field = &parameter.field;
        let Some(mut value) = maker.field(field, field.required, 0) else { continue };
        // So that each path value has been of either kind.
        let count = given.path.len() + usize::from(fill == Fill::Required);
        let values = match parameter.place.as_str() {
            "path" => {
                if field.values.is_empty() {
                    value = json!(segment(&field.name, count));
                }
                &mut given.path
            }
            "query" => &mut given.query,
            "header" => {
                if value.as_str().is_some_and(|text| !text.is_empty()) {
                    value = json!(header(&field.name));
                }
                &mut given.header
            }
            other => panic!("{}: a parameter in {other}", operation.id),
        };
        values.insert(field.name.clone(), value);
    }
    given.body = operation.body.as_ref().map(|body| match &body.fields {
        None => json!("<md:Entity a=\"ä\">&amp;\n</md:Entity>"),
        Some(fields) => {
            let sent = fields.iter().filter(|field| !field.read_only);
            let fields =
                sent.filter_map(|f| Some((f.name.clone(), maker.field(f, f.required, 0)?)));
            Value::Object(fields.collect())
        }
    });
    given
}

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
