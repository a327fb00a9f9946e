//! Bodies of successful answers.

use std::collections::HashMap;

use iam_client::runtime::{RawResponse, Secret};
use serde::Deserialize;
use serde_json::Value;

use super::support::{Server, answer, failed, get, get_answered};

/// Decoded for its errors alone.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoded for its errors alone")]
struct Page {
    things: Vec<Thing>,
    #[serde(default)]
    labels: HashMap<String, u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "decoded for its errors alone")]
struct Thing {
    name: String,
    count: Option<u8>,
    state: Option<State>,
    pair: Option<(u8, u8)>,
    union: Option<Union>,
    tagged: Option<Tagged>,
    checked: Option<Checked>,
    plain: Option<Newtype>,
    flags: Option<Vec<bool>>,
    outer: Option<Outer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Active,
    #[expect(dead_code, reason = "decoded for its errors alone")]
    Other(u8),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "decoded for its errors alone")]
enum Union {
    Number(u8),
    List(Vec<u8>),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind")]
#[expect(dead_code, reason = "decoded for its errors alone")]
enum Tagged {
    A { size: u8 },
}

#[derive(Debug, Deserialize)]
struct Newtype(#[expect(dead_code, reason = "decoded for its errors alone")] u8);

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoded for its errors alone")]
struct Outer {
    #[serde(flatten)]
    inner: Inner,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "decoded for its errors alone")]
struct Inner {
    size: u8,
}

/// Fails with a message that quotes the value, as generated checks may.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Checked;

impl TryFrom<String> for Checked {
    type Error = String;

    fn try_from(value: String) -> Result<Self, String> {
        Err(format!("invalid type: {value}, expected {value}"))
    }
}

/// The text of the error of decoding a page, without operation and position.
async fn problem(body: &str) -> String {
    let sent = body.to_owned();
    let server =
        Server::start(move |_| answer(200, &[("transaction-id", "t7")], sent.clone())).await;
    let error = failed(get(&server.client()).await.unwrap().json::<Page>());
    assert!(error.is_decode() && !error.is_service() && !error.is_transient());
    assert_eq!(error.operation_id(), Some("get_thing"));
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.transaction_id(), Some("t7"));
    let text = error.to_string();
    let shown = format!("{text} {error:#?}");
    assert!(!shown.contains("s3cret") && !shown.contains("4711"), "{shown}");
    assert!(std::error::Error::source(&error).is_none());
    let text = text.strip_prefix("get_thing: cannot decode the response: ");
    let text = text.unwrap().strip_suffix(" (transaction t7)").unwrap();
    text.to_owned()
}

