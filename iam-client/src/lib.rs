//! Typed client for IBM Cloud Identity and Access Management (IAM).
//!
//! ```no_run
//! # async fn run() -> Result<(), iam_client::Error> {
//! let iam = iam_client::Client::builder().bearer_token("my-token").build()?;
//! # #[cfg(feature = "identity")] {
//! let key = iam.identity().get_api_key("ApiKey-…").include_history(true).send().await?;
//! println!("{} {}", key.id, key.name);
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! One module for each service, each behind the feature of its name, all of
//! them on by default:
//!
//! | module | service | holds |
//! |---|---|---|
//! | [`identity`] | Identity | access tokens, API keys, service IDs, trusted profiles, reports, settings, templates |
//! | [`policy_management`] | Policy Management | policies, roles, templates and assignments |
//! | [`access_groups`] | Access Groups | groups, members, rules, templates and assignments |
//!
//! Every operation is a method of its service that returns a request: what is
//! required are its arguments, what is optional are setters, and `send` sends
//! it. What the client makes of the documents is the same for all of them:
//!
//! - A field that is optional on the wire is an `Option`; absent and null are
//!   `None`, and an empty value is sent like any other. Where a `PUT` or `PATCH`
//!   can set a field to null, the field is an `Option<Option<_>>`: the setter
//!   `name(…)` sends a value, and `clear_name()` sends null.
//! - An enum keeps values that it does not know (`Unknown`).
//! - Times are [`Timestamp`]s, which keep the text as the service sent it, and
//!   secrets are [`Secret`]s, which nothing prints.
//! - A list that comes in pages has `items` and `pages`, which fetch them one
//!   after the other.
//! - A change takes the [`ETag`] of what was read: `thing.etag()?`.
//! - `send_raw` returns a response undecoded, and an error keeps one that could
//!   not be decoded ([`Error::response`]).
//! - Unknown fields are ignored, and bounds and patterns are left to the
//!   service; the documentation states them.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub mod runtime;
mod services;

pub use runtime::{
    AuditEvent, BoxFuture, CallOptions, Caller, Client, ClientBuilder, Credential, ETag,
    Environment, Error, Items, Operation, PageToken, Pages, ParseTimestampError, PermissionHint,
    RawResponse, RequiredAction, Response, RetryPolicy, Role, Secret, SecretJson, SecurityKind,
    SecurityScheme, ServiceError, Timestamp, Transport, auth, read_modify_write,
};
// No IAM operation takes files; those of crates that `generate --spec` makes do.
#[doc(hidden)]
pub use runtime::FilePart;

/// Where the services are, unless a client is told otherwise.
pub(crate) const DEFAULT_ENDPOINT: Option<&str> = Some("https://iam.cloud.ibm.com");

/// The path that follows an endpoint of the caller. The documents of IAM name a host, and
/// their paths are complete.
pub(crate) const BASE_PATH: &str = "";

/// What the services are called in the environment.
pub(crate) const SERVICES: &[&str] =
    &["iam_identity", "iam_policy_management", "iam_access_groups"];

/// The roles that IAM defines, and what they allow.
pub(crate) const ROLES: &[Role] = include!(concat!(env!("OUT_DIR"), "/roles.rs"));

/// Identity: access tokens, API keys, service IDs, trusted profiles.
#[cfg(feature = "identity")]
#[allow(deprecated, clippy::doc_markdown, clippy::too_many_lines)]
pub mod identity {
    include!(concat!(env!("OUT_DIR"), "/identity.rs"));
}

/// Policy Management: policies, roles, templates.
#[cfg(feature = "policy_management")]
#[allow(deprecated, clippy::doc_markdown, clippy::too_many_lines)]
pub mod policy_management {
    include!(concat!(env!("OUT_DIR"), "/policy_management.rs"));
}

/// Access Groups: groups, members, rules, templates.
#[cfg(feature = "access_groups")]
#[allow(deprecated, clippy::doc_markdown, clippy::too_many_lines)]
pub mod access_groups {
    include!(concat!(env!("OUT_DIR"), "/access_groups.rs"));
}

#[cfg(test)]
mod tests;
