//! A report in each of its formats. All of them write what documents say, which
//! is somebody else's text: none lets it end a line, start markup or a command.

mod github;
mod markdown;
mod text;

use std::{collections::BTreeSet, io::Write};

use anyhow::Result;
use iam_codegen::{
    compare::{Rust, Wire},
    sources::Role,
};

use super::{
    cause::{Cause, Detail, causes},
    report::{Class, Counts, Entry, Report, SourceReport, Status},
};
use crate::table::count;

pub(crate) use self::{markdown::markdown, text::brief};

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, the verdict first
    #[default]
    Text,
    /// For programs; docs/drift.md describes it
    Json,
    /// For a pull request
    Markdown,
    /// Annotations, as commands of GitHub's workflows
    Github,
}

impl Format {
    /// Writes `report` to `out`. JSON has all entries and all causes, whatever
    /// `detail` says.
    pub(crate) fn write(self, report: &Report, detail: Detail, out: &mut dyn Write) -> Result<()> {
        match self {
            Self::Text => out.write_all(text::text(report, detail).as_bytes())?,
            Self::Json => {
                serde_json::to_writer_pretty(&mut *out, report)?;
                writeln!(out)?;
            }
            Self::Markdown => out.write_all(markdown(report, detail).as_bytes())?,
            Self::Github => out.write_all(github::github(report, detail).as_bytes())?,
        }
        Ok(())
    }
}

/// The verdict, in a few words.
fn verdict(report: &Report) -> String {
    let Counts { breaking, additive, other, watched, acknowledged, failed } = report.verdict.counts;
    let what = match report.verdict.status {
        Status::NoDrift => "no drift".to_owned(),
        Status::Drift => "drift, and none of it breaks anything".to_owned(),
        Status::Breaking => "drift that breaks callers or users of the client".to_owned(),
        Status::Undetermined => {
            format!("{} could not be determined", plural(failed, "source", "sources"))
        }
    };
    let parts = [
        (breaking, "breaking"),
        (additive, "additive"),
        (other, "other"),
        (watched, "in watched documents"),
        (acknowledged, "acknowledged"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = parts
        .map(|(number, name)| match (*name, breaking_causes(report)) {
            ("breaking", causes) if causes < breaking => {
                format!("{} {name} ({})", count(*number), plural(causes, "cause", "causes"))
            }
            _ => format!("{} {name}", count(*number)),
        })
        .collect();
    match parts.is_empty() {
        true => what,
        false => format!("{what}: {}", parts.join(", ")),
    }
}

fn breaking_causes(report: &Report) -> usize {
    let all = report.sources.iter().flat_map(|source| &source.causes);
    all.filter(|cause| cause.breaking).count()
}

/// The operations that are now called with other credentials, a line for each
/// source and direction. A mistake here sends a secret where none belongs, or
/// makes every call fail.
fn credentials(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for source in report.sources.iter().filter(|source| source.role == Role::Client) {
        for (kind, what) in [
            ("security-became-optional", "CREDENTIALS ARE NO LONGER SENT"),
            ("security-became-required", "CREDENTIALS ARE NOW SENT"),
        ] {
            let entries = source.entries.iter();
            let entries =
                entries.filter(|entry| entry.kind == kind && entry.acknowledged.is_none());
            let names: BTreeSet<&str> = entries
                .flat_map(|entry| match entry.operations.as_slice() {
                    [] => std::slice::from_ref(&entry.subject),
                    operations => operations,
                })
                .map(String::as_str)
                .collect();
            if names.is_empty() {
                continue;
            }
            let mut named = names.iter().take(PLACES).copied().collect::<Vec<_>>().join(", ");
            if let Some(more) = names.len().checked_sub(PLACES).filter(|more| *more > 0) {
                named.push_str(&format!(" and {} more", count(more)));
            }
            let number = plural(names.len(), "operation", "operations");
            lines.push(format!("{}: {what} with {number}: {named}", source.name));
        }
    }
    lines
}

/// The steps that a report asks of its reader, in order: what keeps the client
/// from being generated first. Empty without drift.
fn steps(report: &Report) -> Vec<String> {
    let mut steps = Vec::new();
    let open = |source: &SourceReport, class: Class| {
        let all = source.entries.iter().filter(|entry| entry.acknowledged.is_none());
        all.filter(|entry| entry.class == class && entry.breaking).cloned().collect::<Vec<_>>()
    };
    for source in &report.sources {
        for entry in open(source, Class::Generation) {
            let remedy = entry.remedy.iter().map(|remedy| format!("; {remedy}"));
            steps.push(format!(
                "{}: {}{}",
                source.name,
                entry.explanation,
                remedy.collect::<String>()
            ));
        }
    }
    steps.extend(credentials(report));
    for source in &report.sources {
        let misfits = open(source, Class::Overlay);
        if !misfits.is_empty() {
            steps.push(format!(
                "{}: correct or remove {} that the new document does not fit",
                source.name,
                plural(misfits.len(), "overlay action", "overlay actions")
            ));
        }
    }
    let changes = report.sources.iter().map(|source| open(source, Class::Change).len()).sum();
    if changes > 0 {
        steps.push(format!(
            "review the breaking changes below ({}); list those that are accepted in openapi/acknowledged.toml",
            plural(changes, "entry", "entries")
        ));
    }
    steps
}

/// What version to give, and why; `None` if the client does not change.
fn suggestion(report: &Report) -> Option<String> {
    let suggestion = report.verdict.version.as_ref()?;
    let why = match suggestion.change {
        Rust::Breaking => "the Rust surface breaks",
        Rust::Additive => "the Rust surface only grows",
        Rust::None => "the Rust surface stays as it is",
    };
    Some(match (&suggestion.current, &suggestion.next) {
        (Some(current), Some(next)) => format!("{next}, after {current}: {why}"),
        (Some(current), None) => format!("after {current}, by hand: {why}"),
        (None, _) => format!("unknown, for Cargo.toml has no version of the workspace: {why}"),
    })
}

/// The verdict on what is sent, and on the Rust surface.
fn verdicts(entry: &Entry) -> String {
    let wire = entry.wire.map(|wire| format!("wire {}", wire_name(wire)));
    let rust = entry.rust.map(|rust| {
        let predicted = if entry.predicted { " (predicted)" } else { "" };
        format!("Rust {}{predicted}", rust_name(rust))
    });
    let both: Vec<_> = wire.into_iter().chain(rust).collect();
    both.join(", ")
}

fn wire_name(wire: Wire) -> &'static str {
    match wire {
        Wire::Documentation => "documentation",
        Wire::Compatible => "compatible",
        Wire::Risky => "risky",
        Wire::Breaking => "breaking",
    }
}

fn rust_name(rust: Rust) -> &'static str {
    match rust {
        Rust::None => "none",
        Rust::Additive => "additive",
        Rust::Breaking => "breaking",
    }
}

fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// The number of places of a cause that are named unless all are asked for.
const PLACES: usize = 3;

/// The first places of a cause, and how many more there are.
fn places(cause: &Cause<'_>) -> (Vec<String>, usize) {
    let shown = cause.places().take(PLACES).map(|(entry, text)| {
        let at = entry.place().map(|place| match place.line {
            Some(line) => format!(" ({}:{line})", place.document),
            None => format!(" ({} at {})", place.document, place.pointer),
        });
        text + &at.unwrap_or_default()
    });
    (shown.collect(), cause.entries.len().saturating_sub(PLACES))
}

/// Text on one line, whatever is in it.
fn line(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests;
