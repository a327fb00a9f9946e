//! Settings of single calls.

use std::{io::Read as _, time::Duration};

use iam_client::runtime::{CallOptions, Client, auth::Authorization};

use super::{
    faults::{Fault, FaultServer},
    support::{CREATE_THING, GET_TOKEN, Server, TOKEN, answer, core, failed, get, once},
};

#[tokio::test]
async fn headers_are_sent_and_the_last_setting_wins() {
    let server = Server::answering(200, "{}").await;
    let options = CallOptions::new().header("x-a", "1").header("X-B", "1").header("accept", "a/b");
    let client = server.client().with(options);
    let client = client.with(CallOptions::new().header("x-b", "2"));
    get(&client).await.unwrap();
    let seen = server.only();
    assert_eq!(seen.header("x-a").as_deref(), Some("1"));
    assert_eq!(seen.header("x-b").as_deref(), Some("2"));
    assert_eq!(seen.header("accept").as_deref(), Some("a/b"));
    assert_eq!(seen.header("authorization"), Some(format!("Bearer {TOKEN}")));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_the_call() {
    let server = Server::answering(200, "{}").await;
    for (options, expected) in [
        (CallOptions::new().header("Authorization", "x"), "header: is one"),
        (CallOptions::new().header("content-length", "1"), "header: is one"),
        (CallOptions::new().header("Host", "x"), "header: is one"),
        (CallOptions::new().header("a b", "x"), "header: has a name"),
        (CallOptions::new().header("a", "s3cret\n"), "header: has a name"),
        (CallOptions::new().transaction_id(""), "transaction_id: is empty"),
        (CallOptions::new().transaction_id("s3cret\n"), "transaction_id: is empty"),
        (CallOptions::new().timeout(Duration::ZERO), "timeout: must be more"),
        (CallOptions::new().attempt_timeout(Duration::ZERO), "attempt_timeout: must be more"),
    ] {
        let shown = format!("{options:?}");
        let error = failed(get(&server.client().with(options)).await);
        assert!(error.is_configuration(), "{error}");
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(!format!("{error:?} {shown}").contains("s3cret"));
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn every_call_has_an_identifier_of_its_own() {
    let server = Server::answering(404, "{}").await;
    let client = Client::builder().endpoint(server.url()).build().unwrap();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let error = failed(get(&client).await);
        ids.push(error.transaction_id().unwrap().to_owned());
    }
    let client = client.with(CallOptions::new().transaction_id("mine"));
    ids.push(failed(get(&client).await).transaction_id().unwrap().to_owned());
    let sent: Vec<_> =
        server.seen().iter().map(|seen| seen.header("transaction-id").unwrap()).collect();
    assert_eq!(sent, ids);
    assert_eq!(ids[2], "mine");
    assert!(ids[0] != ids[1] && ids[0].len() == 32, "{ids:?}");
}

#[tokio::test]
async fn bodies_are_compressed_if_asked_for() {
    let server = Server::answering(201, "{}").await;
    let name = "x".repeat(10_000);
    let body = serde_json::json!({ "name": name });
    for (client, compressed) in [
        (server.client(), false),
        (server.client().with(CallOptions::new().gzip(true)), true),
        (once(Client::builder().endpoint(server.url()).gzip(true)), true),
        (
            once(Client::builder().endpoint(server.url()).gzip(true))
                .with(CallOptions::new().gzip(false)),
            false,
        ),
    ] {
        let core = core::Client::of(&client);
        let built = core.create_thing(&body).await;
        let request = core.inner.finish(&CREATE_THING, built).unwrap();
        client.execute(&CREATE_THING, request).await.unwrap();
        let seen = server.seen().pop().unwrap();
        let length: usize = seen.header("content-length").unwrap().parse().unwrap();
        assert_eq!(length, seen.body.len());
        let mut text = Vec::new();
        if compressed {
            assert_eq!(seen.header("content-encoding").as_deref(), Some("gzip"));
            assert!(length < 200, "{length}");
            flate2::read::GzDecoder::new(&seen.body[..]).read_to_end(&mut text).unwrap();
        } else {
            assert_eq!(seen.header("content-encoding"), None);
            text.extend(&seen.body);
        }
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&text).unwrap(), body);
    }
    // What has no body has nothing to compress.
    get(&server.client().with(CallOptions::new().gzip(true))).await.unwrap();
    assert_eq!(server.seen().pop().unwrap().header("content-encoding"), None);
}

/// A token request names the client by id and secret, whoever the caller is.
#[tokio::test]
async fn a_call_can_have_an_authorization_of_its_own() {
    let server = Server::start(|seen| {
        let sent = seen.header("authorization").unwrap_or_default();
        answer(400, &[], serde_json::json!({"message": format!("{sent} pa55")}).to_string())
    })
    .await;
    let basic = Authorization::basic("bx", "pa55").unwrap();
    let client = server.client().with(CallOptions::new().authorization(basic));
    let url = format!("{}/identity/token", client.endpoint());
    let request = client.http().post(url).build().unwrap();
    let error = failed(client.execute(&GET_TOKEN, request).await);
    // printf 'bx:pa55' | base64
    assert_eq!(server.only().header("authorization").as_deref(), Some("Basic Yng6cGE1NQ=="));
    assert_eq!(error.message(), Some("Basic *** ***"));

    let nobody = server.client().with(CallOptions::new().authorization(Authorization::none()));
    failed(get(&nobody).await);
    assert_eq!(server.seen().pop().unwrap().header("authorization"), None);
}

/// The limit of the whole call cuts an attempt short that may take longer.
#[tokio::test]
async fn the_total_limit_bounds_the_attempt() {
    let server = FaultServer::start([Fault::Stall]).await;
    let options = CallOptions::new()
        .timeout(Duration::from_millis(60))
        .attempt_timeout(Duration::from_secs(3600));
    let client = once(Client::builder().endpoint(server.url())).with(options);
    let error = failed(get(&client).await);
    assert!(error.is_timeout());
    assert!(error.to_string().starts_with("get_thing: timed out after "), "{error}");
}

#[tokio::test]
async fn programs_add_to_the_user_agent() {
    let server = Server::answering(200, "{}").await;
    let builder = Client::builder().endpoint(server.url());
    get(&builder.clone().user_agent("my-tool/2.0").build().unwrap()).await.unwrap();
    let agent = server.only().header("user-agent").unwrap();
    assert!(agent.starts_with("iam-client/") && agent.ends_with(") my-tool/2.0"), "{agent}");
    let error = failed(builder.user_agent("a\nb").build());
    assert!(error.is_configuration());
    assert!(error.to_string().starts_with("user_agent: "), "{error}");
}
