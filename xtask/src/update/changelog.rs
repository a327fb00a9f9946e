//! The note in CHANGELOG.md on what changed in the documents.

use std::fmt::Write as _;

use anyhow::{Result, bail};

use crate::{
    drift::report::{Group, Report, SourceReport, State},
    table::count,
};

/// The section of the note.
const SECTION: &str = "### Documents";
/// How many breaking changes of a document are listed.
const SHOWN: usize = 20;

/// `text` of a changelog with what `report` says below "Unreleased".
///
/// # Errors
/// There is no such section.
pub(crate) fn with_note(text: &str, report: &Report) -> Result<String> {
    let note: String = report.sources.iter().map(note).collect();
    if note.is_empty() {
        return Ok(text.to_owned());
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is = |line: &str, heading: &str| line.trim_end() == heading;
    let Some(start) = lines.iter().position(|line| is(line, "## Unreleased")) else {
        bail!("CHANGELOG.md has no section `## Unreleased`; add it above the newest version");
    };
    let rest = &lines[start + 1..];
    let end = rest.iter().position(|line| line.starts_with("## "));
    let end = end.map_or(lines.len(), |end| start + 1 + end);
    let section = lines[start..end].iter().position(|line| is(line, SECTION));
    // Into the section if it is there, else at the end of what is unreleased.
    let (at, heading) = match section {
        Some(section) => {
            let inside = &lines[start + section + 1..end];
            let next = inside.iter().position(|line| line.starts_with("### "));
            (next.map_or(end, |next| start + section + 1 + next), String::new())
        }
        None => (end, format!("{SECTION}\n\n")),
    };
    let (before, after) = (lines[..at].concat(), lines[at..].concat());
    let before = before.trim_end();
    let apart = if heading.is_empty() { "\n" } else { "\n\n" };
    let after = if after.is_empty() { after } else { format!("\n{after}") };
    Ok(format!("{before}{apart}{heading}{note}{after}"))
}

/// The lines on one source; none if it says what it said.
fn note(source: &SourceReport) -> String {
    if source.state != State::Changed {
        return String::new();
    }
    let number = |groups: &[Group]| {
        let all = source.entries.iter();
        all.filter(|entry| groups.contains(&released(entry.group(), entry.breaking))).count()
    };
    let (breaking, additive) = (number(&[Group::Breaking]), number(&[Group::Additive]));
    let other = source.entries.len() - breaking - additive;
    let version = |side: &Option<crate::drift::report::Version>| {
        side.as_ref().and_then(|side| side.version.clone()).unwrap_or_else(|| "?".to_owned())
    };
    let (old, new) = (version(&source.old), version(&source.new));
    let versions = match old == new {
        true => format!("version {old} as before"),
        false => format!("version {old} to {new}"),
    };
    let mut text = format!(
        "- `{}`, {}: {} breaking, {} additive, {} other changes.\n",
        source.name,
        line(&versions),
        count(breaking),
        count(additive),
        count(other)
    );
    let all = source.entries.iter().filter(|entry| entry.breaking);
    for entry in all.take(SHOWN) {
        let what = entry.explanation.split("; ").next().unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  - Breaking: {}.", line(what));
    }
    if breaking > SHOWN {
        let _ = writeln!(text, "  - And {} more that break.", count(breaking - SHOWN));
    }
    text
}

/// An acknowledgement lets drift pass; users of a release still meet it.
fn released(group: Group, breaking: bool) -> Group {
    if group == Group::Acknowledged && breaking { Group::Breaking } else { group }
}

/// Text of a document, on one line and without markup of HTML.
fn line(text: &str) -> String {
    let plain = |c: char| if c.is_control() || c == '<' { ' ' } else { c };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use iam_codegen::{compare::Rust, sources::Role};

    use super::with_note;
    use crate::drift::report::{Class, Entry, FailOn, Report, SourceReport, State, Version};

    fn report(state: State) -> Report {
        let mut removed =
            Entry::finding(Class::Change, "k", "s", "GET /a: it was <b>removed; calls fail".into());
        removed.breaking = true;
        removed.rust = Some(Rust::Breaking);
        let mut added = Entry::finding(Class::Change, "k", "s", "more".into());
        added.rust = Some(Rust::Additive);
        let side = |version: &str| Some(Version::of("o".into(), Some(version.into()), b""));
        let source = SourceReport {
            name: "one".into(),
            role: Role::Client,
            file: "one.json".into(),
            state,
            old: side("1.0"),
            new: side("1.1"),
            error: None,
            notes: Vec::new(),
            entries: vec![removed, added],
            causes: Vec::new(),
        };
        Report::new("upstream".into(), vec![source], Vec::new(), FailOn::None, None)
    }

    const NOTE: &str = "- `one`, version 1.0 to 1.1: 1 breaking, 1 additive, 0 other changes.\n  \
                        - Breaking: GET /a: it was  b>removed.\n";

    #[test]
    fn the_note_stands_below_what_is_unreleased() {
        let note = |text: &str| with_note(text, &report(State::Changed)).unwrap();
        let cases = [
            ("# C\n\n## Unreleased\n", format!("# C\n\n## Unreleased\n\n### Documents\n\n{NOTE}")),
            (
                "## Unreleased\n\n### Added\n\n- x\n\n## 0.1.0\n\n### Documents\n\n- y\n",
                format!(
                    "## Unreleased\n\n### Added\n\n- x\n\n### Documents\n\n{NOTE}\n## 0.1.0\n\n\
                     ### Documents\n\n- y\n"
                ),
            ),
            (
                "## Unreleased\n\n### Documents\n\n- z\n\n### Fixed\n\n- x\n",
                format!("## Unreleased\n\n### Documents\n\n- z\n{NOTE}\n### Fixed\n\n- x\n"),
            ),
        ];
        for (before, after) in cases {
            assert_eq!(note(before), after);
        }
        let same = with_note("x", &report(State::Rewritten)).unwrap();
        assert_eq!(same, "x");
        let error = with_note("# C\n", &report(State::Changed)).unwrap_err().to_string();
        assert!(error.contains("no section `## Unreleased`"), "{error}");
    }
}
