//! `oneOf` and `anyOf`: one struct where variants are objects that nothing
//! tells apart, otherwise an enum.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Context, Kind, Object, Schemas, inheritance, kind, names, scalar};
use crate::{
    api::{Docs, Shape, Type, Variant},
    pointer,
};

pub(super) const PASS: &str = "unions";

/// Keywords of a schema that its variants share.
const SHARED: [&str; 4] = ["type", "properties", "required", "additionalProperties"];

/// A variant as the document has it.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The keys that lead to it from its union.
    keys: Vec<String>,
    pub flat: Object,
    /// The component that it refers to.
    pub component: Option<String>,
    /// The values of the tag that stand for it.
    pub tags: Vec<String>,
}

impl Member {
    /// Its place in the union at `context`.
    pub(super) fn place(&self, context: &Context) -> String {
        self.keys.iter().fold(context.pointer.clone(), |at, key| pointer::child(&at, key))
    }
}

/// The Rust form of a union.
pub(super) enum Plan {
    /// Any value: it has no variants.
    Any,
    /// Text with these known values.
    Text(Vec<String>),
    /// Its only variant.
    Only(Member),
    /// A struct with the fields of all variants.
    Struct(Object),
    /// An enum, whose variant the field called `tag` chooses.
    Enum { tag: Option<String>, members: Vec<Member> },
}

impl Schemas<'_, '_> {
    pub(super) fn union(
        &mut self,
        flat: &Object,
        context: &Context,
        component: Option<&str>,
        docs: &Docs,
    ) -> (Type, bool) {
        let null = admits_null(flat);
        let type_ = match self.plan(flat, context) {
            Plan::Any => Type::Any,
            Plan::Text(texts) => {
                let what = format!("text with {} known values", texts.len());
                self.record.record(PASS, &context.pointer, what, "every variant is text");
                if texts.is_empty() {
                    return (Type::String, null);
                }
                self.define(context, component, docs, |_, _| scalar::enum_shape(&texts))
            }
            // One variant, or only conditions on the fields around them.
            Plan::Only(member) => {
                let keys: Vec<&str> = member.keys.iter().map(String::as_str).collect();
                let child = Context { name: context.name.clone(), ..context.child(&keys, "") };
                if component.is_some() && kind(&member.flat) == Kind::Struct {
                    self.object(&member.flat, context, component, docs)
                } else {
                    let resolved = self.schema(&Value::Object(member.flat), &child);
                    return (resolved.type_, null || resolved.nullable);
                }
            }
            Plan::Struct(merged) => self.merged_struct(&merged, context, component, docs),
            Plan::Enum { tag, members } => self.define(context, component, docs, |schemas, own| {
                schemas.union_shape(tag, &members, own)
            }),
        };
        (type_, null)
    }

    /// Decides what a union becomes. Asked again, it records the same again.
    pub(super) fn plan(&mut self, flat: &Object, context: &Context) -> Plan {
        let mut members = self.variants(flat, context);
        if let Some(texts) = self.all_text(&members) {
            return Plan::Text(texts);
        }
        match members.len() {
            0 => return Plan::Any,
            1 => return Plan::Only(members.remove(0)),
            _ => {}
        }
        let tag = self.tag(flat, &mut members, context);
        let one = list_key(flat) == "oneOf" && self.exclude_each_other(&members);
        if tag.is_none()
            && !one
            && let Some(merged) = self.merged(&members, context)
        {
            return Plan::Struct(merged);
        }
        Plan::Enum { tag, members }
    }

    /// Whether a component of this schema is a type of its own.
    pub(super) fn union_is_definition(&mut self, flat: &Object, context: &Context) -> bool {
        match self.plan(flat, context) {
            Plan::Any => false,
            Plan::Text(texts) => !texts.is_empty(),
            Plan::Only(member) => kind(&member.flat) == Kind::Struct,
            Plan::Struct(_) | Plan::Enum { .. } => true,
        }
    }

    pub(super) fn is_merged(&mut self, flat: &Object, context: &Context) -> bool {
        matches!(self.plan(flat, context), Plan::Struct(_))
    }

