//! `allOf`: one schema of several. Where members agree this is exact.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Context, Kind, Object, RUST_NAME, Schemas, kind};
use crate::pointer;

const PASS: &str = "all-of";

/// Keywords that say nothing about values.
const ANNOTATIONS: [&str; 9] = [
    "description",
    "title",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "nullable",
    "externalDocs",
];

impl<'d> Schemas<'d, '_> {
    /// `schema` with its `allOf` merged into it. A lone reference stays one.
    pub(super) fn flatten(&mut self, schema: &Value, context: &Context) -> Object {
        let Some(map) = schema.as_object() else {
            if *schema != json!(true) {
                self.record.record(PASS, &context.pointer, "any value", "a schema is an object");
            }
            return Object::new();
        };
        let mut own = map.clone();
        let Some(Value::Array(members)) = own.remove("allOf") else { return own };
        let speaks = |member: &&Value| {
            let keys = member.as_object().into_iter().flat_map(|map| map.keys());
            keys.filter(|key| !is_annotation(key)).count() > 0
        };
        let speaking: Vec<_> = members.iter().filter(speaks).collect();
        let own_speaks = own.keys().any(|key| !is_annotation(key));
        if let ([only], false) = (speaking.as_slice(), own_speaks)
            && let Some(reference) = only.get("$ref")
        {
            own.insert("$ref".to_owned(), reference.clone());
            return own;
        }
        let nullable = own.contains_key("nullable")
            || (!members.is_empty()
                && members.iter().all(|m| m.get("nullable") == Some(&json!(true))));
        let own_description = own.get("description").cloned();
        let merged = self.deeper(context, |schemas| {
            let mut merged = Object::new();
            for (index, member) in members.iter().enumerate() {
                let at =
                    pointer::child(&pointer::child(&context.pointer, "allOf"), index.to_string());
                let mut member = schemas.member(member, &Context::new(at, context.name.clone()));
                // The name of a part is not that of the whole.
                member.remove(RUST_NAME);
                schemas.merge(&mut merged, member, context);
            }
            merged
        });
        let Some(mut merged) = merged else { return own };
        self.merge(&mut merged, own, context);
        match own_description {
            Some(text) => merged.insert("description".into(), text),
            // What is said of a part is not said of the whole.
            None if members.len() > 1 => merged.remove("description"),
            None => None,
        };
        merged.remove("nullable");
        if nullable {
            merged.insert("nullable".into(), json!(true));
        }
        merged
    }

    /// A member of `allOf`: flat, and no reference.
    pub(in crate::adapt) fn member(&mut self, member: &Value, context: &Context) -> Object {
        let flat = self.flatten(member, context);
        let Some(reference) = flat.get("$ref").and_then(Value::as_str) else { return flat };
        let name = pointer::of_reference(reference).and_then(|at| super::inline::component(&at));
        let entry = name.and_then(|name| self.components?.get_key_value(&name));
        let Some((name, schema)) = entry else { return Object::new() };
        let at = pointer::child("/components/schemas", name);
        let mut target =
            self.flatten_component(name, schema, &Context::new(at, context.name.clone()));
        if kind(&target) != Kind::Union {
            // It chooses among what extends the target, of which this is part.
            target.remove("discriminator");
        }
        if target.contains_key("$ref") {
            // An alias of an alias; references in a circle were refused at load.
            let end =
                self.deeper(context, |schemas| schemas.member(&Value::Object(target), context));
            return end.unwrap_or_default();
        }
        target
    }

    /// As [`Self::flatten`], remembered: components are composed again and again.
    pub(super) fn flatten_component(
        &mut self,
        name: &'d str,
        schema: &'d Value,
        context: &Context,
    ) -> Object {
        if let Some(flat) = self.flat.get(name) {
            return flat.clone();
        }
        let flat = self.flatten(schema, context);
        let flat = self.as_variant(name, schema, flat, context);
        self.flat.insert(name, flat.clone());
        flat
    }

    /// Merges `from` into `into`: both hold.
    pub(super) fn merge(&mut self, into: &mut Object, from: Object, context: &Context) {
        for (key, value) in from {
            let Some(slot) = into.get_mut(&key) else {
                into.insert(key, value);
                continue;
            };
            match (key.as_str(), &mut *slot, value) {
                (_, slot, value) if *slot == value => {}
                ("properties", Value::Object(slot), Value::Object(more)) => {
                    for (name, schema) in more {
                        match slot.get_mut(&name) {
                            Some(other) if *other != schema => *other = both(other.take(), schema),
                            Some(_) => {}
                            None => {
                                slot.insert(name, schema);
                            }
                        }
                    }
                }
                ("required", Value::Array(slot), Value::Array(more)) => {
                    let mut seen: HashSet<Value> = slot.iter().cloned().collect();
                    slot.extend(more.into_iter().filter(|name| seen.insert(name.clone())));
                }
                ("enum", Value::Array(slot), Value::Array(more)) => {
                    let others: HashSet<&Value> = more.iter().collect();
                    let both: Vec<_> =
                        slot.iter().filter(|v| others.contains(v)).cloned().collect();
                    if both.is_empty() {
                        let what = "every value of both lists";
                        self.record.record(PASS, &context.pointer, what, "no value is in both");
                        slot.extend(more);
                    } else {
                        *slot = both;
                    }
                }
                ("items", slot, value) => *slot = both(slot.take(), value),
                ("additionalProperties", slot, value) => {
                    *slot = match (slot.take(), value) {
                        (Value::Bool(_), schema @ Value::Object(_))
                        | (schema @ Value::Object(_), Value::Bool(_)) => schema,
                        (Value::Bool(a), Value::Bool(b)) => Value::Bool(a && b),
                        (a, b) => both(a, b),
                    };
                }
                ("type", slot, Value::String(type_)) => {
                    let number = ["integer", "number"];
                    if number.contains(&slot.as_str().unwrap_or_default())
                        && number.contains(&type_.as_str())
                    {
                        *slot = json!("integer");
                    } else {
                        let what = format!("any value, for {slot} and \"{type_}\" at once");
                        self.record.record(PASS, &context.pointer, what, "no value is both");
                        into.remove("type");
                    }
                }
                ("oneOf" | "anyOf", _, _) => {
                    let what = format!("the first of several `{key}`");
                    self.record.record(
                        PASS,
                        &context.pointer,
                        what,
                        "an enum has one list of variants",
                    );
                }
                (_, slot, value) => *slot = value,
            }
        }
    }
}

pub(super) fn is_annotation(key: &str) -> bool {
    ANNOTATIONS.contains(&key) || key.starts_with("x-")
}

/// The schema of what both schemas admit.
fn both(a: Value, b: Value) -> Value {
    let silent = |schema: &Value| {
        schema.as_object().is_none_or(|map| map.keys().all(|key| is_annotation(key)))
    };
    match (silent(&a), silent(&b)) {
        (_, true) if !silent(&a) => a,
        (true, _) => b,
        _ => json!({"allOf": [a, b]}),
    }
}
