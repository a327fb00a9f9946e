//! Each operation of the client on the wire: called through the fluent client
//! and seen by a real server.
//!
//! The expected requests and responses come from the documents with their overlays, read
//! without the generator; the model is asked only for names in Rust
//! (`tests/build/calls.rs`). So every document is tested in full, whatever it has.

pub(crate) mod document;
mod lenient;
mod paging;
mod requests;
mod responses;
pub(crate) mod stage;
mod traps;
pub(crate) mod values;
pub(crate) mod wire;
