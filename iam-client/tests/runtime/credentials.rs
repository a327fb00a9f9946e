//! Keys in the header, query or cookie that an operation names.

use std::{
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use iam_client::runtime::{
    CallOptions, Client, Error, Operation, RawResponse, SecurityKind, SecurityScheme,
};

use super::{
    clock::TestClock,
    support::{GET_REPORT, Server, answer, failed, once},
};

const KEY: &str = "k3y+/ \"&=secret";
/// Its forms in a query, in JSON, and its plain core.
const FORMS: [&str; 5] = [KEY, "k3y%2B", "k3y%2b", "k3y+", "secret"];

static IN_QUERY: Operation = Operation {
    security: &[&[SecurityScheme { name: "key", kind: SecurityKind::Query("api key") }]],
    ..GET_REPORT
};
static IN_HEADER: Operation = Operation {
    security: &[&[SecurityScheme { name: "key", kind: SecurityKind::Header("x-api-key") }]],
    ..GET_REPORT
};

async fn call(client: &Client, operation: &'static Operation) -> Result<RawResponse, Error> {
    let request = client.http().get(format!("{}/v1/report", client.endpoint())).build().unwrap();
    client.execute(operation, request).await
}

/// Everything that printing an error can give.
fn texts(error: &Error) -> String {
    let mut text = format!("{error} {error:#} {error:?} {error:#?} {:?}", error.errors());
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(" {error} {error:?} {error:#?}");
        cause = error.source();
    }
    text
}

fn check(text: &str) {
    for form in FORMS {
        assert!(!text.contains(form), "{form} in {text}");
    }
}

#[tokio::test]
async fn each_attempt_has_the_key_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => answer(503, &[], ""),
        _ => answer(200, &[], "done"),
    })
    .await;
    let builder = Client::builder().endpoint(server.url()).credential("key", "k1");
    let client = builder.clock(TestClock::new(0.5)).build().unwrap();
    call(&client, &IN_QUERY).await.unwrap();
    let targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/v1/report?api+key=k1"; 3]);
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn no_error_shows_the_key() {
    let server = Server::start(|seen| {
        let key = seen.header("x-api-key").unwrap_or_default().replace('"', "\\\"");
        let message = format!("refused {} {key}", seen.target);
        answer(403, &[("transaction-id", KEY)], format!("{{\"message\": \"{message}\"}}"))
    })
    .await;
    let client = once(Client::builder().endpoint(server.url()).credential("key", KEY));
    for operation in [&IN_QUERY, &IN_HEADER] {
        let error = failed(call(&client, operation).await);
        let text = texts(&error);
        check(&text);
        assert!(text.contains("refused") && text.contains("***"), "{text}");
    }
    // One that the call brings itself.
    let own = client.with(CallOptions::new().header("x-api-key", "0wn-key-of-the-call"));
    let text = texts(&failed(call(&own, &IN_HEADER).await));
    assert!(text.contains("***") && !text.contains("0wn-key"), "{text}");
    let seen = server.seen();
    assert_eq!(seen[0].target, "/v1/report?api+key=k3y%2B%2F+%22%26%3Dsecret");
    assert_eq!(seen[1].header("x-api-key").as_deref(), Some(KEY));
    assert_eq!(seen[2].header("x-api-key").as_deref(), Some("0wn-key-of-the-call"));

    // Nobody listens there any more.
    drop(server);
    tokio::task::yield_now().await;
    let closed = Client::builder().endpoint("http://127.0.0.1:1").credential("key", KEY);
    check(&format!("{closed:?} {closed:#?}"));
    let closed = once(closed);
    check(&format!("{closed:?} {closed:#?}"));
    let error = failed(call(&closed, &IN_QUERY).await);
    assert!(error.is_connect(), "{error}");
    check(&texts(&error));
    // Nor is a response shown with its request.
    let server = Server::answering(200, "x").await;
    let client = once(Client::builder().endpoint(server.url()).credential("key", KEY));
    let reply = call(&client, &IN_QUERY).await.unwrap();
    check(&format!("{reply:?}"));
    let error = failed(reply.json::<u8>());
    check(&texts(&error));
}

#[tokio::test]
async fn a_key_does_not_follow_a_redirect() {
    let other = Server::answering(200, "{}").await;
    let target = other.url().to_owned();
    let server = Server::start(move |_| answer(307, &[("location", &target)], "")).await;
    let client = once(Client::builder().endpoint(server.url()).credential("key", KEY));
    for operation in [&IN_QUERY, &IN_HEADER] {
        let error = failed(call(&client, operation).await);
        assert_eq!(error.status().map(|status| status.as_u16()), Some(307));
        check(&texts(&error));
    }
    assert_eq!((server.seen().len(), other.seen().len()), (2, 0));
}
