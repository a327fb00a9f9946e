//! Spans and events. Whether a span is of interest is decided once for a process,
//! so this is a binary of its own, with this one test.

#[path = "runtime/clock.rs"]
#[allow(dead_code)]
mod clock;
#[path = "runtime/faults.rs"]
#[allow(dead_code)]
mod faults;
#[path = "runtime/server.rs"]
#[allow(dead_code)]
mod server;
#[path = "runtime/support.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use iam_client::runtime::{CallOptions, Client, Operation, SecurityKind, SecurityScheme};
use tracing_subscriber::fmt::format::FmtSpan;

use self::{
    clock::TestClock,
    faults::{Fault, FaultServer},
    support::{GET_REPORT, TOKEN, get_thing},
};

const KEY: &str = "k3y-of-the-document";

const fn keyed(kind: SecurityKind) -> [SecurityScheme; 1] {
    [SecurityScheme { name: "key", kind }]
}
const QUERY: &[SecurityScheme] = &keyed(SecurityKind::Query("key"));
const COOKIE: &[SecurityScheme] = &keyed(SecurityKind::Cookie("key"));
const HEADER: &[SecurityScheme] = &keyed(SecurityKind::Header("x-key"));
static IN_QUERY: Operation = Operation { security: &[QUERY], ..GET_REPORT };
static IN_COOKIE: Operation = Operation { security: &[COOKIE], ..GET_REPORT };
static IN_HEADER: Operation = Operation { security: &[HEADER], ..GET_REPORT };

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything, down to the last detail of every library.
#[tokio::test]
async fn a_call_and_its_attempts_are_traced_and_nothing_secret_is() {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);

    let server = FaultServer::start([Fault::status(503, "retry-after: 2\r\n")]).await;
    let clock = TestClock::new(0.5);
    let builder = Client::builder().endpoint(server.url()).bearer_token(TOKEN).clock(clock);
    let client = builder
        .build()
        .unwrap()
        .with(CallOptions::new().transaction_id("t-traced").header("x-own", "h3ader").gzip(true));
    get_thing(&client, "1dmark", Some("m4tch"), Some("qu3ry")).await.unwrap();
    // Keys that the document puts into the query, the cookies and a header.
    let builder = Client::builder().endpoint(server.url());
    let keyed = builder.credential("key", KEY).build().unwrap();
    for operation in [&IN_QUERY, &IN_COOKIE, &IN_HEADER] {
        let request = keyed.http().get(format!("{}/v1/report", server.url())).build().unwrap();
        keyed.execute(operation, request).await.unwrap();
    }
    drop(guard);

    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let own: Vec<_> = text.lines().filter(|line| line.contains("iam.")).collect();
    let find = |parts: &[&str]| {
        let found = own.iter().filter(|line| parts.iter().all(|part| line.contains(part)));
        assert_eq!(found.count(), 1, "{parts:?} in {text}");
    };
    let call = "iam.call{operation=\"get_thing\" transaction_id=\"t-traced\"";
    find(&["iam.attempt{", "attempt=1", "status=503", "close", "transaction_id=\"t-traced\""]);
    find(&["iam.attempt{", "attempt=2", "status=200", "close", "duration_ms=0"]);
    find(&[call, "wait_ms=2000"]);
    find(&[call, "attempts=2", "status=200", "duration_ms=2000", "close"]);
    for line in &own {
        for secret in [TOKEN, "1dmark", "m4tch", "qu3ry", "h3ader"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
    // Whoever else writes, the token is marked as not to be shown.
    assert!(!text.contains(TOKEN), "{text}");
    assert!(!text.contains(KEY), "{text}");
}
