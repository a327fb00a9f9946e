//! Unions of objects that nothing tells apart: one struct with all their fields.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Context, Kind, Object, Schemas,
    all_of::is_annotation,
    inheritance, kind, scalar, union,
    union::{Member, PASS, component_of},
};
use crate::{
    api::{Docs, Type},
    pointer,
};

/// The depth to which merged structs may be nested.
const STRUCTS: usize = 8;
/// The depth in fields to which members are compared.
const DEPTH: usize = 16;

/// The places of a merged object's properties, by name.
const PLACES: &str = "x-iam-codegen-places";

/// A schema and its place.
type Placed<T> = (T, String);

impl Schemas<'_, '_> {
    /// The object with the fields of all members, if all are objects and their
    /// common fields can have one type. What each of them demands stays required.
    pub(super) fn merged(&mut self, members: &[Member], context: &Context) -> Option<Object> {
        if self.merging.len() >= STRUCTS {
            return None;
        }
        let objects: Vec<Placed<Object>> = members
            .iter()
            .map(|member| {
                let flat = self.behind_reference(member.flat.clone());
                (flat, place(&member.flat, || member.place(context)))
            })
            .collect();
        let key = key(members.iter().map(|member| Value::Object(member.flat.clone())));
        let mut object = self.merge_objects(objects, &mut vec![key.clone()])?;
        object.insert(KEY.to_owned(), json!(key));
        Some(object)
    }

    /// Returns whether each member demands a field that no other member knows: then the
    /// fields of an object tell which it is.
    pub(super) fn exclude_each_other(&mut self, members: &[Member]) -> bool {
        let flats: Vec<Object> =
            members.iter().map(|member| self.behind_reference(member.flat.clone())).collect();
        let knows = |flat: &Object, name: &str| {
            kind(flat) != Kind::Struct || properties(flat).any(|(other, _)| other == name)
        };
        flats.iter().enumerate().all(|(index, flat)| {
            let others = || flats.iter().enumerate().filter(|(other, _)| *other != index);
            properties(flat).any(|(name, _)| {
                requires(flat, name) && !others().any(|(_, other)| knows(other, name))
            })
        })
    }

    pub(super) fn merged_struct(
        &mut self,
        merged: &Object,
        context: &Context,
        component: Option<&str>,
        docs: &Docs,
    ) -> Type {
        let key = merged.get(KEY).and_then(Value::as_str).unwrap_or_default().to_owned();
        // A field of the struct that is the struct again.
        if let Some((_, name)) = self.merging.iter().find(|(open, _)| *open == key) {
            return Type::Named(name.clone());
        }
        let what = "one struct with the fields of all variants";
        self.record.record(PASS, &context.pointer, what, "nothing tells the variants apart");
        let depth = self.merging.len();
        let type_ = self.define(context, component, docs, |schemas, own| {
            schemas.merging.push((key, own.name.clone()));
            schemas.struct_shape(merged, own)
        });
        self.merging.truncate(depth);
        if let Type::Named(name) = &type_ {
            self.merged.insert(name.clone());
        }
        type_
    }

    fn merge_objects(
        &mut self,
        mut objects: Vec<Placed<Object>>,
        open: &mut Vec<String>,
    ) -> Option<Object> {
        let is_object = |flat: &Object| {
            matches!(kind(flat), Kind::Struct | Kind::Map)
                && flat.get("format") != Some(&json!("password"))
                && !flat.contains_key(inheritance::BASE)
        };
        if !objects.iter().all(|(flat, _)| is_object(flat))
            || !objects.iter().any(|(flat, _)| kind(flat) == Kind::Struct)
        {
            return None;
        }
        // The order of the members means nothing.
        objects.sort_by_cached_key(|(flat, _)| Value::Object(flat.clone()).to_string());
        let mut names = BTreeSet::new();
        for (flat, _) in &objects {
            names.extend(properties(flat).map(|(name, _)| name.clone()));
        }
        let (mut fields, mut places, mut required) = (Object::new(), Object::new(), Vec::new());
        for name in names {
            let mut schemas: Vec<Placed<Value>> = Vec::new();
            for (flat, at) in &objects {
                let found = properties(flat).find(|(other, _)| **other == name);
                let at = pointer::child(&pointer::child(at, "properties"), &name);
                schemas.extend(found.map(|(_, schema)| (schema.clone(), at)));
            }
            let place = schemas.first().map(|(_, at)| at.clone())?;
            if objects.iter().all(|(flat, _)| requires(flat, &name)) {
                required.push(json!(name));
            }
            fields.insert(name.clone(), self.common(schemas, open)?);
            places.insert(name, json!(place));
        }
        let mut merged = Object::new();
        merged.insert("type".to_owned(), json!("object"));
        merged.insert("properties".to_owned(), Value::Object(fields));
        merged.insert("required".to_owned(), Value::Array(required));
        merged.insert(PLACES.to_owned(), Value::Object(places));
        if let Some(extra) = extra(&objects) {
            merged.insert("additionalProperties".to_owned(), extra);
        }
        Some(merged)
    }

