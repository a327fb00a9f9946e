//! iam-codegen applied to a source of the manifest.

use std::time::{Duration, Instant};

use anyhow::Result;
use iam_codegen::{
    Document, Output, Settings,
    overlay::Overlay,
    sources::{Role, Source, Sources},
};

/// What came of one document.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) output: Output,
    pub(crate) elapsed: Duration,
}

/// Runs the whole pipeline in memory, as the role of `source` has it: a
/// document of the client with its overlays, a watched one without.
pub(crate) fn generate(sources: &Sources, source: &Source, document: Document) -> Result<Generated> {
    let overlays = match source.role {
        Role::Client => sources.overlays(source)?,
        Role::Watch => Vec::new(),
    };
    run(document, &overlays, &Settings::new(source.client_name()))
}

/// Runs the whole pipeline in memory.
pub(crate) fn run(document: Document, overlays: &[Overlay], settings: &Settings) -> Result<Generated> {
    let start = Instant::now();
    let output = iam_codegen::run(document, overlays, settings)?;
    Ok(Generated { output, elapsed: start.elapsed() })
}
