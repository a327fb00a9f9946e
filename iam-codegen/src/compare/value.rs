//! Equality of JSON values, as far as OpenAPI tells them apart.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Whether two values are the same: numbers by value, objects without order.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Whether two lists have the same entries, in whatever order.
pub(super) fn same_set(a: &[Value], b: &[Value]) -> bool {
    hashes(a) == hashes(b)
}

/// Hashes of the entries of a list, whose order does not count.
pub(super) fn hashes<'a>(list: impl IntoIterator<Item = &'a Value>) -> BTreeSet<u128> {
    list.into_iter().map(hash).collect()
}

/// The same for values that are [`same`].
pub(super) fn hash(value: &Value) -> u128 {
    let mut hash = Hash::new();
    hash.value(value);
    hash.finish()
}

/// The object at `value`, if it is one.
pub(super) fn object(value: &Value) -> Option<&Map<String, Value>> {
    value.as_object()
}

/// A hash that is the same for the same bytes on every machine: FNV-1a, 128 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hash(u128);

impl Hash {
    pub(super) fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        }
    }

    /// A text, told apart from what stands beside it.
    pub(super) fn text(&mut self, text: &str) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    /// A value: objects without order, numbers by value.
    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b"n"),
            Value::Bool(value) => self.bytes(if *value { b"t" } else { b"f" }),
            Value::Number(number) => {
                self.bytes(b"#");
                match number.as_i64() {
                    Some(whole) => self.text(&whole.to_string()),
                    None => match number.as_f64() {
                        Some(value) if value.fract() == 0.0 => self.text(&format!("{value:.0}")),
                        Some(value) => self.text(&value.to_string()),
                        None => self.text(&number.to_string()),
                    },
                }
            }
            Value::String(text) => {
                self.bytes(b"s");
                self.text(text);
            }
            Value::Array(items) => {
                self.bytes(b"[");
                self.bytes(&(items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Object(map) => {
                self.bytes(b"{");
                self.bytes(&(map.len() as u64).to_le_bytes());
                let mut keys: Vec<_> = map.iter().collect();
                keys.sort_by_key(|(key, _)| *key);
                for (key, value) in keys {
                    self.text(key);
                    self.value(value);
                }
            }
        }
    }

    pub(super) fn finish(self) -> u128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_and_spelling_of_numbers_do_not_count() {
        let (a, b) = (json!({"a": 1, "b": [1.5]}), json!({"b": [1.5], "a": 1.0}));
        assert!(same(&a, &b));
        assert_eq!(hash(&a), hash(&b));
        let c = json!({"a": 1, "b": [1.5, 1]});
        assert!(!same(&a, &c));
        assert_ne!(hash(&a), hash(&c));
        assert_ne!(hash(&json!(["ab", "c"])), hash(&json!(["a", "bc"])));
    }

    #[test]
    fn a_set_has_no_order() {
        let (a, b) = (json!(["a", "b"]), json!(["b", "a"]));
        assert!(same_set(a.as_array().unwrap(), b.as_array().unwrap()));
        assert!(!same_set(a.as_array().unwrap(), &[json!("a")]));
    }
}
