//! Turns an OpenAPI document into a typed, fluent Rust client.
//!
//! The crate is a pipeline of functions from value to value. None of them
//! touches the network or the file system, and none of them panics on input.
//!
//! | stage | function | gives |
//! |---|---|---|
//! | load | [`Document::parse`] | a document, its syntax and references checked |
//! | overlay | [`overlay::apply`] | the document with our corrections |
//! | down-convert | [`downconvert::downconvert`] | OpenAPI 3.0.3 |
//! | adapt | [`adapt::adapt`] | an [`Api`](api::Api): operations and schemas that can be generated |
//! | generate | [`generate::generate`] | formatted Rust source |
//! | surface | [`surface::surface`] | the public items of that source, one listing per area |
//!
//! [`run`] does all of them. Whatever a stage cannot express exactly it records
//! as an [`Adaptation`]; what it cannot express at all is an [`Error`].

pub mod adapt;
pub mod adaptation;
pub mod api;
pub mod document;
pub mod error;
pub mod overlay;
pub mod pointer;
pub mod sources;
mod stack;

pub use adaptation::{Adaptation, Adaptations};
pub use document::{Document, Limits};
pub use error::{Error, Problem};
