//! The field that says which variant of a union an object is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Context, Kind, Object, Schemas, inheritance, kind, scalar,
    union::{Member, PASS, component_of},
};

impl Schemas<'_, '_> {
    /// The tag, if there is one; each member gets the values that stand for it.
    pub(super) fn tag(
        &mut self,
        flat: &Object,
        members: &mut [Member],
        context: &Context,
    ) -> Option<String> {
        let flats: Vec<Object> =
            members.iter().map(|member| self.behind_reference(member.flat.clone())).collect();
        let objects: Vec<usize> = (0..members.len())
            .filter(|index| matches!(kind(&flats[*index]), Kind::Struct | Kind::Map | Kind::Union))
            .collect();
        let discriminator = flat.get("discriminator");
        let name = discriminator.and_then(|object| object.get("propertyName")?.as_str());
        let Some(name) = name else { return self.constant(members, &flats, &objects) };
        let mapping = discriminator.and_then(|object| object.get("mapping")?.as_object());
        let values: Vec<Option<Vec<String>>> =
            flats.iter().map(|flat| self.property_values(flat, name)).collect();
        let mut seen = BTreeSet::new();
        for &index in &objects {
            let mut tags =
                if let Some(Value::Array(own)) = members[index].flat.get(inheritance::BASE) {
                    own.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                } else {
                    let component = members[index].component.as_deref();
                    let mapped = component.map(|name| mapped(mapping, name)).unwrap_or_default();
                    let others = objects.iter().filter(|other| **other != index);
                    let taken: BTreeSet<&String> =
                        others.filter_map(|other| values[*other].as_ref()).flatten().collect();
                    match &values[index] {
                        _ if !mapped.is_empty() => mapped,
                        Some(own) if own.iter().all(|value| !taken.contains(value)) => own.clone(),
                        _ => component.map(str::to_owned).into_iter().collect(),
                    }
                };
            tags.retain(|tag| seen.insert(tag.clone()));
            members[index].tags = tags;
        }
        if objects.is_empty() || objects.iter().any(|index| members[*index].tags.is_empty()) {
            members.iter_mut().for_each(|member| member.tags.clear());
            let what = format!("the discriminator `{name}` is not read");
            self.record.record(PASS, &context.pointer, what, "a variant has no value of it");
            return None;
        }
        for &index in &objects {
            self.add_tag(&mut members[index], &flats[index], name, context);
        }
        Some(name.to_owned())
    }

    /// A field with another single value in each variant.
    fn constant(
        &mut self,
        members: &mut [Member],
        flats: &[Object],
        objects: &[usize],
    ) -> Option<String> {
        let (first, rest) = objects.split_first()?;
        if rest.is_empty() || objects.iter().any(|index| kind(&flats[*index]) != Kind::Struct) {
            return None;
        }
        let names: Vec<String> =
            flats[*first].get("properties")?.as_object()?.keys().cloned().collect();
        let mut found = Vec::new();
        for name in names {
            let mut seen = BTreeSet::new();
            let distinct = objects.iter().all(|index| {
                let values = self.property_values(&flats[*index], &name);
                matches!(values.as_deref(), Some([only]) if seen.insert(only.clone()))
            });
            if distinct {
                let optional = objects.iter().any(|index| !requires(&flats[*index], &name));
                found.push((optional, name));
            }
        }
        let (_, name) = found.into_iter().min()?;
        for &index in objects {
            members[index].tags = self.property_values(&flats[index], &name)?;
        }
        Some(name)
    }

    /// Gives a variant the field that chooses it, if it does not describe it:
    /// it would be lost otherwise.
    fn add_tag(&mut self, member: &mut Member, flat: &Object, name: &str, context: &Context) {
        let has = flat.get("properties").and_then(|fields| fields.get(name)).is_some();
        if has || kind(flat) != Kind::Struct || flat.contains_key("additionalProperties") {
            return;
        }
        let mut whole = flat.clone();
        if let Some(fields) = whole.get_mut("properties").and_then(Value::as_object_mut) {
            fields.insert(name.to_owned(), json!({"type": "string", "enum": member.tags}));
        }
        match whole.entry("required").or_insert_with(|| json!([])) {
            Value::Array(required) => required.push(json!(name)),
            other => *other = json!([name]),
        }
        if let Some(component) = &member.component {
            whole.insert("title".to_owned(), json!(component));
        }
        member.flat = whole;
        let what = format!("a variant has `{name}`, which it does not describe");
        self.record.record(PASS, &context.pointer, what, "the discriminator names it");
    }

    /// The values of a property that is an enum of text.
    pub(super) fn property_values(&mut self, flat: &Object, name: &str) -> Option<Vec<String>> {
        let property = flat.get("properties")?.get(name)?.clone();
        let flat = self.flatten(&property, &Context::new(String::new(), String::new()));
        scalar::text_values(&self.behind_reference(flat))
    }
}

fn requires(flat: &Object, name: &str) -> bool {
    flat.get("required").and_then(Value::as_array).is_some_and(|list| list.contains(&json!(name)))
}

/// The values that a mapping has for the component.
pub(super) fn mapped(mapping: Option<&Object>, component: &str) -> Vec<String> {
    let is_target = |target: &Value| {
        target.as_str().is_some_and(|target| {
            target == component || component_of(target).as_deref() == Some(component)
        })
    };
    let entries = mapping.into_iter().flatten();
    entries.filter(|(_, target)| is_target(target)).map(|(value, _)| value.clone()).collect()
}
