//! Random faults under many calls: `cargo test -p iam-client --no-default-features
//! --test soak -- --nocapture`.
//!
//! Every call carries a number, by which the server counts what it has read and
//! what it has done. At the end both sides are compared:
//!
//! - a call that is not idempotent was done once at most;
//! - what a client was told is done was done;
//! - no request was sent that `attempts()` does not count.
//!
//! `SOAK_CALLS` and `SOAK_SEED` set the number of calls (50,000) and where chance
//! begins; a run prints its seed.

#[path = "runtime/clock.rs"]
#[allow(dead_code)]
mod clock;
#[path = "runtime/frames.rs"]
#[allow(dead_code)]
mod frames;
#[path = "runtime/secure.rs"]
mod secure;
#[path = "runtime/server.rs"]
#[allow(dead_code)]
mod server;
#[path = "runtime/support.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use iam_client::{
    Client,
    runtime::{Error, Operation, RawResponse},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use self::{
    clock::TestClock,
    frames::{Deed, FrameServer, NO_ERROR, REFUSED_STREAM},
    support::{CREATE_THING, TOKEN},
};

/// The time that a run may take before it fails.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// Calls that are under way at a time.
const WORKERS: usize = 16;

static REPLACE_THING: Operation =
    Operation { id: "replace_thing", idempotent: true, ..CREATE_THING };

/// The requests that a server has read for one call, and the responses.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    /// Requests that were read in full.
    read: u32,
    /// Those of them that were done.
    done: u32,
}

#[derive(Default)]
struct Ledger {
    records: Mutex<HashMap<u64, Record>>,
}

impl Ledger {
    fn enter(&self, body: &[u8], is_done: bool) {
        let number = std::str::from_utf8(body).unwrap().parse().unwrap();
        let mut records = self.records.lock().unwrap();
        let record = records.entry(number).or_default();
        record.read += 1;
        record.done += u32::from(is_done);
    }
}

/// A source of chance that threads share.
struct Chance(Mutex<fastrand::Rng>);

impl Chance {
    fn below(&self, limit: u32) -> u32 {
        self.0.lock().unwrap().u32(..limit)
    }
}

/// The reaction of an HTTP/1.1 server to a request. Seven of ten get a response.
async fn http1(ledger: Arc<Ledger>, chance: Arc<Chance>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (ledger, chance) = (Arc::clone(&ledger), Arc::clone(&chance));
            tokio::spawn(async move { talk(stream, &ledger, &chance).await });
        }
    });
    url
}

async fn talk(mut stream: TcpStream, ledger: &Ledger, chance: &Chance) -> Option<()> {
    let mut is_first = true;
    loop {
        // Unread: what comes is not taken from the socket.
        match chance.below(100) {
            0 => return stream.set_zero_linger().ok(),
            1 => return None,
            // An idle connection is closed with a farewell, which the next
            // request crosses on its way.
            2 if !is_first => {
                stream.readable().await.ok()?;
                let text = "HTTP/1.1 408 x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(text.as_bytes()).await.ok()?;
                // What is unread would make the kernel reset the connection.
                stream.shutdown().await.ok()?;
                let _ = tokio::time::timeout(
                    Duration::from_secs(1),
                    stream.read_to_end(&mut Vec::new()),
                )
                .await;
                return None;
            }
            _ => {}
        }
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap();
        let mut body = vec![0; length.split("\r\n").next().unwrap().parse().unwrap()];
        stream.read_exact(&mut body).await.ok()?;
        is_first = false;
        let fault = chance.below(100);
        // Refused requests are not done, all others are.
        ledger.enter(&body, fault != 0);
        let whole = |status: u16| format!("HTTP/1.1 {status} x\r\ncontent-length: 2\r\n\r\n{{}}");
        let (text, goes_on) = match fault {
            0 => (whole(429), true),
            1 => (whole(503), true),
            2 => (whole(500), true),
            3 => (String::new(), false),
            4 => return stream.set_zero_linger().ok(),
            5 => ("HTTP/1.1 200 x\r\ncontent-length: 2\r\n\r\n{".to_owned(), false),
            6 => ("SSH-2.0-x\r\n\r\n".to_owned(), false),
            // Nothing more until the client gives up.
            7 => {
                let _ = stream.read_u8().await;
                return None;
            }
            8 => ("HTTP/1.1 100 x\r\n\r\n".repeat(3) + &whole(200), true),
            // Closed right behind the response, which does not say so.
            9..20 => (whole(200), false),
            _ => (whole(200), true),
        };
        stream.write_all(text.as_bytes()).await.ok()?;
        if !goes_on {
            return None;
        }
    }
}

