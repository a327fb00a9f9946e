//! What each operation sends.

use iam_tests::calls::Send;

use super::{
    stage::{Everything, Stage, Subject},
    values::{Fill, Maker, Style, given},
    wire::{Wire, to_call},
};

/// Calls every operation with values made as `fill` says; gives how many were
/// called.
async fn all(
    everything: &Everything,
    fill: Fill,
    how: impl Fn(&Subject<'_>) -> Option<Send>,
) -> usize {
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

/// The same with all operations, of which there are some.
async fn each(fill: Fill) {
    for everything in [Everything::load(), Everything::in_ibm_style()] {
        let count = everything.subjects().len();
        assert!(count > 0);
        assert_eq!(all(&everything, fill, |subject| Some(subject.call.send)).await, count);
    }
}

#[tokio::test]
async fn with_everything_optional_set() {
    each(Fill::All).await;
}

#[tokio::test]
async fn with_nothing_optional_set() {
    each(Fill::Required).await;
}

/// Empty text, `false`, 0 and empty lists are values: in an update they clear.
#[tokio::test]
async fn with_everything_optional_empty() {
    each(Fill::Empty).await;
}

/// `…_with_body` and `.body(…)`.
#[tokio::test]
async fn with_the_body_as_a_whole() {
    for everything in [Everything::load(), Everything::in_ibm_style()] {
        let subjects = everything.subjects();
        let bodies = subjects.iter().filter_map(|subject| subject.operation.body.as_ref());
        let with_fields = bodies.filter(|body| body.fields.is_some()).count();
        assert!(with_fields > 0);
        for fill in [Fill::All, Fill::Required] {
            let sent = all(&everything, fill, |subject| subject.call.send_whole).await;
            assert_eq!(sent, with_fields);
        }
    }
}

/// The basis of the comparison above: which operations are called without a token.
#[test]
fn in_ibms_style_only_token_operations_go_without_a_token() {
    let everything = Everything::in_ibm_style();
    let subjects = everything.subjects();
    let anonymous = subjects.iter().filter(|subject| subject.operation.anonymous);
    let ids: Vec<_> = anonymous.map(|subject| subject.operation.id.as_str()).collect();
    assert_eq!(ids, ["getToken_ApiKey", "getToken_Passcode"]);
    assert_eq!(subjects.len(), 7);
}

#[test]
fn every_operation_of_the_client_is_in_a_document() {
    assert_eq!(Everything::load().not_in_documents(), [""; 0]);
}
