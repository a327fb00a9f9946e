//! A small HTTP/1.1 server on the loopback interface. `iam-tests` uses it too.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use iam_client::{CallOptions, Client, ClientBuilder, RetryPolicy};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

/// The token that tests call with.
pub(crate) const TOKEN: &str = "eyJraWQi.cGF5bG9hZA.c2lnbmF0dXJl";

/// The identifier that tests call under.
pub(crate) const TRANSACTION: &str = "t0";

/// A client that tries once, so that a test sees the first failure, and calls
/// under [`TRANSACTION`].
pub(crate) fn once(builder: ClientBuilder) -> Client {
    let client = builder.retry(RetryPolicy::none()).build().unwrap();
    client.with(CallOptions::new().transaction_id(TRANSACTION))
}

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query as they were on the wire.
    pub(crate) target: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    /// The values of a header, joined.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        let values: Vec<_> = values.iter().map(|value| value.to_str().unwrap()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// An answer for the server to give.
pub(crate) type Answer = Response<Full<Bytes>>;

/// An answer with a status, headers and a body.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(Full::new(body.into())).unwrap()
}

/// What a raw server does after writing.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    Close,
    Wait,
}

/// A server on the loopback interface; stops when dropped.
pub(crate) struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Answers every request with what `respond` makes of it.
    pub(crate) async fn start(respond: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(move |seen| std::future::ready(respond(&seen))).await
    }

    /// Answers every request with what `respond` makes of it, when it likes.
    pub(crate) async fn serve<F: Future<Output = Answer> + Send + 'static>(
        respond: impl Fn(Seen) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, respond) = (Arc::clone(&seen), Arc::new(respond));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (log, respond) = (Arc::clone(&log), Arc::clone(&respond));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (log, respond) = (Arc::clone(&log), Arc::clone(&respond));
                    async move {
                        let (head, body) = request.into_parts();
                        let seen = Seen {
                            method: head.method.to_string(),
                            target: head.uri.to_string(),
                            headers: head.headers,
                            body: body.collect().await.unwrap().to_bytes(),
                        };
                        log.lock().unwrap().push(seen.clone());
                        Ok::<_, Infallible>(respond(seen).await)
                    }
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move {
                    // A client may leave whenever it likes.
                    let _ = connection.await;
                });
            }
        });
        Self { url, seen, task }
    }

    /// Answers every request alike.
    pub(crate) async fn answering(status: u16, body: &'static str) -> Self {
        Self::start(move |_| answer(status, &[], body)).await
    }

    /// Reads one request head per connection, writes `text`, and then closes
    /// the connection or waits for ever.
    pub(crate) async fn raw(text: &'static str, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            let mut open = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                stream.write_all(text.as_bytes()).await.unwrap();
                match then {
                    Then::Close => stream.shutdown().await.unwrap(),
                    Then::Wait => open.push(stream),
                }
            }
        });
        Self { url, seen: Arc::default(), task }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A client of this server with [`TOKEN`], [`once`].
    pub(crate) fn client(&self) -> Client {
        once(Client::builder().endpoint(self.url()).bearer_token(TOKEN))
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request so far.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
