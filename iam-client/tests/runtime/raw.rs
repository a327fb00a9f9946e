//! Responses that are not decoded, or cannot be.

use iam_client::{Client, RawResponse, auth::ApiKey};
use serde::Deserialize;
use serde_json::{Value, json};

use super::support::{Server, answer, failed, get, get_answered, once};

const CREATED: &str = r#"{"apikey": "s3cret", "name": null}"#;

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoded for its errors alone")]
struct Key {
    apikey: String,
    name: String,
}

#[tokio::test]
async fn an_error_keeps_the_response_that_it_could_not_decode() {
    let headers = [("etag", "1-s3cret"), ("transaction-id", "t7")];
    let server = Server::start(move |_| answer(201, &headers, CREATED)).await;
    let error = failed(get(&server.client()).await.unwrap().json::<Key>());
    let response: RawResponse = error.response().unwrap().clone();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["etag"], "1-s3cret");
    assert_eq!(response.transaction_id(), Some("t7"));
    assert_eq!(response.body(), CREATED);
    let key = response.json::<Value>().unwrap();
    assert_eq!(key["apikey"], "s3cret");

    let text = format!("{error} {error:?} {error:#?} {:?}", error.response());
    assert!(!text.contains("s3cret"), "{text}");
    assert!(text.contains("name: expected a string, found null"), "{text}");
}

#[tokio::test]
async fn an_error_keeps_text_that_is_not_utf_8() {
    let server = Server::start(|_| answer(200, &[], &b"k\xff"[..])).await;
    let error = failed(get(&server.client()).await.unwrap().text());
    assert_eq!(error.response().unwrap().body(), &b"k\xff"[..]);
}

#[tokio::test]
async fn other_errors_have_no_response() {
    let refused = failed(get_answered(404, CREATED).await);
    assert!(refused.is_service() && refused.response().is_none());
    let server = Server::answering(200, CREATED).await;
    let small = Client::builder().endpoint(server.url()).max_response_bytes(7);
    let large = failed(get(&once(small)).await);
    assert!(large.is_decode() && large.response().is_none());
}

/// A response that holds tokens is not kept.
#[tokio::test]
async fn a_token_response_is_not_kept() {
    let server = Server::answering(200, r#"{"access_token": "s3cret", "expires_in": []}"#).await;
    let authenticator = ApiKey::new("key").endpoint(server.url()).build().unwrap();
    let builder = Client::builder().endpoint(server.url()).authenticator(authenticator);
    let error = failed(get(&once(builder)).await);
    let exchange = std::error::Error::source(&error).unwrap();
    let exchange = exchange.downcast_ref::<iam_client::Error>().unwrap();
    assert!(exchange.is_decode(), "{exchange}");
    assert!(error.response().is_none() && exchange.response().is_none());
}

#[tokio::test]
async fn a_raw_response_is_decoded_into_any_type() {
    let raw = get_answered(200, r#"{"id": "1", "new": [2]}"#).await.unwrap();
    assert_eq!(raw.operation().id, "get_thing");
    assert_eq!(raw.clone().json::<Value>().unwrap().into_inner(), json!({"id": "1", "new": [2]}));
    assert_eq!(raw.body(), r#"{"id": "1", "new": [2]}"#);
}
