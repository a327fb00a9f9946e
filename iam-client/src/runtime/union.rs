//! Which variant of a union a value is.
//!
//! Generated unions describe their variants by [`Variant`]s and decode the one
//! that [`choose`] names. A value is looked at once and decoded once, so that
//! unions inside of each other take no longer than other types.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A variant of a union.
#[derive(Debug)]
pub struct Variant {
    /// The values of the union's tag that stand for it.
    pub tags: &'static [&'static str],
    /// The values that it takes.
    pub form: Form,
}

/// The outline of a type.
#[derive(Debug)]
pub enum Form {
    /// Any value.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Text, with these known values if there are any.
    Text(&'static [&'static str]),
    /// A list of equal items.
    List(&'static Form),
    /// An object.
    Object {
        /// Name, whether it must be there, and form of each field.
        fields: &'static [(&'static str, bool, Form)],
        /// `true` if fields of other names are kept.
        open: bool,
    },
    /// A union.
    OneOf(&'static [Form]),
}

/// Returns the index of the variant that `value` is decoded as, or `None` if
/// only the whole value keeps everything that the union knows of it.
///
/// A known value of the field `tag` decides alone. An unknown one is none of
/// the variants. Otherwise the variant is chosen by what `value` has: it must
/// know every field that another variant knows, and among several the one that
/// misses nothing, knows most and comes first is taken. Null and empty values
/// count for nothing.
pub fn choose(value: &Value, tag: Option<&str>, variants: &[Variant]) -> Option<usize> {
    if value.is_null() {
        return None;
    }
    if let Some(text) = tag.and_then(|tag| value.get(tag)?.as_str()) {
        return variants.iter().position(|variant| variant.tags.contains(&text));
    }
    let forms: Vec<&Form> = variants.iter().map(|variant| &variant.form).collect();
    best(value, &forms)
}

/// The index of the form that suits `value` best, if one keeps all of it.
fn best(value: &Value, forms: &[&Form]) -> Option<usize> {
    let rated = forms.iter().map(|form| rate(form, value)).enumerate();
    let fitting = rated.filter(|(index, rate)| {
        !rate.misfit && !forms.iter().any(|other| loses(forms[*index], other, value))
    });
    let best = fitting.min_by_key(|(_, rate)| (rate.missing, std::cmp::Reverse(rate.known)));
    best.map(|(index, _)| index)
}

/// Decodes `value` as a variant; what does not decode is kept as it is.
pub fn decode<T: DeserializeOwned, U>(
    value: Value,
    variant: fn(T) -> U,
    unknown: fn(Value) -> U,
) -> U {
    match T::deserialize(&value) {
        Ok(decoded) => variant(decoded),
        Err(_) => unknown(value),
    }
}

/// Rates how well a form suits a value.
#[derive(Debug, Default)]
struct Rate {
    /// A part of the value has another type.
    misfit: bool,
    /// The number of required fields that are absent.
    missing: usize,
    /// The number of values it knows, empty ones aside.
    known: usize,
}

impl Rate {
    fn add(&mut self, other: &Self) {
        self.misfit |= other.misfit;
        self.missing += other.missing;
        self.known += other.known;
    }
}

fn rate(form: &Form, value: &Value) -> Rate {
    let mut rate = Rate::default();
    match (form, value) {
        (_, Value::Null) => {}
        (Form::OneOf(forms), _) => {
            let rates = forms.iter().map(|form| self::rate(form, value));
            let best =
                rates.min_by_key(|rate| (rate.misfit, rate.missing, std::cmp::Reverse(rate.known)));
            // A union keeps what fits none of its variants.
            rate.known = best.filter(|best| !best.misfit).map_or(0, |best| best.known);
        }
        (Form::Text(values), Value::String(text)) => {
            rate.known = match values {
                [] => 1,
                values => 2 * usize::from(values.contains(&text.as_str())),
            };
        }
        (Form::List(item), Value::Array(items)) => {
            for value in items {
                rate.add(&self::rate(item, value));
            }
        }
        (Form::Object { fields, .. }, Value::Object(object)) => {
            for (name, demanded, form) in *fields {
                match present(object, name) {
                    Some(value) => {
                        rate.known += usize::from(!is_empty(value));
                        rate.add(&self::rate(form, value));
                    }
                    None => rate.missing += usize::from(*demanded),
                }
            }
        }
        (Form::Any, _) | (Form::Boolean, Value::Bool(_)) | (Form::Number, Value::Number(_)) => {
            rate.known = 1
        }
        (Form::Integer, Value::Number(number)) if !number.is_f64() => rate.known = 1,
        _ => rate.misfit = true,
    }
    rate
}

/// Returns whether decoding as `form` drops a field that `other` knows.
fn loses(form: &Form, other: &Form, value: &Value) -> bool {
    match (form, other, value) {
        (Form::OneOf(forms), ..) => {
            let forms: Vec<&Form> = forms.iter().collect();
            // What fits none of its variants is kept whole.
            best(value, &forms).is_some_and(|chosen| loses(forms[chosen], other, value))
        }
        (_, Form::OneOf(forms), _) => forms.iter().any(|other| loses(form, other, value)),
        (Form::List(item), Form::List(other), Value::Array(values)) => {
            values.iter().any(|value| loses(item, other, value))
        }
        (
            Form::Object { fields, open },
            Form::Object { fields: others, open: others_open },
            Value::Object(object),
        ) => object.iter().filter(|(_, value)| !value.is_null()).any(|(name, value)| {
            match (named(fields, name), named(others, name)) {
                (Some(form), Some(other)) => loses(form, other, value),
                (None, Some(_)) => !open,
                (None, None) => !open && *others_open,
                (Some(_), None) => false,
            }
        }),
        _ => false,
    }
}

fn named<'a>(fields: &'a [(&str, bool, Form)], name: &str) -> Option<&'a Form> {
    fields.iter().find(|(other, ..)| *other == name).map(|(.., form)| form)
}

fn present<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
