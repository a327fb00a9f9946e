//! Objects and lists.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Context, Object, Schemas, merged, names};
use crate::api::{Docs, Field, Shape, Type};

/// What a generated struct has for itself.
const RESERVED_FIELDS: [&str; 2] = ["new", "extra"];

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
                let resolved = self.schema(schema, &context);
                let required = required.contains(wire.as_str());
                Field {
                    wire: wire.clone(),
                    name: String::new(),
                    type_: resolved.type_,
                    required,
                    nullable: resolved.nullable,
                    read_only: self.is_marked("readOnly", schema, &context),
                    write_only: self.is_marked("writeOnly", schema, &context),
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
