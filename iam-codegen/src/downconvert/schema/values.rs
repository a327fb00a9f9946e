//! Single values in schemas: `const`, numeric bounds, `examples`.

use std::cmp::Ordering;

use serde_json::{Number, Value, json};

use super::add_all_of;
use crate::{
    downconvert::{context::Context, object::Object},
    pointer::child,
};

/// `const` -> an `enum` of one.
pub(super) fn constant(schema: &mut Object) {
    let Some(value) = schema.remove("const") else {
        return;
    };
    match schema.get("enum") {
        None => {
            schema.insert("enum".to_owned(), json!([value]));
        }
        Some(Value::Array(values)) if values.contains(&value) => {
            schema.insert("enum".to_owned(), json!([value]));
        }
        // They exclude each other. Whoever reads the result is to see both.
        Some(_) => add_all_of(schema, enum_of(value)),
    }
}

/// The schema that takes `value` and nothing else.
pub(super) fn enum_of(value: Value) -> Value {
    if value.is_null() {
        json!({ "enum": [null], "nullable": true })
    } else {
        json!({ "enum": [value] })
    }
}

/// Numeric `exclusiveMinimum`, `exclusiveMaximum` -> a bound and a boolean.
pub(super) fn exclusive_bounds(schema: &mut Object) {
    exclusive_bound(schema, "minimum", "exclusiveMinimum", Ordering::is_ge);
    exclusive_bound(schema, "maximum", "exclusiveMaximum", Ordering::is_le);
}

/// `stricter` says of the exclusive bound, compared with the inclusive one,
/// whether it is what counts where both are given.
fn exclusive_bound(
    schema: &mut Object,
    inclusive: &str,
    exclusive: &str,
    stricter: fn(Ordering) -> bool,
) {
    let Some(Value::Number(bound)) = schema.get(exclusive) else {
        return;
    };
    let counts = match schema.get(inclusive) {
        Some(Value::Number(other)) => stricter(compare(bound, other)),
        _ => true,
    };
    if counts {
        let bound = Value::Number(bound.clone());
        schema.insert(inclusive.to_owned(), bound);
        schema.insert(exclusive.to_owned(), true.into());
    } else {
        schema.remove(exclusive);
    }
}

fn compare(a: &Number, b: &Number) -> Ordering {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// `examples` -> `example`, which holds one.
pub(super) fn examples(schema: &mut Object, at: &str, context: &mut Context<'_>) {
    let Some(examples) = schema.remove("examples") else {
        return;
    };
    let mut left_out = 1;
    if let Value::Array(examples) = examples {
        left_out = examples.len();
        if let (Some(first), false) = (examples.into_iter().next(), schema.contains_key("example"))
        {
            schema.insert("example".to_owned(), first);
            left_out -= 1;
        }
    }
    if left_out > 0 {
        let what = format!("examples left out: {left_out}");
        let why = "a schema of 3.0 has one example";
        context.record("downconvert/examples", child(at, "examples"), what, why);
    }
}
