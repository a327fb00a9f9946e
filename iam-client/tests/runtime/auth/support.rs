//! A clock that tests set, a token endpoint, and ways to wait for events.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use iam_client::{
    Client, ClientBuilder, Error,
    auth::{ApiKey, Authenticator, Authorization},
    runtime::Clock,
};
use serde_json::json;
use tokio::task::JoinSet;

pub(crate) use crate::{clock::TestClock, support::*};

/// The API key of tests.
pub(crate) const KEY: &str = "k3y-of-tests";

/// An answer with a token that lives for an hour.
pub(crate) fn token(token: &str) -> Answer {
    answer(200, &[], json!({"access_token": token, "expires_in": 3600}).to_string())
}

/// A token endpoint that gives `token-1`, `token-2` and so on.
pub(crate) async fn issuer() -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |_| token(&format!("token-{}", 1 + count.fetch_add(1, Ordering::SeqCst))))
        .await
}

/// A token endpoint that gives the answers of `respond`, each after it is let
/// through: one permit is one answer.
pub(crate) async fn gated(
    gate: &Arc<tokio::sync::Semaphore>,
    respond: impl Fn(usize) -> Answer + Send + Sync + 'static,
) -> Server {
    let (gate, respond) = (Arc::clone(gate), Arc::new(respond));
    let count = AtomicUsize::new(0);
    Server::serve(move |_| {
        let (gate, respond) = (Arc::clone(&gate), Arc::clone(&respond));
        let number = 1 + count.fetch_add(1, Ordering::SeqCst);
        async move {
            gate.acquire().await.unwrap().forget();
            respond(number)
        }
    })
    .await
}

/// The API key's authenticator at a token endpoint.
pub(crate) fn api_key(issuer: &Server) -> impl Authenticator + Clone + use<> {
    ApiKey::new(KEY).endpoint(issuer.url()).build().unwrap()
}

/// A client of `service`.
pub(crate) fn builder(service: &Server, caller: impl Authenticator) -> ClientBuilder {
    Client::builder().endpoint(service.url()).authenticator(caller)
}

/// A client of `service` with a clock of its own.
pub(crate) fn client(
    service: &Server,
    caller: impl Authenticator,
    clock: &Arc<TestClock>,
) -> Client {
    builder(service, caller).clock(Arc::clone(clock) as Arc<dyn Clock>).build().unwrap()
}

/// Makes 200 calls at once, all of which succeed.
pub(crate) async fn call_200_times(client: &Client) {
    let mut calls = JoinSet::new();
    for _ in 0..200 {
        let client = client.clone();
        calls.spawn(async move { get(&client).await.map(drop) });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
}

/// The token that a call would be authorized with.
pub(crate) async fn ask(client: &Client) -> Result<String, Error> {
    let authorization = client.authorization().await?;
    Ok(text(&authorization))
}

pub(crate) fn text(authorization: &Authorization) -> String {
    authorization.token().unwrap().expose().to_owned()
}

/// Waits for an event. The time is only for a test that fails.
pub(crate) async fn until(what: &str, happened: impl Fn() -> bool) {
    let watch = async {
        while !happened() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), watch).await.expect(what);
}

/// Waits until a server has seen so many requests.
pub(crate) async fn seen(server: &Server, count: usize) {
    until("requests", || server.seen().len() >= count).await;
}

/// All texts of an error and its causes.
pub(crate) fn all_texts(error: &Error) -> String {
    let mut text = format!("{error} {error:#} {error:?} {error:#?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text += &format!(" {error} {error:?} {error:#?}");
        cause = error.source();
    }
    text
}

/// The fields of a form, sorted.
pub(crate) fn form(seen: &Seen) -> Vec<(String, String)> {
    let mut url = reqwest::Url::parse("form:").unwrap();
    url.set_query(Some(std::str::from_utf8(&seen.body).unwrap()));
    let mut fields: Vec<_> = url.query_pairs().into_owned().collect();
    fields.sort();
    fields
}
