use iam_codegen::{
    compare::{Rust, Wire},
    sources::Role,
};
use serde_json::{Value, json};

use super::{Detail, Format, github::github, markdown, text::text};
use crate::drift::{
    acknowledged::{Stale, Why},
    report::{Acknowledged, At, Class, Entry, FailOn, Report, SourceReport, State, Version},
};

/// What a hostile document might say.
const HOSTILE: &str = "a%b\r\n::error::c, <b>@x</b> `d` | e";

fn source(name: &str, role: Role, state: State, entries: Vec<Entry>) -> SourceReport {
    let side = |content: &[u8]| Some(Version::of("new.json".into(), Some("2".into()), content));
    SourceReport {
        name: name.into(),
        role,
        file: format!("openapi/{name}.json"),
        state,
        old: side(b"abc"),
        new: side(b""),
        error: None,
        notes: Vec::new(),
        entries,
        causes: Vec::new(),
    }
}

fn report() -> Report {
    let mut breaking = Entry::finding(Class::Change, "operation-removed", "GET /a", HOSTILE.into());
    breaking.wire = Some(Wire::Breaking);
    breaking.rust = Some(Rust::Breaking);
    breaking.breaking = true;
    breaking.fingerprint = "0".repeat(32);
    breaking.operations = vec!["get_a".into()];
    breaking.old = Some(At {
        document: "openapi/one.json".into(),
        pointer: "/paths/~1a/get".into(),
        line: Some(3),
        column: Some(7),
    });
    let mut known = Entry::finding(Class::Change, "summary-changed", "GET /b", "new words".into());
    known.wire = Some(Wire::Documentation);
    known.rust = Some(Rust::None);
    known.predicted = true;
    known.fingerprint = "1".repeat(32);
    known.acknowledged = Some(Acknowledged { reason: "seen".into(), until: "2027-01-31".into() });
    let one = source("one", Role::Client, State::Changed, vec![breaking, known]);
    let mut two = source("two", Role::Watch, State::Failed, Vec::new());
    two.error = Some("no answer\n  caused by: no network".into());
    let stale = Stale {
        file: "openapi/acknowledged.toml".into(),
        line: 5,
        fingerprint: "2".repeat(32),
        why: Why::Expired,
        until: "2026-01-31".into(),
        reason: "was seen".into(),
        about: "title-changed x".into(),
    };
    Report::new("upstream".into(), vec![one, two], vec![stale], FailOn::Breaking, Some("0.3.1"))
}

#[test]
fn text_has_the_verdict_first_and_one_line_for_each_thing() {
    let expected = "\
1 source could not be determined: 1 breaking, 1 acknowledged (against upstream)
suggested version: 0.4.0, after 0.3.1: the Rust surface breaks
to do:
  1. review the breaking changes below (1 entry); list those that are accepted in openapi/acknowledged.toml

one: changed, ba7816bf8f01 -> e3b0c44298fc, new.json
  BREAKING
    a%b  ::error::c, <b>@x</b> `d` | e [operation-removed]
      wire breaking, Rust breaking; openapi/one.json:3:7; 00000000000000000000000000000000
  acknowledged
    new words [summary-changed]
      wire documentation, Rust none (predicted); 11111111111111111111111111111111
      until 2027-01-31: seen

two: FAILED, ba7816bf8f01 -> e3b0c44298fc, new.json
  error: no answer
  error: caused by: no network

acknowledgement openapi/acknowledged.toml:5 expired after 2026-01-31: title-changed x (22222222222222222222222222222222)
";
    assert_eq!(text(&report(), Detail::Causes), expected);
}

#[test]
fn annotations_are_escaped_as_the_runner_reads_them() {
    let expected = "\
::error title=drift could not be determined::two: no answer%0A  caused by: no network
::error file=openapi/one.json,line=3,col=7,title=breaking drift::a%25b%0D%0A::error::c, <b>@x</b> `d` | e%0Awire breaking, Rust breaking%0Aoperation-removed 00000000000000000000000000000000
::warning file=openapi/acknowledged.toml,line=5,title=acknowledged.toml%2C 22222222222222222222222222222222::expired after 2026-01-31: title-changed x
::warning title=drift against upstream::1 source could not be determined: 1 breaking, 1 acknowledged%0Asuggested version: 0.4.0, after 0.3.1: the Rust surface breaks%0Areview the breaking changes below (1 entry); list those that are accepted in openapi/acknowledged.toml
";
    assert_eq!(github(&report(), Detail::Causes), expected);
}

#[test]
fn markdown_lets_no_document_write_markup() {
    let expected = "\
# Drift against `upstream`

**Verdict: 1 source could not be determined: 1 breaking, 1 acknowledged.**

Suggested version: 0.4.0, after 0.3.1: the Rust surface breaks.

1. review the breaking changes below (1 entry); list those that are accepted in openapi/acknowledged.toml

| document | | breaking | additive | other | acknowledged |
|---|---|--:|--:|--:|--:|
| `one` | changed, `2` (`ba7816bf8f01`) → `2` (`e3b0c44298fc`) | 1 | 0 | 0 | 1 |
| `two` | **could not be determined** | 0 | 0 | 0 | 0 |

## Could not be determined

- `two`: no answer   caused by: no network

## Breaking (1)

### `one`

- a%b  ::error::c, &lt;b&gt;@<!-- -->x&lt;/b&gt; \\`d\\` \\| e
  - wire breaking, Rust breaking
  - operations: `get_a`
  - at `openapi/one.json:3`
  - `operation-removed` `00000000000000000000000000000000`

## Acknowledged (1)

### `one`

- new words
  - wire documentation, Rust none (predicted)
  - until 2027-01-31: seen
  - `summary-changed` `11111111111111111111111111111111`

## Acknowledgements to look at

- `openapi/acknowledged.toml:5` expired after 2026-01-31: title-changed x
";
    assert_eq!(markdown(&report(), Detail::Causes), expected);
}

