//! A document that is taken in, against the vendored one that it replaces.

use std::path::Path;

use anyhow::Result;
use iam_codegen::{
    Document, Limits,
    compare::Rust,
    sources::{Role, Source, Sources},
};

use super::{
    look,
    pair::Side,
    report::{Class, Entry, SourceReport, State, Version},
};
use crate::{outcome::chain, pipeline, workspace::Workspace};

/// Compares `new`, a document from `origin` that can be generated, with `old`,
/// the vendored one, if there is any. An old document that is refused is part of
/// the report: `new` may be what mends it.
///
/// # Errors
/// Documents too large to compare, and overlays that cannot be read.
pub(crate) fn taken_in(
    workspace: &Workspace,
    sources: &Sources,
    source: &Source,
    old: Option<&[u8]>,
    (new, origin): (&[u8], &str),
) -> Result<SourceReport> {
    let shown = |file: &Path| workspace.shown(&sources.directory().join(file)).to_string();
    let file = shown(&source.file);
    let mut report = SourceReport::new(source, file.clone());
    let Some(old) = old else {
        report.state = State::NotVendored;
        report.notes.push("taken in for the first time".to_owned());
        return Ok(report);
    };
    match check(sources, source, &file, old) {
        Ok(()) => {
            let side = |name, bytes| Side { sources, source, name, bytes, shown: &shown };
            look::compare(&mut report, &side(&file, old), &side(origin, new), true)?;
        }
        Err(error) => {
            report.old = Some(Version::of(file, None, old));
            report.new = Some(Version::of(origin.to_owned(), None, new));
            report.state = State::Changed;
            report.entries.push(not_compared(source, &error));
        }
    }
    report.sort();
    Ok(report)
}

/// Checks that the vendored document can be compared.
fn check(sources: &Sources, source: &Source, name: &str, bytes: &[u8]) -> Result<()> {
    let document = Document::parse(name, bytes, &Limits::default())?;
    if source.role == Role::Client {
        pipeline::generate(sources, source, document)?;
    }
    Ok(())
}

fn not_compared(source: &Source, error: &anyhow::Error) -> Entry {
    let explanation = format!("not compared; the vendored document is refused: {}", chain(error));
    let mut entry = Entry::finding(Class::Source, "not-compared", &source.name, explanation);
    entry.reason = "what the new document changes for users is unknown".to_owned();
    entry.remedy = Some("review the new document as a whole".to_owned());
    if source.role == Role::Client {
        entry.breaking = true;
        entry.rust = Some(Rust::Breaking);
        entry.predicted = true;
    }
    entry
}
