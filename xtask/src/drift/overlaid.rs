//! Overlays on a document that they were not written for: each action that
//! still fits is applied, and each other is a finding of its own.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use iam_codegen::{
    Document, Error, Limits, Overlay, document,
    overlay::{self, Misfit},
    sources::{Source, Sources},
};
use serde_json::Value;

use super::report::{At, Class, Entry, fingerprint};
use crate::{files, pipeline};

/// A document with its overlays.
pub(super) struct Overlaid {
    /// As it was, if the overlays together break it.
    pub(super) document: Document,
    /// A finding for each action that does not fit.
    pub(super) misfits: Vec<Entry>,
    /// The actions that were skipped.
    pub(super) notes: Vec<String>,
}

/// An overlay document.
struct File {
    /// As reports name it.
    name: String,
    text: String,
    value: Value,
}

/// Applies the overlays of `source`, whose files `shown` names, to `document`.
///
/// # Errors
/// An overlay that cannot be read or parsed.
pub(super) fn apply(
    sources: &Sources,
    source: &Source,
    document: Document,
    shown: &dyn Fn(&Path) -> String,
) -> Result<Overlaid> {
    let limits = Limits::default();
    let (mut overlays, mut files) = (Vec::new(), Vec::new());
    for file in &source.overlays {
        let (path, name) = (sources.directory().join(file), shown(file));
        let bytes = files::read_if_any(&path, limits.bytes as u64)?;
        let bytes = bytes.with_context(|| format!("there is no overlay {name}"))?;
        overlays.push(Overlay::parse(&name, &bytes)?);
        let value = document::parse_value(&name, &bytes, &limits)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        files.push(File { name, text, value });
    }
    let fitted = overlay::fit(document.clone(), &overlays);
    let finding = |misfit: &Misfit| {
        files.iter().find(|file| file.name == misfit.overlay).map(|file| file.finding(misfit))
    };
    let mut misfits: Vec<_> = fitted.misfits.iter().filter_map(finding).collect();
    let document = match fitted.document {
        Ok(overlaid) => {
            let text = document.text().map(str::to_owned);
            text.into_iter().fold(overlaid, Document::with_text)
        }
        Err(error) => {
            misfits.push(refused(&source.name, document.name(), &error));
            document
        }
    };
    Ok(Overlaid { document, misfits, notes: pipeline::skipped(&fitted.applied) })
}

/// Checks that overlays fit the document that they were written for.
///
/// # Errors
/// All that do not.
pub(super) fn all_fit(misfits: &[Entry]) -> Result<()> {
    if misfits.is_empty() {
        return Ok(());
    }
    let misfits: Vec<_> = misfits.iter().map(|misfit| misfit.explanation.as_str()).collect();
    bail!("the overlays do not fit the document as it is:\n{}", misfits.join("\n"))
}

impl File {
    /// The finding on an action of this overlay.
    fn finding(&self, misfit: &Misfit) -> Entry {
        let Misfit { index, target, reason, message, .. } = misfit;
        let actions = self.value["actions"].as_array().map_or(&[][..], Vec::as_slice);
        let earlier = actions.iter().take(*index);
        let same = earlier.filter(|action| action["target"] == **target).count();
        let line = line(&self.text, target, same);
        let subject = format!("{} action {}", self.name, index + 1);
        let explanation = format!("{subject}: {message}; it is there because: {reason}");
        let mut finding = Entry::finding(Class::Overlay, "overlay-misfit", &subject, explanation);
        // Neither its place in the list nor what the document is called tells it.
        let action = actions.get(*index).map(Value::to_string).unwrap_or_default();
        finding.fingerprint = fingerprint(&["overlay-misfit", &self.name, &action]);
        finding.old = Some(At {
            document: self.name.clone(),
            pointer: format!("/actions/{index}"),
            line,
            column: None,
        });
        finding.name = target.clone();
        finding.reason = "the client cannot be generated from the new document".to_owned();
        finding.remedy = Some(misfit.remedy.to_owned());
        finding.breaking = true;
        finding
    }
}

/// The line of the action, the `same`-th of those with its target.
fn line(text: &str, target: &str, same: usize) -> Option<usize> {
    let escaped = Value::from(target).to_string();
    let escaped = escaped.trim_matches('"');
    let is = |line: &str| {
        let value = line.split_once("target").map(|(_, rest)| rest);
        let value = value.map(|rest| rest.trim_start_matches(['"', '\'', ':', ' ']));
        let value = value.map(|rest| rest.trim_end_matches(['"', '\'', ',', ' ']));
        value.is_some_and(|value| value == target || value == escaped)
    };
    let mut lines = text.lines().enumerate().filter(|(_, line)| is(line));
    lines.nth(same).map(|(index, _)| index + 1)
}

/// The overlays, or their outcome, are refused as a whole.
fn refused(source: &str, document: &str, error: &Error) -> Entry {
    let explanation = format!("the overlays of {source} cannot be applied: {error}");
    let mut finding = Entry::finding(Class::Overlay, "overlays-refused", source, explanation);
    // Wherever the document is from.
    let error = error.to_string().replace(document, "");
    finding.fingerprint = fingerprint(&["overlays-refused", source, &error]);
    finding.reason = "the client cannot be generated from the new document".to_owned();
    finding.remedy = Some("go through the overlays with the new document at hand".to_owned());
    finding.breaking = true;
    finding
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn an_action_is_found_by_its_target() {
        let text = "actions:\n  - target: $.a\n  - target: \"$.b['x']\"\n    description: $.a\n  \
                    - {description: x}\n  - target: '$.a'\n";
        assert_eq!(line(text, "$.a", 0), Some(2));
        assert_eq!(line(text, "$.a", 1), Some(6));
        assert_eq!(line(text, "$.b['x']", 0), Some(3));
        assert_eq!(line(text, "$.c", 0), None);
    }
}
