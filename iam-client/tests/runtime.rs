//! Tests of the runtime around generated code, against a real HTTP server.
//!
//! One binary; a new test goes into the module of its theme:
//!
//! - `server`: a real HTTP server
//! - `support`: the operations and the hand-written stand-in for a generated core
//!   that all others use
//! - `configuration`: what a client can be built with
//! - `requests`: what the server gets to see
//! - `paths`: hostile path parameters
//! - `recording`: the core's requests and failures to build one
//! - `failures`: connections, limits and timeouts
//! - `service_errors`: error bodies of every shape
//! - `decoding`: bodies of successful answers
//! - `redaction`: what no text may show
//! - `values`: `Response`, `Secret`, `Timestamp`, `null_as_default`

#[path = "runtime/configuration.rs"]
mod configuration;
#[path = "runtime/decoding.rs"]
mod decoding;
#[path = "runtime/failures.rs"]
mod failures;
#[path = "runtime/paths.rs"]
mod paths;
#[path = "runtime/recording.rs"]
mod recording;
#[path = "runtime/redaction.rs"]
mod redaction;
#[path = "runtime/requests.rs"]
mod requests;
#[path = "runtime/server.rs"]
mod server;
#[path = "runtime/service_errors.rs"]
mod service_errors;
#[path = "runtime/support.rs"]
mod support;
#[path = "runtime/values.rs"]
mod values;
