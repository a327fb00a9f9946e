//! iam-codegen applied to a source of the manifest.

use anyhow::Result;
use iam_codegen::{
    Document, Output, Settings,
    sources::{Role, Source, Sources},
};

/// Runs the whole pipeline in memory, as the role of `source` has it: a
/// document of the client with its overlays, a watched one without.
pub(crate) fn generate(sources: &Sources, source: &Source, document: Document) -> Result<Output> {
    let overlays = match source.role {
        Role::Client => sources.overlays(source)?,
        Role::Watch => Vec::new(),
    };
    let settings = Settings::for_service(source.service.as_deref().unwrap_or(&source.name));
    Ok(iam_codegen::run(document, &overlays, &settings)?)
}
