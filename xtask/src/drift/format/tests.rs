use iam_codegen::{
    compare::{Rust, Wire},
    sources::Role,
};
use serde_json::{Value, json};

use super::{Format, github::github, markdown, text::text};
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
    assert_eq!(text(&report()), expected);
}

#[test]
fn annotations_are_escaped_as_the_runner_reads_them() {
    let expected = "\
::error title=drift could not be determined::two: no answer%0A  caused by: no network
::error file=openapi/one.json,line=3,col=7,title=breaking drift::a%25b%0D%0A::error::c, <b>@x</b> `d` | e%0Awire breaking, Rust breaking%0Aoperation-removed 00000000000000000000000000000000
::warning file=openapi/acknowledged.toml,line=5,title=acknowledged.toml%2C 22222222222222222222222222222222::expired after 2026-01-31: title-changed x
::warning title=drift against upstream::1 source could not be determined: 1 breaking, 1 acknowledged%0Asuggested version: 0.4.0, after 0.3.1: the Rust surface breaks
";
    assert_eq!(github(&report()), expected);
}

#[test]
fn markdown_lets_no_document_write_markup() {
    let expected = "\
# Drift against `upstream`

**Verdict: 1 source could not be determined: 1 breaking, 1 acknowledged.**

Suggested version: 0.4.0, after 0.3.1: the Rust surface breaks.

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
    assert_eq!(markdown(&report()), expected);
}

#[test]
fn markdown_fits_a_pull_request() {
    let mut report = report();
    let template = report.sources[0].entries[0].clone();
    report.sources[0].entries = vec![template; 1000];
    let text = markdown(&report);
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains("entries are left out here"), "{text}");
}

#[test]
fn json_has_the_fields_that_are_documented() {
    let mut written = Vec::new();
    Format::Json.write(&report(), &mut written).unwrap();
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
    for key in parts.into_iter().flat_map(keys) {
        assert!(docs.contains(&format!("`{key}`")), "docs/drift.md says nothing of `{key}`");
    }
}
