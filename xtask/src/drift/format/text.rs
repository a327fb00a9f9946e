//! Text, for people.

use std::fmt::Write as _;

use super::{
    Cause, Detail, causes, credentials, line, places, plural, steps, suggestion, verdict, verdicts,
};
use crate::{
    drift::{
        acknowledged::Why,
        report::{Entry, Group, Report, SourceReport, State},
    },
    files::short,
    table::count,
};

/// The number of causes of a group that are shown for a source, unless they
/// break something.
const SHOWN: usize = 40;

/// The number of notes that are shown for a source.
const NOTES: usize = 3;

/// The number of breaking causes that a brief report shows for a source.
const BRIEF: usize = 5;

/// A report in a few lines: the verdict, changed credentials, and the first
/// causes that break something.
pub(crate) fn brief(report: &Report) -> String {
    let mut out = verdict(report) + "\n";
    for changed in credentials(report) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {}", line(&changed));
    }
    for source in &report.sources {
        let causes = causes(source, Detail::Causes);
        let mut breaking: Vec<_> =
            causes.iter().filter(|cause| cause.first().group() == Group::Breaking).collect();
        let more = breaking.len().saturating_sub(BRIEF);
        breaking.truncate(BRIEF);
        if !breaking.is_empty() {
            let _ = writeln!(out, "  {}", title(Group::Breaking));
        }
        for cause in breaking {
            self::cause(&mut out, cause);
        }
        if more > 0 {
            let _ = writeln!(out, "    and {}", plural(more, "more cause", "more causes"));
        }
        if !source.entries.is_empty() {
            let name = line(&source.name);
            let _ = writeln!(out, "  `cargo xtask drift {name} --against HEAD` has all of it");
        }
    }
    out
}

pub(super) fn text(report: &Report, detail: Detail) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} (against {})", verdict(report), line(&report.against));
    if let Some(version) = suggestion(report) {
        let _ = writeln!(out, "suggested version: {}", line(&version));
    }
    for (index, step) in steps(report).iter().enumerate() {
        if index == 0 {
            out.push_str("to do:\n");
        }
        let _ = writeln!(out, "  {}. {}", index + 1, line(step));
    }
    for source in &report.sources {
        self::source(&mut out, source, detail);
    }
    for stale in &report.stale_acknowledgements {
        let what = match stale.why {
            Why::Expired => format!("expired after {}", stale.until),
            Why::Unused => "is about nothing that was found; remove it".to_owned(),
        };
        let _ = writeln!(
            out,
            "\nacknowledgement {}:{} {what}: {} ({})",
            line(&stale.file),
            stale.line,
            line(&stale.about),
            stale.fingerprint
        );
    }
    out
}

fn source(out: &mut String, source: &SourceReport, detail: Detail) {
    let state = match source.state {
        State::Unchanged => "unchanged",
        State::Rewritten => "written anew, and says the same",
        State::Changed => "changed",
        State::NotVendored => "not vendored",
        State::Failed => "FAILED",
    };
    let _ = write!(out, "\n{}: {state}", line(&source.name));
    if let (Some(old), Some(new)) = (&source.old, &source.new)
        && old.sha256 != new.sha256
    {
        let _ = write!(out, ", {} -> {}", short(&old.sha256), short(&new.sha256));
    }
    if let Some(new) = &source.new {
        let _ = write!(out, ", {}", line(&new.origin));
    }
    out.push('\n');
    for note in source.notes.iter().take(NOTES) {
        let _ = writeln!(out, "  {}", line(note));
    }
    if let Some(more) = source.notes.len().checked_sub(NOTES).filter(|more| *more > 0) {
        let _ = writeln!(out, "  and {}; --format json has all", plural(more, "note", "notes"));
    }
    for error in source.error.iter().flat_map(|error| error.lines()) {
        let _ = writeln!(out, "  error: {}", line(error.trim()));
    }
    let mut shown = (None, 0);
    for cause in causes(source, detail) {
        let group = cause.first().group();
        if shown.0 != Some(group) {
            more(out, shown);
            let _ = writeln!(out, "  {}", title(group));
            shown = (Some(group), 0);
        }
        shown.1 += 1;
        if shown.1 <= SHOWN || group == Group::Breaking {
            self::cause(out, &cause);
        }
    }
    more(out, shown);
}

/// Says how many causes of a group were left out.
fn more(out: &mut String, (group, seen): (Option<Group>, usize)) {
    if seen > SHOWN && group != Some(Group::Breaking) {
        let _ = writeln!(out, "    {} more; --format json has all", seen - SHOWN);
    }
}

fn cause(out: &mut String, cause: &Cause<'_>) {
    if let Some(entry) = cause.single() {
        return self::entry(out, entry);
    }
    let first = cause.first();
    let _ = writeln!(out, "    {} [{}]", line(&cause.title()), first.kind);
    let facts: Vec<_> = [verdicts(first), first.reason.clone()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    let _ = writeln!(out, "      {}", line(&facts.join("; ")));
    let (shown, left) = places(cause);
    for place in shown {
        let _ = writeln!(out, "      - {}", line(&place));
    }
    if left > 0 {
        let _ = writeln!(out, "      - and {} more; --expand lists them", count(left));
    }
    if let Some(remedy) = &first.remedy {
        let _ = writeln!(out, "      {}", line(remedy));
    }
}

fn entry(out: &mut String, entry: &Entry) {
    let _ = writeln!(out, "    {} [{}]", line(&entry.explanation), entry.kind);
    let mut facts = Vec::new();
    let verdicts = verdicts(entry);
    if !verdicts.is_empty() {
        facts.push(verdicts);
    }
    if let Some(place) = entry.place() {
        let position = match (place.line, place.column) {
            (Some(line), Some(column)) => format!(":{line}:{column}"),
            (Some(line), None) => format!(":{line}"),
            _ => format!(" at {}", place.pointer),
        };
        facts.push(line(&format!("{}{position}", place.document)));
    }
    facts.push(entry.fingerprint.clone());
    let _ = writeln!(out, "      {}", facts.join("; "));
    for surface in &entry.lines {
        let sign = if surface.added { '+' } else { '-' };
        let _ =
            writeln!(out, "      {sign} {}: {}", line(&surface.item), line(surface.text.trim()));
    }
    if let Some(remedy) = &entry.remedy {
        let _ = writeln!(out, "      {}", line(remedy));
    }
    if let Some(known) = &entry.acknowledged {
        let _ = writeln!(out, "      until {}: {}", known.until, line(&known.reason));
    }
}

fn title(group: Group) -> &'static str {
    match group {
        Group::Breaking => "BREAKING",
        Group::Additive => "additive",
        Group::Other => "other",
        Group::Watched => "changed in the watched document",
        Group::UnknownHere => "known there and not here",
        Group::Contradiction => "contradictions",
        Group::Acknowledged => "acknowledged",
    }
}