    /// The distinct variants, null left out and shared fields put in.
    fn variants(&mut self, flat: &Object, context: &Context) -> Vec<Member> {
        let key = list_key(flat);
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
            let (keys, component, tags) = (Vec::new(), None, Vec::new());
            return vec![Member { keys, flat: shared, component, tags }];
        }
        let mut variants: Vec<Member> = Vec::new();
        for (index, member) in members.iter().enumerate() {
            let keys = vec![key.to_owned(), index.to_string()];
            let at = keys.iter().fold(context.pointer.clone(), |at, key| pointer::child(&at, key));
            let own = Context::new(at, context.name.clone());
            let mut variant = self.flatten(member, &own);
            let component = variant.get("$ref").and_then(Value::as_str).and_then(component_of);
            if has_fields {
                let mut whole = self.flatten(&json!({"allOf": [shared, variant]}), &own);
                // A variant that extends the schema around it is not that schema again.
                if whole.get(key) == flat.get(key) {
                    whole.remove(key);
                    whole.remove("discriminator");
                }
                // It keeps its name unless the fields around it add something.
                let alone = self.behind_reference(variant.clone());
                if component.is_none() || !same_fields(&whole, &alone) {
                    variant = whole;
                }
            } else if let (false, Some(type_)) = (variant.contains_key("$ref"), shared.get("type"))
            {
                variant.entry("type").or_insert_with(|| type_.clone());
            }
            if !variants.iter().any(|earlier| earlier.flat == variant) {
                variants.push(Member { keys, flat: variant, component, tags: Vec::new() });
            }
        }
        variants
    }

    /// The known values, if every variant is text: any text fits then.
    fn all_text(&mut self, members: &[Member]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for member in members {
            let flat = self.behind_reference(member.flat.clone());
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
        (!members.is_empty()).then_some(texts)
    }

    /// The schema at the end of a chain of references.
    pub(super) fn behind_reference(&mut self, flat: Object) -> Object {
        let mut flat = flat;
        let mut left = super::DEPTH;
        while let Some(fewer) = left.down() {
            left = fewer;
            let Some(reference) = flat.get("$ref").and_then(Value::as_str) else { break };
            let entry =
                component_of(reference).and_then(|name| self.components?.get_key_value(&name));
            let Some((name, schema)) = entry else { break };
            let at = pointer::child("/components/schemas", name);
            flat = self.flatten_component(name, schema, &Context::new(at, name.clone()));
            flat = self.with_children(name, flat);
        }
        flat
    }

    fn union_shape(&mut self, tag: Option<String>, members: &[Member], own: &Context) -> Shape {
        let mut variants: Vec<Variant> = Vec::new();
        for (index, member) in members.iter().enumerate() {
            let title = member.flat.get("title").and_then(Value::as_str).map(names::pascal);
            let title = title.filter(|title| title != "X");
            let word = title.unwrap_or_else(|| format!("Variant{}", index + 1));
            let context = if member.flat.contains_key(inheritance::BASE) {
                // The schema itself, without its children.
                own.child(&[], &word)
            } else {
                let keys: Vec<&str> = member.keys.iter().map(String::as_str).collect();
                own.child(&keys, &word)
            };
            let type_ = self.schema(&Value::Object(member.flat.clone()), &context).type_;
            match variants.iter_mut().find(|earlier| earlier.type_ == type_) {
                Some(earlier) => earlier.tags.extend(member.tags.iter().cloned()),
                None => variants.push(Variant {
                    name: variant_name(&type_, &own.name),
                    type_,
                    tags: member.tags.clone(),
                }),
            }
        }
        let mut taken = names::Taken::from(["Unknown"]);
        for variant in &mut variants {
            let wanted = std::mem::take(&mut variant.name);
            variant.name = names::unique(wanted, &mut taken);
            variant.tags.sort();
        }
        Shape::Union { tag, variants }
    }
}

/// Returns whether two objects have the same fields, all else aside.
fn same_fields(whole: &Object, alone: &Object) -> bool {
    let required = |object: &Object| -> BTreeSet<String> {
        let names = object.get("required").and_then(Value::as_array).into_iter().flatten();
        names.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    ["properties", "additionalProperties", "oneOf", "anyOf"]
        .iter()
        .all(|key| whole.get(*key) == alone.get(*key))
        && required(whole) == required(alone)
}

/// The component that a reference names.
pub(super) fn component_of(reference: &str) -> Option<String> {
    super::inline::component(&pointer::of_reference(reference)?)
}

/// The keyword that lists the variants.
pub(super) fn list_key(flat: &Object) -> &'static str {
    let listed =
        flat.get("oneOf").and_then(Value::as_array).is_some_and(|members| !members.is_empty());
    if listed { "oneOf" } else { "anyOf" }
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
        Type::File => "File".into(),
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
