//! JSON that must not be printed.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// JSON of any shape that is never printed, because secrets can stand anywhere
/// in it.
///
/// `Debug` shows `SecretJson(***)`; [`expose`](Self::expose) is the one way to
/// the value. `Serialize` writes the **real value**, as for
/// [`Secret`](super::Secret). The memory is not overwritten on drop.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretJson(Value);

impl SecretJson {
    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &Value {
        &self.0
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