/// The same over HTTP/2.
async fn http2(ledger: Arc<Ledger>, chance: Arc<Chance>) -> FrameServer {
    FrameServer::choosing(move |request| {
        let deed = match chance.below(600) {
            0 => Deed::Answer(429),
            1 => Deed::Answer(503),
            2 => Deed::Reset(REFUSED_STREAM),
            3 => Deed::Reset(chance.below(14)),
            4 => Deed::Deny(NO_ERROR),
            5 => Deed::GoAway(chance.below(14)),
            6 => Deed::ResetHalf(chance.below(14)),
            7 => Deed::CloseHalf,
            8 => Deed::Close,
            9 => Deed::Garbage,
            10 => Deed::Stall,
            11 => Deed::Die,
            12 => Deed::AnswerAndDie(200),
            _ => Deed::Answer(200),
        };
        ledger.enter(&request.body, deed != Deed::Answer(429));
        deed
    })
    .await
}

async fn call(
    client: &Client,
    operation: &'static Operation,
    number: u64,
) -> Result<RawResponse, Error> {
    let url = format!("{}/v1/things", client.endpoint());
    let request = client.http().post(url).body(number.to_string()).build().unwrap();
    client.execute(operation, request).await
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_twice_and_nothing_is_made_up() {
    let calls = setting("SOAK_CALLS").unwrap_or(50_000);
    let seed = setting("SOAK_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("SOAK_SEED={seed} SOAK_CALLS={calls}");
    let chance = Arc::new(Chance(Mutex::new(fastrand::Rng::with_seed(seed))));
    let ledger = Arc::new(Ledger::default());
    let plain = http1(Arc::clone(&ledger), Arc::clone(&chance)).await;
    let secure = http2(Arc::clone(&ledger), Arc::clone(&chance)).await;
    let clients = [Client::builder().endpoint(plain).bearer_token(TOKEN), secure.builder()]
        .map(|builder| {
            let limit = Duration::from_millis(250);
            builder.clock(TestClock::new(0.5)).timeout(Duration::MAX).attempt_timeout(limit)
        })
        .map(|builder| builder.build().unwrap());

    let started = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (clients, next) = (clients.clone(), Arc::clone(&next));
        workers.spawn(async move {
            let mut outcomes = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst) as u64;
                if number >= calls {
                    return outcomes;
                }
                assert!(started.elapsed() < LIMIT, "only {number} calls in {LIMIT:?}");
                let client = &clients[usize::from(number % 4 >= 2)];
                let operation = [&CREATE_THING, &REPLACE_THING][usize::from(number % 2 == 1)];
                let result = call(client, operation, number).await;
                outcomes.push((number, operation.idempotent, result.map(drop)));
            }
        });
    }
    let outcomes: Vec<_> = workers.join_all().await.into_iter().flatten().collect();

    let records = ledger.records.lock().unwrap();
    let mut totals = [0_u64; 4];
    for (number, is_idempotent, result) in &outcomes {
        let record = records.get(number).copied().unwrap_or_default();
        let about = format!("SOAK_SEED={seed}: call {number}: {record:?} {result:?}");
        assert!(*is_idempotent || record.done <= 1, "done twice: {about}");
        totals[0] += u64::from(record.read);
        match result {
            Ok(()) => {
                totals[1] += 1;
                assert!(record.done >= 1, "made up: {about}");
                assert!(record.read <= 5, "sent too often: {about}");
            }
            Err(error) => {
                totals[2 + usize::from(*is_idempotent)] += 1;
                assert!(record.read <= error.attempts(), "not counted: {about}");
            }
        }
    }
    assert_eq!(outcomes.len() as u64, calls);
    println!(
        "{calls} calls in {:?}: {} requests read, {} succeeded; failed: {} not idempotent, {} \
         idempotent; {} connections over HTTP/2",
        started.elapsed(),
        totals[0],
        totals[1],
        totals[2],
        totals[3],
        secure.connections(),
    );
}
