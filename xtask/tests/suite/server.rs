//! An HTTP server on loopback that answers as a test says and keeps what it
//! was asked.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// A request without its body.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Path and query.
    pub(crate) target: String,
    head: Vec<String>,
}

impl Request {
    /// The value of a header, by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// What to answer: bytes, and then the end or silence.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    bytes: Vec<u8>,
    stall: bool,
}

impl Reply {
    /// A complete answer.
    pub(crate) fn new(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = body.len().to_string();
        let mut reply = Self::head(status, headers);
        reply.bytes.extend(format!("content-length: {length}\r\n\r\n").bytes());
        reply.bytes.extend(body);
        reply
    }

    /// A document.
    pub(crate) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::new("200 OK", &[], body)
    }

    /// A redirect.
    pub(crate) fn redirect(location: &str) -> Self {
        Self::new("302 Found", &[("location", location)], "")
    }

    /// A body of `size` bytes that no header announces.
    pub(crate) fn chunked(size: usize) -> Self {
        const CHUNK: usize = 1 << 20;
        let mut reply = Self::head("200 OK", &[("transfer-encoding", "chunked")]);
        reply.bytes.extend(b"\r\n");
        for _ in 0..size.div_ceil(CHUNK) {
            reply.bytes.extend(format!("{CHUNK:x}\r\n").bytes());
            reply.bytes.resize(reply.bytes.len() + CHUNK, b' ');
            reply.bytes.extend(b"\r\n");
        }
        reply.bytes.extend(b"0\r\n\r\n");
        reply
    }

    /// The beginning of an answer of `length` bytes, and then nothing more:
    /// the connection stays open, or closes.
    pub(crate) fn beginning(length: u64, body: &str, stall: bool) -> Self {
        let mut reply = Self::head("200 OK", &[("content-length", &length.to_string())]);
        reply.bytes.extend(format!("\r\n{body}").bytes());
        reply.stall = stall;
        reply
    }

    fn head(status: &str, headers: &[(&str, &str)]) -> Self {
        let mut head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self { bytes: head.into_bytes(), stall: false }
    }
}

/// The server; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each request with what `answer` says.
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let ended = Arc::<AtomicBool>::default();
        let thread = thread::spawn({
            let (requests, ended) = (Arc::clone(&requests), Arc::clone(&ended));
            move || {
                let mut stalled = Vec::new();
                for stream in listener.incoming() {
                    if ended.load(Ordering::SeqCst) {
                        break;
                    }
                    let mut stream = stream.unwrap();
                    let Some(request) = read(&stream) else { continue };
                    let reply = answer(&request);
                    requests.lock().unwrap().push(request);
                    // A client may hang up when it has seen enough.
                    let _ = stream.write_all(&reply.bytes).and_then(|()| stream.flush());
                    if reply.stall {
                        stalled.push(stream);
                    }
                }
            }
        });
        Self { address, requests, ended, thread: Some(thread) }
    }

    /// The address of `target` on it.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let target = first.split(' ').nth(1)?.to_owned();
    let head = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    Some(Request { target, head })
}

/// An address on loopback where nobody listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/pets.json", listener.local_addr().unwrap())
}
