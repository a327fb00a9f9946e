//! The core's requests, and its failures to build one.

use iam_client::runtime::{Error, Recorder};
use progenitor_client::{ByteStream, Error as CoreError};
use serde::{Serialize, Serializer, ser::Error as _};

use super::support::{CREATE_THING, GET_THING, GET_TOKEN, Server, core, failed, get_thing};

/// Fails to serialize, with a message that quotes a value.
struct Unserializable;

impl Serialize for Unserializable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("cannot write s3cret"))
    }
}

fn check(error: &Error, operation: &str, problem: &str) {
    assert!(error.is_invalid_request());
    assert_eq!(error.operation_id(), Some(operation));
    assert_eq!(error.to_string(), format!("{operation}: {problem}"));
    assert!(std::error::Error::source(error).is_none());
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[tokio::test]
async fn headers_cannot_be_injected() {
    let server = Server::answering(200, "{}").await;
    let client = server.client();
    for value in ["a\r\nX-Evil: s3cret", "a\ns3cret", "s3cret\0", "\rs3cret", "s3cret\u{7f}"] {
        let error = failed(get_thing(&client, "1", Some(value), None).await);
        let problem = "a header parameter contains characters that a header cannot hold";
        check(&error, "get_thing", problem);
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_body_that_cannot_be_encoded_is_an_error_without_values() {
    let server = Server::answering(200, "{}").await;
    let client = server.client();
    let core = core::Client::of(&client);
    let built = core.create_thing(&Unserializable).await;
    let error = failed(core.inner.finish(&CREATE_THING, built));
    check(&error, "create_thing", "a parameter or the body cannot be encoded");

    let built = core.get_token(None, &Unserializable).await;
    let error = failed(core.inner.finish(&GET_TOKEN, built));
    check(&error, "get_token", "the body cannot be encoded");
}

#[test]
fn nothing_recorded_is_an_error() {
    let recorder = Recorder::default();
    let nothing: Result<(), CoreError<ByteStream>> = Ok(());
    let error = failed(recorder.finish(&GET_THING, nothing));
    check(&error, "get_thing", "no request was built");

    let custom: Result<(), CoreError<ByteStream>> = Err(CoreError::Custom("s3cret".into()));
    let error = failed(recorder.finish(&GET_THING, custom));
    check(&error, "get_thing", "the request cannot be built");

    let invalid: CoreError<ByteStream> = CoreError::InvalidRequest("s3cret".into());
    let error = failed(recorder.finish::<(), _>(&GET_THING, Err(invalid)));
    check(&error, "get_thing", "the request cannot be built");
}

#[tokio::test]
async fn a_request_is_given_out_once_and_whatever_the_core_made_of_the_answer() {
    let recorder = Recorder::default();
    let http = reqwest::Client::new();
    let request = http.get("http://localhost/v1/things/1").build().unwrap();
    let response = recorder.clone().record(request);
    assert_eq!(response.status(), 200);
    assert_eq!(response.bytes().await.unwrap(), "");

    let decoding: CoreError<ByteStream> = CoreError::Custom("an empty body".into());
    let request = recorder.finish::<(), _>(&GET_THING, Err(decoding)).unwrap();
    assert_eq!(request.url().path(), "/v1/things/1");
    let again: Result<(), CoreError<ByteStream>> = Ok(());
    assert!(recorder.finish(&GET_THING, again).is_err());
}

#[test]
fn only_the_cores_own_version_header_is_removed() {
    let recorder = Recorder::default();
    let http = reqwest::Client::new();
    let request = http
        .get("http://localhost/")
        .header("api-version", "of the core")
        .header("api-version", "of the caller")
        .header("if-match", "x")
        .build()
        .unwrap();
    let _ = recorder.record(request);
    let built: Result<(), CoreError<ByteStream>> = Ok(());
    let request = recorder.finish(&GET_THING, built).unwrap();
    let versions: Vec<_> = request.headers().get_all("api-version").iter().collect();
    assert_eq!(versions, ["of the caller"]);
    assert_eq!(request.headers()["if-match"], "x");
}

#[tokio::test]
async fn debug_shows_nothing_that_was_recorded() {
    let server = Server::answering(200, "{}").await;
    let core = core::Client::of(&server.client());
    core.get_thing("s3cret", Some("s3cret"), Some("s3cret")).await.map(drop).unwrap_err();
    assert_eq!(format!("{:?}", core.inner), "Recorder");
    assert!(!format!("{core:#?}").contains("s3cret"));
}
