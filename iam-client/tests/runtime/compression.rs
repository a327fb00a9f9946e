//! Compressed responses.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use iam_client::{CallOptions, Client};
use serde_json::Value;

use super::support::{Server, answer, failed, get, once};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A server that sends `body` under a content coding.
async fn server(status: u16, coding: &'static str, body: Vec<u8>) -> Server {
    Server::start(move |_| answer(status, &[("content-encoding", coding)], body.clone())).await
}

#[tokio::test]
async fn gzip_is_asked_for_and_read() {
    for coding in ["gzip", "GZip", "x-gzip"] {
        let server = server(200, coding, gzip(br#"{"id": "1"}"#)).await;
        let response = get(&server.client()).await.unwrap().json::<Value>().unwrap();
        assert_eq!(response["id"], "1");
        // Neither describes the body any more.
        assert!(!response.headers().contains_key("content-encoding"));
        assert!(!response.headers().contains_key("content-length"));
        assert_eq!(server.only().header("accept-encoding").unwrap(), "gzip");
    }
}

#[tokio::test]
async fn a_body_in_several_parts_is_read_to_its_end() {
    let parts = [gzip(b"[1,"), gzip(b"2]")].concat();
    let server = server(200, "gzip", parts).await;
    let response = get(&server.client()).await.unwrap().json::<Vec<u8>>().unwrap();
    assert_eq!(*response, [1, 2]);
}

#[tokio::test]
async fn the_explanation_of_an_error_is_decompressed() {
    let server = server(404, "gzip", gzip(br#"{"message": "none"}"#)).await;
    assert_eq!(failed(get(&server.client()).await).message(), Some("none"));
}

#[tokio::test]
async fn an_empty_body_is_not_decompressed() {
    for body in [Vec::new(), gzip(b"")] {
        let server = server(204, "gzip", body).await;
        let response = get(&server.client()).await.unwrap();
        assert!(response.body().is_empty());
    }
}

/// A million bytes in a thousand.
#[tokio::test]
async fn the_limit_is_that_of_the_decompressed_body() {
    let text = format!("\"{}\"", "a".repeat(999_998));
    let compressed = gzip(text.as_bytes());
    assert!(compressed.len() < 2_000);
    let server = server(200, "gzip", compressed.clone()).await;
    let client = |limit| {
        let builder = Client::builder().endpoint(server.url());
        once(builder.max_response_bytes(limit))
    };
    let response = get(&client(1_000_000)).await.unwrap().json::<String>().unwrap();
    assert_eq!(response.len(), 999_998);
    let error = failed(get(&client(999_999)).await);
    assert!(error.is_decode());
    let text = error.to_string();
    assert!(text.contains("it is larger than 999999 bytes (max_response_bytes)"), "{text}");
    assert_eq!(error.response().unwrap().body(), &compressed);
}

#[tokio::test]
async fn what_cannot_be_decompressed_is_an_error_that_keeps_it() {
    let mut broken = gzip(b"{}");
    broken.truncate(12);
    for body in [broken, b"s3cret".to_vec()] {
        let server = server(200, "gzip", body.clone()).await;
        let error = failed(get(&server.client()).await);
        let text = error.to_string();
        assert_eq!(
            text,
            "get_thing: cannot decode the response: it is not valid gzip (transaction t0)"
        );
        let response = error.response().unwrap();
        assert_eq!(response.body(), &body);
        assert_eq!(response.headers()["content-encoding"], "gzip");
    }
}

#[tokio::test]
async fn another_coding_is_left_to_whoever_asked_for_it() {
    let server = server(200, "br", b"s3cret".to_vec()).await;
    let options = CallOptions::new().header("accept-encoding", "br");
    let response = get(&server.client().with(options)).await.unwrap();
    assert_eq!(server.only().header("accept-encoding").unwrap(), "br");
    assert_eq!(response.body(), "s3cret");
    let error = failed(response.json::<Value>());
    assert!(error.to_string().contains("its Content-Encoding is not gzip"), "{error}");
}
