//! The model that every format shows. As JSON it is a stable schema, described
//! in docs/drift.md: fields are added, never renamed or removed, without a new
//! number in `schema`.

use iam_codegen::{
    compare::{Change, Direction, Edit, Place, Rust, SurfaceLine, Wire},
    sources::{Role, Source},
};
use serde::Serialize;
use serde_json::Value;

use super::{
    acknowledged::Stale,
    cause::{Cause, Detail, causes},
    version::Suggestion,
};
use crate::{files::Fingerprint, outcome::Outcome};

/// The number of the schema of the JSON.
pub(crate) const SCHEMA: u32 = 1;

/// What was found, in all sources.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    pub(crate) schema: u32,
    /// What the vendored documents were compared with, or since which state.
    pub(crate) against: String,
    pub(crate) verdict: Verdict,
    /// In the order of the manifest.
    pub(crate) sources: Vec<SourceReport>,
    /// Acknowledgements that no longer do anything.
    pub(crate) stale_acknowledgements: Vec<Stale>,
}

/// What it comes to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Verdict {
    pub(crate) status: Status,
    /// What the program ends with.
    pub(crate) exit_code: u8,
    pub(crate) fail_on: FailOn,
    /// The worst in documents that generate the client; `null` if nothing changed.
    pub(crate) wire: Option<Wire>,
    /// The worst in documents that generate the client; `null` if nothing changed.
    pub(crate) rust: Option<Rust>,
    /// `null` if the client does not change.
    pub(crate) version: Option<Suggestion>,
    pub(crate) counts: Counts,
}

/// What was found, in a word; the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// Nothing but what is acknowledged.
    NoDrift,
    Drift,
    /// Something breaks callers of the service or users of the client.
    Breaking,
    /// A source could not be looked at.
    Undetermined,
}

/// How many entries there are of each sort. What is acknowledged counts as
/// nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) breaking: usize,
    pub(crate) additive: usize,
    pub(crate) other: usize,
    pub(crate) watched: usize,
    pub(crate) acknowledged: usize,
    /// Sources, not entries.
    pub(crate) failed: usize,
}

/// From when on the exit code is 2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// From the first change that breaks the wire or the Rust surface
    #[default]
    Breaking,
    /// From any drift, that of watched documents included
    Any,
    /// Never: drift ends in 1
    None,
}

/// What became of one source.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SourceReport {
    pub(crate) name: String,
    #[serde(serialize_with = "role")]
    pub(crate) role: Role,
    /// The vendored file, from the root of the workspace.
    pub(crate) file: String,
    pub(crate) state: State,
    /// The vendored document, if there is one.
    pub(crate) old: Option<Version>,
    /// What it was compared with.
    pub(crate) new: Option<Version>,
    /// What went wrong, of a failed source.
    pub(crate) error: Option<String>,
    /// What is worth knowing.
    pub(crate) notes: Vec<String>,
    /// The worst first.
    pub(crate) entries: Vec<Entry>,
    /// The same entries by cause.
    pub(crate) causes: Vec<Summary>,
}

/// A cause in a few words, for JSON.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Summary {
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) breaking: bool,
    /// The fingerprints of its entries, in their order.
    pub(crate) entries: Vec<String>,
}

impl SourceReport {
    /// Of a source whose vendored file reports call `file`: nothing yet.
    pub(crate) fn new(source: &Source, file: String) -> Self {
        Self {
            name: source.name.clone(),
            role: source.role,
            file,
            state: State::Unchanged,
            old: None,
            new: None,
            error: None,
            notes: Vec::new(),
            entries: Vec::new(),
            causes: Vec::new(),
        }
    }

    /// The worst first, and then as they came.
    pub(crate) fn sort(&mut self) {
        self.entries.sort_by_key(|entry| (entry.group(), std::cmp::Reverse(entry.wire)));
    }
}

/// A state of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Version {
    /// The address (without its query), file or commit it is from.
    pub(crate) origin: String,
    /// `info.version`.
    pub(crate) version: Option<String>,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

impl Version {
    /// The version of `content`, which calls itself `version`.
    pub(crate) fn of(origin: String, version: Option<String>, content: &[u8]) -> Self {
        let Fingerprint { sha256, bytes } = Fingerprint::of(content);
        Self { origin, version, sha256, bytes }
    }
}

