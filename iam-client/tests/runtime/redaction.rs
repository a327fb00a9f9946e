//! What no text may show.

use std::{
    collections::HashMap,
    error::Error as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use iam_client::{
    auth::{
        AccessToken, ApiKey, Bearer, Cached, Container, RefreshToken, TokenSource, TrustedProfile,
        VpcInstance,
    },
    runtime::{BoxFuture, CallOptions, Client, Environment, Error, Secret, SecretJson, Transport},
};
use serde::Serialize;
use serde_json::json;

use super::support::{
    CREATE_THING, GET_THING, GET_TOKEN, Server, TOKEN, Then, answer, core, failed, get, get_thing,
};

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

#[derive(Serialize)]
struct NewThing {
    name: String,
    apikey: Secret,
    more: Vec<Option<Secret>>,
    deep: SecretJson,
}

/// Values of type `Secret` in a body are hidden in every part of an error, in
/// whatever form the service repeats it.
#[tokio::test]
async fn the_secrets_of_a_body_are_hidden_in_every_part_of_an_error() {
    const SECRETS: [&str; 4] =
        ["4pi\"key/1+2==", "m0re secrets", "d33p-secret-text", "98765432123"];
    let server = Server::start(|seen| {
        let body = String::from_utf8_lossy(&seen.body).into_owned();
        let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
        let secret =
            format!("{} {}", sent["apikey"].as_str().unwrap(), sent["more"][1].as_str().unwrap());
        let code = STANDARD.encode(format!("user:{}", sent["apikey"].as_str().unwrap()));
        let url = reqwest::Url::parse_with_params("http://h/", [("k", &secret)]).unwrap();
        let answered = json!({
            "errors": [
                {"code": secret, "message": body, "message_code": code, "more_info": url.as_str(),
                 "details": {"body": sent, "names": {&secret: 1}}},
                {"message": format!("{code} {}", url.as_str().to_lowercase())},
                secret,
            ],
            "trace": format!("trace-{secret}"),
        });
        answer(400, &[("transaction-id", &format!("t-{code}"))], answered.to_string())
    })
    .await;
    let client = server.client();
    let body = NewThing {
        name: "thing-1".into(),
        apikey: SECRETS[0].into(),
        more: vec![None, Some(SECRETS[1].into())],
        deep: json!({"a": [{"b": SECRETS[2]}, 98_765_432_123_u64, true]}).into(),
    };
    let wire = core::Client::of(&client);
    wire.inner.hide(&body);
    let built = wire.create_thing(&body).await.map(drop);
    let request = wire.inner.finish(&CREATE_THING, built).unwrap();
    let error = failed(client.execute(&CREATE_THING, request).await);
    let shown = format!("{} {:?}", all_texts(&error), error.errors());
    let encoded = [
        "4pi\\\"key",
        "4pi%22key",
        "key%2F1",
        "key%2f1",
        "m0re+secrets",
        "m0re%20secrets",
        &STANDARD.encode("user:4pi\"key/1+2=="),
    ]
    .map(str::to_owned);
    for secret in SECRETS.map(str::to_owned).iter().chain(&encoded) {
        assert!(!shown.contains(secret.as_str()), "{secret} in {shown}");
    }
    // Nothing else is hidden, and the body went out as it was.
    assert!(shown.contains("thing-1") && shown.contains("trace-***"), "{shown}");
    assert_eq!(error.code(), Some("*** ***"));
    let sent: serde_json::Value = serde_json::from_slice(&server.only().body).unwrap();
    assert_eq!(sent["deep"]["a"][0]["b"], SECRETS[2]);
}

/// An undecodable response shows no secret either.
#[tokio::test]
async fn the_secrets_of_a_body_are_hidden_when_the_response_is_unusable() {
    let server = Server::start(|_| {
        let headers = [("content-type", "s3cret-key-1/x"), ("transaction-id", "t-s3cret-key-1")];
        answer(200, &headers, "<s3cret-key-1>")
    })
    .await;
    let client = server.client();
    let wire = core::Client::of(&client);
    let body = HashMap::from([("apikey", Secret::from("s3cret-key-1"))]);
    wire.inner.hide(&body);
    let built = wire.create_thing(&body).await.map(drop);
    let request = wire.inner.finish(&CREATE_THING, built).unwrap();
    let reply = client.execute(&CREATE_THING, request).await.unwrap();
    let shown = all_texts(&failed(reply.json::<serde_json::Value>()));
    assert!(!shown.contains("s3cret") && shown.contains("t-***"), "{shown}");
}

/// Gives another token each time.
#[derive(Debug, Default)]
struct Numbered(AtomicUsize);

impl TokenSource for Numbered {
    fn fetch<'a>(&'a self, _: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        let token = format!("numbered-token-{number}");
        Box::pin(async { Ok(AccessToken::new(token, std::time::Duration::from_secs(3600))) })
    }
}

