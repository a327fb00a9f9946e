//! A discriminator without a list of variants: the components that extend its
//! schema by `allOf` are the variants.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    Context, Kind, Object, Schemas, kind,
    tag::mapped,
    union::{PASS, component_of, list_key},
};
use crate::pointer;

/// Marks the variant that is the extended schema itself, with its tags.
pub(super) const BASE: &str = "x-iam-codegen-base";

pub(super) type Children<'d> = BTreeMap<&'d str, BTreeSet<&'d str>>;

/// The components that extend each component with a discriminator of its own.
pub(super) fn children(components: Option<&Object>) -> Children<'_> {
    let mut extended: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, schema) in components.into_iter().flatten() {
        for parent in parents(schema) {
            extended.entry(parent).or_default().push(name);
        }
    }
    let mut children = Children::new();
    for (base, schema) in components.into_iter().flatten() {
        let own = schema.get("discriminator").filter(|own| own["propertyName"].is_string());
        let Some(discriminator) = own else { continue };
        if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() {
            continue;
        }
        let mut found = BTreeSet::new();
        let mut open = vec![base.as_str()];
        while let Some(name) = open.pop() {
            for child in extended.get(name).into_iter().flatten() {
                if found.insert(*child) {
                    open.push(child);
                }
            }
        }
        let targets = discriminator.get("mapping").and_then(Value::as_object);
        for target in targets.into_iter().flat_map(Map::values).filter_map(Value::as_str) {
            let name = component_of(target).unwrap_or_else(|| target.to_owned());
            found.extend(
                components.and_then(|all| all.get_key_value(&name)).map(|(n, _)| n.as_str()),
            );
        }
        found.remove(base.as_str());
        if !found.is_empty() {
            children.insert(base, found);
        }
    }
    children
}

/// The components that `schema` extends.
fn parents(schema: &Value) -> Vec<String> {
    let members = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    members.filter_map(pointer::reference).filter_map(component_of).collect()
}

impl<'d> Schemas<'d, '_> {
    /// The meaning of a reference to the component `name`: one of its children,
    /// where a discriminator says which.
    pub(super) fn with_children(&mut self, name: &str, flat: Object) -> Object {
        let Some(children) = self.children.get(name).cloned() else { return flat };
        if kind(&flat) != Kind::Struct {
            return flat;
        }
        let mut union: Object =
            flat.iter().filter(|(key, _)| !DESCRIBES.contains(&key.as_str())).map(cloned).collect();
        let mut variants: Vec<Value> = children
            .iter()
            .map(|child| {
                let token = pointer::child("#/components/schemas", child);
                json!({"$ref": token.replace('%', "%25")})
            })
            .collect();
        let own = self.own_tags(name, &flat, &children);
        if !own.is_empty() {
            let mut base = flat.clone();
            base.remove("discriminator");
            base.insert("title".to_owned(), json!("Base"));
            base.insert(BASE.to_owned(), json!(own));
            variants.push(Value::Object(base));
        }
        let what = format!("one of {}", children.iter().copied().collect::<Vec<_>>().join(", "));
        let at = pointer::child("/components/schemas", name);
        self.record.record(PASS, at, what, "they extend it, and its discriminator names them");
        union.insert("oneOf".to_owned(), Value::Array(variants));
        union
    }

    /// The values of the tag that stand for no child.
    fn own_tags(&mut self, name: &str, flat: &Object, children: &BTreeSet<&str>) -> Vec<String> {
        let Some(discriminator) = flat.get("discriminator") else { return Vec::new() };
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        let property = discriminator.get("propertyName").and_then(Value::as_str);
        let values = property.and_then(|property| self.property_values(flat, property));
        let own = mapped(mapping, name);
        match (values, mapping) {
            (Some(values), _) => {
                let others: BTreeSet<String> = children
                    .iter()
                    .flat_map(|child| match mapped(mapping, child) {
                        none if none.is_empty() => vec![(*child).to_owned()],
                        mapped => mapped,
                    })
                    .collect();
                values.into_iter().filter(|value| !others.contains(value)).collect()
            }
            (None, Some(_)) => own,
            (None, None) => vec![name.to_owned()],
        }
    }

    /// A component that is a variant of a schema has that schema's fields, and
    /// not its variants again.
    pub(super) fn as_variant(
        &mut self,
        name: &'d str,
        schema: &'d Value,
        flat: Object,
        context: &Context,
    ) -> Object {
        if schema.get("allOf").is_none() {
            return flat;
        }
        let mut flat = flat;
        if let Some(base) = flat.get("$ref").and_then(Value::as_str).and_then(component_of) {
            // Nothing is added, but it is no other name of what it extends.
            let listed = self.components.and_then(|all| all.get(&base)?.as_object());
            let is_child = self.children.get(base.as_str()).is_some_and(|all| all.contains(name))
                || listed.is_some_and(|base| lists(base, name));
            if !is_child {
                return flat;
            }
            let description = flat.remove("description");
            flat = self.member(&Value::Object(flat), context);
            flat.remove("description");
            flat.extend(description.map(|text| ("description".to_owned(), text)));
        }
        if lists(&flat, name) {
            flat.remove("discriminator");
            flat.remove(list_key(&flat));
        }
        flat
    }
}

/// Keywords that say what an object consists of.
const DESCRIBES: [&str; 4] = ["type", "properties", "required", "additionalProperties"];

fn cloned((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

/// Returns whether the component is among the variants of a union.
fn lists(union: &Object, name: &str) -> bool {
    let members = union.get(list_key(union)).and_then(Value::as_array).into_iter().flatten();
    members.filter_map(pointer::reference).filter_map(component_of).any(|other| other == name)
}