    /// The schema of what any of `schemas` admits, if one type holds it.
    fn common(&mut self, schemas: Vec<Placed<Value>>, open: &mut Vec<String>) -> Option<Value> {
        let context = |at: &str| Context::new(at.to_owned(), String::new());
        let every = |key: &str| schemas.iter().all(|(schema, _)| schema[key] == json!(true));
        let (read_only, write_only) = (every("readOnly"), every("writeOnly"));
        let description = schemas.iter().find_map(|(schema, _)| schema.get("description")).cloned();
        let mut nullable = schemas.iter().any(|(schema, _)| schema["nullable"] == json!(true));
        let mut distinct: Vec<&Placed<Value>> = Vec::new();
        for schema in &schemas {
            if !distinct.iter().any(|(other, _)| spoken(other) == spoken(&schema.0)) {
                distinct.push(schema);
            }
        }
        let common = if let [(only, _)] = distinct.as_slice() {
            only.clone()
        } else {
            let mut flats = Vec::new();
            for (schema, at) in &distinct {
                let flat = self.flatten(schema, &context(at));
                let at = place(&flat, || at.clone());
                let flat = self.behind_reference(flat);
                nullable |= flat.get("nullable") == Some(&json!(true)) || union::admits_null(&flat);
                flats.push((flat, at));
            }
            self.common_type(&distinct, flats, open)?
        };
        let Value::Object(mut common) = common else { return Some(common) };
        for (key, value) in [
            ("readOnly", read_only.then_some(Value::Bool(true))),
            ("writeOnly", write_only.then_some(Value::Bool(true))),
            ("nullable", nullable.then_some(Value::Bool(true))),
            ("description", description),
        ] {
            common.remove(key);
            common.extend(value.map(|value| (key.to_owned(), value)));
        }
        Some(Value::Object(common))
    }

    /// As [`Self::common`], of schemas that differ.
    fn common_type(
        &mut self,
        schemas: &[&Placed<Value>],
        flats: Vec<Placed<Object>>,
        open: &mut Vec<String>,
    ) -> Option<Value> {
        let all = |is: fn(&Object) -> bool| flats.iter().all(|(flat, _)| is(flat));
        let any = |is: fn(&Object) -> bool| flats.iter().any(|(flat, _)| is(flat));
        let variants = || {
            let list: Vec<_> = schemas.iter().map(|(schema, _)| schema.clone()).collect();
            json!({"anyOf": list})
        };
        if any(|flat| kind(flat) == Kind::Scalar && !flat.contains_key("type")) {
            return Some(json!({}));
        }
        if all(is_text) {
            let is = |flat: &Object, format: &str| flat.get("format") == Some(&json!(format));
            return Some(if flats.iter().any(|(flat, _)| is(flat, "password")) {
                json!({"type": "string", "format": "password"})
            } else if flats.iter().any(|(flat, _)| is(flat, "date-time"))
                || !any(|flat| kind(flat) == Kind::Enum)
            {
                json!({"type": "string"})
            } else {
                variants()
            });
        }
        if all(|flat| matches!(kind(flat), Kind::Scalar | Kind::Enum)) {
            let type_ = flats[0].0.get("type")?;
            let same = flats.iter().all(|(flat, _)| flat.get("type") == Some(type_));
            return same.then(|| json!({"type": type_}));
        }
        if open.len() >= DEPTH {
            return None;
        }
        if all(|flat| kind(flat) == Kind::List) {
            let items = flats
                .iter()
                .map(|(flat, at)| Some((flat.get("items")?.clone(), pointer::child(at, "items"))));
            let Some(items) = items.collect() else { return Some(json!({"type": "array"})) };
            open.push(String::new());
            let items = self.common(items, open)?;
            open.pop();
            return Some(json!({"type": "array", "items": items}));
        }
        if all(|flat| kind(flat) == Kind::Map) {
            return Some(json!({"type": "object", "additionalProperties": extra(&flats)?}));
        }
        let key = key(schemas.iter().map(|(schema, _)| schema.clone()));
        if !open.contains(&key) {
            open.push(key);
            self.merge_objects(flats, open)?;
            open.pop();
        }
        Some(variants())
    }
}

/// The key that identifies a merged object.
const KEY: &str = "x-iam-codegen-merged";

/// Identifies a set of members, whatever their order.
fn key(members: impl Iterator<Item = Value>) -> String {
    let mut members: Vec<String> =
        members.map(|member| Value::Object(spoken(&member)).to_string()).collect();
    members.sort();
    members.join("\n")
}

/// A schema without what says nothing about values.
fn spoken(schema: &Value) -> Object {
    let keywords = schema.as_object().into_iter().flatten();
    let keywords = keywords.filter(|(key, _)| !is_annotation(key));
    keywords.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The place of a property of the object that stands at `own`.
pub(super) fn property_context(flat: &Object, own: &Context, name: &str) -> Context {
    let context = own.child(&["properties", name], name);
    match flat.get(PLACES).and_then(|places| places.get(name)).and_then(Value::as_str) {
        Some(place) => Context { pointer: place.to_owned(), ..context },
        None => context,
    }
}

/// The place that a schema leads to, if it is a reference.
fn place(flat: &Object, own: impl FnOnce() -> String) -> String {
    match flat.get("$ref").and_then(Value::as_str).and_then(component_of) {
        Some(name) => pointer::child("/components/schemas", name),
        None => own(),
    }
}

fn properties(flat: &Object) -> impl Iterator<Item = (&String, &Value)> {
    flat.get("properties").and_then(Value::as_object).into_iter().flatten()
}

fn requires(flat: &Object, name: &str) -> bool {
    flat.get("required").and_then(Value::as_array).is_some_and(|list| list.contains(&json!(name)))
}

fn is_text(flat: &Object) -> bool {
    scalar::text_values(flat).is_some()
        || (kind(flat) == Kind::Scalar && flat.get("type") == Some(&json!("string")))
}

/// The schema of further fields that the objects may have.
fn extra(objects: &[Placed<Object>]) -> Option<Value> {
    let own: Vec<Option<Value>> = objects
        .iter()
        .map(|(flat, _)| match (flat.get("additionalProperties"), kind(flat)) {
            (None, Kind::Map) => Some(json!(true)),
            (own, _) => own.cloned(),
        })
        .collect();
    match own.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => first.clone(),
        all if all.iter().flatten().any(|extra| *extra != json!(false)) => Some(json!(true)),
        _ => None,
    }
}
