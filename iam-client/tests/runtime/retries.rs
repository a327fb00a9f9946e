//! What is sent again, when, and what never is.

use std::{sync::Arc, time::Duration};

use iam_client::runtime::{CallOptions, Client, RetryPolicy};
use tokio::net::TcpListener;

use super::{
    clock::TestClock,
    faults::{Fault, FaultServer},
    secure::{identity, trusted},
    support::{Server, TOKEN, answer, create, failed, get},
};

/// A client with the default policy, whose waits pass at once.
fn client(url: &str, clock: &Arc<TestClock>) -> Client {
    let builder = Client::builder().endpoint(url).bearer_token(TOKEN).clock(clock.clone());
    builder.attempt_timeout(Duration::from_millis(200)).build().unwrap()
}

/// A server with one fault, and a client of it.
async fn faulty(tls: bool, fault: &Fault, clock: &Arc<TestClock>) -> (FaultServer, Client) {
    if !tls {
        let server = FaultServer::start([fault.clone()]).await;
        let client = client(server.url(), clock);
        return (server, client);
    }
    let (certificate, acceptor) = identity(Some("http/1.1"));
    let server = FaultServer::start_tls(acceptor, [fault.clone()]).await;
    let builder = Client::builder().endpoint(server.url()).bearer_token(TOKEN);
    let builder = builder.clock(clock.clone()).root_certificate(trusted(&certificate));
    (server, builder.attempt_timeout(Duration::from_millis(500)).build().unwrap())
}

fn seconds(waits: &[Duration]) -> Vec<f64> {
    waits.iter().map(Duration::as_secs_f64).collect()
}

/// The faults that say nothing of whether the service has done its work.
fn ambiguous() -> Vec<Fault> {
    let truncated = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned();
    let mut faults = vec![
        Fault::ResetUnread,
        Fault::ResetRead,
        Fault::Stall,
        Fault::StallAfter("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"),
        Fault::StallAfter("HTTP/1.1 20"),
        Fault::Answer(truncated),
        Fault::Answer(String::new()),
    ];
    faults.extend([500, 502, 503, 504].map(|status| Fault::status(status, "")));
    faults
}

#[tokio::test]
async fn idempotent_calls_are_repeated_after_every_fault() {
    let faults = || ambiguous().into_iter().chain([408, 429].map(|n| Fault::status(n, "")));
    for (tls, fault) in [false, true].into_iter().flat_map(|tls| faults().map(move |it| (tls, it)))
    {
        let clock = TestClock::new(0.5);
        let (server, client) = faulty(tls, &fault, &clock).await;
        let reply = get(&client).await;
        assert_eq!(reply.unwrap_or_else(|error| panic!("{fault:?}: {error}")).status(), 200);
        assert_eq!(seconds(&clock.waits()), [0.5], "{fault:?}");
        let read = if matches!(fault, Fault::ResetUnread) { 1 } else { 2 };
        assert_eq!(server.processed().len(), read, "{fault:?}");
    }
}

