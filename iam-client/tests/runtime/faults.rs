//! A server that breaks off at a chosen point.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// What is done with one connection.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Resets it before anything of the request is read.
    ResetUnread,
    /// Reads the request, then resets it.
    ResetRead,
    /// Reads the request and never answers.
    Stall,
    /// Reads the request, writes this, and never goes on.
    StallAfter(&'static str),
    /// Reads the request, writes this, and closes.
    Answer(String),
}

impl Fault {
    /// A whole answer.
    pub(crate) fn status(status: u16, headers: &str) -> Self {
        let body = "{}";
        Self::Answer(format!(
            "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        ))
    }
}

/// Takes one fault after the other, a connection each, and answers 200 when
/// there are none left. Stops when dropped.
pub(crate) struct FaultServer {
    url: String,
    processed: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl FaultServer {
    pub(crate) async fn start(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self::run(None, faults).await
    }

    /// The same over TLS, as `localhost`.
    pub(crate) async fn start_tls(
        acceptor: TlsAcceptor,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Self {
        Self::run(Some(acceptor), faults).await
    }

    async fn run(acceptor: Option<TlsAcceptor>, faults: impl IntoIterator<Item = Fault>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = match &acceptor {
            Some(_) => format!("https://localhost:{port}"),
            None => format!("http://127.0.0.1:{port}"),
        };
        let processed = Arc::new(Mutex::new(Vec::new()));
        let mut faults: VecDeque<_> = faults.into_iter().collect();
        let log = Arc::clone(&processed);
        let task = tokio::spawn(async move {
            let (mut open, mut open_tls) = (Vec::new(), Vec::new());
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let fault = faults.pop_front().unwrap_or_else(|| Fault::status(200, ""));
                match &acceptor {
                    None => open.extend(serve(stream, |stream| stream, fault, &log).await),
                    Some(acceptor) => {
                        let stream = acceptor.accept(stream).await.unwrap();
                        let stream = serve(stream, |stream| stream.get_ref().0, fault, &log);
                        open_tls.extend(stream.await);
                    }
                }
            }
        });
        Self { url, processed, task }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The requests that were read in full.
    pub(crate) fn processed(&self) -> Vec<String> {
        self.processed.lock().unwrap().clone()
    }
}

/// Does one fault to one connection, and gives it back if it stays open.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    tcp: impl Fn(&S) -> &TcpStream,
    fault: Fault,
    log: &Mutex<Vec<String>>,
) -> Option<S> {
    // Closing without the usual farewell.
    let reset = |stream: &S| tcp(stream).set_zero_linger().unwrap();
    if matches!(fault, Fault::ResetUnread) {
        reset(&stream);
        return None;
    }
    let request = read(&mut stream).await;
    log.lock().unwrap().push(request);
    match fault {
        Fault::ResetUnread | Fault::ResetRead => reset(&stream),
        Fault::Stall => return Some(stream),
        Fault::StallAfter(text) => {
            stream.write_all(text.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            return Some(stream);
        }
        Fault::Answer(text) => {
            // The client may have left.
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    }
    None
}

/// A request with its body, of which the head tells the length.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(text.clone()).unwrap().to_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    text.extend(body);
    String::from_utf8_lossy(&text).into_owned()
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
