//! What no text may show.

use std::{collections::HashMap, error::Error as _};

use iam_client::runtime::{Client, Secret};

use super::support::{GET_THING, GET_TOKEN, Server, TOKEN, Then, answer, failed, get, get_thing};

/// Everything that printing an error can give.
fn all_texts(error: &iam_client::runtime::Error) -> String {
    let mut text = format!("{error} {error:#} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(" {error} {error:#} {error:?} {error:#?}");
        cause = error.source();
    }
    text
}

#[test]
fn settings_do_not_show_the_token() {
    let builder = Client::builder().endpoint("https://iam.example.com/x/");
    let builder = builder.bearer_token(TOKEN);
    let shown = format!("{builder:#?}");
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(shown.contains("Secret(***)") && shown.contains("https://iam.example.com/x"));
    let client = builder.build().unwrap();
    let expected = r#"Client { endpoint: "https://iam.example.com/x", .. }"#;
    assert_eq!(format!("{client:?}"), expected);
    assert!(!format!("{client:#?}").contains(TOKEN));
}

#[test]
fn an_invalid_endpoint_is_not_shown() {
    let builder = Client::builder().endpoint("https://me:s3cret@iam.example.com");
    let shown = format!("{builder:#?}");
    assert!(!shown.contains("s3cret") && shown.contains("(invalid)"), "{shown}");
}

/// A run in which everything that can go wrong does, with markers everywhere.
#[tokio::test]
async fn a_failing_run_shows_no_marker() {
    let markers = [TOKEN, "1dmark", "m4tch", "qu3ry", "b0dy", "h3ader"];
    let headers = [("x-h3ader", "h3ader"), ("set-cookie", "h3ader=1"), ("etag", "h3ader")];
    let mut errors = Vec::new();
    for (status, body) in [
        (200, "{\"b0dy\": b0dy"),
        (200, ""),
        (401, "b0dy"),
        (403, "<b0dy>"),
        (500, "[\"b0dy\"]"),
        (302, "b0dy"),
    ] {
        let server = Server::start(move |_| answer(status, &headers, body)).await;
        let client = server.client();
        let result = get_thing(&client, "1dmark", Some("m4tch"), Some("qu3ry")).await;
        errors.push(failed(result));
    }
    let server = Server::raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nb0dy", Then::Close).await;
    let result = get_thing(&server.client(), "1dmark", Some("m4tch"), Some("qu3ry")).await;
    errors.push(failed(result));
    let server = Server::raw("", Then::Close).await;
    let result = get_thing(&server.client(), "1dmark", Some("m4tch"), Some("qu3ry")).await;
    errors.push(failed(result));
    for error in errors {
        let shown = all_texts(&error);
        for marker in markers {
            assert!(!shown.contains(marker), "{marker}: {shown}");
        }
    }
}

#[tokio::test]
async fn replies_and_responses_show_neither_headers_nor_secrets() {
    let headers = [("set-cookie", "h3ader=1")];
    let server = Server::start(move |_| answer(200, &headers, r#"{"apikey": "b0dy"}"#)).await;
    let reply = get(&server.client()).await.unwrap();
    let shown = format!("{reply:#?}");
    assert!(!shown.contains("b0dy") && !shown.contains("h3ader"), "{shown}");
    let response = reply.json::<HashMap<String, Secret>>().unwrap();
    assert_eq!(response["apikey"].expose(), "b0dy");
    assert_eq!(
        format!("{response:?}"),
        r#"Response { status: 200, value: {"apikey": Secret(***)}, .. }"#
    );
}

/// A credential of the request itself is hidden like the configured one.
#[tokio::test]
async fn an_echoed_authorization_of_the_request_is_replaced() {
    let server = Server::start(|seen| {
        let sent = seen.header("authorization").unwrap();
        answer(400, &[], serde_json::json!({"message": format!("got {sent}")}).to_string())
    })
    .await;
    let client = server.client();
    let url = format!("{}/v1/things/1", client.endpoint());
    for (own, expected) in [("Basic dXNlcjpwYXNz", "got Basic ***"), ("dXNlcjpwYXNz", "got ***")] {
        let request = client.http().get(&url).header("authorization", own);
        let error = failed(client.execute(&GET_THING, request.build().unwrap()).await);
        assert_eq!(error.message(), Some(expected));
    }
}

/// Operations that take the token in their body are called without it.
#[tokio::test]
async fn the_configured_token_is_hidden_in_anonymous_calls_too() {
    let message = format!(r#"{{"message": "cannot exchange {TOKEN}"}}"#);
    let server = Server::start(move |_| answer(400, &[], message.clone())).await;
    let client = server.client();
    let url = format!("{}/identity/token", client.endpoint());
    let request = client.http().post(url).body(TOKEN).build().unwrap();
    let error = failed(client.execute(&GET_TOKEN, request).await);
    assert_eq!(error.message(), Some("cannot exchange ***"));
}
