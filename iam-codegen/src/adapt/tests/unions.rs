//! The Rust forms of unions.

use serde_json::{Value, json};

use super::{fields, types, variants};
use crate::api::{Shape, Type};

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The tag of a union, and each variant with the values that stand for it.
#[track_caller]
fn tags(shape: &Shape) -> (Option<&str>, Vec<(&str, Vec<&str>)>) {
    let Shape::Union { tag, variants } = shape else { panic!("{shape:?}") };
    let variants = variants.iter();
    let variants = variants.map(|v| (v.name.as_str(), v.tags.iter().map(String::as_str).collect()));
    (tag.as_deref(), variants.collect())
}

#[test]
fn a_discriminator_is_the_tag() {
    let kind = |values: Value| json!({"type": "object", "properties": {"kind": {"type": "string", "enum": values}, "a": {}}});
    let open = json!({"type": "object", "properties": {"kind": {"type": "string"}}});
    // By the mapping, the values of the field, or the name of the component.
    let types = types(json!({
        "Root": {
            "oneOf": [reference("Cat"), reference("Dog"), reference("Bird")],
            "discriminator": {"propertyName": "kind", "mapping": {"c": "Cat", "C": "#/components/schemas/Cat"}},
        },
        "Cat": kind(json!(["cat"])), "Dog": kind(json!(["d1", "d2"])), "Bird": open,
    }));
    assert_eq!(
        tags(&types["Root"].shape),
        (
            Some("kind"),
            vec![("Cat", vec!["C", "c"]), ("Dog", vec!["d1", "d2"]), ("Bird", vec!["Bird"])]
        )
    );
}

#[test]
fn a_field_with_another_value_in_each_variant_is_the_tag() {
    let object = |name: &str, value: &str, required: Value| json!({"type": "object", "required": required, "properties": {name: {"enum": [value]}, "x": {"type": "string"}}});
    let with_tag = types(json!({
        "Root": {"anyOf": [object("t", "a", json!(["t"])), object("t", "b", json!(["t"]))]},
    }));
    assert_eq!(
        tags(&with_tag["Root"].shape),
        (Some("t"), vec![("Variant1", vec!["a"]), ("Variant2", vec!["b"])])
    );
    // Equal values tell nothing apart.
    let without = types(json!({
        "Root": {"anyOf": [object("t", "a", json!(["t"])), object("t", "a", json!([]))]},
    }));
    let fields = fields(&without["Root"].shape);
    assert_eq!(
        fields.iter().map(|f| (&*f.wire, f.required)).collect::<Vec<_>>(),
        [("t", false), ("x", false)]
    );
}

#[test]
fn a_variant_has_the_tag_that_its_union_names() {
    let types = types(json!({
        "Root": {"oneOf": [reference("A"), reference("B")], "discriminator": {"propertyName": "kind"}},
        "A": {"type": "object", "properties": {"a": {"type": "string"}}},
        "B": {"type": "object", "properties": {"kind": {"type": "string"}}},
    }));
    let (tag, variants) = tags(&types["Root"].shape);
    assert_eq!((tag, variants), (Some("kind"), vec![("A", vec!["A"]), ("B", vec!["B"])]));
    let fields = fields(&types["RootA"].shape);
    assert_eq!(
        fields.iter().map(|f| (&*f.wire, f.required)).collect::<Vec<_>>(),
        [("kind", true), ("a", false)]
    );
}

#[test]
fn objects_are_merged_unless_they_exclude_each_other() {
    let a = json!({"type": "object", "required": ["id", "a"], "properties": {
        "id": {"type": "string"}, "a": {"type": "string"},
        "part": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "list": {"type": "array", "items": {"type": "object", "required": ["n"], "properties": {"n": {"type": "string"}}}},
    }});
    let b = json!({"type": "object", "required": ["id", "b"], "properties": {
        "id": {"type": "string"}, "b": {"type": "string"},
        "part": {"type": "object", "properties": {"y": {"type": "integer"}}},
        "list": {"type": "array", "items": {"type": "object", "required": ["n"], "properties": {"n": {"type": "string"}, "m": {"type": "string"}}}},
    }});
    let schemas = |key: &str, b: &Value| json!({"Root": {key: [reference("A"), reference("B")]}, "A": a, "B": b});
    let any_of = types(schemas("anyOf", &b));
    let names = |shape: &Shape| -> Vec<(String, bool)> {
        fields(shape).iter().map(|f| (f.wire.clone(), f.required)).collect()
    };
    let owned = |list: &[(&str, bool)]| -> Vec<(String, bool)> {
        list.iter().map(|(name, required)| ((*name).to_owned(), *required)).collect()
    };
    assert_eq!(
        names(&any_of["Root"].shape),
        owned(&[("id", true), ("a", false), ("b", false), ("list", false), ("part", false)])
    );
    assert_eq!(names(&any_of["RootPart"].shape), owned(&[("x", false), ("y", false)]));
    assert_eq!(names(&any_of["RootListItem"].shape), owned(&[("n", true), ("m", false)]));
    assert!(!any_of.contains_key("A") && !any_of.contains_key("B"));
    assert_eq!(variants(&types(schemas("oneOf", &b))["Root"].shape), ["B", "A"]);
    // A oneOf of which one variant demands nothing of its own.
    let mut loose = b.clone();
    loose["required"] = json!(["id"]);
    fields(&types(schemas("oneOf", &loose))["Root"].shape);
    // A field that is text in one and an object in the other.
    let mut other = b.clone();
    other["properties"]["part"] = json!({"type": "string"});
    assert_eq!(variants(&types(schemas("anyOf", &other))["Root"].shape), ["A", "B"]);
}