#[tokio::test]
async fn problems_name_place_and_expectation_and_no_content() {
    for (thing, expected) in [
        (r#"{"name": 4711}"#, "name: expected a string, found an integer"),
        // What is fine beside it stays out of the reason.
        (
            r#"{"count": null, "flags": null, "name": 4711}"#,
            "name: expected a string, found an integer",
        ),
        (r#"{"name": null}"#, "name: expected a string, found null"),
        (r#"{"name": ["s3cret"]}"#, "name: expected a string, found an array"),
        (r#"{"name": {"s3cret": 1}}"#, "name: expected a string, found an object"),
        (r#"{"name": true}"#, "name: expected a string, found a boolean"),
        (r#"{"name": 47.11}"#, "name: expected a string, found a number with a fraction"),
        (r#"{"name": "n", "count": "s3cret"}"#, "count: expected u8, found a string"),
        (r#"{"name": "n", "count": 4711}"#, "count: expected u8, found another value (an integer)"),
        (
            r#"{"name": "n", "count": -4711}"#,
            "count: expected u8, found another value (an integer)",
        ),
        (r#"{"name": "n", "state": "s3cret"}"#, "state: the value is not accepted"),
        (
            r#"{"name": "n", "state": {"other": "s3cret"}}"#,
            "state.other: expected u8, found a string",
        ),
        (r#"{"name": "n", "pair": [1]}"#, "pair: the value is not accepted"),
        (
            r#"{"name": "n", "tagged": {"kind": "s3cret"}}"#,
            "tagged.kind: the value is not accepted",
        ),
        (r#"{"name": "n", "plain": "s3cret"}"#, "plain: expected u8, found a string"),
        (
            r#"{"name": "n", "flags": [true, "s3cret"]}"#,
            "flags[1]: expected a boolean, found a string",
        ),
        (r#"{"name": "n", "outer": {"size": "s3cret"}}"#, "outer: expected u8, found a string"),
        (r#"{"name": "n", "outer": {}}"#, "outer: missing field size"),
    ] {
        let body = format!(r#"{{"things": [{{"name": "ok"}}, {thing}]}}"#);
        let text = problem(&body).await;
        let (text, position) = text.rsplit_once(" (line 1, column ").unwrap();
        assert_eq!(text, format!("things[1].{expected}"), "{thing}");
        assert!(position.strip_suffix(')').unwrap().parse::<u32>().is_ok());
    }
}

/// A type that reads its value first and judges it then has no position.
#[tokio::test]
async fn a_problem_without_position_has_the_place_of_the_object_around() {
    for (thing, expected) in [
        (r#"{"name": "n", "union": "s3cret"}"#, "matches no variant of Union"),
        (
            r#"{"name": "n", "tagged": {"kind": "A", "size": "s3cret"}}"#,
            "expected u8, found a string",
        ),
        (r#"{"name": "n", "checked": "s3cret"}"#, "the value is not accepted"),
    ] {
        let text = problem(&format!(r#"{{"things": [{{"name": "ok"}}, {thing}]}}"#)).await;
        let (text, _) = text.rsplit_once(" (line 1, column ").unwrap();
        assert_eq!(text, format!("things[1]: {expected}"), "{thing}");
    }
}

#[tokio::test]
async fn missing_and_unknown_fields_are_told_without_content() {
    assert_eq!(problem("{}").await, "missing field things (line 1, column 2)");
    assert_eq!(
        problem("{\"things\":\n [{}]}").await,
        "things[0]: missing field name (line 2, column 4)"
    );
    for (key, shown) in [("colour", "colour"), ("s3cret key", "?")] {
        let body = format!(r#"{{"things": [{{"name": "n", "{key}": 1}}]}}"#);
        let text = problem(&body).await;
        let expected = format!("things[0].{shown}: the value is not accepted (line 1, column ");
        assert!(text.starts_with(&expected), "{text}");
    }
}

#[tokio::test]
async fn keys_of_maps_are_shown_only_if_they_look_like_names() {
    for (key, place) in [
        ("plain-name_1", "labels.plain-name_1"),
        ("two words", "labels.?"),
        ("line\\nbreak", "labels.?"),
        // IAM's own long names are words; credentials are not.
        (
            "system_refresh_token_expiration_in_seconds",
            "labels.system_refresh_token_expiration_in_seconds",
        ),
        ("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH", "labels.?"),
    ] {
        let body = format!(r#"{{"things": [], "labels": {{"{key}": "x"}}}}"#);
        let text = problem(&body).await;
        assert!(text.starts_with(&format!("{place}: expected u8, found a string")), "{text}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_are_told_apart() {
    for (body, expected) in [
        ("", "the body is empty"),
        (" \n ", "the body is empty"),
        ("<html>s3cret</html>", "the body is not JSON (line 1, column 1)"),
        ("{\"things\": s3cret}", "the body is not JSON (line 1, column 12)"),
        ("{\"things\": [", "the JSON ends early (line 1, column 12)"),
        ("{\"things\": []} s3cret", "the body is not JSON (line 1, column 16)"),
        ("[4711]", "expected an array"),
    ] {
        let text = problem(body).await;
        if body == "[4711]" {
            // A struct may be written as a list; then the items must fit.
            assert!(text.starts_with("[0]: expected a sequence, found an integer"), "{text}");
        } else {
            assert_eq!(text, expected, "{body}");
        }
    }
}

#[tokio::test]
async fn a_secret_of_the_wrong_type_stays_hidden() {
    let reply = get_answered(200, r#"{"apikey": {"s3cret": 4711}}"#).await.unwrap();
    let error = failed(reply.json::<HashMap<String, Secret>>());
    assert!(error.to_string().contains("apikey: expected a string, found an object"), "{error}");
    assert!(!format!("{error:#?}").contains("4711"));
}

#[tokio::test]
async fn well_formed_bodies_are_decoded() {
    let body = r#"{"things": [{"name": "n", "state": "active", "union": [1], "new": 0}]}"#;
    let reply = get_answered(200, body).await.unwrap();
    assert_eq!(reply.json::<Value>().unwrap()["things"][0]["union"][0], 1);
}

#[tokio::test]
async fn a_body_may_be_missing_where_it_is_optional() {
    for (status, body, expected) in [
        (200, "17", Some(17)),
        (200, "", None),
        (200, "\r\n", None),
        (200, "null", None),
        (204, "", None),
        (202, "", None),
    ] {
        let reply = get_answered(status, body).await.unwrap();
        let response = reply.optional_json::<u8>().unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(*response, expected, "{status} {body:?}");
    }
    let reply = get_answered(200, "\"s3cret\"").await.unwrap();
    let error = failed(reply.optional_json::<u8>());
    assert!(error.is_decode());
    assert!(!error.to_string().contains("s3cret"));
}

#[tokio::test]
async fn other_bodies_may_be_missing_too() {
    for (status, body, expected) in [(200, "a", Some("a")), (200, "", None), (204, "", None)] {
        let reply = get_answered(status, body).await.unwrap();
        assert_eq!(reply.optional_text().unwrap().as_deref(), expected);
        let reply = get_answered(status, body).await.unwrap();
        let bytes = reply.optional_bytes().unwrap().into_inner();
        assert_eq!(bytes.as_deref(), expected.map(str::as_bytes));
    }
    // Space is content, unless JSON is expected.
    let reply = get_answered(200, " ").await.unwrap();
    assert_eq!(reply.optional_text().unwrap().as_deref(), Some(" "));
    let server = Server::start(|_| answer(200, &[], &b"\xff"[..])).await;
    assert!(failed(get(&server.client()).await.unwrap().optional_text()).is_decode());
}

#[tokio::test]
async fn text_bytes_and_nothing() {
    let reply = get_answered(200, "é\n").await.unwrap();
    assert_eq!(reply.text().unwrap().into_inner(), "é\n");
    let reply = get_answered(200, "é\n").await.unwrap();
    assert_eq!(reply.bytes().unwrap().into_inner(), "é\n");
    for body in ["", "ignored"] {
        let reply = get_answered(200, body).await.unwrap();
        let () = reply.empty().unwrap().into_inner();
    }
    let server = Server::start(|_| answer(200, &[], &b"s3cret\xff"[..])).await;
    let error = failed(get(&server.client()).await.unwrap().text());
    assert!(error.is_decode());
    assert_eq!(error.to_string(), "get_thing: cannot decode the response: not UTF-8 after 6 bytes");
}

async fn typed(status: u16, content_type: &'static str, body: &'static str) -> RawResponse {
    let server = Server::start(move |_| {
        let headers = [("content-type", content_type)];
        let headers = if content_type.is_empty() { &headers[..0] } else { &headers };
        answer(status, headers, body)
    })
    .await;
    get(&server.client()).await.unwrap()
}

/// A captive portal says 200 to everything.
#[tokio::test]
async fn a_page_in_place_of_a_response_is_an_error() {
    const PAGE: &str = "<html>s3cret</html>";
    for content_type in ["text/html", "text/html; charset=utf-8", "TEXT/HTML"] {
        let reply = async || typed(200, content_type, PAGE).await;
        for error in [
            failed(reply().await.empty()),
            failed(reply().await.json::<Value>()),
            failed(reply().await.optional_json::<Value>()),
            failed(reply().await.text()),
            failed(reply().await.optional_text()),
            failed(reply().await.bytes()),
            failed(reply().await.optional_bytes()),
        ] {
            assert!(error.is_decode() && error.status().unwrap() == 200);
            assert_eq!(
                error.to_string(),
                "get_thing: cannot decode the response: unexpected content type text/html; a \
                 proxy, a captive portal or a wrong endpoint may have responded, check them"
            );
        }
    }
    let error = failed(typed(200, "text/plain", "done").await.empty());
    assert!(error.to_string().contains("unexpected content type text/plain"), "{error}");
}

/// The responses that IAM sends where its documents have no body.
#[tokio::test]
async fn no_body_and_json_that_was_not_announced_are_accepted() {
    for (status, content_type, body) in [
        (204, "", ""),
        (202, "", ""),
        (202, "application/json", "{}"),
        (200, "application/json; charset=utf-8", "{\"id\": 1}"),
        (200, "application/problem+json", "{}"),
        (200, "text/html", ""),
        (200, "text/html", "\n"),
        (200, "", "anything"),
    ] {
        let response = typed(status, content_type, body).await.empty().unwrap();
        assert_eq!(response.status(), status, "{content_type} {body}");
    }
    // What decodes is taken whatever it calls itself.
    typed(200, "text/plain", "{}").await.json::<Value>().unwrap();
    typed(200, "text/csv", "a,b").await.text().unwrap();
    typed(200, "text/xml", "<a/>").await.bytes().unwrap();
}

#[derive(Debug, PartialEq, Deserialize)]
struct Pet {
    name: String,
    #[serde(default)]
    tags: Vec<String>,
    owner: Option<Box<Pet>>,
}

async fn pet(body: &'static str) -> Pet {
    get_answered(200, body).await.unwrap().json::<Pet>().unwrap().into_inner()
}

#[tokio::test]
async fn half_of_a_surrogate_pair_spoils_its_own_place_only() {
    let read = pet(
        r#"{"name": "a\ud800b\udc00", "tags": ["\ud83d\ude00", "\\ud800", "\uD83D\ud83D\uDE00"],
            "n\ud800": "\udfff"}"#,
    )
    .await;
    assert_eq!(read.name, "a\u{fffd}b\u{fffd}");
    assert_eq!(read.tags, ["\u{1f600}", "\\ud800", "\u{fffd}\u{1f600}"]);
    // In an error of the service as well.
    let server = Server::answering(400, r#"{"message": "no \ud800 such"}"#).await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.message(), Some("no \u{fffd} such"));
}

#[tokio::test]
async fn of_a_field_given_twice_the_last_counts() {
    let read = pet(
        r#"{"name": 1, "tags": ["a", "b"], "name": "first",
            "owner": {"name": "x,}", "name": {"name": [1]}, "tags": null, "tags": [], "name": "last"},
            "n\u0061me": "second"}"#,
    )
    .await;
    assert_eq!(read.name, "second");
    assert_eq!(read.tags, ["a", "b"]);
    let owner = read.owner.unwrap();
    assert_eq!((owner.name.as_str(), owner.tags.len()), ("last", 0));
    // What remains wrong is told where it was.
    let reply = get_answered(200, "{\"name\":\n1, \"name\":\n 4711}").await.unwrap();
    let text = failed(reply.json::<Pet>()).to_string();
    assert!(
        text.contains("name: expected a string, found an integer (line 3, column 5)"),
        "{text}"
    );
}

#[tokio::test]
async fn deeply_nested_bodies_are_refused_or_passed_over() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let nested = r#"{"owner": "#.repeat(100_000) + "1" + &"}".repeat(100_000);
    let text = problem_of::<Pet>(nested).await;
    assert!(text.contains("the body is not JSON"), "{text}");
    // serde_json does not limit what it passes over.
    let ignored = format!(r#"{{"new": {deep}, "name": 4711}}"#);
    let text = problem_of::<Pet>(ignored).await;
    assert!(text.contains("name: expected a string, found an integer"), "{text}");
}

async fn problem_of<T: serde::de::DeserializeOwned>(body: String) -> String {
    let server = Server::start(move |_| answer(200, &[], body.clone())).await;
    failed(get(&server.client()).await.unwrap().json::<T>()).to_string()
}
