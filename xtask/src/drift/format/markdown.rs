//! Markdown, for a pull request: the verdict, then what breaks and how, then
//! the rest by sort.

use std::fmt::Write as _;

use super::{Cause, Detail, causes, line, places, plural, steps, suggestion, verdict, verdicts};
use crate::{
    drift::{
        acknowledged::Why,
        report::{Entry, Group, Report, SourceReport, State},
    },
    files::short,
    table::count,
};

/// GitHub refuses the text of a pull request beyond 65,536 characters.
const MAX: usize = 60_000;
/// What is left of it for entries that break nothing.
const REST: usize = 45_000;

/// The report as Markdown.
pub(crate) fn markdown(report: &Report, detail: Detail) -> String {
    let mut out = format!("# Drift against {}\n\n", code(&report.against));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "**Verdict: {}.**", prose(&verdict(report)));
    if let Some(version) = suggestion(report) {
        let _ = writeln!(out, "\nSuggested version: {}.", prose(&version));
    }
    for (index, step) in steps(report).iter().enumerate() {
        if index == 0 {
            out.push('\n');
        }
        let _ = writeln!(out, "{}. {}", index + 1, prose(step));
    }
    sources(&mut out, report);
    for (group, title) in [
        (Group::Breaking, "Breaking"),
        (Group::Additive, "Additive"),
        (Group::Other, "Other"),
        (Group::Watched, "Changed in watched documents"),
        (Group::Contradiction, "Watched documents that say otherwise"),
        (Group::UnknownHere, "Known to watched documents and not here"),
        (Group::Acknowledged, "Acknowledged"),
    ] {
        self::group(&mut out, report, detail, group, title);
    }
    if !report.stale_acknowledgements.is_empty() {
        out.push_str("\n## Acknowledgements to look at\n\n");
    }
    for stale in &report.stale_acknowledgements {
        let what = match stale.why {
            Why::Expired => format!("expired after {}", stale.until),
            Why::Unused => "is about nothing that was found".to_owned(),
        };
        let at = format!("{}:{}", stale.file, stale.line);
        let _ = writeln!(out, "- {} {what}: {}", code(&at), prose(&stale.about));
    }
    out
}

fn sources(out: &mut String, report: &Report) {
    out.push_str("\n| document | | breaking | additive | other | acknowledged |\n");
    out.push_str("|---|---|--:|--:|--:|--:|\n");
    for source in &report.sources {
        let state = match source.state {
            State::Unchanged => "unchanged".to_owned(),
            State::Rewritten => format!("written anew, says the same, {}", versions(source)),
            State::Changed => format!("changed, {}", versions(source)),
            State::NotVendored => "not vendored".to_owned(),
            State::Failed => "**could not be determined**".to_owned(),
        };
        let number = |groups: &[Group]| {
            let entries = source.entries.iter();
            count(entries.filter(|entry| groups.contains(&entry.group())).count())
        };
        let others = [Group::Other, Group::Watched, Group::UnknownHere, Group::Contradiction];
        let _ = writeln!(
            out,
            "| {} | {state} | {} | {} | {} | {} |",
            code(&source.name),
            number(&[Group::Breaking]),
            number(&[Group::Additive]),
            number(&others),
            number(&[Group::Acknowledged])
        );
    }
    let failed = report.sources.iter().filter(|source| source.state == State::Failed);
    for (index, source) in failed.enumerate() {
        if index == 0 {
            out.push_str("\n## Could not be determined\n\n");
        }
        let error = source.error.as_deref().unwrap_or_default();
        let _ = writeln!(out, "- {}: {}", code(&source.name), prose(error));
        for note in &source.notes {
            let _ = writeln!(out, "  - {}", prose(note));
        }
    }
}

fn versions(source: &SourceReport) -> String {
    let shown = |side: &Option<crate::drift::report::Version>| match side {
        Some(side) => match &side.version {
            Some(version) => format!("{} ({})", code(version), code(short(&side.sha256))),
            None => code(short(&side.sha256)),
        },
        None => "nothing".to_owned(),
    };
    format!("{} → {}", shown(&source.old), shown(&source.new))
}