/// The service knows the token that it refused, too.
#[tokio::test]
async fn a_token_that_was_refused_before_is_hidden() {
    let server = Server::start(|seen| {
        let is_first = seen.header("authorization").unwrap().ends_with('0');
        let message = json!({"message": "numbered-token-0, then numbered-token-1"}).to_string();
        if is_first { answer(401, &[], "{}") } else { answer(403, &[], message) }
    })
    .await;
    let client = Client::builder().authenticator(Cached::new(Numbered::default()));
    let client = client.endpoint(server.url()).build().unwrap();
    assert_eq!(failed(get(&client).await).message(), Some("***, then ***"));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_callers_token_that_was_refused_before_is_hidden_in_a_token_request() {
    let issuer = Server::start(|seen| {
        let is_first = String::from_utf8_lossy(&seen.body).contains("numbered-token-0");
        let message =
            json!({"errorMessage": "numbered-token-0, then numbered-token-1"}).to_string();
        if is_first { answer(401, &[], "{}") } else { answer(400, &[], message) }
    })
    .await;
    let over = Cached::new(Numbered::default());
    let profile = TrustedProfile::by_id("Profile-1", over).endpoint(issuer.url()).build().unwrap();
    let client = Client::builder().authenticator(profile).endpoint(issuer.url());
    let error = failed(get(&client.build().unwrap()).await);
    assert_eq!(error.message(), Some("***, then ***"));
}

/// A credential given where something else belongs is not shown.
#[test]
fn misplaced_secrets_are_not_shown_by_settings() {
    const SECRET: &str = "s3cretKEY-1234567890abcdef";
    let over = || Bearer::new("t").unwrap();
    let check = |shown: String| assert!(!shown.contains("s3cretKEY"), "{shown}");
    for builder in [
        Client::builder().endpoint(SECRET),
        Client::builder().user_agent(SECRET),
        Client::builder().user_agent(format!("{SECRET}\n")),
        Client::builder().bearer_token(format!("Bearer {SECRET}")),
    ] {
        check(format!("{builder:?}"));
        match builder.build() {
            Ok(client) => check(format!("{client:?} {:?}", client.transport())),
            Err(error) => check(all_texts(&error)),
        }
    }
    for shown in [
        format!("{:?}", ApiKey::new("k").scope(SECRET)),
        format!("{:?}", ApiKey::new("k").endpoint(SECRET)),
        format!("{:?}", ApiKey::new("k").client_credentials(SECRET, "x")),
        format!("{:?}", ApiKey::new("k").scope(SECRET).build().unwrap()),
        format!("{:?}", RefreshToken::new("k").scope(SECRET).build().unwrap()),
        format!("{:?}", TrustedProfile::by_id(SECRET, over())),
        format!("{:?}", TrustedProfile::by_crn(SECRET, over()).build().unwrap()),
        format!("{:?}", TrustedProfile::by_name(SECRET, SECRET, over()).build().unwrap()),
        format!("{:?}", Container::new().profile_id(SECRET).profile_name(SECRET)),
        format!("{:?}", Container::new().profile_id(SECRET).token_file(SECRET)),
        format!("{:?}", Container::new().profile_name(SECRET).token_file(SECRET).build().unwrap()),
        format!("{:?}", VpcInstance::new().profile_id(SECRET)),
        format!("{:?}", VpcInstance::new().profile_crn(SECRET).build().unwrap()),
        format!("{:?}", CallOptions::new().header(SECRET, "x").header("x", SECRET)),
        format!("{:?}", CallOptions::new().header(&format!("{SECRET} "), "x")),
        format!("{:?}", CallOptions::new().transaction_id(SECRET)),
        format!("{:?}", Environment::new().variable(SECRET, SECRET).current_directory(SECRET)),
        format!("{:?}", Environment::new().home_directory(SECRET)),
    ] {
        check(shown);
    }
}

/// A token file whose name is a credential is not shown when it is not there.
#[tokio::test]
async fn the_name_of_a_missing_token_file_is_not_shown() {
    let container = Container::new().profile_id("p").token_file("s3cretKEY-1234567890").build();
    let error = failed(
        Client::builder().authenticator(container.unwrap()).build().unwrap().authorization().await,
    );
    let shown = all_texts(&error);
    let expected =
        "token_file: no compute resource token (the file set (20 characters): does not exist)";
    assert!(shown.contains(expected) && !shown.contains("s3cretKEY"), "{shown}");
}

/// The output of `fn main() -> Result<(), Error>`.
#[tokio::test]
async fn debug_is_the_chain_of_causes() {
    let issuer = Server::start(|_| {
        let body = json!({"errorCode": "BXNIM0415E", "errorMessage": "No such key: k3y-of-tests."});
        answer(400, &[("transaction-id", "t1")], body.to_string())
    })
    .await;
    let key = ApiKey::new("k3y-of-tests").endpoint(issuer.url()).build().unwrap();
    let client = Client::builder().authenticator(key).build().unwrap();
    let error = failed(client.authorization().await);
    let expected = "cannot authenticate\n  caused by: exchange_api_key: 400 bad request: \
                    BXNIM0415E: No such key: *** (transaction t1)";
    assert_eq!(format!("{error:?}"), expected);
    assert_eq!(format!("{error:#?}"), expected);
    assert_eq!(error.to_string(), "cannot authenticate");
    // A foreign cause keeps to its line.
    let error = Error::authentication("no token").with_source("broken\npipe");
    assert_eq!(format!("{error:?}"), "no token\n  caused by: broken\\npipe");
}
