//! A report in each of its formats. All of them write what documents say, which
//! is somebody else's text: none lets it end a line, start markup or a command.

mod github;
mod markdown;
mod text;

use std::io::Write;

use anyhow::Result;
use iam_codegen::compare::{Rust, Wire};

use super::report::{Counts, Entry, Report, Status};
use crate::table::count;

pub(crate) use markdown::markdown;

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
    /// Writes `report` to `out`.
    pub(crate) fn write(self, report: &Report, out: &mut dyn Write) -> Result<()> {
        match self {
            Self::Text => out.write_all(text::text(report).as_bytes())?,
            Self::Json => {
                serde_json::to_writer_pretty(&mut *out, report)?;
                writeln!(out)?;
            }
            Self::Markdown => out.write_all(markdown(report).as_bytes())?,
            Self::Github => out.write_all(github::github(report).as_bytes())?,
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
    let parts: Vec<_> = parts.map(|(number, name)| format!("{} {name}", count(*number))).collect();
    match parts.is_empty() {
        true => what,
        false => format!("{what}: {}", parts.join(", ")),
    }
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

/// Text on one line, whatever is in it.
fn line(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests;
