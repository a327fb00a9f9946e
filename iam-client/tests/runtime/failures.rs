//! Connections, limits and timeouts.

use std::{error::Error as _, time::Duration};

use iam_client::runtime::{Client, Error};
use tokio::net::TcpListener;

use super::support::{Server, TOKEN, Then, answer, failed, get, get_thing, once};

/// The texts of an error and all its causes.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(" | {error}");
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn a_refused_connection_says_so_and_shows_no_url() {
    // A port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let builder = Client::builder().endpoint(format!("http://{address}"));
    let client = once(builder.bearer_token(TOKEN));
    let error = failed(get_thing(&client, "p4th", None, Some("qu3ry")).await);
    assert!(error.is_connect() && error.is_transient());
    assert!(!error.is_timeout() && !error.is_interrupted() && !error.is_service());
    assert_eq!(error.status(), None);
    assert_eq!(error.to_string(), format!("get_thing: cannot connect to {address}"));
    let all = format!("{} {error:#?}", chain(&error));
    assert!(error.source().is_some(), "{all}");
    for hidden in ["p4th", "qu3ry", "/v1/", TOKEN] {
        assert!(!all.contains(hidden), "{hidden}: {all}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_timeout() {
    let server = Server::raw("", Then::Wait).await;
    let builder = Client::builder().endpoint(server.url());
    let client = once(builder.attempt_timeout(Duration::from_millis(50)));
    let error = failed(get_thing(&client, "p4th", None, Some("qu3ry")).await);
    assert!(error.is_timeout() && error.is_transient());
    assert!(!error.is_connect() && !error.is_interrupted());
    assert_eq!(error.status(), None);
    assert_eq!(error.to_string(), "get_thing: timed out after 50ms (transaction t0)");
    let all = format!("{} {error:#?}", chain(&error));
    assert!(!all.contains("qu3ry") && !all.contains("p4th"), "{all}");
}

/// The head promises more than comes.
#[tokio::test]
async fn the_time_limit_covers_the_body() {
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{";
    let server = Server::raw(text, Then::Wait).await;
    let builder = Client::builder().endpoint(server.url());
    let client = once(builder.attempt_timeout(Duration::from_millis(400)));
    let error = failed(get(&client).await);
    assert!(error.is_timeout() && error.is_transient(), "{} {error:?}", chain(&error));
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.to_string(), "get_thing: timed out after 400ms (transaction t0)");
}

#[tokio::test]
async fn a_truncated_body_is_an_interruption() {
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":\"s3cret";
    let server = Server::raw(text, Then::Close).await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_interrupted());
    assert!(!error.is_decode() && !error.is_service() && error.is_transient());
    assert_eq!(error.status().unwrap(), 200);
    let expected = "get_thing: connection lost while reading the response (transaction t0)";
    assert_eq!(error.to_string(), expected);
    assert!(error.source().is_some());
    assert!(!format!("{} {error:#?}", chain(&error)).contains("s3cret"));
}

#[tokio::test]
async fn a_connection_closed_without_answer_is_an_interruption() {
    let server = Server::raw("", Then::Close).await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_interrupted() && !error.is_connect());
    assert_eq!(error.status(), None);
    let expected = "get_thing: connection lost before the response (transaction t0)";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn an_answer_that_is_no_http_shows_nothing_of_it() {
    let server = Server::raw("SSH-2.0-s3cret\r\n", Then::Close).await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_interrupted());
    assert!(!format!("{} {error:#?}", chain(&error)).contains("s3cret"));
}

#[tokio::test]
async fn malformed_http_is_called_that() {
    let not_http = "get_thing: the response is not valid HTTP (transaction t0)";
    for text in [
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    ] {
        let server = Server::raw(text, Then::Close).await;
        let error = failed(get(&server.client()).await);
        assert!(error.is_interrupted() && error.is_transient(), "{text:?} {error:?}");
        assert_eq!(error.to_string(), not_http, "{text:?} {}", chain(&error));
        assert!(error.source().is_some());
    }
}

/// Interim responses never end. The limit is real time, so that only a call that
/// does not end fails the test.
#[tokio::test]
async fn a_flood_of_interim_responses_ends_with_the_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let flood = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncReadExt::read_u8(&mut stream).await.unwrap();
        let text = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000);
        while tokio::io::AsyncWriteExt::write_all(&mut stream, text.as_bytes()).await.is_ok() {}
    });
    let limit = Duration::from_millis(300);
    let client = once(Client::builder().endpoint(url).attempt_timeout(limit));
    let started = std::time::Instant::now();
    let error = failed(get(&client).await);
    println!("a limit of {limit:?} ended after {:?}", started.elapsed());
    assert!(error.is_timeout(), "{error:?}");
    // The connection is closed, or the server would go on for ever.
    flood.await.unwrap();
}

