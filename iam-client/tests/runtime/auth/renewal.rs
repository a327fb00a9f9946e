//! Tokens that grow old, are refused, or cannot be renewed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::json;
use tokio::sync::Semaphore;

use super::support::*;

/// A service that answers 401 to all tokens but these.
async fn accepting(tokens: &'static [&'static str]) -> Server {
    Server::start(move |seen| {
        let sent = seen.header("authorization").unwrap();
        let known = tokens.iter().any(|token| sent == format!("Bearer {token}"));
        if known { answer(200, &[], "{}") } else { answer(401, &[], "{}") }
    })
    .await
}

fn sent(service: &Server) -> Vec<String> {
    service.seen().iter().map(|seen| seen.header("authorization").unwrap()).collect()
}

#[tokio::test]
async fn a_slow_renewal_keeps_nobody_waiting() {
    let gate = Arc::new(Semaphore::new(1));
    let issuer = gated(&gate, |number| token(&format!("token-{number}"))).await;
    let clock = TestClock::new(0.5);
    let client = client(&issuer, api_key(&issuer), &clock);
    assert_eq!(ask(&client).await.unwrap(), "token-1");
    clock.advance(2879.0);
    assert_eq!(ask(&client).await.unwrap(), "token-1");
    clock.advance(1.0);
    for _ in 0..100 {
        assert_eq!(ask(&client).await.unwrap(), "token-1");
    }
    seen(&issuer, 2).await;
    gate.add_permits(1);
    loop {
        match ask(&client).await.unwrap().as_str() {
            "token-1" => tokio::task::yield_now().await,
            other => break assert_eq!(other, "token-2"),
        }
    }
    assert_eq!(issuer.seen().len(), 2);
}

/// 5 attempts, whose waits are 0.5, 1, 2 and 4 s with this clock's chance.
#[tokio::test]
async fn a_token_endpoint_that_is_down_is_not_felt_while_the_token_is_good() {
    let down = Arc::new(AtomicBool::new(false));
    let issuer = {
        let (down, count) = (Arc::clone(&down), AtomicUsize::new(0));
        Server::start(move |_| {
            if down.load(Ordering::SeqCst) {
                return answer(503, &[], "");
            }
            token(&format!("token-{}", 1 + count.fetch_add(1, Ordering::SeqCst)))
        })
        .await
    };
    let service = Server::answering(200, "{}").await;
    let clock = TestClock::new(0.5);
    let client = client(&service, api_key(&issuer), &clock);
    get(&client).await.unwrap();
    down.store(true, Ordering::SeqCst);
    clock.advance(2880.0);
    get(&client).await.unwrap();
    seen(&issuer, 6).await;
    // The failure is known only after its answer has been read.
    for _ in 0..20 {
        get(&client).await.unwrap();
    }
    assert_eq!(issuer.seen().len(), 6, "no other try within a second");
    assert!(sent(&service).iter().all(|sent| sent == "Bearer token-1"));
    // After 1.25 s it is tried again.
    clock.advance(1.25);
    get(&client).await.unwrap();
    seen(&issuer, 11).await;
    for _ in 0..20 {
        get(&client).await.unwrap();
    }
    assert_eq!(issuer.seen().len(), 11);

    // At its end, callers feel it, and those who come later make up for it.
    clock.advance(710.0);
    let error = failed(get(&client).await);
    assert!(error.is_authentication() && error.is_transient());
    assert_eq!(issuer.seen().len(), 16);
    down.store(false, Ordering::SeqCst);
    get(&client).await.unwrap();
    assert_eq!(sent(&service).last().unwrap(), "Bearer token-2");
}