#[test]
fn merged_objects_may_contain_themselves() {
    let node = |more: &str, next: &str| json!({"type": "object", "properties": {more: {"type": "string"}, "next": reference(next)}});
    let types = types(json!({
        "Root": {"anyOf": [reference("A"), reference("B")]},
        "A": node("a", "A"), "B": node("b", "B"),
    }));
    assert_eq!(types.keys().collect::<Vec<_>>(), ["Root"]);
    let next = fields(&types["Root"].shape).iter().find(|field| field.wire == "next").unwrap();
    assert_eq!(next.type_, Type::Boxed(Box::new(Type::Named("Root".into()))));
}

#[test]
fn what_extends_a_schema_with_a_discriminator_is_a_variant_of_it() {
    let child = |more: &str| json!({"allOf": [reference("Root"), {"type": "object", "properties": {more: {"type": "string"}}}]});
    let base = |kinds: Value| {
        json!({"type": "object", "required": ["kind"], "discriminator": {"propertyName": "kind"}, "properties": {
            "kind": {"type": "string", "enum": kinds}, "inner": reference("Root"),
        }})
    };
    let types_of = |kinds: Value| {
        types(json!({
            "Root": base(kinds), "Cat": child("lives"), "Dog": child("breed"),
            "Puppy": {"allOf": [reference("Dog"), {"properties": {"weeks": {"type": "integer"}}}]},
            "Same": {"allOf": [reference("Root")]},
        }))
    };
    let types = types_of(json!(["Cat", "Dog", "Puppy", "Same"]));
    let (tag, found) = tags(&types["Root"].shape);
    assert_eq!(tag, Some("kind"));
    let names: std::collections::BTreeSet<_> = found.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["Cat", "Dog", "Puppy", "Same"].into());
    assert!(found.iter().all(|(name, tags)| tags == &[*name]), "{found:?}");
    let wires = |name: &str| -> Vec<&str> {
        fields(&types[name].shape).iter().map(|field| field.wire.as_str()).collect()
    };
    assert_eq!(wires("Puppy"), ["kind", "breed", "inner", "weeks"]);
    assert_eq!(wires("Same"), ["kind", "inner"]);
    // A value that is no child's is the schema itself.
    let types = types_of(json!(["Cat", "Dog", "Puppy", "Same", "Fish"]));
    let (_, found) = tags(&types["Root"].shape);
    assert!(found.contains(&("Base", vec!["Fish"])), "{found:?}");
}

#[test]
fn a_schema_may_list_what_extends_it() {
    let child = |more: &str| json!({"allOf": [reference("Root"), {"properties": {more: {"type": "string"}}}]});
    let types = types(json!({
        "Root": {
            "type": "object", "properties": {"kind": {"type": "string"}},
            "discriminator": {"propertyName": "kind"}, "oneOf": [reference("Cat"), reference("Dog")],
        },
        "Cat": child("lives"), "Dog": child("breed"),
    }));
    assert_eq!(
        tags(&types["Root"].shape),
        (Some("kind"), vec![("Cat", vec!["Cat"]), ("Dog", vec!["Dog"])])
    );
    fields(&types["Cat"].shape);
}

#[test]
fn a_union_does_not_consist_of_itself() {
    let types = types(json!({
        "Root": {"oneOf": [reference("Other"), {"type": "string"}]},
        "Other": {"oneOf": [reference("Root"), {"type": "integer"}]},
    }));
    assert_eq!(variants(&types["Root"].shape), ["Text"]);
}

#[test]
fn a_value_that_enums_share_is_one_variant() {
    let one = json!({"type": "string", "enum": ["a", "b"]});
    let other = json!({"type": "string", "enum": ["b", "c"]});
    let types = types(json!({"Root": {"anyOf": [one, other]}}));
    let Shape::Enum { values } = &types["Root"].shape else { panic!("{:?}", types["Root"]) };
    let values: Vec<_> =
        values.iter().map(|(value, name)| (value.as_str(), name.as_str())).collect();
    assert_eq!(values, [("a", "A"), ("b", "B"), ("c", "C")]);
}
