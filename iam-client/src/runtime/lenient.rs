//! Decoders that forgive what services really send.
//!
//! Generated types name these in `#[serde(deserialize_with = "…")]`; there is
//! no other reason to call them.

use serde::{Deserialize, Deserializer};

/// Decodes `null` as the default: the empty list or map.
///
/// Services send `null` where their documents promise an array or an object.
/// With `#[serde(default)]` beside it, a missing field gives the same.
///
/// # Errors
///
/// Whatever decoding anything other than `null` gives.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Decodes a field that is there, so that `null` is told from an absent field:
/// `Some(None)` and, with `#[serde(default)]` beside it, `None`.
///
/// # Errors
///
/// Whatever decoding the value gives.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
