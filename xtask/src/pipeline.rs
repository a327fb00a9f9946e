//! iam-codegen applied to a source of the manifest.

use anyhow::Result;
use iam_codegen::{
    Document, Output, Overlay, Settings,
    overlay::{self, Applied},
    sources::{Role, Source, Sources},
};

/// Runs the whole pipeline in memory, as the role of `source` has it: a
/// document of the client with its overlays, a watched one without.
pub(crate) fn generate(sources: &Sources, source: &Source, document: Document) -> Result<Output> {
    let settings = Settings::for_service(source.service.as_deref().unwrap_or(&source.name));
    Ok(iam_codegen::run(document, &overlays(sources, source)?, &settings)?)
}

/// Applies the overlays of `source` as the pipeline does, and nothing more.
pub(crate) fn overlay(
    sources: &Sources,
    source: &Source,
    document: Document,
) -> Result<Vec<Applied>> {
    Ok(overlay::apply(document, &overlays(sources, source)?)?.1)
}

fn overlays(sources: &Sources, source: &Source) -> Result<Vec<Overlay>> {
    Ok(match source.role {
        Role::Client => sources.overlays(source)?,
        Role::Watch => Vec::new(),
    })
}

/// A note for each action that was skipped because its target is absent.
pub(crate) fn skipped(applied: &[Applied]) -> Vec<String> {
    let skipped = applied.iter().filter(|action| action.is_skipped());
    let note = |action: &Applied| {
        let reason = action.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        format!(
            "skipped: {}: the {} of {}, which the document does not have; it is there because: \
             {reason}",
            action.overlay, action.change, action.target
        )
    };
    skipped.map(note).collect()
}
