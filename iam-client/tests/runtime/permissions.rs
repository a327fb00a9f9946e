//! Refusals that explain themselves.

use iam_client::runtime::{AuditEvent, Client, Operation, RequiredAction};

use super::support::{GET_THING, Server, TOKEN, answer, failed, get, once};

const READ: RequiredAction =
    RequiredAction { name: "things.thing.read", when: None, inferred: false };
const HISTORY: RequiredAction =
    RequiredAction { name: "things.history.read", when: Some("With history."), inferred: true };
static GUARDED: Operation = Operation {
    actions: &[READ, HISTORY],
    events: &[
        AuditEvent { name: "things.thing.read", when: None, inferred: false },
        AuditEvent { name: "things.thing.list", when: None, inferred: true },
    ],
    ..GET_THING
};

/// The header of a token, `{"iam_id":"iam-ServiceId-7","account":{"bss":"a1"}}`, and a
/// signature.
const NAMED: &str = "e30.eyJpYW1faWQiOiJpYW0tU2VydmljZUlkLTciLCJhY2NvdW50Ijp7ImJzcyI6ImExIn19.c2ln";

async fn refused(token: &str) -> iam_client::runtime::Error {
    let server = Server::start(|_| answer(403, &[], r#"{"errors": [{"message": "No."}]}"#)).await;
    let client = once(Client::builder().endpoint(server.url()).bearer_token(token));
    let url = format!("{}/v1/things/1", client.endpoint());
    let request = client.http().get(url).build().unwrap();
    failed(client.execute(&GUARDED, request).await)
}

#[tokio::test]
async fn a_refusal_names_actions_events_and_the_caller() {
    let error = refused(NAMED).await;
    let hint = error.permission_hint().unwrap();
    assert_eq!(hint.actions(), [READ, HISTORY]);
    assert_eq!(hint.events().len(), 2);
    let caller = hint.caller().unwrap();
    assert_eq!(
        (caller.iam_id.as_str(), caller.account.as_deref()),
        ("iam-ServiceId-7", Some("a1"))
    );
    assert_eq!(
        error.to_string(),
        "get_thing: 403 forbidden: No (transaction t0); needs things.thing.read and \
         things.history.read (With history); recorded as audit event things.thing.read or \
         things.thing.list; called by iam-ServiceId-7 in account a1"
    );
    assert!(!format!("{error:#?}").contains("eyJ"));
}

#[tokio::test]
async fn an_opaque_token_names_nobody() {
    let error = refused(TOKEN).await;
    let hint = error.permission_hint().unwrap();
    assert!(hint.caller().is_none());
    assert!(error.to_string().ends_with("or things.thing.list"), "{error}");
}

#[tokio::test]
async fn other_failures_and_unknown_operations_have_no_hint() {
    for status in [401, 404] {
        let server = Server::start(move |_| answer(status, &[], "{}")).await;
        let client = server.client();
        let url = format!("{}/v1/things/1", client.endpoint());
        let request = client.http().get(url).build().unwrap();
        let error = failed(client.execute(&GUARDED, request).await);
        assert!(error.permission_hint().is_none());
    }
    let server = Server::answering(403, "{}").await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_permission() && error.permission_hint().is_none());
}
