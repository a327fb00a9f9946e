//! Temporary crate root.

pub mod runtime;

/// The endpoint used when none is configured.
pub(crate) const DEFAULT_ENDPOINT: Option<&str> = Some("https://iam.cloud.ibm.com");
