//! Schemas: JSON Schema 2020-12 to the schema object of 3.0.
//!
//! Where 3.0.3 is in doubt, `nullable: true` means what all tools take it for:
//! null is let in, whatever stands beside it, also beside `allOf` and `anyOf`.

mod arrays;
mod content;
mod dropped;
mod hints;
mod null;
mod objects;
mod types;
mod values;

use serde_json::{Value, json};

pub(super) use self::{content::is_binary, types::listed as listed_types};
use super::{
    context::Context,
    object::{Object, each, list_mut},
};
use crate::pointer::child;

/// Converts the schema at `at`, whatever JSON it is.
pub(super) fn convert(schema: &mut Value, at: &str, context: &mut Context<'_>) {
    match schema {
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => {
            *schema = json!({ "not": {} });
            let why = "3.0 has no boolean schemas; the negation of everything takes nothing either";
            context.record("downconvert/boolean-schema", at, "`false` written as `not: {}`", why);
        }
        Value::Object(map) => object(map, at, context),
        _ => {}
    }
}

fn object(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    // These look at their siblings, which have to be there still.
    objects::settle_unevaluated(schema, at, context);
    arrays::settle_unevaluated(schema, at, context);
    arrays::close(schema);
    // What goes is not walked: it would only be recorded twice.
    dropped::identity(schema, at, context);
    dropped::constraints(schema, at, context);
    dropped::malformed(schema, at, context);

    children(schema, at, context);

    values::constant(schema);
    values::exclusive_bounds(schema);
    values::examples(schema, at, context);
    content::convert(schema, at, context);
    hints::discriminator(schema, at, context);
    hints::xml(schema, at, context);
    arrays::prefix_items(schema, at, context);
    arrays::unevaluated_items(schema);
    objects::pattern_properties(schema, at, context);
    objects::unevaluated_properties(schema);
    objects::empty_required(schema);
    self::types::unrestricted(schema);
    null::convert(schema, at, context);
    self::types::split(schema, at, context);
    arrays::require_items(schema);
    reference_siblings(schema);
}

fn children(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    for key in ["properties", "patternProperties", "allOf", "anyOf", "prefixItems"] {
        each(schema, key, at, |member, at| convert(member, at, context));
    }
    for key in ["items", "additionalProperties", "unevaluatedItems", "unevaluatedProperties"] {
        let boolean = schema.get(key).is_some_and(Value::is_boolean);
        // A boolean means the same in 3.0 there.
        if let (Some(child_schema), false) = (schema.get_mut(key), boolean && key != "items") {
            convert(child_schema, &child(at, key), context);
        }
    }
    exclusive_alternatives(schema, at, context);
    negation(schema, at, context);
}

/// `oneOf`: where a member became wider, a value may now fit two of them,
/// so that `anyOf` alone still takes every value it did. (Null aside: it is let
/// in by `nullable`, whatever the members say.)
fn exclusive_alternatives(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let before = context.widenings;
    each(schema, "oneOf", at, |member, at| convert(member, at, context));
    // With a discriminator the members exclude each other whatever else they say.
    if context.widenings == before || schema.contains_key("discriminator") {
        return;
    }
    let Some(members) = schema.remove("oneOf") else {
        return;
    };
    let what = "`oneOf` became `anyOf`";
    let why = "a member became wider, so that a value may now fit more than one";
    context.widen("downconvert/one-of", child(at, "oneOf"), what, why);
    add_any_of(schema, members);
}

/// `not`: what makes its schema wider would make the whole narrower.
fn negation(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let before = context.widenings + context.null_widenings;
    let at = child(at, "not");
    if let Some(negated) = schema.get_mut("not") {
        convert(negated, &at, context);
    }
    let after = context.widenings + context.null_widenings;
    if after > before && schema.remove("not").is_some() {
        let why = "3.0 cannot express what it excludes, and must not exclude more";
        context.widen("downconvert/not", at, "`not` left out", why);
    }
}

/// 3.0 ignores what stands beside `$ref`, so it goes to a place where it counts.
fn reference_siblings(schema: &mut Object) {
    if schema.len() < 2 || !schema.get("$ref").is_some_and(Value::is_string) {
        return;
    }
    if let Some(reference) = schema.remove("$ref") {
        let reference = json!({ "$ref": reference });
        match list_mut(schema, "allOf") {
            Some(list) => list.insert(0, reference),
            None => {
                schema.insert("allOf".to_owned(), json!([reference]));
            }
        }
    }
}

/// Adds the alternatives `members` without touching those that are there.
fn add_any_of(schema: &mut Object, members: Value) {
    // A discriminator would be taken to choose between the new ones too.
    if schema.contains_key("anyOf") || schema.contains_key("discriminator") {
        add_all_of(schema, json!({ "anyOf": members }));
    } else {
        schema.insert("anyOf".to_owned(), members);
    }
}

/// Adds `member` to what the schema is composed of.
fn add_all_of(schema: &mut Object, member: Value) {
    if let Some(list) = list_mut(schema, "allOf") {
        list.push(member);
    }
}

/// `schemas` without repetitions, in order; `None` for one that takes all values.
fn distinct(schemas: impl IntoIterator<Item = Value>) -> Option<Vec<Value>> {
    let mut distinct: Vec<Value> = Vec::new();
    for schema in schemas {
        if schema.as_object().is_some_and(Object::is_empty) || schema == true {
            return None;
        }
        if !distinct.contains(&schema) {
            distinct.push(schema);
        }
    }
    Some(distinct)
}

/// The schema that takes what any of `schemas` takes.
fn any_of(mut schemas: Vec<Value>) -> Value {
    match schemas.len() {
        1 => schemas.remove(0),
        _ => json!({ "anyOf": schemas }),
    }
}

#[cfg(test)]
mod tests;
