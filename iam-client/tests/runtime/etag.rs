//! Entity tags, and changing what others change as well.

use std::sync::atomic::{AtomicU32, Ordering};

use iam_client::runtime::{Client, ETag, Error, Response, read_modify_write};
use serde_json::Value;

use super::support::{Answer, Seen, Server, answer, failed, get, get_answered, get_thing};

#[test]
fn a_tag_is_kept_as_it_came() {
    for text in ["\"1-a\"", "W/\"1\"", "1-a", ""] {
        let tag = ETag::from(text);
        assert_eq!((tag.as_str(), tag.to_string().as_str()), (text, text));
        let owned = text.to_owned();
        assert_eq!(tag, ETag::from(&owned));
        assert_eq!(tag, ETag::from(owned));
        assert_eq!(tag, ETag::from(&tag));
    }
    assert_eq!(ETag::any().as_str(), "*");
}

#[tokio::test]
async fn the_tag_is_in_one_of_two_headers() {
    for (headers, expected) in [
        (vec![("etag", "\"1\"")], "\"1\""),
        (vec![("entity-tag", "2-b")], "2-b"),
        (vec![("entity-tag", "2-b"), ("etag", "W/\"1\"")], "W/\"1\""),
        (vec![("etag", ""), ("entity-tag", "2-b")], "2-b"),
    ] {
        let server = Server::start(move |_| answer(200, &headers, "{}")).await;
        let response = get(&server.client()).await.unwrap().json::<Value>().unwrap();
        assert_eq!(response.etag().unwrap().as_str(), expected);
        assert_eq!(response.map(|_| ()).etag().unwrap().as_str(), expected);
    }
}

#[tokio::test]
async fn an_answer_without_a_tag_says_so() {
    let response = get_answered(200, "{}").await.unwrap().json::<Value>().unwrap();
    let error = failed(response.etag());
    assert!(error.is_decode());
    assert_eq!((error.operation_id(), error.status().unwrap().as_u16()), (Some("get_thing"), 200));
    assert_eq!(
        error.to_string(),
        "get_thing: the response has no entity tag (header ETag or Entity-Tag)"
    );
}

/// A server whose thing others change the first `changes` times that it is read.
async fn contested(changes: u32) -> Server {
    let version = AtomicU32::new(0);
    Server::start(move |seen: &Seen| -> Answer {
        let now = version.load(Ordering::SeqCst);
        match seen.header("if-match") {
            None => {
                if now < changes {
                    version.fetch_add(1, Ordering::SeqCst);
                }
                answer(200, &[("etag", &format!("\"{now}\""))], "{}")
            }
            Some(tag) if tag == format!("\"{now}\"") => answer(200, &[], r#"{"done":true}"#),
            Some(_) => answer(if now.is_multiple_of(2) { 409 } else { 412 }, &[], ""),
        }
    })
    .await
}

async fn change(client: &Client, attempts: u32) -> Result<Response<Value>, Error> {
    read_modify_write(
        attempts,
        async || get_thing(client, "1", None, None).await,
        async |thing: Response<Value>| {
            get_thing(client, "1", Some(thing.etag()?.as_str()), None).await
        },
    )
    .await
}

/// For each request, whether it was a write.
fn writes(server: &Server) -> Vec<bool> {
    server.seen().iter().map(|seen| seen.header("if-match").is_some()).collect()
}

#[tokio::test]
async fn a_change_that_met_another_is_made_again() {
    let server = contested(2).await;
    let done = change(&server.client(), 3).await.unwrap();
    assert_eq!(done["done"], true);
    assert_eq!(writes(&server), [false, true, false, true, false, true]);
    let tags: Vec<_> = server.seen().iter().filter_map(|seen| seen.header("if-match")).collect();
    assert_eq!(tags, ["\"0\"", "\"1\"", "\"2\""]);
}

#[tokio::test]
async fn the_last_conflict_is_returned() {
    for (attempts, requests, status) in [(0, 2, 412), (1, 2, 412), (2, 4, 409)] {
        let server = contested(9).await;
        let error = failed(change(&server.client(), attempts).await);
        assert!(error.is_conflict());
        assert_eq!(error.status().unwrap().as_u16(), status, "{attempts}");
        assert_eq!(writes(&server).len(), requests, "{attempts}");
    }
}

#[tokio::test]
async fn other_failures_are_returned_at_once() {
    // Of reading.
    let server = Server::answering(404, "").await;
    let error = failed(change(&server.client(), 5).await);
    assert!(error.is_not_found());
    assert_eq!(writes(&server), [false]);
    // A conflict of reading is none of writing.
    let server = Server::answering(409, "").await;
    assert!(failed(change(&server.client(), 5).await).is_conflict());
    assert_eq!(writes(&server), [false]);
    // Of writing, and of the caller.
    let server = Server::start(|seen| match seen.header("if-match") {
        None => answer(200, &[("etag", "1")], "{}"),
        Some(_) => answer(403, &[], ""),
    })
    .await;
    assert!(failed(change(&server.client(), 5).await).is_permission());
    assert_eq!(writes(&server), [false, true]);
    let server = Server::answering(200, "{}").await;
    assert!(failed(change(&server.client(), 5).await).is_decode());
    assert_eq!(writes(&server), [false]);
}

/// The future can be given to another thread, and what it borrows changed.
#[tokio::test]
async fn a_change_can_be_spawned() {
    let server = contested(1).await;
    let client = server.client();
    let task = tokio::spawn(async move {
        let mut read = 0;
        let done = read_modify_write(
            2,
            || {
                read += 1;
                get_thing(&client, "1", None, None)
            },
            async |thing: Response<Value>| {
                get_thing(&client, "1", Some(thing.etag()?.as_str()), None).await
            },
        )
        .await;
        (read, done.is_ok())
    });
    assert_eq!(task.await.unwrap(), (2, true));
}

/// An empty one would be taken for none, or for a match.
#[tokio::test]
async fn an_empty_tag_is_refused_before_anything_is_sent() {
    let server = Server::answering(200, "{}").await;
    for tag in ["", " ", "\t"] {
        let tag = ETag::from(tag);
        let result = get_thing(&server.client(), "1", Some(tag.as_str()), None).await;
        let error = failed(result);
        assert!(error.is_invalid_request());
        assert_eq!(
            error.to_string(),
            "get_thing: the entity tag in If-Match is empty; send that of a response, or \
             ETag::any()"
        );
    }
    let options = iam_client::runtime::CallOptions::new().header("If-Match", "");
    assert!(failed(get(&server.client().with(options)).await).is_invalid_request());
    assert_eq!(server.seen().len(), 0);
}
