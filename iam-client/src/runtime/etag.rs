//! Entity tags: which version of a thing is meant.

use std::fmt;

/// The version of a thing, from [`Response::etag`](super::Response::etag), to
/// send in `If-Match` when changing it: the change is made only to that version.
///
/// Opaque: kept as the service sent it, quotes included, and compared as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Whatever version there is: `*`. The change is made without a look at
    /// what it overwrites.
    #[must_use]
    pub fn any() -> Self {
        Self("*".to_owned())
    }

    /// As it stands in the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ETag {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for ETag {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&String> for ETag {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<&Self> for ETag {
    fn from(tag: &Self) -> Self {
        tag.clone()
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
