//! Error bodies of every shape.

use iam_client::runtime::{Error, ServiceError};

use super::support::{Server, TOKEN, answer, failed, get, get_answered};

async fn error(status: u16, body: &'static str) -> Error {
    failed(get_answered(status, body).await)
}

#[tokio::test]
async fn identity() {
    let server = Server::start(|_| {
        let body = r#"{
            "context": {"transaction_id": "c0ntext", "operation": "get", "url": "https://x/y"},
            "status_code": 404,
            "errors": [
                {"code": "not_found", "message_code": "BXNIM0101E",
                 "message": "API key not found.", "details": "No such key.",
                 "more_info": "https://cloud.example.com/docs"},
                {"code": "second", "message": "More"}
            ],
            "trace": "1a2b"
        }"#;
        answer(404, &[("Transaction-Id", "3c4d")], body)
    })
    .await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_service() && error.is_not_found());
    assert_eq!(error.operation_id(), Some("get_thing"));
    assert_eq!(error.status().unwrap(), 404);
    assert_eq!(error.code(), Some("not_found"));
    assert_eq!(error.message(), Some("API key not found."));
    assert_eq!(error.trace(), Some("1a2b"));
    assert_eq!(error.transaction_id(), Some("3c4d"));
    assert_eq!(error.errors().len(), 2);
    let first = &error.errors()[0];
    assert_eq!(first.message_code(), Some("BXNIM0101E"));
    assert_eq!(first.details(), Some("No such key."));
    assert_eq!(first.more_info(), Some("https://cloud.example.com/docs"));
    assert_eq!(error.errors()[1].code(), Some("second"));
    assert_eq!(error.errors()[1].message_code(), None);
    assert_eq!(
        error.to_string(),
        "get_thing: 404 not found: BXNIM0101E: API key not found (trace 1a2b, transaction 3c4d)"
    );
    assert_eq!(error.headers().unwrap()["transaction-id"], "3c4d");
}

#[tokio::test]
async fn policies_and_access_groups() {
    let error = error(
        409,
        r#"{"trace": "9f", "status_code": 409, "errors": [{
            "code": "policy_conflict_error", "message": "It exists",
            "details": {"conflicts_with": {"etag": "1-a", "policy": "p"}},
            "more_info": "https://cloud.example.com"}]}"#,
    )
    .await;
    assert!(error.is_conflict());
    assert_eq!(error.code(), Some("policy_conflict_error"));
    assert_eq!(
        error.errors()[0].details(),
        Some(r#"{"conflicts_with":{"etag":"1-a","policy":"p"}}"#)
    );
    assert_eq!(
        error.to_string(),
        "get_thing: 409 conflict: policy_conflict_error: It exists (trace 9f, transaction t0)"
    );
}

#[tokio::test]
async fn the_token_endpoint() {
    let error = error(
        400,
        r#"{"errorCode": "BXNIM0415E", "errorMessage": "Provided API key could not be found.",
            "errorDetails": "Look again", "context": {"requestId": "cmVx", "requestType": "t"}}"#,
    )
    .await;
    assert_eq!(error.code(), Some("BXNIM0415E"));
    assert_eq!(error.message(), Some("Provided API key could not be found."));
    assert_eq!(error.trace(), Some("cmVx"));
    assert_eq!(error.errors().len(), 1);
    assert_eq!(error.errors()[0].details(), Some("Look again"));
    assert_eq!(
        error.to_string(),
        "get_thing: 400 bad request: BXNIM0415E: Provided API key could not be found (trace cmVx, transaction t0)"
    );
}

/// The body that IAM's gateway sends with a refusal.
#[tokio::test]
async fn a_refusal_keeps_its_message() {
    let body =
        r#"{"error":"Forbidden","message":"Insufficient permissions","trace":"abc-123-def-456"}"#;
    let error = error(403, body).await;
    assert_eq!(error.code(), Some("Forbidden"));
    assert_eq!(error.message(), Some("Insufficient permissions"));
    assert_eq!(error.trace(), Some("abc-123-def-456"));
    // The code only repeats the status.
    assert_eq!(
        error.to_string(),
        "get_thing: 403 forbidden: Insufficient permissions (trace abc-123-def-456, transaction t0)"
    );
}

