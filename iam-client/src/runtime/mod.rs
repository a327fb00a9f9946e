//! The handwritten runtime that generated code stands on.
//!
//! Generated request builders describe a call; this module carries it out: it
//! holds the connection settings ([`Client`]), sends a request and bounds its
//! answer, decodes what came back ([`Response`]), and turns every failure into
//! one typed [`Error`]. Nothing here knows a single operation by name.
//!
//! # How a call works
//!
//! 1. The generated core builds a `reqwest::Request`, handing it to a
//!    [`Recorder`] in place of the network.
//! 2. [`Recorder::finish`] gives out that request, or says why there is none.
//! 3. [`Client::execute`] checks that the request still is the one that the
//!    [`Operation`] describes, authorizes it, sends it, and reads the answer.
//! 4. [`RawResponse`] decodes the body into the [`Response`] that the caller gets.
//!
//! # What never leaves it
//!
//! No bearer token, request or response body, header or query string is part
//! of any `Display` or `Debug` of this module, with two exceptions: what a
//! service says about a failure is shown, bounded, on one line and without the
//! secrets of the request, and a refusal (403) shows the IAM identifiers in the
//! path.
//!
//! # A closed unit
//!
//! This directory is copied verbatim into standalone generated crates. From
//! outside it uses only `crate::DEFAULT_ENDPOINT`, `crate::BASE_PATH`,
//! `crate::ROLES`, `crate::SERVICES` and the package's name and version; keep it that way.

mod additions;
pub mod auth;
mod builder;
mod call;
mod caller;
mod client;
mod clock;
mod config;
mod content;
mod context;
mod credentials;
mod decode;
mod endpoint;
mod error;
mod etag;
mod file;
pub mod lenient;
mod multipart;
mod open_enum;
mod operation;
mod options;
mod page;
mod pages;
mod path;
mod pool;
mod proxy;
mod raw_response;
mod recorder;
mod response;
mod retry;
mod retry_after;
mod scan;
mod secret;
mod secret_json;
mod service_error;
mod style;
mod text;
mod timestamp;
mod transport;
#[doc(hidden)]
pub mod union;
mod update;

pub use builder::ClientBuilder;
pub use caller::Caller;
pub use client::Client;
pub use clock::{BoxFuture, Clock, SystemClock};
pub use config::Environment;
pub use credentials::Credential;
pub use error::{Error, PermissionHint};
pub use etag::ETag;
pub use multipart::FilePart;
#[doc(hidden)]
pub use multipart::Parts;
#[doc(hidden)]
pub use open_enum::open_enum;
pub use operation::{AuditEvent, Operation, RequiredAction, Role, SecurityKind, SecurityScheme};
pub use options::CallOptions;
pub use page::PageToken;
#[doc(hidden)]
pub use page::{NextPage, Started, next_in_url, next_offset, next_token};
pub use pages::{Items, Pages};
#[doc(hidden)]
pub use pages::{PageCall, Paged};
#[doc(hidden)]
pub use path::path_segment;
pub use raw_response::RawResponse;
#[doc(hidden)]
pub use recorder::{Recorded, Recorder};
pub use response::Response;
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use secret_json::SecretJson;
pub use service_error::ServiceError;
#[doc(hidden)]
pub use style::Style;
pub use timestamp::{ParseTimestampError, Timestamp};
pub use transport::Transport;
pub use update::read_modify_write;
