//! `oneOf` and `anyOf`: an enum of the first type that fits.

use serde_json::{Value, json};

use super::{Context, Kind, Object, Schemas, kind, names, scalar};
use crate::{
    api::{Docs, Shape, Type},
    pointer,
};

const PASS: &str = "unions";

/// Keywords of a schema that its variants share.
const SHARED: [&str; 4] = ["type", "properties", "required", "additionalProperties"];

impl Schemas<'_, '_> {
    pub(super) fn union(
        &mut self,
        flat: &Object,
        context: &Context,
        component: Option<&str>,
        docs: &Docs,
    ) -> (Type, bool) {
        let null = admits_null(flat);
        let variants = self.variants(flat, context);
        if let Some(name) = flat.get("discriminator").and_then(|d| d.get("propertyName")) {
            let what = format!("the discriminator {name} is not read");
            self.record.record(PASS, &context.pointer, what, "variants are told apart by form");
        }
        if let Some(texts) = self.all_text(&variants) {
            let what = format!("text with {} known values", texts.len());
            self.record.record(PASS, &context.pointer, what, "every variant is text");
            if texts.is_empty() {
                return (Type::String, null);
            }
            let type_ = self.define(context, component, docs, |_, _| scalar::enum_shape(&texts));
            return (type_, null);
        }
        match variants.as_slice() {
            [] => (Type::Any, null),
            // One variant, or only conditions on the fields around them.
            [(keys, only)] => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                let child = Context { name: context.name.clone(), ..context.child(&keys, "") };
                match component {
                    Some(_) if kind(only) == Kind::Struct => {
                        (self.object(only, context, component, docs), null)
                    }
                    _ => {
                        let resolved = self.schema(&Value::Object(only.clone()), &child);
                        (resolved.type_, null || resolved.nullable)
                    }
                }
            }
            _ => {
                let type_ = self.define(context, component, docs, |schemas, own| {
                    schemas.union_shape(&variants, own)
                });
                (type_, null)
            }
        }
    }

    /// Whether a component of this schema is a type of its own.
    pub(super) fn union_is_definition(&mut self, flat: &Object, context: &Context) -> bool {
        // Recorded again, the same, when it is defined.
        let variants = self.variants(flat, context);
        let texts = self.all_text(&variants);
        match (texts, variants.as_slice()) {
            (Some(texts), _) => !texts.is_empty(),
            (None, []) => false,
            (None, [(_, only)]) => kind(only) == Kind::Struct,
            (None, _) => true,
        }
    }

    /// The distinct variants with the keys that lead to each, null left out and
    /// shared fields put in.
    fn variants(&mut self, flat: &Object, context: &Context) -> Vec<(Vec<String>, Object)> {
        let key =
            if flat.get("oneOf").is_some_and(|list| list.as_array().is_some_and(|l| !l.is_empty()))
            {
                "oneOf"
            } else {
                "anyOf"
            };
        let shared: Object = flat
            .iter()
            .filter(|(key, _)| SHARED.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let has_fields = shared.contains_key("properties");
        let members = flat.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let members: Vec<_> = members.into_iter().filter(|member| !is_null(member)).collect();
        // `anyOf: [{required: [a]}, {required: [b]}]` beside properties.
        let only_conditions = |member: &Value| {
            let keys = member.as_object().into_iter().flat_map(|map| map.keys());
            keys.clone().count() > 0
                && keys.into_iter().all(|key| key == "required" || key == "not")
        };
        if has_fields && members.iter().all(only_conditions) {
            let what = "no field is demanded";
            let why = "which fields go together is left to the service";
            self.record.record(PASS, &context.pointer, what, why);
            return vec![(Vec::new(), shared)];
        }
        let mut variants: Vec<(Vec<String>, Object)> = Vec::new();
        for (index, member) in members.iter().enumerate() {
            let keys = vec![key.to_owned(), index.to_string()];
            let at = keys.iter().fold(context.pointer.clone(), |at, key| pointer::child(&at, key));
            let own = Context::new(at, context.name.clone());
            let variant = if has_fields {
                let whole = json!({"allOf": [shared, member]});
                self.flatten(&whole, &own)
            } else {
                let mut variant = self.flatten(member, &own);
                if let (false, Some(type_)) = (variant.contains_key("$ref"), shared.get("type")) {
                    variant.entry("type").or_insert_with(|| type_.clone());
                }
                variant
            };
            if !variants.iter().any(|(_, earlier)| *earlier == variant) {
                variants.push((keys, variant));
            }
        }
        variants
    }

    /// The known values, if every variant is text: any text fits then.
    fn all_text(&mut self, variants: &[(Vec<String>, Object)]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for (_, variant) in variants {
            let flat = self.behind_reference(variant.clone());
            let plain = flat.get("type").and_then(Value::as_str) == Some("string")
                && !matches!(
                    flat.get("format").and_then(Value::as_str),
                    Some("date-time" | "password")
                );
            match scalar::text_values(&flat) {
                Some(values) => texts.extend(values),
                None if plain && !flat.contains_key("enum") && kind(&flat) == Kind::Scalar => {}
                None => return None,
            }
        }
        (!variants.is_empty()).then_some(texts)
    }

    /// The schema at the end of a chain of references.
    pub(super) fn behind_reference(&mut self, flat: Object) -> Object {
        let mut flat = flat;
        let mut left = super::DEPTH;
        while let Some(fewer) = left.down() {
            left = fewer;
            let Some(reference) = flat.get("$ref").and_then(Value::as_str) else { break };
            let name =
                pointer::of_reference(reference).and_then(|at| super::inline::component(&at));
            let entry = name.and_then(|name| self.components?.get_key_value(&name));
            let Some((name, schema)) = entry else { break };
            let at = pointer::child("/components/schemas", name);
            flat = self.flatten_component(name, schema, &Context::new(at, name.clone()));
        }
        flat
    }

    fn union_shape(&mut self, members: &[(Vec<String>, Object)], own: &Context) -> Shape {
        let mut types: Vec<(String, Type)> = Vec::new();
        for (index, (keys, member)) in members.iter().enumerate() {
            let title = member.get("title").and_then(Value::as_str).map(names::pascal);
            let title = title.filter(|title| title != "X");
            let word = title.clone().unwrap_or_else(|| format!("Variant{}", index + 1));
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let context = own.child(&keys, &word);
            let type_ = self.schema(&Value::Object(member.clone()), &context).type_;
            if !types.iter().any(|(_, earlier)| *earlier == type_) {
                types.push((variant_name(&type_, &own.name), type_));
            }
        }
        let mut taken = names::Taken::from(["Unknown"]);
        let variants = types
            .into_iter()
            .map(|(name, type_)| (names::unique(name, &mut taken), type_))
            .collect();
        Shape::Union { variants }
    }
}

