//! Two states of one document: what changed between them.

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;
use iam_codegen::{
    Document, Limits, Settings,
    compare::{Change, Options, compare},
    sources::{Role, Source, Sources},
};

use super::{
    overlaid::{self, Overlaid},
    report::{At, Class, Entry, fingerprint},
};

/// A state of a document.
pub(crate) struct Side<'a> {
    /// The manifest that its overlays are from.
    pub(crate) sources: &'a Sources,
    pub(crate) source: &'a Source,
    /// What places in it are called by.
    pub(crate) name: &'a str,
    pub(crate) bytes: &'a [u8],
    /// What a file of its manifest is called by.
    pub(crate) shown: &'a dyn Fn(&Path) -> String,
}

/// What changed, and how the documents call themselves.
pub(crate) struct Compared {
    pub(crate) entries: Vec<Entry>,
    pub(crate) versions: [Option<String>; 2],
    /// Notes on the new side.
    pub(crate) notes: Vec<String>,
}

/// Checks that a document is one, and that its overlays fit it; gives what is
/// worth knowing of them.
///
/// # Errors
/// A document or overlay that cannot be parsed, and overlays that do not fit.
pub(crate) fn fits(side: &Side<'_>) -> Result<Vec<String>> {
    let document = Document::parse(side.name, side.bytes, &Limits::default())?;
    match side.source.role {
        Role::Watch => Ok(Vec::new()),
        Role::Client => {
            let Overlaid { misfits, notes, .. } =
                overlaid::apply(side.sources, side.source, document, side.shown)?;
            overlaid::all_fit(&misfits)?;
            Ok(notes)
        }
    }
}

/// Compares two states, the overlays applied to both of a client's document.
/// `as_published`: both have the same overlays, and what these hide in the new
/// one is told as well.
///
/// # Errors
/// A document or overlay that cannot be parsed, an old document that its
/// overlays do not fit, and documents too large to compare.
pub(crate) fn changes(old: &Side<'_>, new: &Side<'_>, as_published: bool) -> Result<Compared> {
    let parse = |side: &Side<'_>| Document::parse(side.name, side.bytes, &Limits::default());
    let (before, after) = (parse(old)?, parse(new)?);
    let version = |document: &Document| {
        let version = document.value().pointer("/info/version")?;
        Some(version.as_str()?.to_owned())
    };
    let versions = [version(&before), version(&after)];
    let plain = |before: Document, after: Document| {
        compare(&[before], &[after], &Options::default()).map(|comparison| comparison.changes)
    };
    if new.source.role == Role::Watch {
        let changes = plain(before, after)?;
        let entries = changes.into_iter().map(|change| Entry::change(change, Role::Watch));
        return Ok(Compared { entries: entries.collect(), versions, notes: Vec::new() });
    }

    let raw = (before.clone(), after.clone());
    let before = overlaid::apply(old.sources, old.source, before, old.shown)?;
    overlaid::all_fit(&before.misfits)?;
    let after = overlaid::apply(new.sources, new.source, after, new.shown)?;
    let (before, after, mut entries, notes) =
        (before.document, after.document, after.misfits, after.notes);
    let service = new.source.service.as_deref().unwrap_or(&new.source.name);
    let options = Options::with_surface(Settings::for_service(service));
    let comparison = compare(&[before], &[after], &options)?;
    if let Some(error) = &comparison.not_generated {
        entries.push(not_generated(new, error));
    }
    if as_published {
        entries.extend(hidden(&plain(raw.0, raw.1)?, &comparison.changes));
    }
    let changes = comparison.changes.into_iter();
    entries.extend(changes.map(|change| Entry::change(change, Role::Client)));
    Ok(Compared { entries, versions, notes })
}

fn not_generated(new: &Side<'_>, error: &str) -> Entry {
    let source = &new.source.name;
    let explanation = format!("the client cannot be generated from the new document: {error}");
    let mut entry = Entry::finding(Class::Generation, "not-generated", source, explanation);
    // Wherever the document is from.
    let error = error.replace(new.name, "");
    entry.fingerprint = fingerprint(&["not-generated", source, &error]);
    entry.reason = "what the changes do to the Rust surface is predicted by rule".to_owned();
    entry.remedy = Some(
        "correct the document with an overlay, or teach the generator what it lacks".to_owned(),
    );
    entry.breaking = true;
    entry
}

/// What changed in the documents as they are published, and in no way in those
/// with overlays: an overlay says something else there.
fn hidden(published: &[Change], seen: &[Change]) -> Vec<Entry> {
    let key = |change: &Change| (change.kind, change.subject.clone(), change.name.clone());
    let keys: BTreeSet<_> = seen.iter().map(key).collect();
    let places = |change: &Change| {
        let places = [&change.old, &change.new, &change.missing].into_iter().flatten();
        places.map(|place| place.pointer.clone()).collect::<Vec<_>>()
    };
    let known: BTreeSet<_> = seen.iter().flat_map(places).collect();
    let hidden = published.iter().filter(|change| {
        !keys.contains(&key(change)) && !places(change).iter().any(|place| known.contains(place))
    });
    let entry = |change: &Change| {
        let mut entry = Entry::finding(
            Class::Overlay,
            "correction-hides-change",
            &change.subject,
            change.explanation.clone(),
        );
        entry.fingerprint = fingerprint(&["correction-hides-change", &change.fingerprint]);
        entry.name = change.name.clone();
        entry.operations = change.operations.clone();
        entry.direction = Some(change.direction);
        entry.reason = "an overlay says what holds there, and the client follows it".to_owned();
        entry.remedy = Some("see whether the overlay is still right".to_owned());
        entry.old = change.old.clone().map(At::from);
        entry.new = change.new.clone().map(At::from);
        entry.missing = change.missing.clone().map(At::from);
        entry.old_value = change.old_value.clone();
        entry.new_value = change.new_value.clone();
        entry
    };
    hidden.map(entry).collect()
}
