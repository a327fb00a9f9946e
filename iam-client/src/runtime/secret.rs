//! Strings that must not be printed.

use std::{
    cell::RefCell,
    fmt,
    hash::{Hash, Hasher},
    io,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A string that is never printed: an API key, a token, a password.
///
/// `Debug` shows `Secret(***)` and there is no `Display`; [`expose`] is the one
/// way to the value. The memory is overwritten on drop, which covers this copy
/// only, not the buffers that it was read from or sent with.
///
/// `Serialize` writes the **real value**, because that is what a request body
/// needs: do not serialize types that hold one into logs or files.
///
/// Comparison takes time that depends on the values; do not use it to check
/// a credential that someone else presents.
///
/// [`expose`]: Secret::expose
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

impl Hash for Secret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(Zeroizing::new(value))
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl From<&String> for Secret {
    fn from(value: &String) -> Self {
        value.as_str().into()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        note(|| vec![self.clone()]);
        serializer.serialize_str(self.expose())
    }
}

thread_local! {
    /// The secrets that were serialized since [`secrets_in`] began, if it runs.
    static SERIALIZED: RefCell<Option<Vec<Secret>>> = const { RefCell::new(None) };
}

/// All secrets in `value`.
///
/// Found by serializing it to nowhere, which every type with a secret in it
/// can do.
pub(super) fn secrets_in(value: &impl Serialize) -> Vec<Secret> {
    SERIALIZED.set(Some(Vec::new()));
    // What cannot be serialized is not sent either; building the request fails.
    let _ = serde_json::to_writer(io::sink(), value);
    SERIALIZED.take().unwrap_or_default()
}

/// Tells [`secrets_in`] of secrets that are being serialized.
pub(super) fn note(secrets: impl FnOnce() -> Vec<Secret>) {
    SERIALIZED.with_borrow_mut(|serialized| {
        if let Some(serialized) = serialized {
            serialized.extend(secrets());
        }
    });
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        concat!(module_path!(), "::Secret").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "password"})
    }
}
