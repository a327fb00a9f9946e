//! Scalars, enums, and what the client does not check of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Context, Object, RUST_NAME, Schemas, names};
use crate::api::{Docs, Shape, Type};

/// The variant that keeps what no other variant stands for.
const UNKNOWN: &str = "Unknown";

impl Schemas<'_, '_> {
    pub(super) fn scalar(&mut self, flat: &Object, context: &Context) -> Type {
        let format = flat.get("format").and_then(Value::as_str);
        match flat.get("type").and_then(Value::as_str) {
            Some("string") => match format {
                Some("date-time") => Type::Timestamp,
                Some("password") => Type::Secret,
                None => Type::String,
                Some(format) => {
                    let what = format!("`{format}` is kept as text");
                    let why = "a value the service accepts must not fail here";
                    self.record.record("formats", &context.pointer, what, why);
                    Type::String
                }
            },
            Some("integer") => Type::Integer(integer(format)),
            Some("number") => Type::Number,
            Some("boolean") => Type::Boolean,
            _ => Type::Any,
        }
    }

    pub(super) fn enumeration(
        &mut self,
        flat: &Object,
        context: &Context,
        component: Option<&str>,
        docs: &Docs,
    ) -> (Type, bool) {
        let values = flat.get("enum").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let null = values.contains(&Value::Null);
        let Some(texts) = text_values(flat) else {
            return (self.number_or_mixed(values, flat, context), null);
        };
        self.record.record(
            "open-enums",
            &context.pointer,
            format!("values other than the {} known are kept", texts.len()),
            "a service may add values",
        );
        let shape = enum_shape(&texts);
        // Enums of the same name and values are one type.
        let given = component.is_none() && flat.contains_key(RUST_NAME);
        if given && self.types.get(&context.name).is_some_and(|type_| type_.shape == shape) {
            return (Type::Named(context.name.clone()), null);
        }
        (self.define(context, component, docs, |_, _| shape), null)
    }

    /// An enum of numbers or of several types has no variants.
    fn number_or_mixed(&mut self, values: &[Value], flat: &Object, context: &Context) -> Type {
        let all = |is: fn(&Value) -> bool| values.iter().all(|value| value.is_null() || is(value));
        let type_ = match flat.get("type").and_then(Value::as_str) {
            Some("integer") if all(Value::is_number) => {
                Type::Integer(integer(flat.get("format").and_then(Value::as_str)))
            }
            Some("number") if all(Value::is_number) => Type::Number,
            _ if values.iter().all(Value::is_null) => Type::Any,
            None | Some("boolean") if all(Value::is_boolean) => Type::Boolean,
            None if all(|v| v.is_i64() || v.is_u64()) => Type::Integer("i64"),
            None if all(Value::is_number) => Type::Number,
            _ => Type::Any,
        };
        let listed = values.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
        let why = "only text becomes an enum";
        self.record.record(
            "open-enums",
            &context.pointer,
            format!("any value beside {listed}"),
            why,
        );
        type_
    }

    /// Takes down what a schema demands of values and the client does not check.
    pub(super) fn note_constraints(&mut self, flat: &Object, context: &Context, docs: &mut Docs) {
        let mut lines = Vec::new();
        for (low, high, of) in [
            ("minimum", "maximum", ""),
            ("minLength", "maxLength", " characters"),
            ("minItems", "maxItems", " items"),
            ("minProperties", "maxProperties", " properties"),
        ] {
            let exclusive = |key: &str| flat.get(key) == Some(&Value::Bool(true));
            let more = if low == "minimum" && exclusive("exclusiveMinimum") {
                "more than"
            } else {
                "at least"
            };
            let less = if low == "minimum" && exclusive("exclusiveMaximum") {
                "less than"
            } else {
                "at most"
            };
            match (number(flat, low), number(flat, high)) {
                (Some(low), Some(high)) => {
                    lines.push(format!("{more} {low} and {less} {high}{of}"))
                }
                (Some(low), None) => lines.push(format!("{more} {low}{of}")),
                (None, Some(high)) => lines.push(format!("{less} {high}{of}")),
                (None, None) => {}
            }
        }
        if let Some(step) = number(flat, "multipleOf") {
            lines.push(format!("a multiple of {step}"));
        }
        if let Some(pattern) = flat.get("pattern").and_then(Value::as_str) {
            lines.push(format!("matches `{}`", pattern.replace('`', "'")));
        }
        if flat.get("uniqueItems") == Some(&Value::Bool(true)) {
            lines.push("no item twice".to_owned());
        }
        if flat.contains_key("not") {
            lines.push("not every value of this type".to_owned());
        }
        if !lines.is_empty() {
            let what = lines.join(", ");
            self.record.record(
                "constraints",
                &context.pointer,
                what,
                "the service decides what it accepts",
            );
        }
        if let Some(default) = flat.get("default").filter(|default| !default.is_null()) {
            let what = format!("default {default}");
            self.record.record(
                "defaults",
                &context.pointer,
                what,
                "absent and default must differ",
            );
            lines.push(format!("default `{}`", default.to_string().replace('`', "'")));
        }
        docs.constraints = lines;
    }
}

fn number(flat: &Object, key: &str) -> Option<String> {
    flat.get(key).filter(|value| value.is_number()).map(Value::to_string)
}

/// The Rust type of an integer: 64 bits unless the format is a narrower one.
fn integer(format: Option<&str>) -> &'static str {
    match format {
        Some("int32") => "i32",
        Some("uint32") => "u32",
        Some("uint64") => "u64",
        _ => "i64",
    }
}

/// The values of an enum of text, null aside; `None` if there are others.
pub(super) fn text_values(flat: &Object) -> Option<Vec<String>> {
    if !matches!(flat.get("type").and_then(Value::as_str), None | Some("string")) {
        return None;
    }
    let values = flat.get("enum")?.as_array()?;
    let mut texts = Vec::new();
    let mut seen = BTreeSet::new();
    for value in values.iter().filter(|value| !value.is_null()) {
        let text = value.as_str()?;
        if seen.insert(text) {
            texts.push(text.to_owned());
        }
    }
    (!texts.is_empty()).then_some(texts)
}

/// Sorted, so that the order of a document's list does not matter.
pub(super) fn enum_shape(texts: &[String]) -> Shape {
    let mut texts = texts.to_vec();
    texts.sort();
    // Members of a union may share values.
    texts.dedup();
    let mut taken = names::Taken::from([UNKNOWN]);
    let values = texts
        .into_iter()
        .map(|text| {
            let variant = names::unique(names::variant(&text), &mut taken);
            (text, variant)
        })
        .collect();
    Shape::Enum { values }
}