/// What a source is, beside what is vendored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// Byte for byte the same.
    Unchanged,
    /// Other bytes that say the same.
    Rewritten,
    /// Something differs.
    Changed,
    /// A watched document of which no copy is vendored: it was compared with
    /// the documents of the client only.
    NotVendored,
    /// It could not be determined.
    Failed,
}

/// The subject of an entry, in the order in which a reviewer acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Class {
    /// The client cannot be generated from the new document.
    Generation,
    /// An overlay does not fit the new document, or hides a change in it.
    Overlay,
    /// A source was added or removed.
    Source,
    /// The document changed.
    Change,
    /// A watched document knows what the documents of the client do not.
    UnknownHere,
    /// A watched document says otherwise than the documents of the client.
    Contradiction,
}

/// One thing that was found.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    pub(crate) class: Class,
    /// Stable.
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) name: String,
    pub(crate) operations: Vec<String>,
    pub(crate) direction: Option<Direction>,
    pub(crate) wire: Option<Wire>,
    pub(crate) rust: Option<Rust>,
    /// Whether `rust` was predicted by rule, not read off `lines`.
    pub(crate) predicted: bool,
    /// Whether `--fail-on breaking` minds it, unless it is acknowledged.
    pub(crate) breaking: bool,
    pub(crate) explanation: String,
    pub(crate) reason: String,
    /// What to do about it.
    pub(crate) remedy: Option<String>,
    pub(crate) lines: Vec<SurfaceLine>,
    pub(crate) old: Option<At>,
    pub(crate) new: Option<At>,
    /// On the side that lacks it: where it would stand.
    pub(crate) missing: Option<At>,
    pub(crate) old_value: Option<Value>,
    pub(crate) new_value: Option<Value>,
    pub(crate) also: Vec<Edit>,
    /// 32 hexadecimal digits, for `acknowledged.toml`.
    pub(crate) fingerprint: String,
    pub(crate) acknowledged: Option<Acknowledged>,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct At {
    /// A file from the root of the workspace, an address, a file elsewhere, or
    /// a file at a reference of git.
    pub(crate) document: String,
    /// JSON pointer.
    pub(crate) pointer: String,
    /// From 1.
    pub(crate) line: Option<usize>,
    /// From 1, in characters.
    pub(crate) column: Option<usize>,
}

impl From<Place> for At {
    fn from(place: Place) -> Self {
        let Place { document, pointer, line, column, .. } = place;
        Self { document, pointer, line, column }
    }
}

/// Why an entry does not count, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Acknowledged {
    pub(crate) reason: String,
    /// The last day, as YYYY-MM-DD.
    pub(crate) until: String,
}

impl Entry {
    /// A change of a document.
    pub(crate) fn change(change: Change, role: Role) -> Self {
        let client = role == Role::Client;
        Self {
            class: Class::Change,
            kind: change.kind.to_owned(),
            breaking: client && (change.wire == Wire::Breaking || change.rust == Rust::Breaking),
            subject: change.subject,
            name: change.name,
            operations: change.operations,
            direction: Some(change.direction),
            wire: Some(change.wire),
            rust: client.then_some(change.rust),
            predicted: client && change.predicted,
            explanation: change.explanation,
            reason: change.reason.to_owned(),
            remedy: None,
            lines: change.lines,
            old: change.old.map(At::from),
            new: change.new.map(At::from),
            missing: change.missing.map(At::from),
            old_value: change.old_value,
            new_value: change.new_value,
            also: change.also,
            fingerprint: change.fingerprint,
            acknowledged: None,
        }
    }

    /// Something that is no change of a document.
    pub(crate) fn finding(class: Class, kind: &str, subject: &str, explanation: String) -> Self {
        Self {
            class,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            name: String::new(),
            operations: Vec::new(),
            direction: None,
            wire: None,
            rust: None,
            predicted: false,
            breaking: false,
            fingerprint: fingerprint(&[kind, subject]),
            explanation,
            reason: String::new(),
            remedy: None,
            lines: Vec::new(),
            old: None,
            new: None,
            missing: None,
            old_value: None,
            new_value: None,
            also: Vec::new(),
            acknowledged: None,
        }
    }