/// IAM's clock is wrong by years in either direction, or ours is.
#[tokio::test]
async fn wrong_clocks_have_no_effect() {
    let walls = [UNIX_EPOCH, SystemTime::now() + Duration::from_secs(5 * 3600)];
    let dates = [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 3600),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 4_133_980_799_u64),
    ];
    for (wall, (date, expiration)) in
        walls.into_iter().flat_map(|wall| dates.map(|date| (wall, date)))
    {
        let count = AtomicUsize::new(0);
        let issuer = Server::start(move |_| {
            let number = 1 + count.fetch_add(1, Ordering::SeqCst);
            let body = json!({
                "access_token": format!("token-{number}"),
                "expires_in": 3600,
                "expiration": expiration,
            });
            answer(200, &[("date", date)], body.to_string())
        })
        .await;
        let clock = TestClock::at(0.5, wall);
        let client = client(&issuer, api_key(&issuer), &clock);
        assert_eq!(ask(&client).await.unwrap(), "token-1");
        clock.advance(2879.0);
        assert_eq!(ask(&client).await.unwrap(), "token-1");
        assert_eq!(issuer.seen().len(), 1);
        clock.advance(711.0);
        assert_eq!(ask(&client).await.unwrap(), "token-2");
        assert_eq!(issuer.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_revoked_token_is_replaced_and_the_call_repeated_once() {
    let (issuer, service) = (issuer().await, accepting(&["token-2"]).await);
    let client = client(&service, api_key(&issuer), &TestClock::new(0.5));
    get(&client).await.unwrap();
    assert_eq!(sent(&service), ["Bearer token-1", "Bearer token-2"]);
    get(&client).await.unwrap();
    assert_eq!((service.seen().len(), issuer.seen().len()), (3, 2));
}

#[tokio::test]
async fn a_token_that_is_revoked_under_many_calls_is_replaced_once() {
    let (issuer, service) = (issuer().await, accepting(&["token-2"]).await);
    let client = client(&service, api_key(&issuer), &TestClock::new(0.5));
    call_200_times(&client).await;
    assert_eq!(issuer.seen().len(), 2);
    let sent = sent(&service);
    assert_eq!(sent.iter().filter(|sent| *sent == "Bearer token-2").count(), 200);
}

#[tokio::test]
async fn a_second_refusal_is_the_callers() {
    let (issuer, service) = (issuer().await, accepting(&[]).await);
    let client = client(&service, api_key(&issuer), &TestClock::new(0.5));
    let error = failed(get(&client).await);
    assert!(error.is_authentication() && error.is_service());
    assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (401, 2));
    assert_eq!(sent(&service), ["Bearer token-1", "Bearer token-2"]);
    assert_eq!(issuer.seen().len(), 2);
}

#[tokio::test]
async fn the_same_token_again_is_not_sent_again() {
    let issuer = Server::start(|_| token("token-1")).await;
    let service = accepting(&[]).await;
    let client = client(&service, api_key(&issuer), &TestClock::new(0.5));
    let error = failed(get(&client).await);
    assert_eq!((error.status().unwrap().as_u16(), service.seen().len()), (401, 1));
    assert_eq!(issuer.seen().len(), 2);
}

/// A token without lifetime serves the calls that waited for it.
#[tokio::test]
async fn tokens_without_lifetime_serve_one_call_each() {
    let count = AtomicUsize::new(0);
    let issuer = Server::start(move |_| {
        let number = 1 + count.fetch_add(1, Ordering::SeqCst);
        let lifetime = if number < 3 { 0 } else { 10 };
        let body = json!({"access_token": format!("token-{number}"), "expires_in": lifetime});
        answer(200, &[], body.to_string())
    })
    .await;
    let client = client(&issuer, api_key(&issuer), &TestClock::new(0.5));
    for number in 1..=4 {
        assert_eq!(ask(&client).await.unwrap(), format!("token-{number}"));
    }
    assert_eq!(issuer.seen().len(), 4);
}

/// A service that never accepts a token costs two token requests at first, and
/// then ever fewer.
#[tokio::test]
async fn a_service_that_always_refuses_does_not_drain_the_token_endpoint() {
    let (issuer, service) = (issuer().await, accepting(&[]).await);
    let clock = TestClock::new(0.0);
    let client = client(&service, api_key(&issuer), &clock);
    for _ in 0..1000 {
        let error = failed(get(&client).await);
        assert_eq!(error.status().unwrap(), 401);
    }
    assert_eq!(issuer.seen().len(), 2);
    assert_eq!(service.seen().len(), 1001);
    // 1 s later the second token may be replaced, and 2 s later the third.
    for requests in [3, 3, 4, 4] {
        clock.advance(1.0);
        failed(get(&client).await);
        assert_eq!(issuer.seen().len(), requests);
    }
    // Without calls there are no token requests either.
    clock.advance(600.0);
    failed(get(&client).await);
    assert_eq!(issuer.seen().len(), 5);
}
