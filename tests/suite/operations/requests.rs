//! What each operation sends.

use iam_tests::calls::Send;

use super::{
    stage::{Everything, Stage, Subject},
    values::{Fill, Maker, Style, given},
    wire::{Wire, to_call},
};

/// Calls every operation with values made as `fill` says; gives how many were
/// called.
async fn all(fill: Fill, how: impl Fn(&Subject<'_>) -> Option<Send>) -> usize {
    let everything = Everything::load();
    let stage = Stage::new().await;
    let mut failures = Vec::new();
    let mut count = 0;
    for subject in everything.subjects() {
        let Some(send) = how(&subject) else { continue };
        count += 1;
        let mut fail = |problem: String| {
            failures.push(format!("{} {}: {problem}", subject.service, subject.operation.name));
        };
        let given = given(subject.operation, subject.document, fill);
        let values = to_call(&given);
        let maker = Maker { document: subject.document, style: Style::received(Fill::All) };
        let outcome = stage.call(send, &values, subject.success(maker).0).await;
        if let Err(error) = outcome.result {
            fail(format!("{error}"));
        }
        match &outcome.seen {
            None => fail("nothing was sent".to_owned()),
            Some(seen) => {
                let expected = Wire::expected(subject.operation, &given);
                Wire::seen(seen).differences(&expected).into_iter().for_each(&mut fail);
            }
        }
        if fill == Fill::All {
            let extra = values.not_given();
            extra.into_iter().for_each(|what| fail(format!("not in the document: {what}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    count
}

/// The number of operations that `is` picks.
fn count(is: impl Fn(&Subject<'_>) -> bool) -> usize {
    Everything::load().subjects().iter().filter(|subject| is(subject)).count()
}

#[tokio::test]
async fn with_everything_optional_set() {
    assert_eq!(all(Fill::All, |subject| Some(subject.call.send)).await, count(|_| true));
}

#[tokio::test]
async fn with_nothing_optional_set() {
    assert_eq!(all(Fill::Required, |subject| Some(subject.call.send)).await, count(|_| true));
}

/// Empty text, `false`, 0 and empty lists are values: in an update they clear.
#[tokio::test]
async fn with_everything_optional_empty() {
    assert_eq!(all(Fill::Empty, |subject| Some(subject.call.send)).await, count(|_| true));
}

/// `…_with_body` and `.body(…)`.
#[tokio::test]
async fn with_the_body_as_a_whole() {
    let with_fields =
        count(|subject| subject.operation.body.as_ref().is_some_and(|body| body.fields.is_some()));
    assert!(with_fields > 0);
    assert_eq!(all(Fill::All, |subject| subject.call.send_whole).await, with_fields);
    assert_eq!(all(Fill::Required, |subject| subject.call.send_whole).await, with_fields);
}

#[test]
fn every_operation_of_the_client_is_in_a_document() {
    assert_eq!(Everything::load().not_in_documents(), [""; 0]);
}
