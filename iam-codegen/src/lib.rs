//! Turns an OpenAPI document into a typed, fluent Rust client.
//!
//! The crate is a pipeline of functions from value to value. Nothing here touches
//! the network or panics on input, and only [`sources`], which says where the
//! documents are, reads files.
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
//! Beside it, [`compare::compare`] says what differs between two states of a
//! document, and whom that breaks.
//!
//! [`run`] does all of them. Whatever a stage cannot express exactly it records
//! as an [`Adaptation`]; what it cannot express at all is an [`Error`], or is left out
//! if [`Settings::unsupported`] says so.

pub mod adapt;
pub mod adaptation;
pub mod api;
pub mod compare;
mod depth;
pub mod document;
pub mod downconvert;
pub mod error;
pub mod generate;
pub mod leave_out;
pub mod overlay;
pub mod pointer;
pub mod roles;
pub mod sources;
mod stack;
pub mod surface;

use serde_json::Value;

pub use adaptation::{Adaptation, Adaptations};
pub use document::{Document, Limits};
pub use error::{Error, Problem};
pub use generate::Settings;
pub use leave_out::{LeftOut, Unsupported};
pub use overlay::Overlay;

/// What a run of the pipeline gives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Output {
    /// The source of the module.
    pub source: String,
    /// Where the module differs from the document, sorted by step and place.
    pub adaptations: Vec<Adaptation>,
    /// Operations that cannot be generated, sorted by place. Always empty with
    /// [`Unsupported::Refuse`].
    pub left_out: Vec<LeftOut>,
    /// What each overlay action did.
    pub overlays: Vec<overlay::Applied>,
    /// How many operations the module has.
    pub operations: usize,
    /// How many types it defines.
    pub types: usize,
    /// The model that the source was generated from.
    pub api: api::Api,
}

/// Takes a document through all stages.
///
/// ```
/// use iam_codegen::{Document, Limits, Settings};
///
/// let text = br#"{
///     "openapi": "3.1.0",
///     "info": {"title": "Clock", "version": "1"},
///     "paths": {"/time": {"get": {"operationId": "getTime", "responses": {"200": {
///         "description": "Now.",
///         "content": {"text/plain": {"schema": {"type": "string"}}}
///     }}}}}
/// }"#;
/// let document = Document::parse("clock.json", text, &Limits::default())?;
/// let output = iam_codegen::run(document, &[], &Settings::new("Clock"))?;
/// assert!(output.source.contains("pub fn get_time(&self) -> request::GetTime"));
/// # Ok::<(), iam_codegen::Error>(())
/// ```
///
/// # Errors
/// The first stage that fails ends the run, with all that it found. With
/// [`Unsupported::LeaveOut`] that happens only to what no operation or schema is the cause
/// of, and to a document that has no other operations.
pub fn run(document: Document, overlays: &[Overlay], settings: &Settings) -> Result<Output, Error> {
    match settings.unsupported {
        Unsupported::Refuse => {
            let (document, applied) = overlay::apply(document, overlays)?;
            let (name, value) = document.into_parts();
            Ok(Output { overlays: applied, ..stages(&name, value, settings)? })
        }
        Unsupported::LeaveOut => {
            let (document, applied) = overlay::apply_unresolved(document, overlays)?;
            let (name, value) = document.into_parts();
            Ok(Output { overlays: applied, ..leave_out::run(&name, value, settings)? })
        }
    }
}

/// The stages after the overlays.
fn stages(name: &str, mut value: Value, settings: &Settings) -> Result<Output, Error> {
    let mut record = Adaptations::new();
    downconvert::downconvert(&mut value, &mut record);
    record.settle().map_err(|problems| Error::new(name, problems))?;
    let api = adapt::adapt(name, value, &mut record)?;
    let source = generate::generate(name, &api, settings)?;
    Ok(Output {
        source,
        adaptations: record.into_list(),
        left_out: Vec::new(),
        overlays: Vec::new(),
        operations: api.operations.len(),
        types: api.types.len(),
        api,
    })
}
