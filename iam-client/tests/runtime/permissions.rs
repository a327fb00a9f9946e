//! Refusals that explain themselves.

use iam_client::runtime::{AuditEvent, Client, Error, Operation, RequiredAction};
use serde_json::{Value, json};

use super::support::{
    CREATE_THING, GET_THING, LIST_THINGS, Server, TOKEN, answer, failed, get, once,
};

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
    assert_eq!(hint.actions().collect::<Vec<_>>(), [&READ, &HISTORY]);
    assert_eq!(hint.target().collect::<Vec<_>>(), [("id", "1")]);
    assert_eq!(hint.events().len(), 2);
    let caller = hint.caller().unwrap();
    assert_eq!(
        (caller.iam_id.as_str(), caller.account.as_deref()),
        ("iam-ServiceId-7", Some("a1"))
    );
    assert_eq!(
        error.to_string(),
        "get_thing: 403 forbidden: No (transaction t0); needs things.thing.read and probably \
         things.history.read (if With history); target: id 1; recorded as audit event \
         things.thing.read or probably things.thing.list; called by iam-ServiceId-7 in account a1"
    );
    assert!(!format!("{error:#?}").contains("eyJ"));
}

#[tokio::test]
async fn an_opaque_token_names_nobody() {
    let error = refused(TOKEN).await;
    let hint = error.permission_hint().unwrap();
    assert!(hint.caller().is_none());
    assert!(error.to_string().ends_with("or probably things.thing.list"), "{error}");
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

/// The hint of a refused request.
async fn hint(operation: &'static Operation, path: &str, body: Option<Value>) -> (Error, String) {
    let server = Server::answering(403, "{}").await;
    let client = once(Client::builder().endpoint(format!("{}/base/", server.url())));
    let method = operation.method.parse().unwrap();
    let mut request = client.http().request(method, client.endpoint().to_owned() + path);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let error = failed(client.execute(operation, request.build().unwrap()).await);
    let hint = error.permission_hint().unwrap().to_string();
    (error, hint)
}

const fn action(name: &'static str, when: &'static str) -> RequiredAction {
    RequiredAction { name, when: Some(when), inferred: false }
}

const ACCOUNT: RequiredAction = action("things.manage", "scope=account");
static LIST: Operation = Operation { actions: &[READ, ACCOUNT], ..LIST_THINGS };
static QUOTED: Operation =
    Operation { actions: &[action("things.manage", "If scope = 'account'.")], ..LIST_THINGS };
static GIVEN: Operation =
    Operation { actions: &[action("things.manage", "account_id given")], ..LIST_THINGS };
static WITH_KEY: Operation =
    Operation { actions: &[action("things.key.create", "the body has apikey")], ..CREATE_THING };

/// A condition that the request does not meet is not among its needs.
#[tokio::test]
async fn a_condition_that_does_not_apply_is_not_a_need() {
    for (path, expected) in [
        ("/v1/things", "needs things.thing.read"),
        ("/v1/things?scope=entity", "needs things.thing.read"),
        ("/v1/things?scope=account", "needs things.thing.read and things.manage"),
    ] {
        assert_eq!(hint(&LIST, path, None).await.1, expected, "{path}");
    }
    let (error, _) = hint(&LIST, "/v1/things?scope=entity", None).await;
    let actions = error.permission_hint().unwrap();
    assert_eq!(actions.actions().collect::<Vec<_>>(), [&READ]);

    assert_eq!(hint(&QUOTED, "/v1/things?scope=account", None).await.1, "needs things.manage");
    assert_eq!(hint(&QUOTED, "/v1/things", None).await.1, "");
    assert_eq!(hint(&GIVEN, "/v1/things?account_id=a", None).await.1, "needs things.manage");
    assert_eq!(hint(&GIVEN, "/v1/things", None).await.1, "");
    for (body, expected) in [
        (json!({"apikey": {}}), "needs things.key.create"),
        (json!({"apikey": null}), ""),
        (json!({"name": "apikey"}), ""),
    ] {
        assert_eq!(hint(&WITH_KEY, "/v1/things", Some(body)).await.1, expected);
    }
}

static DEEP: Operation = Operation {
    path: "/v1/{account}/things/{thing-id}/rules/{rule}/{version}",
    actions: &[READ],
    ..GET_THING
};

#[tokio::test]
async fn the_target_is_named_by_the_arguments_of_the_path() {
    let account = "0123456789abcdef0123456789abcdef";
    let uuid = "12345678-9abc-def0-1234-56789abcdef0";
    let path = format!("/v1/{account}/things/ServiceId-{uuid}/rules/iam-Profile-{uuid}/12");
    let (error, text) = hint(&DEEP, &path, None).await;
    assert_eq!(
        text,
        format!(
            "needs things.thing.read; target: account {account}, thing-id ServiceId-{uuid}, rule \
             iam-Profile-{uuid}, version 12"
        )
    );
    assert!(error.to_string().contains(&text));
    let hint_ = error.permission_hint().unwrap();
    assert_eq!(hint_.target().nth(3), Some(("version", "12")));

    // What is no identifier may be an API key in the wrong place.
    let key = "k3yKEYk3yKEYk3yKEYk3yKEYk3yKEYk3yKEYk3yKEYk3";
    let path = format!("/v1/{account}x/things/{key}/rules/a%20b/crn%3Av1%3Ax%3A%3Aa%2F1");
    let (error, text) = hint(&DEEP, &path, None).await;
    assert_eq!(
        text,
        "needs things.thing.read; target: account (33 characters), thing-id (44 characters), \
         rule (3 characters), version crn:v1:x::a/1"
    );
    assert!(!format!("{error:?} {:?}", error.permission_hint()).contains(key));
    let hint = error.permission_hint().unwrap();
    assert_eq!(hint.target().nth(1), Some(("thing-id", key)));
    assert_eq!(hint.target().nth(2), Some(("rule", "a b")));
}

static CREATE_POLICY: Operation = Operation {
    actions: &[RequiredAction { name: "iam.policy.create", when: None, inferred: true }],
    ..CREATE_THING
};

/// Administrators of many services have the action; one of them is meant.
#[tokio::test]
async fn a_policy_needs_the_administrator_of_its_service() {
    let v1 = |service: &str| {
        json!({"type": "access", "roles": [{"role_id": "r"}],
            "subjects": [{"attributes": [{"name": "serviceName", "value": "other"}]}],
            "resources": [{"attributes": [{"name": "accountId", "value": "a"},
                                          {"name": "serviceName", "value": service}]}]})
    };
    let v2 = json!({"resource": {"attributes": [
        {"key": "serviceName", "operator": "stringEquals", "value": "kms"}]}});
    let granted = |service: &str| {
        format!("probably needs iam.policy.create (granted by Administrator on {service})")
    };
    let any = "the service that the policy gives access to";
    for (body, expected) in [
        (v1("cloud-object-storage"), "cloud-object-storage, the service of the policy"),
        (v2, "kms, the service of the policy"),
        (json!({"resources": []}), any),
        (v1("S3cret key"), any),
    ] {
        assert_eq!(hint(&CREATE_POLICY, "/v1/things", Some(body)).await.1, granted(expected));
    }
}
