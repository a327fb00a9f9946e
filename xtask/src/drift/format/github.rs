//! Annotations: commands of GitHub's workflows, one a line. The worst comes
//! first, since GitHub shows ten of each level of a step.

use std::fmt::Write as _;

use super::{Cause, Detail, causes, places, steps, suggestion, verdict, verdicts};
use crate::drift::{
    acknowledged::{FILE, Why},
    report::{Class, FailOn, Group, Report, SourceReport, State, Status},
};

pub(super) fn github(report: &Report, detail: Detail) -> String {
    let mut out = String::new();
    for source in report.sources.iter().filter(|source| source.state == State::Failed) {
        let error = source.error.as_deref().unwrap_or_default();
        let message = format!("{}: {error}", source.name);
        command(&mut out, "error", &[("title", "drift could not be determined")], &message);
    }
    let level = if report.verdict.fail_on == FailOn::None { "warning" } else { "error" };
    let rest = if report.verdict.fail_on == FailOn::Any { "error" } else { "notice" };
    for (group, level, title) in [
        (Group::Breaking, level, "breaking drift"),
        (Group::Additive, rest, "additive drift"),
        (Group::Other, rest, "drift"),
        (Group::Watched, rest, "drift of a watched document"),
        (Group::Contradiction, rest, "a watched document says otherwise"),
        (Group::UnknownHere, rest, "a watched document knows more"),
    ] {
        for source in &report.sources {
            let all = causes(source, detail).into_iter();
            for cause in all.filter(|cause| cause.first().group() == group) {
                self::cause(&mut out, level, title, source, &cause);
            }
        }
    }
    for stale in &report.stale_acknowledgements {
        let line = stale.line.to_string();
        let (level, message) = match stale.why {
            Why::Expired => ("warning", format!("expired after {}: {}", stale.until, stale.about)),
            Why::Unused => ("notice", format!("is about nothing that was found: {}", stale.about)),
        };
        let title = format!("{FILE}, {}", stale.fingerprint);
        let properties = [("file", &*stale.file), ("line", &*line), ("title", &*title)];
        command(&mut out, level, &properties, &message);
    }
    let mut message = verdict(report);
    let version = suggestion(report).map(|version| format!("suggested version: {version}"));
    for line in version.into_iter().chain(steps(report)) {
        // Writing to a string cannot fail.
        let _ = write!(message, "\n{line}");
    }
    let level = if report.verdict.status == Status::Undetermined { "warning" } else { "notice" };
    let title = format!("drift against {}", report.against);
    command(&mut out, level, &[("title", &title)], &message);
    out
}

fn cause(out: &mut String, level: &str, title: &str, source: &SourceReport, cause: &Cause<'_>) {
    let entry = cause.first();
    // An overlay that does not fit is mended in its own file.
    let place = match entry.class {
        Class::Overlay if entry.breaking => entry.old.as_ref(),
        _ => entry.place_in(&source.file),
    };
    let file = place.map_or(&source.file, |place| &place.document);
    let line = place.and_then(|place| place.line).map(|line| line.to_string());
    let column = place.and_then(|place| place.column).map(|column| column.to_string());
    let mut properties = vec![("file", file.as_str())];
    properties.extend(line.as_deref().map(|line| ("line", line)));
    properties.extend(column.as_deref().map(|column| ("col", column)));
    properties.push(("title", title));
    let mut message = cause.title();
    // Writing to a string cannot fail.
    for more in [Some(verdicts(entry)).filter(|text| !text.is_empty()), entry.remedy.clone()] {
        let _ = more.map(|more| write!(message, "\n{more}"));
    }
    if cause.single().is_some() {
        for line in &entry.lines {
            let sign = if line.added { '+' } else { '-' };
            let _ = write!(message, "\n{sign} {}: {}", line.item, line.text.trim());
        }
        let _ = write!(message, "\n{} {}", entry.kind, entry.fingerprint);
    } else {
        let (shown, left) = places(cause);
        for place in shown {
            let _ = write!(message, "\n- {place}");
        }
        if left > 0 {
            let _ = write!(message, "\n- and {left} more");
        }
        let _ = write!(message, "\n{}", entry.kind);
    }
    command(out, level, &properties, &message);
}

/// Appends a command. What would end it, its properties or one of them, is
/// written as the runner reads it back.
fn command(out: &mut String, level: &str, properties: &[(&str, &str)], message: &str) {
    let value = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let properties: Vec<_> =
        properties.iter().map(|(name, text)| format!("{name}={}", value(text))).collect();
    let _ = writeln!(out, "::{level} {}::{}", properties.join(","), escape(message));
}

fn escape(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