/// A report on one cause in five places.
fn grouped() -> Report {
    let entry = |n: usize| {
        let subject = format!("schema S{n}");
        let mut entry = Entry::finding(Class::Change, "format-removed", &subject, String::new());
        entry.direction = Some(iam_codegen::compare::Direction::Response);
        entry.wire = Some(Wire::Breaking);
        entry.rust = Some(Rust::None);
        entry.breaking = true;
        entry.reason = "readers meet other values".into();
        entry.old_value = Some(json!("int64"));
        entry.old = Some(At {
            document: "openapi/one.json".into(),
            pointer: format!("/components/schemas/S{n}/format"),
            line: Some(n),
            column: Some(1),
        });
        entry
    };
    let one = source("one", Role::Client, State::Changed, (1..=5).map(entry).collect());
    Report::new("upstream".into(), vec![one], Vec::new(), FailOn::Breaking, None)
}

#[test]
fn a_cause_is_told_once_with_its_first_places() {
    let expected = "  BREAKING
    a format was removed (\"int64\"): 5 places of responses [format-removed]
      wire breaking, Rust none; readers meet other values
      - schema S1 (openapi/one.json:1)
      - schema S2 (openapi/one.json:2)
      - schema S3 (openapi/one.json:3)
      - and 2 more; --expand lists them
";
    let report = grouped();
    let short = text(&report, Detail::Causes);
    assert!(short.ends_with(expected), "{short}");
    assert!(short.contains("5 breaking (1 cause)"), "{short}");
    let whole = text(&report, Detail::Entries);
    assert!(!whole.contains("--expand") && whole.contains("openapi/one.json:5:1"), "{whole}");
    let markdown = markdown(&report, Detail::Causes);
    assert!(markdown.contains("- a format was removed (\"int64\"): 5 places of responses\n"));
    assert!(markdown.contains("  - and 2 more\n"), "{markdown}");
    // One annotation for the cause, and one for the verdict.
    assert_eq!(github(&report, Detail::Causes).lines().count(), 2);
}

#[test]
fn notes_leave_room_for_the_entries() {
    let mut report = grouped();
    report.sources[0].notes = (0..5).map(|n| format!("note {n}")).collect();
    let text = text(&report, Detail::Causes);
    assert!(text.contains("  note 2\n  and 2 notes; --format json has all\n  BREAKING"), "{text}");
}

#[test]
fn what_keeps_the_client_from_being_generated_is_the_first_step() {
    let mut report = grouped();
    let mut refused = Entry::finding(Class::Generation, "not-generated", "one", "no".into());
    refused.remedy = Some("mend it".into());
    refused.breaking = true;
    let mut misfit = Entry::finding(Class::Overlay, "overlay-misfit", "one", "$.x".into());
    misfit.breaking = true;
    let mut sources = report.sources;
    sources[0].entries.extend([misfit, refused]);
    report = Report::new("upstream".into(), sources, Vec::new(), FailOn::Breaking, None);
    let text = text(&report, Detail::Causes);
    let steps: Vec<_> = text.lines().skip_while(|line| *line != "to do:").skip(1).take(3).collect();
    assert_eq!(steps[0], "  1. one: no; mend it");
    assert_eq!(
        steps[1],
        "  2. one: correct or remove 1 overlay action that the new document does not fit"
    );
    assert!(steps[2].starts_with("  3. review the breaking changes below (5 entries)"), "{text}");
}

#[test]
fn markdown_fits_a_pull_request() {
    let mut report = report();
    let template = report.sources[0].entries[0].clone();
    report.sources[0].entries = vec![template; 1000];
    let text = markdown(&report, Detail::Entries);
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains("entries are left out here"), "{text}");
}

#[test]
fn json_has_the_fields_that_are_documented() {
    let mut written = Vec::new();
    Format::Json.write(&report(), Detail::Causes, &mut written).unwrap();
    let value: Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(
        value["verdict"],
        json!({
            "status": "undetermined", "exit_code": 3, "fail_on": "breaking",
            "wire": "breaking", "rust": "breaking",
            "version": {"change": "breaking", "current": "0.3.1", "next": "0.4.0"},
            "counts": {
                "breaking": 1, "additive": 0, "other": 0, "watched": 0, "acknowledged": 1,
                "failed": 1
            }
        })
    );
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&value), ["against", "schema", "sources", "stale_acknowledgements", "verdict"]);
    let docs = include_str!("../../../../docs/drift.md");
    let entry = &value["sources"][0]["entries"][0];
    let parts =
        [&value, &value["verdict"], &value["verdict"]["counts"], &value["sources"][0], entry];
    let parts = parts.into_iter().chain([&value["sources"][0]["causes"][0]]);
    for key in parts.flat_map(keys) {
        assert!(docs.contains(&format!("`{key}`")), "docs/drift.md says nothing of `{key}`");
    }
}
