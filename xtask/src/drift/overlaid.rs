//! Overlays on a document that they were not written for: each action that
//! still fits is applied, and each other is a finding of its own.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result};
use iam_codegen::{
    Document, Error, Limits, Overlay, document, overlay,
    sources::{Source, Sources},
};
use serde_json::Value;

use super::report::{At, Class, Entry, fingerprint};
use crate::files;

/// After so many actions that do not fit, the overlays as a whole do not.
const MOST: usize = 40;

/// An overlay document, read but not yet judged.
struct File {
    /// As reports name it.
    name: String,
    text: String,
    value: Value,
    /// Actions that do not fit, by their place in the list.
    left_out: BTreeSet<usize>,
}

/// `document` with the overlays of `source`, whose files `shown` names; and a
/// finding for each action that does not fit it. If all of them cannot be
/// applied together, the document comes back as it was.
///
/// # Errors
/// An overlay that cannot be read or parsed.
pub(super) fn apply(
    sources: &Sources,
    source: &Source,
    document: Document,
    shown: &dyn Fn(&Path) -> String,
) -> Result<(Document, Vec<Entry>)> {
    let limits = Limits::default();
    let mut overlays = Vec::new();
    for file in &source.overlays {
        let (path, name) = (sources.directory().join(file), shown(file));
        let bytes = files::read_if_any(&path, limits.bytes as u64)?;
        let bytes = bytes.with_context(|| format!("there is no overlay {name}"))?;
        // Whether it is an overlay at all; what fails later is the document's doing.
        Overlay::parse(&name, &bytes)?;
        let value = document::parse_value(&name, &bytes, &limits)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        overlays.push(File { name, text, value, left_out: BTreeSet::new() });
    }
    let mut findings = Vec::new();
    loop {
        let parsed = overlays.iter().filter_map(File::parse).collect::<Result<Vec<_>, _>>()?;
        let error = match overlay::apply(document.clone(), &parsed) {
            Ok((overlaid, _)) => {
                let text = document.text().map(str::to_owned);
                return Ok((text.into_iter().fold(overlaid, Document::with_text), findings));
            }
            Err(error) => error,
        };
        let misfit = overlays.iter_mut().find_map(|file| file.leave_out(&error));
        match misfit {
            Some(finding) if findings.len() < MOST => findings.push(finding),
            _ => {
                findings.push(refused(&source.name, document.name(), &error));
                return Ok((document, findings));
            }
        }
    }
}

impl File {
    fn actions(&self) -> impl Iterator<Item = (usize, &Value)> {
        let actions = self.value.get("actions").and_then(Value::as_array);
        let all = actions.into_iter().flatten().enumerate();
        all.filter(|(index, _)| !self.left_out.contains(index))
    }

    /// The overlay of the actions that are not left out; `None` if none is.
    fn parse(&self) -> Option<Result<Overlay, Error>> {
        let actions: Vec<_> = self.actions().map(|(_, action)| action.clone()).collect();
        if actions.is_empty() {
            return None;
        }
        let mut value = self.value.clone();
        value["actions"] = Value::Array(actions);
        // JSON is YAML as well, whatever the name says.
        Some(Overlay::parse(&self.name, value.to_string().as_bytes()))
    }

    /// Leaves out the action that `error` is about, and says so; `None` if it
    /// is about none of this overlay.
    fn leave_out(&mut self, error: &Error) -> Option<Entry> {
        let problem = error.problems().first().filter(|_| error.document() == self.name)?;
        let index: usize = problem.pointer.strip_prefix("/actions/")?.parse().ok()?;
        let (index, action) = self.actions().nth(index)?;
        let text = |field: &str| action.get(field).and_then(Value::as_str).unwrap_or_default();
        let (target, why) = (text("target").to_owned(), text("description").to_owned());
        let earlier = self.value["actions"].as_array().into_iter().flatten().take(index);
        let same = earlier.filter(|action| action["target"] == *target).count();
        let line = line(&self.text, &target, same);
        let subject = format!("{} action {}", self.name, index + 1);
        let explanation = format!("{subject}: {}; it is there because: {why}", problem.message);
        let mut finding = Entry::finding(Class::Overlay, "overlay-misfit", &subject, explanation);
        // Neither its place in the list nor what the document is called tells it.
        finding.fingerprint = fingerprint(&["overlay-misfit", &self.name, &action.to_string()]);
        finding.old = Some(At {
            document: self.name.clone(),
            pointer: format!("/actions/{index}"),
            line,
            column: None,
        });
        finding.name = target;
        finding.reason = "the client cannot be generated from the new document".to_owned();
        finding.remedy = problem.remedy.clone();
        finding.breaking = true;
        self.left_out.insert(index);
        Some(finding)
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
