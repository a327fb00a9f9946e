//! Each of the 200 operations and the token operation on the wire: generated
//! from the facts, called through the fluent client, seen by a real server.
//!
//! What is sent and expected comes from the facts alone; the model is asked
//! only for names in Rust (`tests/build/calls.rs`).

mod facts;
mod lenient;
mod paging;
mod python;
mod requests;
mod responses;
mod stage;
mod token;
mod traps;
mod values;
mod wire;
