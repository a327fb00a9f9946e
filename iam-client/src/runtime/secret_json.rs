//! JSON that must not be printed.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::{Secret, secret::note};

/// JSON of any shape that is never printed, because secrets can stand anywhere
/// in it.
///
/// `Debug` shows `SecretJson(***)`; [`expose`](Self::expose) is the one way to
/// the value. `Serialize` writes the **real value**, as for
/// [`Secret`](super::Secret). The memory is not overwritten on drop.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretJson(Value);

impl SecretJson {
    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl Serialize for SecretJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        note(|| leaves(&self.0));
        self.0.serialize(serializer)
    }
}

/// The texts and numbers in a value. Names of fields, truth and null hide
/// nothing.
fn leaves(value: &Value) -> Vec<Secret> {
    match value {
        Value::String(text) => vec![text.into()],
        Value::Number(number) => vec![number.to_string().into()],
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(fields) => fields.values().flat_map(leaves).collect(),
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

impl fmt::Debug for SecretJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretJson(***)")
    }
}

impl From<Value> for SecretJson {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for SecretJson {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretJson".into()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        concat!(module_path!(), "::SecretJson").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "object", "format": "password"})
    }
}