fn variant_name(type_: &Type, union: &str) -> String {
    match type_ {
        Type::Named(name) => {
            let rest = name
                .strip_prefix(union)
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
            names::pascal(rest.unwrap_or(name))
        }
        Type::String => "Text".into(),
        Type::Timestamp => "Timestamp".into(),
        Type::Secret => "Secret".into(),
        Type::SecretJson => "SecretJson".into(),
        Type::ETag => "ETag".into(),
        Type::Boolean => "Boolean".into(),
        Type::Integer(_) => "Integer".into(),
        Type::Number => "Number".into(),
        Type::List(_) => "List".into(),
        Type::Map(_) => "Map".into(),
        Type::Any => "Any".into(),
        Type::Nullable(inner) | Type::Boxed(inner) => variant_name(inner, union),
    }
}

/// Whether a member of the union is null alone.
pub(super) fn admits_null(flat: &Object) -> bool {
    ["oneOf", "anyOf"].iter().any(|key| {
        flat.get(*key).and_then(Value::as_array).is_some_and(|list| list.iter().any(is_null))
    }) || flat.get("enum").and_then(Value::as_array).is_some_and(|list| list.contains(&Value::Null))
}

fn is_null(member: &Value) -> bool {
    let only_null = |values: &Vec<Value>| !values.is_empty() && values.iter().all(Value::is_null);
    member.get("type").and_then(Value::as_str) == Some("null")
        || member.get("enum").and_then(Value::as_array).is_some_and(only_null)
}
