//! Connections that are kept for the next call, and closed meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use iam_client::{Client, auth::ApiKey};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{
    clock::TestClock,
    support::{TOKEN, create, failed, get, once},
};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
/// The response of a proxy that closes an idle connection.
const FAREWELL: &str =
    "HTTP/1.1 408 Request Time-out\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Says something to each request, by the number of its connection and its own
/// number on it, and may close the connection then.
struct Talker {
    url: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Talker {
    async fn start(say: impl Fn(usize, usize) -> (String, bool) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (connections, requests) =
            (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (count, total) = (Arc::clone(&connections), Arc::clone(&requests));
        let say = Arc::new(say);
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let connection = count.fetch_add(1, Ordering::SeqCst);
                let (say, total) = (Arc::clone(&say), Arc::clone(&total));
                tokio::spawn(async move {
                    let mut number = 0;
                    while read(&mut stream).await.is_some() {
                        total.fetch_add(1, Ordering::SeqCst);
                        let (text, closes) = say(connection, number);
                        if stream.write_all(text.as_bytes()).await.is_err() || closes {
                            return;
                        }
                        number += 1;
                    }
                });
            }
        });
        Self { url, connections, requests, task }
    }

    /// The numbers of connections and of requests.
    fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a request; `None` at the end of the connection.
async fn read(stream: &mut TcpStream) -> Option<()> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(text).ok()?.to_lowercase();
    let length = head.split("content-length: ").nth(1).map_or(0, |rest| {
        let length = rest.split("\r\n").next().unwrap();
        length.parse().unwrap()
    });
    stream.read_exact(&mut vec![0; length]).await.ok().map(drop)
}

fn client(server: &Talker, clock: &Arc<TestClock>) -> Client {
    let builder = Client::builder().endpoint(&server.url).bearer_token(TOKEN);
    builder.clock(clock.clone()).build().unwrap()
}

/// The server has closed the connection right behind its response, which both
/// wait in the kernel when the next call begins.
#[tokio::test]
async fn a_connection_that_was_just_closed_harms_no_call() {
    let server = Talker::start(|_, _| (OK.to_owned(), true)).await;
    let client = once(Client::builder().endpoint(&server.url).bearer_token(TOKEN));
    for number in 0..200 {
        create(&client).await.unwrap_or_else(|error| panic!("{number}: {error:?}"));
    }
    assert_eq!(server.counts(), (200, 200));
}

/// As a proxy does whose farewell crosses the request on its way: the second
/// request on the first connection is not read.
#[tokio::test]
async fn a_farewell_on_an_idle_connection_is_no_response() {
    let server = Talker::start(|connection, number| match (connection, number) {
        (0, 1) => (FAREWELL.to_owned(), true),
        _ => (OK.to_owned(), false),
    })
    .await;
    let clock = TestClock::new(0.5);
    let client = client(&server, &clock);
    create(&client).await.unwrap();
    create(&client).await.unwrap();
    assert_eq!(server.counts(), (2, 3));
    assert_eq!(clock.waits().len(), 1);
}

/// A gateway says the same when the service behind it takes too long, which may
/// have done its work.
#[tokio::test]
async fn a_timeout_of_a_gateway_is_not_taken_for_a_farewell() {
    for (text, closes) in [
        // On a connection that stays.
        ("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n", false),
        ("HTTP/1.1 504 Gateway Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", true),
    ] {
        let say = move |_, number| match number {
            0 => (OK.to_owned(), false),
            _ => (text.to_owned(), closes),
        };
        let server = Talker::start(say).await;
        let client = client(&server, &TestClock::new(0.5));
        create(&client).await.unwrap();
        let error = failed(create(&client).await);
        assert_eq!((error.attempts(), server.counts()), (1, (1, 2)), "{text}");
    }
}

/// Token requests are idempotent: two tokens harm nobody.
#[tokio::test]
async fn token_requests_are_sent_again_after_a_408() {
    let token = r#"{"access_token":"token-1","expires_in":3600}"#;
    let token = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{token}", token.len());
    let issuer = Talker::start(move |connection, _| match connection {
        0 => (FAREWELL.to_owned(), true),
        _ => (token.clone(), false),
    })
    .await;
    let caller = ApiKey::new("k3y").endpoint(&issuer.url).build().unwrap();
    let client = Client::builder().endpoint(&issuer.url).authenticator(caller);
    let client = client.clock(TestClock::new(0.5)).build().unwrap();
    let authorization = client.authorization().await.unwrap();
    assert_eq!(authorization.token().unwrap().expose(), "token-1");
    assert_eq!(issuer.counts(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn connections_are_kept_as_long_as_set() {
    for (set, idle, connections) in
        [(None, 29, 1), (None, 31, 2), (Some(5), 4, 1), (Some(5), 6, 2), (Some(0), 0, 2)]
    {
        let server = Talker::start(|_, _| (OK.to_owned(), false)).await;
        let mut builder = Client::builder().endpoint(&server.url).bearer_token(TOKEN);
        if let Some(seconds) = set {
            builder = builder.pool_idle_timeout(Duration::from_secs(seconds));
        }
        let client = once(builder);
        get(&client).await.unwrap();
        tokio::time::sleep(Duration::from_secs(idle)).await;
        get(&client).await.unwrap();
        assert_eq!(server.counts(), (connections, 2), "{set:?} {idle}");
    }
}
