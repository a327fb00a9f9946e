//! Objects and lists.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{CONSTANT, Context, Object, Resolved, Schemas, merged, names};
use crate::{
    api::{Docs, Field, Shape, Type},
    error::Problem,
    pointer,
};

/// What a generated struct has for itself.
pub(in crate::adapt) const RESERVED_FIELDS: [&str; 2] = ["new", "extra"];

impl Schemas<'_, '_> {
    pub(super) fn object(
        &mut self,
        flat: &Object,
        context: &Context,
        component: Option<&str>,
        docs: &Docs,
    ) -> Type {
        self.define(context, component, docs, |schemas, own| schemas.struct_shape(flat, own))
    }

    pub(super) fn struct_shape(&mut self, flat: &Object, own: &Context) -> Shape {
        let fields = self.struct_fields(flat, own);
        let extra = match flat.get("additionalProperties") {
            Some(Value::Bool(true)) => Some(Type::Any),
            Some(schema @ Value::Object(_)) => {
                let child = own.child(&["additionalProperties"], "value");
                Some(self.schema(schema, &child).into_value())
            }
            Some(_) => {
                self.note_closed(own);
                None
            }
            None => None,
        };
        Shape::Struct { fields, extra }
    }

    fn struct_fields(&mut self, flat: &Object, own: &Context) -> Vec<Field> {
        let empty = Object::new();
        let properties = flat.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let required: BTreeSet<&str> = flat
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut taken = names::Taken::from(RESERVED_FIELDS);
        let mut fields: Vec<Field> = properties
            .iter()
            .map(|(wire, schema)| {
                let context = merged::property_context(flat, own, wire);
                let (constant, resolved) = self.property(schema, &context);
                let required = required.contains(wire.as_str()) || constant.is_some();
                Field {
                    wire: wire.clone(),
                    name: String::new(),
                    type_: resolved.type_,
                    required,
                    nullable: resolved.nullable,
                    read_only: self.is_marked("readOnly", schema, &context),
                    write_only: self.is_marked("writeOnly", schema, &context),
                    constant,
                    clear_setter: None,
                    docs: resolved.docs,
                }
            })
            .collect();
        for name in required.iter().filter(|name| !properties.contains_key(**name)) {
            let what = format!("`{name}` is not demanded");
            self.record.record("required", &own.pointer, what, "it is nowhere described");
        }
        // Names in wire order, so that a field keeps its name when it becomes required.
        for field in &mut fields {
            let wanted = names::snake(&field.wire);
            field.name = names::unique(wanted.clone(), &mut taken);
            if field.name != wanted {
                let what = format!("field `{}` is called `{}`", field.wire, field.name);
                self.record.record("names", &own.pointer, what, "the name is taken");
            }
        }
        fields.sort_by(|a, b| (!a.required, &a.wire).cmp(&(!b.required, &b.wire)));
        fields
    }

    /// The only value that requests give a property, if it has one, and what its
    /// schema is.
    fn property(&mut self, schema: &Value, context: &Context) -> (Option<Value>, Resolved) {
        let Some(constant) = schema.get(CONSTANT) else {
            return (None, self.schema(schema, context));
        };
        let flat = self.flatten(schema, context);
        let mut flat = self.behind_reference(flat);
        // An enum of the one value would only be in the way.
        flat.remove("enum");
        let resolved = self.schema(&Value::Object(flat), context);
        let fits = match (&resolved.type_, constant) {
            (Type::String, Value::String(_)) | (Type::Boolean, Value::Bool(_)) => true,
            (Type::Number, Value::Number(_)) => true,
            (Type::Integer(name), Value::Number(number)) => match *name {
                "i32" => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                "u32" => number.as_u64().is_some_and(|number| u32::try_from(number).is_ok()),
                "u64" => number.is_u64(),
                _ => number.is_i64(),
            },
            _ => false,
        };
        if !fits || resolved.nullable {
            let at = pointer::child(&context.pointer, CONSTANT);
            let problem =
                Problem::new(at, format!("{constant} does not fit the type of the field"));
            self.record.reject(problem.remedy(
                "a constant is a text, number or boolean for a field of that type that is not null",
            ));
            return (None, resolved);
        }
        (Some(constant.clone()), resolved)
    }

    /// Whether a property, or the schema that it refers to, has the flag `key`.
    fn is_marked(&mut self, key: &str, property: &Value, context: &Context) -> bool {
        let flag = Some(&json!(true));
        property.get(key) == flag || {
            let flat = self.flatten(property, context);
            self.behind_reference(flat).get(key) == flag
        }
    }

    fn note_closed(&mut self, own: &Context) {
        let what = "unknown fields are accepted";
        self.record.record("open-objects", &own.pointer, what, "a service may add fields");
    }

    pub(super) fn map(&mut self, flat: &Object, context: &Context) -> Type {
        if flat.get("format").and_then(Value::as_str) == Some("password") {
            return Type::SecretJson;
        }
        let values = match flat.get("additionalProperties") {
            Some(schema @ Value::Object(_)) => {
                self.schema(schema, &context.child(&["additionalProperties"], "value"))
            }
            Some(Value::Bool(false)) => {
                self.note_closed(context);
                return Type::Map(Box::new(Type::Any));
            }
            _ => return Type::Map(Box::new(Type::Any)),
        };
        Type::Map(Box::new(values.into_value()))
    }

    pub(super) fn list(&mut self, flat: &Object, context: &Context) -> Type {
        let Some(items) = flat.get("items") else { return Type::List(Box::new(Type::Any)) };
        let item = self.schema(items, &context.child(&["items"], "item"));
        // Null in a list of text would otherwise fail the whole response.
        Type::List(Box::new(item.into_value()))
    }
}
