//! Groups the entries of a report by cause, so that one rule that applies in
//! many places is read once.

use std::{cmp::Reverse, collections::BTreeMap};

use iam_codegen::compare::{Direction, Rust, Wire, kinds};
use serde_json::Value;

use super::report::{Class, Entry, Group, SourceReport, Summary};
use crate::table::count;

/// The number of places with equal values from which they form a cause of
/// their own.
const EQUAL: usize = 3;
/// The longest value that counts as a value in common, in bytes of JSON.
const SHORT: usize = 60;

/// Entries that have one cause: the same kind of change with the same verdicts,
/// and where several have it, the same values.
#[derive(Debug, Clone)]
pub(crate) struct Cause<'a> {
    /// At least one, in the order of the report.
    pub(crate) entries: Vec<&'a Entry>,
}

/// The grouping of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// By cause.
    Causes,
    /// Not at all: each entry is a cause of its own.
    Entries,
}

/// The part of an entry that its cause has in common. Acknowledgements differ
/// in reason and date, and each overlay action is corrected on its own: such
/// entries are listed alone.
type Key<'a> = (
    (Group, Class, &'a str),
    (Option<Direction>, Option<Wire>, Option<Rust>, bool),
    Option<&'a str>,
);

/// The causes of the entries of `source`: those that keep it from being
/// generated first, then the worst, then the most frequent.
pub(crate) fn causes(source: &SourceReport, detail: Detail) -> Vec<Cause<'_>> {
    let mut by_key: BTreeMap<Key<'_>, Vec<&Entry>> = BTreeMap::new();
    let mut causes = Vec::new();
    for entry in &source.entries {
        match detail {
            Detail::Entries => causes.push(Cause { entries: vec![entry] }),
            Detail::Causes => by_key.entry(key(entry)).or_default().push(entry),
        }
    }
    for entries in by_key.into_values() {
        causes.extend(split(entries));
    }
    causes.sort_by_key(Cause::order);
    causes
}

fn key(entry: &Entry) -> Key<'_> {
    // Each overlay action that does not fit is corrected on its own.
    let is_misfit = entry.class == Class::Overlay && entry.breaking;
    let alone = (is_misfit || entry.acknowledged.is_some()).then_some(entry.fingerprint.as_str());
    (
        (entry.group(), entry.class, &entry.kind),
        (entry.direction, entry.wire, entry.rust, entry.predicted),
        alone,
    )
}

/// Entries of one key: those with equal values apart from the others.
fn split(entries: Vec<&Entry>) -> Vec<Cause<'_>> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for value in entries.iter().filter_map(|entry| values(entry)) {
        *places.entry(value).or_default() += 1;
    }
    let common = |entry: &Entry| values(entry).filter(|value| places[value] >= EQUAL);
    let mut by_value: BTreeMap<Option<String>, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_value.entry(common(entry)).or_default().push(entry);
    }
    by_value.into_values().map(|entries| Cause { entries }).collect()
}

/// The values on both sides, if they are short and are not text for people.
fn values(entry: &Entry) -> Option<String> {
    if entry.class != Class::Change || entry.wire == Some(Wire::Documentation) {
        return None;
    }
    let short = |value: &Option<Value>| -> Option<Option<String>> {
        match value {
            None => Some(None),
            Some(Value::Object(_) | Value::Array(_)) => None,
            Some(value) => Some(Some(value.to_string()).filter(|text| text.len() <= SHORT)),
        }
    };
    match (short(&entry.old_value)?, short(&entry.new_value)?) {
        (Some(old), Some(new)) => Some(format!("from {old} to {new}")),
        (Some(value), None) | (None, Some(value)) => Some(value),
        (None, None) => None,
    }
}