#[tokio::test]
async fn a_body_may_be_as_large_as_allowed_and_no_larger() {
    let server = Server::answering(200, "\"45678\"").await;
    let client = |limit| {
        let builder = Client::builder().endpoint(server.url());
        once(builder.max_response_bytes(limit))
    };
    let reply = get(&client(7)).await.unwrap();
    assert_eq!(reply.json::<String>().unwrap().into_inner(), "45678");

    let error = failed(get(&client(6)).await);
    assert!(error.is_decode() && !error.is_transient());
    assert_eq!(error.status().unwrap(), 200);
    let expected =
        "get_thing: the response is larger than 6 bytes (max_response_bytes) (transaction t0)";
    assert_eq!(error.to_string(), expected);
}

/// Chunked: the size is not announced.
#[tokio::test]
async fn a_body_without_length_is_bounded_too() {
    let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                4\r\nabcd\r\n4\r\nefgh\r\n0\r\n\r\n";
    let server = Server::raw(text, Then::Close).await;
    let client = |limit| {
        let builder = Client::builder().endpoint(server.url());
        once(builder.max_response_bytes(limit))
    };
    let reply = get(&client(8)).await.unwrap();
    assert_eq!(reply.bytes().unwrap().into_inner(), "abcdefgh");
    let error = failed(get(&client(7)).await);
    assert!(error.is_decode());
    assert!(error.to_string().contains("larger than 7 bytes"), "{error}");
}

#[tokio::test]
async fn an_announced_length_is_refused_before_reading() {
    // Only the head comes, so that reading on would end in an interruption.
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n";
    let server = Server::raw(text, Then::Close).await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_decode());
    assert!(error.to_string().contains("larger than 16777216 bytes"), "{error}");
}

#[tokio::test]
async fn an_error_keeps_its_status_if_its_body_cannot_be_read() {
    let truncated = "HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\n{\"mess";
    let server = Server::raw(truncated, Then::Close).await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_permission() && error.is_service() && !error.is_interrupted());
    assert_eq!(error.to_string(), "get_thing: 403 forbidden (transaction t0)");
    assert!(error.source().is_some());

    // Only so much is read of what merely explains: this one ends in spaces.
    let long = r#"{"message": "m"}"#.to_owned() + &" ".repeat(1024 * 1024);
    let server = Server::start(move |_| answer(503, &[], long.clone())).await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_service() && error.is_transient() && !error.is_decode());
    assert_eq!(error.to_string(), "get_thing: 503 service unavailable (transaction t0)");
    assert!(error.source().is_none());
}

#[tokio::test]
async fn redirects_are_errors_and_take_no_token_along() {
    let elsewhere = Server::answering(200, "{}").await;
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}/v1/things/1?k=s3cret", elsewhere.url());
        let server = Server::start(move |_| answer(status, &[("location", &target)], "")).await;
        let error = failed(get(&server.client()).await);
        assert!(error.is_service() && !error.is_transient());
        assert_eq!(error.status().unwrap().as_u16(), status);
        let text = error.to_string();
        assert!(text.ends_with(": redirects are not followed (transaction t0)"), "{text}");
        assert!(!format!("{text} {error:#?}").contains("s3cret"));
        assert_eq!(server.seen().len(), 1);
    }
    assert_eq!(elsewhere.seen().len(), 0);
}

/// Nothing tells beforehand whether a caller's client follows redirects.
#[tokio::test]
async fn an_answer_from_elsewhere_is_refused() {
    let elsewhere = Server::answering(200, r#"{"id": "s3cret"}"#).await;
    let target = format!("{}/v1/things/1", elsewhere.url());
    let server = Server::start(move |_| answer(307, &[("location", &target)], "")).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let builder = Client::builder().endpoint(server.url()).bearer_token(TOKEN).http_client(http);
    let error = failed(get(&once(builder)).await);
    assert!(error.is_configuration(), "{error}");
    assert!(error.to_string().contains("redirect::Policy::none()"), "{error}");
    assert!(!format!("{} {error:#?}", chain(&error)).contains("s3cret"));
    // reqwest itself takes the header along to the same host only.
    assert_eq!(elsewhere.only().header("authorization"), None);
}

/// The time shown is the client's limit, and only if that is what was hit.
#[tokio::test]
async fn a_shorter_limit_of_an_own_http_client_is_a_timeout() {
    let server = Server::raw("", Then::Wait).await;
    let limit = Duration::from_millis(50);
    let http = reqwest::Client::builder().no_proxy().read_timeout(limit);
    let builder = Client::builder().endpoint(server.url());
    let client = once(builder.http_client(http.build().unwrap()));
    let error = failed(get(&client).await);
    assert!(error.is_timeout());
    assert_eq!(error.to_string(), "get_thing: timed out (transaction t0)");
}

#[tokio::test]
async fn not_modified_is_no_redirect() {
    let server = Server::answering(304, "").await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.to_string(), "get_thing: 304 not modified (transaction t0)");
}