/// The one rule that must never break: no work is done twice.
#[tokio::test]
async fn others_are_never_processed_twice() {
    // A 408 in place of the first response of a connection can mean anything.
    let faults = || ambiguous().into_iter().chain([Fault::status(408, "")]);
    for (tls, fault) in [false, true].into_iter().flat_map(|tls| faults().map(move |it| (tls, it)))
    {
        let clock = TestClock::new(0.5);
        let (server, client) = faulty(tls, &fault, &clock).await;
        let result = create(&client).await;
        assert!(server.processed().len() <= 1, "{fault:?}");
        // A connection may be reset before anything is written to it.
        if matches!(fault, Fault::ResetUnread) && result.is_ok() {
            continue;
        }
        let error = failed(result);
        assert_eq!(error.attempts(), 1, "{fault:?}");
        assert!(error.is_transient(), "{fault:?} {error}");
        assert!(clock.waits().is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn others_are_repeated_if_nothing_was_processed() {
    // Refused for their number.
    let faults = [Fault::status(429, "retry-after: 2\r\n"), Fault::status(429, "")];
    let server = FaultServer::start(faults).await;
    let clock = TestClock::new(0.5);
    assert_eq!(create(&client(server.url(), &clock)).await.unwrap().status(), 200);
    assert_eq!(seconds(&clock.waits()), [2.0, 1.0]);
    let processed = server.processed();
    assert_eq!(processed.len(), 3);
    assert!(processed.iter().all(|request| request.ends_with("\r\n\r\n{\"name\":\"x\"}")));
    let id = |request: &String| {
        let start = request.to_lowercase().find("transaction-id: ").unwrap();
        request[start..].split("\r\n").next().unwrap().to_owned()
    };
    // One call, one identifier.
    assert!(processed.iter().all(|request| id(request) == id(&processed[0])));

    // No connection: a port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let clock = TestClock::new(1.0);
    let error = failed(create(&client(&format!("http://{address}"), &clock)).await);
    assert!(error.is_connect());
    assert_eq!(error.attempts(), 5);
    assert_eq!(seconds(&clock.waits()), [1.0, 2.0, 4.0, 8.0]);
    assert_eq!(error.elapsed(), Duration::from_secs(15));
    let expected = format!("create_thing: cannot connect to {address}, after 5 attempts in 15.0 s");
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn the_last_answer_of_many_is_the_error() {
    let number = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |_| {
        let n = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let headers = [("transaction-id", "t9")];
        answer(503, &headers, format!(r#"{{"errors": [{{"code": "c{n}", "message": "m{n}"}}]}}"#))
    })
    .await;
    let clock = TestClock::new(0.0);
    let error = failed(get(&client(server.url(), &clock)).await);
    assert_eq!(server.seen().len(), 5);
    assert_eq!((error.attempts(), error.code()), (5, Some("c5")));
    assert_eq!(error.status().unwrap(), 503);
    // Drawn zero four times: no wait, but a repetition each.
    assert_eq!(seconds(&clock.waits()), [0.0; 4]);
    assert_eq!(
        error.to_string(),
        "get_thing: 503 service unavailable: c5: m5, after 5 attempts in 0.0 s (transaction t9)"
    );
}

#[tokio::test]
async fn a_burst_is_waited_out_as_the_service_asks() {
    for (headers, expected) in [
        ("retry-after: 7\r\n", 7.0),
        // 3 s later, by a clock that is years off.
        (
            "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:49:40 GMT\r\n",
            3.0,
        ),
        ("retry-after: 86400\r\n", 60.0),
        ("retry-after: 18446744073709551616\r\n", 60.0),
        ("retry-after: 1e18\r\n", 60.0),
        ("x-ratelimit-reset: 4\r\n", 4.0),
        ("retry-after: tomorrow\r\n", 0.25),
    ] {
        let server = FaultServer::start([Fault::status(429, headers)]).await;
        let clock = TestClock::new(0.25);
        get(&client(server.url(), &clock)).await.unwrap();
        assert_eq!(seconds(&clock.waits()), [expected], "{headers}");
    }
}

#[tokio::test]
async fn no_wait_outlasts_the_call() {
    let server = FaultServer::start([Fault::status(503, "retry-after: 30\r\n")]).await;
    let clock = TestClock::new(0.5);
    let client = client(server.url(), &clock);
    let client = client.with(CallOptions::new().timeout(Duration::from_secs(30)));
    let error = failed(get(&client).await);
    assert_eq!(error.status().unwrap(), 503);
    assert_eq!((error.attempts(), clock.waits().len()), (1, 0));
}

#[tokio::test]
async fn what_will_not_pass_is_not_repeated() {
    for status in [400, 403, 404, 409, 412, 422, 501, 505, 302] {
        let server = FaultServer::start([Fault::status(status, "retry-after: 1\r\n")]).await;
        let clock = TestClock::new(0.5);
        let error = failed(get(&client(server.url(), &clock)).await);
        assert_eq!(error.status().unwrap(), status);
        assert_eq!((error.attempts(), server.processed().len()), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn a_policy_holds_per_client_and_per_call() {
    let server = Server::answering(503, "{}").await;
    let clock = TestClock::new(0.5);
    let policy = RetryPolicy::default()
        .max_attempts(3)
        .initial_backoff(Duration::from_secs(10))
        .max_backoff(Duration::from_secs(12));
    let builder = Client::builder().endpoint(server.url()).clock(clock.clone());
    let client = builder.retry(policy).build().unwrap();
    assert_eq!(failed(get(&client).await).attempts(), 3);
    assert_eq!(seconds(&clock.waits()), [5.0, 6.0]);
    let single = client.with(CallOptions::new().retry(RetryPolicy::none()));
    assert_eq!(failed(get(&single).await).attempts(), 1);
    assert_eq!(failed(get(&client).await).attempts(), 3);
}

/// Dropping the future is all it takes.
#[tokio::test]
async fn a_cancelled_call_stops() {
    let server = FaultServer::start([Fault::Stall]).await;
    let clock = TestClock::new(0.5);
    let builder = Client::builder().endpoint(server.url()).clock(clock.clone());
    let client = builder.build().unwrap();
    let call = tokio::spawn(async move { get(&client).await.map(drop) });
    while server.processed().is_empty() {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!((server.processed().len(), clock.waits().len()), (1, 0));
}