fn group(out: &mut String, report: &Report, detail: Detail, group: Group, title: &str) {
    let limit = if group == Group::Breaking { MAX } else { REST };
    let mut left_out = 0;
    let mut heading = None;
    let all = report
        .sources
        .iter()
        .flat_map(|source| causes(source, detail).into_iter().map(move |cause| (source, cause)));
    for (index, (source, cause)) in
        all.filter(|(_, cause)| cause.first().group() == group).enumerate()
    {
        if index == 0 {
            let _ = writeln!(out, "\n## {title} ({})", count(report.group(group).count()));
        }
        let mut text = String::new();
        if heading != Some(&source.name) {
            let _ = writeln!(text, "\n### {}\n", code(&source.name));
        }
        self::cause(&mut text, &cause, group);
        if out.len() + text.len() > limit {
            left_out += cause.entries.len();
        } else {
            heading = Some(&source.name);
            out.push_str(&text);
        }
    }
    if left_out > 0 {
        let more = plural(left_out, "entry is", "entries are");
        let _ = writeln!(out, "\n{more} left out here; `cargo xtask drift` has all.");
    }
}

fn cause(out: &mut String, cause: &Cause<'_>, group: Group) {
    if let Some(entry) = cause.single() {
        return self::entry(out, entry, group);
    }
    let first = cause.first();
    let _ = writeln!(out, "- {}", prose(&cause.title()));
    let facts: Vec<_> = [verdicts(first), prose(&first.reason)]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    let _ = writeln!(out, "  - {}", facts.join("; "));
    let (shown, left) = places(cause);
    for place in shown {
        let _ = writeln!(out, "  - {}", code(&place));
    }
    if left > 0 {
        let _ = writeln!(out, "  - and {} more", count(left));
    }
    if let Some(remedy) = &first.remedy {
        let _ = writeln!(out, "  - to do: {}", prose(remedy));
    }
    let _ = writeln!(out, "  - {}", code(&first.kind));
}

fn entry(out: &mut String, entry: &Entry, group: Group) {
    let _ = writeln!(out, "- {}", prose(&entry.explanation));
    let verdicts = verdicts(entry);
    if !verdicts.is_empty() {
        let _ = writeln!(out, "  - {verdicts}");
    }
    if !entry.operations.is_empty() {
        let shown = entry.operations.iter().take(8).map(|id| code(id));
        let mut operations = shown.collect::<Vec<_>>().join(", ");
        if let Some(more) = entry.operations.len().checked_sub(8).filter(|more| *more > 0) {
            let _ = write!(operations, " and {} more", count(more));
        }
        let _ = writeln!(out, "  - operations: {operations}");
    }
    if let Some(place) = entry.place() {
        let at = match place.line {
            Some(line) => format!("{}:{line}", place.document),
            None => format!("{} {}", place.document, place.pointer),
        };
        let _ = writeln!(out, "  - at {}", code(&at));
    }
    if let Some(remedy) = &entry.remedy {
        let _ = writeln!(out, "  - to do: {}", prose(remedy));
    }
    if let Some(known) = &entry.acknowledged {
        let _ = writeln!(out, "  - until {}: {}", known.until, prose(&known.reason));
    }
    let _ = writeln!(out, "  - {} {}", code(&entry.kind), code(&entry.fingerprint));
    if group == Group::Breaking && !entry.lines.is_empty() {
        out.push_str("\n  ```diff\n");
        for surface in &entry.lines {
            let sign = if surface.added { '+' } else { '-' };
            let text = line(&format!("{}: {}", surface.item, surface.text.trim()));
            // No run of backticks may end the block.
            let _ = writeln!(out, "  {sign} {}", text.replace('`', "'"));
        }
        out.push_str("  ```\n");
    }
}

/// Text of documents, in which nothing is markup, a mention or a reference.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Apart from what follows, they name nobody and no issue.
            '@' | '#' => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.replace("://", ":<!-- -->//")
}

/// Text as it is, in a span of code.
fn code(text: &str) -> String {
    let text = line(text).replace('`', "'").replace('|', "\\|");
    if text.is_empty() { "–".to_owned() } else { format!("`{text}`") }
}
