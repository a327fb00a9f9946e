//! HTTP/2 over TLS: connections that die, and servers that refuse.

use std::{sync::Arc, time::Duration};

use iam_client::{Client, RetryPolicy};
use tokio::task::JoinSet;

use super::{
    clock::TestClock,
    frames::{CODES, Deed, FrameServer, NO_ERROR, REFUSED_STREAM},
    support::{create, failed, get, once},
};

/// A client with the default policy, whose waits pass at once.
fn client(server: &FrameServer, clock: &Arc<TestClock>) -> Client {
    let builder = server.builder().clock(clock.clone());
    builder.attempt_timeout(Duration::from_millis(500)).build().unwrap()
}

/// All that can happen to a request that was processed. A server may even deny
/// that it has processed it.
fn faults() -> Vec<Deed> {
    let mut faults = vec![
        Deed::Stall,
        Deed::Die,
        Deed::Close,
        Deed::StallHalf,
        Deed::CloseHalf,
        Deed::Garbage,
        Deed::Answer(503),
    ];
    faults.extend(CODES.map(Deed::Reset));
    faults.extend(CODES.map(Deed::Deny));
    faults.extend(CODES.map(Deed::GoAway));
    faults.extend(CODES.map(Deed::ResetHalf));
    faults
}

#[tokio::test]
async fn idempotent_calls_are_repeated_after_every_fault() {
    for fault in faults() {
        let server = FrameServer::start([fault]).await;
        let clock = TestClock::new(0.5);
        let reply = get(&client(&server, &clock)).await;
        let reply = reply.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert_eq!(reply.status(), 200, "{fault:?}");
        assert_eq!(server.processed().len(), 2, "{fault:?}");
        // The retry policy has decided, and nothing below it.
        assert_eq!(clock.waits().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn others_are_never_processed_twice() {
    for fault in faults() {
        let server = FrameServer::start([fault]).await;
        let clock = TestClock::new(0.5);
        let error = failed(create(&client(&server, &clock)).await);
        assert_eq!(error.attempts(), 1, "{fault:?}");
        assert!(error.is_transient(), "{fault:?} {error}");
        assert_eq!(server.processed().len(), 1, "{fault:?}");
        assert!(clock.waits().is_empty(), "{fault:?}");
    }
}

/// Of all operations: a request is sent as often as the client says.
#[tokio::test]
async fn no_request_is_sent_more_often_than_the_policy_allows() {
    for fault in [Deed::Reset(REFUSED_STREAM), Deed::Deny(NO_ERROR)] {
        let server = FrameServer::start([fault; 10]).await;
        let error = failed(get(&once(server.builder())).await);
        assert_eq!((error.attempts(), server.processed().len()), (1, 1), "{fault:?}");

        let server = FrameServer::start([fault; 10]).await;
        let builder = server.builder().clock(TestClock::new(0.5));
        let client = builder.retry(RetryPolicy::default().max_attempts(3)).build().unwrap();
        let error = failed(get(&client).await);
        assert_eq!((error.attempts(), server.processed().len()), (3, 3), "{fault:?}");
    }
}

/// A NAT or a proxy has forgotten the connection, while new ones work.
#[tokio::test]
async fn a_connection_that_timed_out_is_not_used_again() {
    let server = FrameServer::start([Deed::AnswerAndDie(200)]).await;
    let clock = TestClock::new(0.5);
    let client = client(&server, &clock);
    get(&client).await.unwrap();
    get(&client).await.unwrap();
    assert_eq!(clock.waits().len(), 1, "one attempt timed out");
    get(&client).await.unwrap();
    let connections: Vec<_> = server.processed().iter().map(|it| it.connection).collect();
    assert_eq!(connections, [0, 1, 1]);
}

#[tokio::test]
async fn calls_after_many_that_timed_out_at_once_make_no_connection() {
    let server = FrameServer::start([Deed::AnswerAndDie(200)]).await;
    let clock = TestClock::new(0.5);
    let client = client(&server, &clock);
    get(&client).await.unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        calls.spawn(async move { get(&client).await.map(drop) });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    assert_eq!(clock.waits().len(), 20);
    // Calls at once may make a connection each before HTTP/2 is negotiated. Later
    // ones use those.
    let made = server.connections();
    for _ in 0..20 {
        get(&client).await.unwrap();
    }
    assert_eq!((clock.waits().len(), server.connections()), (20, made));
}

/// Time passes as soon as nothing else happens: 20 s until a PING, and 10 s until
/// it counts as lost.
#[tokio::test(start_paused = true)]
async fn a_connection_that_dies_while_idle_is_noticed_before_the_next_call() {
    let server = FrameServer::start([Deed::AnswerAndDie(200)]).await;
    let builder = server.builder().pool_idle_timeout(Duration::from_secs(3600));
    let client = once(builder);
    get(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(31)).await;
    // The first attempt, and the only one, succeeds.
    get(&client).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_answers_pings_is_kept() {
    let server = FrameServer::start([]).await;
    let builder = server.builder().pool_idle_timeout(Duration::from_secs(3600));
    let client = once(builder);
    get(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(301)).await;
    get(&client).await.unwrap();
    assert_eq!(server.connections(), 1);
}
