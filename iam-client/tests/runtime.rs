//! Tests of the runtime around generated code, against a real HTTP server.
//!
//! One binary (traces have another); a new test goes into the module of its theme:
//!
//! - `server`: a real HTTP server
//! - `support`: the operations and the hand-written stand-in for a generated core
//!   that all others use
//! - `clock`: time that passes at once
//! - `faults`: a server that breaks off at a chosen point
//! - `secure`: TLS for servers of tests
//! - `frames`: an HTTP/2 server that writes the frames a test wants
//! - `http2`: connections that die and servers that refuse, over HTTP/2
//! - `idle`: connections that are closed between two calls
//! - `runtimes`: several tokio runtimes, or none
//! - `auth`: authenticators, exchanges and the token cache
//! - `config`: clients as an environment configures them
//! - `configuration`: what a client can be built with
//! - `requests`: what the server gets to see
//! - `credentials`: security schemes, and what never shows their keys
//! - `etag`: entity tags, and changes that meet others
//! - `paging`: lists that come in pages
//! - `paths`: hostile path parameters
//! - `recording`: the core's requests and failures to build one
//! - `failures`: connections, limits and timeouts
//! - `retries`: what is sent again, when, and what never is
//! - `options`: settings of single calls
//! - `tls`: certificates
//! - `permissions`: refusals that explain themselves
//! - `service_errors`: error bodies of every shape
//! - `decoding`: bodies of successful answers
//! - `raw`: responses that are not decoded, or cannot be
//! - `compression`: compressed responses
//! - `memory`: what large responses cost
//! - `redaction`: what no text may show
//! - `values`: `Response`, `Secret`, `Timestamp`, `null_as_default`

#[path = "runtime/auth/mod.rs"]
mod auth;
#[path = "runtime/clock.rs"]
mod clock;
#[path = "runtime/compression.rs"]
mod compression;
#[path = "runtime/config/mod.rs"]
mod config;
#[path = "runtime/configuration.rs"]
mod configuration;
#[path = "runtime/credentials.rs"]
mod credentials;
#[path = "runtime/decoding.rs"]
mod decoding;
#[path = "runtime/etag.rs"]
mod etag;
#[path = "runtime/failures.rs"]
mod failures;
#[path = "runtime/faults.rs"]
mod faults;
#[path = "runtime/frames.rs"]
mod frames;
#[path = "runtime/http2.rs"]
mod http2;
#[path = "runtime/idle.rs"]
mod idle;
#[path = "runtime/memory.rs"]
mod memory;
#[path = "runtime/options.rs"]
mod options;
#[path = "runtime/paging.rs"]
mod paging;
#[path = "runtime/paths.rs"]
mod paths;
#[path = "runtime/permissions.rs"]
mod permissions;
#[path = "runtime/raw.rs"]
mod raw;
#[path = "runtime/recording.rs"]
mod recording;
#[path = "runtime/redaction.rs"]
mod redaction;
#[path = "runtime/requests.rs"]
mod requests;
#[path = "runtime/retries.rs"]
mod retries;
#[path = "runtime/runtimes.rs"]
mod runtimes;
#[path = "runtime/secure.rs"]
mod secure;
#[path = "runtime/server.rs"]
mod server;
#[path = "runtime/service_errors.rs"]
mod service_errors;
#[path = "runtime/support.rs"]
mod support;
#[path = "runtime/tls.rs"]
mod tls;
#[path = "runtime/values.rs"]
mod values;