    /// The sort it is listed under; the worst first.
    pub(crate) fn group(&self) -> Group {
        if self.acknowledged.is_some() {
            return Group::Acknowledged;
        }
        match self.class {
            Class::UnknownHere => Group::UnknownHere,
            Class::Contradiction => Group::Contradiction,
            _ if self.breaking => Group::Breaking,
            Class::Change if self.rust.is_none() => Group::Watched,
            _ if self.rust == Some(Rust::Additive) => Group::Additive,
            _ => Group::Other,
        }
    }

    /// The place in the vendored `file`: where it stands there, or would.
    pub(crate) fn place_in(&self, file: &str) -> Option<&At> {
        let places = [&self.old, &self.missing, &self.new].into_iter().flatten();
        places.into_iter().find(|place| place.document == file)
    }

    /// Where it stands: in the old document if it stood there, else in the new.
    pub(crate) fn place(&self) -> Option<&At> {
        self.old.as_ref().or(self.new.as_ref())
    }
}

/// The sorts of entries, in the order of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    Breaking,
    Additive,
    Other,
    Watched,
    UnknownHere,
    Contradiction,
    Acknowledged,
}

/// 32 hexadecimal digits that stand for `parts`.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    // No part holds a NUL: they are ids, and texts of documents without controls.
    let mut sha256 = Fingerprint::of(parts.join("\0").as_bytes()).sha256;
    sha256.truncate(32);
    sha256
}

impl Report {
    /// Counts, judges, and suggests a version, `now` being the current one.
    pub(crate) fn new(
        against: String,
        mut sources: Vec<SourceReport>,
        stale_acknowledgements: Vec<Stale>,
        fail_on: FailOn,
        now: Option<&str>,
    ) -> Self {
        let mut counts = Counts::default();
        let (mut wire, mut rust, mut touched) = (None, None, false);
        for source in &mut sources {
            source.causes = causes(source, Detail::Causes).iter().map(Cause::summary).collect();
            counts.failed += usize::from(source.state == State::Failed);
            for entry in &source.entries {
                match entry.group() {
                    Group::Breaking => counts.breaking += 1,
                    Group::Additive => counts.additive += 1,
                    Group::Other => counts.other += 1,
                    Group::Watched | Group::UnknownHere | Group::Contradiction => {
                        counts.watched += 1;
                    }
                    Group::Acknowledged => counts.acknowledged += 1,
                }
                if source.role == Role::Client {
                    // Acknowledged or not: it is in the code that is released.
                    wire = wire.max(entry.wire);
                    rust = rust.max(entry.rust);
                    touched = true;
                }
            }
        }
        let version = touched.then(|| Suggestion::new(now, rust.unwrap_or(Rust::None)));
        let found = counts.breaking + counts.additive + counts.other + counts.watched;
        let status = match () {
            () if counts.failed > 0 => Status::Undetermined,
            () if counts.breaking > 0 => Status::Breaking,
            () if found > 0 => Status::Drift,
            () => Status::NoDrift,
        };
        let mut report = Self {
            schema: SCHEMA,
            against,
            verdict: Verdict { status, exit_code: 0, fail_on, wire, rust, version, counts },
            sources,
            stale_acknowledgements,
        };
        report.verdict.exit_code = report.outcome().exit_code();
        report
    }

    /// How the command ends.
    pub(crate) fn outcome(&self) -> Outcome {
        match (self.verdict.status, self.verdict.fail_on) {
            (Status::Undetermined, _) => Outcome::Undetermined,
            (Status::NoDrift, _) => Outcome::Done,
            (Status::Drift | Status::Breaking, FailOn::Any)
            | (Status::Breaking, FailOn::Breaking) => Outcome::AtThreshold,
            (Status::Drift | Status::Breaking, _) => Outcome::Drift,
        }
    }

    /// The entries of a sort, each with its source.
    pub(crate) fn group(&self, group: Group) -> impl Iterator<Item = (&SourceReport, &Entry)> {
        let all = |source| {
            let source: &SourceReport = source;
            source.entries.iter().map(move |entry| (source, entry))
        };
        self.sources.iter().flat_map(all).filter(move |(_, entry)| entry.group() == group)
    }
}

fn role<S: serde::Serializer>(role: &Role, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match role {
        Role::Client => "client",
        Role::Watch => "watch",
    })
}