#[tokio::test]
async fn other_shapes() {
    for (body, code, message) in [
        (r#"{"code": "c", "message": "m"}"#, Some("c"), Some("m")),
        (r#"{"code": 17, "message": "m"}"#, Some("17"), Some("m")),
        (r#"{"message": "m"}"#, None, Some("m")),
        (r#"{"code": "c"}"#, Some("c"), None),
        (r#"{"error": "e"}"#, None, Some("e")),
        (r#"{"error": "e", "message": "m"}"#, Some("e"), Some("m")),
        (r#"{"error": "e", "errorMessage": "m"}"#, Some("e"), Some("m")),
        (r#"{"error": "e", "code": "c", "message": "m"}"#, Some("c"), Some("m")),
        (r#"{"error": "e", "message": ""}"#, None, Some("e")),
        (r#"{"error": "e", "error_description": "d"}"#, Some("e"), Some("d")),
        (r#"{"error_description": "d"}"#, None, Some("d")),
        (r#"{"error": {"code": "c", "message": "m"}}"#, Some("c"), Some("m")),
        (r#"{"errors": [], "message": "m"}"#, None, Some("m")),
        (r#"{"errors": null, "message": "m"}"#, None, Some("m")),
        (r#"{"errors": {"a": 1}, "message": "m"}"#, None, Some("m")),
        (r#"{"errors": ["plain"]}"#, None, Some("plain")),
        (r#"{"errors": [{}, {"message": "m"}]}"#, None, Some("m")),
        (r#"{"errors": [{"message": "m"}], "code": "c"}"#, Some("c"), Some("m")),
        (r#"{"errors": [{"message_code": "mc"}]}"#, Some("mc"), None),
        (r#"{"message": "", "errorMessage": "m"}"#, None, Some("m")),
        (r#"{"message": null}"#, None, None),
        (r"{}", None, None),
    ] {
        let error = error(400, body).await;
        assert_eq!((error.code(), error.message()), (code, message), "{body}");
        assert_eq!(error.errors().is_empty(), code.is_none() && message.is_none());
    }
}

#[tokio::test]
async fn the_trace_may_stand_in_several_places() {
    for (body, trace) in [
        (r#"{"trace": "t", "context": {"transaction_id": "x"}}"#, Some("t")),
        (r#"{"trace": "", "context": {"transaction_id": "x"}}"#, Some("x")),
        (r#"{"context": {"request_id": "r"}}"#, Some("r")),
        (r#"{"context": {"requestId": "r"}}"#, Some("r")),
        (r#"{"error": {"trace": "n"}}"#, Some("n")),
        (r#"{"context": "x"}"#, None),
        (r#"{"trace": null}"#, None),
    ] {
        assert_eq!(error(500, body).await.trace(), trace, "{body}");
    }
}

#[tokio::test]
async fn one_identifier_is_shown_once() {
    let server =
        Server::start(|_| answer(500, &[("x-request-id", "a1")], r#"{"trace":"a1"}"#)).await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.to_string(), "get_thing: 500 internal server error (trace a1)");
    let server = Server::start(|_| answer(500, &[("x-correlation-id", "b2")], "")).await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.to_string(), "get_thing: 500 internal server error (transaction b2)");
}

#[tokio::test]
async fn bodies_that_are_no_json_object_show_nothing() {
    for body in [
        "<html><body><h1>s3cret</h1></body></html>",
        "s3cret",
        "\"s3cret\"",
        "[\"s3cret\"]",
        "{\"message\": \"s3cret\"",
        "{\"message\": \"s3cret\"} trailing",
        "",
        "null",
    ] {
        let error = error(502, body).await;
        assert!(error.is_service() && error.is_transient());
        assert_eq!(error.status().unwrap(), 502);
        assert_eq!(error.to_string(), "get_thing: 502 bad gateway (transaction t0)");
        assert_eq!((error.code(), error.message(), error.trace()), (None, None, None));
        assert!(!format!("{error:#?}").contains("s3cret"), "{error:#?}");
    }
    let server = Server::start(|_| answer(500, &[], &b"{\"message\":\"\xff\"}"[..])).await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.message(), None);
}

#[tokio::test]
async fn deep_nesting_is_survived() {
    let server = Server::start(|_| answer(400, &[], "[".repeat(500_000))).await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.to_string(), "get_thing: 400 bad request (transaction t0)");
}

#[tokio::test]
async fn predicates_follow_the_status() {
    type Predicate = fn(&Error) -> bool;
    let predicates: [(Predicate, &[u16]); 6] = [
        (Error::is_authentication, &[401]),
        (Error::is_permission, &[403]),
        (Error::is_not_found, &[404]),
        (Error::is_conflict, &[409, 412]),
        (Error::is_rate_limited, &[429]),
        (Error::is_transient, &[429, 500, 502, 503, 504]),
    ];
    for status in [400, 401, 403, 404, 405, 409, 410, 412, 418, 429, 499, 500, 501, 502, 503, 504] {
        let error = error(status, "{}").await;
        assert!(error.is_service());
        assert!(!error.is_decode() && !error.is_configuration() && !error.is_invalid_request());
        assert!(!error.is_connect() && !error.is_timeout() && !error.is_interrupted());
        for (index, (predicate, statuses)) in predicates.iter().enumerate() {
            let expected = statuses.contains(&status);
            assert_eq!(predicate(&error), expected, "{status}, predicate {index}");
        }
    }
}

#[tokio::test]
async fn an_unknown_status_is_shown_as_a_number() {
    let error = error(499, r#"{"message": "gone"}"#).await;
    assert_eq!(error.to_string(), "get_thing: 499: gone (transaction t0)");
}

#[tokio::test]
async fn retry_after_can_be_read() {
    let server = Server::start(|_| answer(429, &[("retry-after", "7")], "")).await;
    let error = failed(get(&server.client()).await);
    assert!(error.is_rate_limited());
    assert_eq!(error.headers().unwrap()["retry-after"], "7");
    assert_eq!(error.to_string(), "get_thing: 429 too many requests (transaction t0)");
}

#[tokio::test]
async fn messages_are_bounded_and_stay_on_one_line() {
    let server = Server::start(|_| {
        let long = "é".repeat(501);
        let body = serde_json::json!({
            "errors": [
                {"message": "a\nb\tc\u{1b}[31m\u{202e}d\u{2028}e\u{0}", "code": "x\r\ny"},
                {"message": long, "details": long, "more_info": long},
                {"message": "é".repeat(500), "code": "k".repeat(101)},
                {"message": "x".repeat(499) + "\n"},
            ],
            "trace": "t\nt",
        });
        let body = body.to_string();
        answer(400, &[("transaction-id", "no\tbreak")], body)
    })
    .await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.message(), Some("a\\nb\\tc\\u{1b}[31m\\u{202e}d\\u{2028}e\\u{0}"));
    assert_eq!(
        error.to_string(),
        "get_thing: 400 bad request: x\\r\\ny: a\\nb\\tc\\u{1b}[31m\\u{202e}d\\u{2028}e\\u{0} \
         (trace t\\nt, transaction no\\tbreak)"
    );
    let cut = "é".repeat(500) + "…";
    let second = &error.errors()[1];
    for text in [second.message(), second.details(), second.more_info()] {
        assert_eq!(text, Some(cut.as_str()));
    }
    let third = &error.errors()[2];
    assert_eq!(third.message(), Some("é".repeat(500).as_str()));
    assert_eq!(third.code(), Some(("k".repeat(100) + "…").as_str()));
    // Space around a text is no part of it.
    assert_eq!(error.errors()[3].message(), Some("x".repeat(499).as_str()));
}

#[tokio::test]
async fn the_number_of_errors_is_bounded() {
    let server = Server::start(|_| {
        let errors: Vec<_> = (0..1000).map(|n| serde_json::json!({"code": n})).collect();
        answer(400, &[], serde_json::json!({"errors": errors}).to_string())
    })
    .await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.errors().len(), 32);
    assert_eq!(error.errors().last().and_then(ServiceError::code), Some("31"));
}

#[tokio::test]
async fn an_echoed_token_is_replaced_everywhere() {
    let server = Server::start(|_| {
        let body = serde_json::json!({
            "trace": TOKEN,
            "errors": [{
                "code": TOKEN, "message_code": format!("c-{TOKEN}"),
                "message": format!("bad token 'Bearer {TOKEN}' and {TOKEN}"),
                "more_info": format!("https://x/?t={TOKEN}"),
                "details": {"sent": TOKEN},
            // At the cut, half a token must not survive.
            }, {"message": "x".repeat(490) + TOKEN}, TOKEN],
        });
        answer(401, &[("transaction-id", TOKEN)], body.to_string())
    })
    .await;
    let error = failed(get(&server.client()).await);
    assert_eq!(error.message(), Some("bad token 'Bearer ***' and ***"));
    assert_eq!(error.errors()[0].more_info(), Some("https://x/?t=***"));
    assert_eq!(error.errors()[0].details(), Some(r#"{"sent":"***"}"#));
    let padded = "x".repeat(490) + "***";
    assert_eq!(error.errors()[1].message(), Some(padded.as_str()));
    assert_eq!(error.errors()[2].message(), Some("***"));
    assert_eq!(
        error.to_string(),
        "get_thing: 401 unauthorized: c-***: bad token 'Bearer ***' and *** (trace ***)"
    );
    assert!(!format!("{error:#?}").contains(&TOKEN[..8]));
}
