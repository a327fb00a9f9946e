//! What each operation makes of its answer.

use serde_json::Value;

use super::{
    stage::{Everything, HEADER, Stage},
    values::{Fill, Maker, Style, given},
    wire::{json_differences, to_call},
};

/// Calls every operation, answers in the style `sent`, and expects what a
/// service would send in the style `kept`. Gives how many scalars were compared.
async fn all(sent: Style, kept: Style) -> usize {
    let everything = Everything::load();
    let stage = Stage::new().await;
    let mut failures = Vec::new();
    let mut count = 0;
    for subject in everything.subjects() {
        let mut fail = |problem: String| {
            failures.push(format!("{} {}: {problem}", subject.service, subject.operation.name));
        };
        let values = to_call(&given(subject.operation, subject.document, Fill::Required));
        for variant in 0..2 {
            let maker =
                |style| Maker { document: subject.document, style: Style { variant, ..style } };
            let (answer, _) = subject.success(maker(sent));
            let (_, expected) = subject.success(maker(kept));
            if variant > 0
                && expected == subject.success(Maker { document: subject.document, style: kept }).1
            {
                continue;
            }
            count += scalars(&expected);
            match stage.call(subject.call.send, &values, answer).await.result {
                Err(error) => fail(format!("{error}")),
                Ok(response) => {
                    let status = subject.operation.status;
                    if response.status() != status {
                        fail(format!("status {} for {status}", response.status()));
                    }
                    for name in &subject.operation.response_headers {
                        let kept = response.headers().get(name.as_str());
                        if kept.is_none_or(|kept| kept != HEADER) {
                            fail(format!("header {name}: {kept:?}"));
                        }
                        if name == "ETag" && response.etag().is_err() {
                            fail("no entity tag".to_owned());
                        }
                    }
                    json_differences("response", &response, &expected)
                        .into_iter()
                        .for_each(&mut fail);
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    count
}

fn scalars(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(scalars).sum(),
        Value::Object(fields) => fields.values().map(scalars).sum(),
        Value::Null => 0,
        _ => 1,
    }
}

const ALL: Style = Style::received(Fill::All);
const REQUIRED: Style = Style::received(Fill::Required);

#[tokio::test]
async fn with_all_fields() {
    let count = all(ALL, ALL).await;
    assert!(count > Everything::load().subjects().len(), "{count}");
}

#[tokio::test]
async fn with_the_required_fields_alone() {
    all(REQUIRED, REQUIRED).await;
}

#[tokio::test]
async fn with_empty_values() {
    let empty = Style::received(Fill::Empty);
    all(empty, empty).await;
}

#[tokio::test]
async fn with_null_for_what_is_absent() {
    all(Style { nulls: true, ..REQUIRED }, REQUIRED).await;
}

#[tokio::test]
async fn with_unknown_fields() {
    all(Style { unknown_fields: true, ..ALL }, ALL).await;
    all(Style { unknown_fields: true, ..REQUIRED }, REQUIRED).await;
}

#[tokio::test]
async fn with_unknown_enum_values() {
    let style = Style { unknown_values: true, ..ALL };
    all(style, style).await;
    // What is known then, an open enum must not have taken for anything else.
    all(Style { unknown_fields: true, ..style }, style).await;
}

/// The text is kept as it was, in whatever form it came.
#[tokio::test]
async fn with_times_in_other_forms() {
    for time in ["2020-09-28T17:49:00Z", "2020-09-28T17:49:00.123456789+02:00", "tomorrow", ""] {
        let style = Style { time, ..ALL };
        all(style, style).await;
    }
}