impl Cause<'_> {
    fn order(&self) -> (Group, Class, Reverse<Option<Wire>>, Reverse<usize>, String) {
        let entry = self.first();
        // Generation comes before overlays, and both before changes.
        (
            entry.group(),
            entry.class,
            Reverse(entry.wire),
            Reverse(self.entries.len()),
            entry.explanation.clone(),
        )
    }

    /// The entry that stands for the others where only one can be named.
    pub(crate) fn first(&self) -> &Entry {
        // A cause is made of at least one entry.
        self.entries[0]
    }

    /// The only entry, if there is no other.
    pub(crate) fn single(&self) -> Option<&Entry> {
        match self.entries.as_slice() {
            [entry] => Some(entry),
            _ => None,
        }
    }

    /// The cause in a line: what changed, to which values, in how many places.
    pub(crate) fn title(&self) -> String {
        let entry = self.first();
        if self.single().is_some() {
            return entry.explanation.clone();
        }
        let meaning = match entry.class {
            Class::Change => kinds().find(|kind| kind.id == entry.kind).map(|kind| kind.meaning),
            Class::Overlay => Some("an overlay hides a change of the published document"),
            Class::UnknownHere => Some("described there and not here"),
            Class::Contradiction => Some("described differently there"),
            Class::Generation | Class::Source => None,
        };
        let mut title = meaning.unwrap_or(&entry.kind).to_owned();
        let value = values(entry);
        if let Some(value) =
            value.filter(|value| self.all(|other| values(other).as_ref() == Some(value)))
        {
            title.push_str(&format!(" ({value})"));
        }
        let name = &entry.name;
        if !name.is_empty() && self.all(|other| other.name == *name) {
            title.push_str(&format!(" (`{name}`)"));
        }
        let places = match entry.direction {
            Some(Direction::Request) => "places of requests",
            Some(Direction::Response) => "places of responses",
            Some(Direction::Both) => "places of requests and responses",
            Some(Direction::Neither) | None => "places",
        };
        format!("{title}: {} {places}", count(self.entries.len()))
    }

    pub(crate) fn summary(&self) -> Summary {
        let entry = self.first();
        Summary {
            title: self.title(),
            kind: entry.kind.clone(),
            breaking: entry.group() == Group::Breaking,
            entries: self.entries.iter().map(|entry| entry.fingerprint.clone()).collect(),
        }
    }

    fn all(&self, holds: impl Fn(&Entry) -> bool) -> bool {
        self.entries.iter().all(|entry| holds(entry))
    }

    /// Each place in a few words, for a list below the title.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&Entry, String)> {
        let named = !self.all(|other| other.name == self.first().name);
        self.entries.iter().map(move |entry| {
            let text = match named && !entry.name.is_empty() {
                true => format!("{} `{}`", entry.subject, entry.name),
                false => entry.subject.clone(),
            };
            (*entry, text)
        })
    }
}

#[cfg(test)]
mod tests {
    use iam_codegen::{compare::Wire, sources::Role};
    use serde_json::{Value, json};

    use super::{Cause, Detail, causes};
    use crate::drift::report::{Acknowledged, Class, Entry, SourceReport, State};

    fn removed(subject: &str, format: Value) -> Entry {
        let mut entry =
            Entry::finding(Class::Change, "format-removed", subject, subject.to_owned());
        entry.wire = Some(Wire::Compatible);
        entry.old_value = Some(format);
        entry
    }

    fn source(entries: Vec<Entry>) -> SourceReport {
        SourceReport {
            name: "pets".into(),
            role: Role::Client,
            file: "openapi/pets.json".into(),
            state: State::Changed,
            old: None,
            new: None,
            error: None,
            notes: Vec::new(),
            entries,
            causes: Vec::new(),
        }
    }

    fn sizes(causes: &[Cause<'_>]) -> Vec<usize> {
        causes.iter().map(|cause| cause.entries.len()).collect()
    }

    #[test]
    fn equal_values_in_many_places_are_one_cause() {
        let mut entries: Vec<_> =
            (0..18).map(|n| removed(&format!("schema S{n}"), json!("int64"))).collect();
        entries.push(removed("schema T", json!("uri")));
        entries.push(removed("schema U", json!("email")));
        let source = source(entries);
        let causes = causes(&source, Detail::Causes);
        assert_eq!(sizes(&causes), [18, 2]);
        assert_eq!(causes[0].title(), "a format was removed (\"int64\"): 18 places");
        assert_eq!(causes[1].title(), "a format was removed: 2 places");
        let places: Vec<_> = causes[1].places().map(|(_, text)| text).collect();
        assert_eq!(places, ["schema T", "schema U"]);
    }

    #[test]
    fn other_verdicts_and_acknowledged_entries_are_other_causes() {
        let mut breaking = removed("schema B", json!("int64"));
        breaking.wire = Some(Wire::Breaking);
        breaking.breaking = true;
        let mut known = removed("schema K", json!("int64"));
        known.acknowledged =
            Some(Acknowledged { reason: "seen".into(), until: "2027-01-31".into() });
        let plain = removed("schema P", json!("int64"));
        let source =
            source(vec![plain.clone(), known.clone(), known, breaking, plain.clone(), plain]);
        let causes = causes(&source, Detail::Causes);
        assert_eq!(causes[0].first().subject, "schema B");
        assert_eq!(sizes(&causes), [1, 3, 2], "entries of one fingerprint are one finding");
    }

    #[test]
    fn a_document_that_cannot_be_generated_comes_first() {
        let mut generation =
            Entry::finding(Class::Generation, "not-generated", "pets", "cannot".to_owned());
        let mut misfit = Entry::finding(Class::Overlay, "overlay-misfit", "pets", "$.x".to_owned());
        let mut change = removed("schema B", json!("int64"));
        change.wire = Some(Wire::Breaking);
        for entry in [&mut generation, &mut misfit, &mut change] {
            entry.breaking = true;
        }
        let source = source(vec![change, misfit, generation]);
        let order: Vec<_> =
            causes(&source, Detail::Causes).iter().map(|cause| cause.first().class).collect();
        assert_eq!(order, [Class::Generation, Class::Overlay, Class::Change]);
    }

    #[test]
    fn details_are_the_entries_themselves() {
        let source = source((0..4).map(|_| removed("schema S", json!("int64"))).collect());
        assert_eq!(sizes(&causes(&source, Detail::Entries)), [1, 1, 1, 1]);
    }
}
