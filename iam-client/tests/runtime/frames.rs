//! An HTTP/2 server over TLS that writes the frames a test wants.

use std::{
    collections::VecDeque,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use iam_client::{Client, ClientBuilder};
use tokio::{
    io::{self, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    secure::{identity, trusted},
    server::TOKEN,
};

/// Types of frames (RFC 9113, 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
/// Flags of frames.
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Error codes (RFC 9113, 7).
pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const CODES: std::ops::RangeInclusive<u32> = 0..=0xd;

/// The treatment of a request that was read in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A whole response.
    Answer(u16),
    /// A whole response, after which the connection is never read again.
    AnswerAndDie(u16),
    /// `RST_STREAM` with a code.
    Reset(u32),
    /// `GOAWAY` with a code that denies that the request was processed.
    Deny(u32),
    /// `GOAWAY` with a code that admits it; then the connection is closed.
    GoAway(u32),
    /// No response, but the connection is alive.
    Stall,
    /// The connection is never read again.
    Die,
    /// The connection is closed.
    Close,
    /// The head of a response and half of its body, then `RST_STREAM`.
    ResetHalf(u32),
    /// The head of a response and half of its body, then nothing more.
    StallHalf,
    /// The head of a response and half of its body, then the end.
    CloseHalf,
    /// Something that is not a frame.
    Garbage,
}

/// A request that was read in full.
#[derive(Clone, Debug)]
pub(crate) struct Processed {
    /// The connection that it came over, from 0.
    pub(crate) connection: usize,
    #[allow(dead_code)]
    pub(crate) body: Bytes,
}

type Choose = dyn Fn(&Processed) -> Deed + Send + Sync;

/// Stops when dropped.
pub(crate) struct FrameServer {
    url: String,
    certificate: String,
    processed: Arc<Mutex<Vec<Processed>>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl FrameServer {
    /// Does one deed after the other, a request each, and answers 200 when there
    /// are none left.
    pub(crate) async fn start(deeds: impl IntoIterator<Item = Deed>) -> Self {
        let deeds = Mutex::new(deeds.into_iter().collect::<VecDeque<_>>());
        Self::choosing(move |_| deeds.lock().unwrap().pop_front().unwrap_or(Deed::Answer(200)))
            .await
    }

    /// Does to each request what `choose` says.
    pub(crate) async fn choosing(
        choose: impl Fn(&Processed) -> Deed + Send + Sync + 'static,
    ) -> Self {
        let (certificate, acceptor) = identity(Some("h2"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let processed = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (log, count) = (Arc::clone(&processed), Arc::clone(&connections));
        let choose: Arc<Choose> = Arc::new(choose);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst);
                let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
                let choose = Arc::clone(&choose);
                tokio::spawn(async move {
                    // A client may leave whenever it likes.
                    let _ = serve(stream, acceptor, number, &log, &*choose).await;
                });
            }
        });
        Self { url, certificate, processed, connections, task }
    }

    /// A builder of clients that trust this server.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let builder = Client::builder().endpoint(&self.url).bearer_token(TOKEN);
        builder.root_certificate(trusted(&self.certificate))
    }

    /// The requests that were read in full.
    pub(crate) fn processed(&self) -> Vec<Processed> {
        self.processed.lock().unwrap().clone()
    }

    /// The number of connections that were made.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for FrameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A frame as it is written.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

fn go_away(last_stream: u32, code: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last_stream.to_be_bytes(), code.to_be_bytes()].concat())
}

/// The head of a response: `:status` is entry 8 of HPACK's static table, here
/// as a literal that is not indexed.
fn head(stream: u32, status: u16) -> Vec<u8> {
    let status = status.to_string();
    frame(HEADERS, END_HEADERS, stream, &[&[8, 3], status.as_bytes()].concat())
}

/// The same with `content-length: 2`, of which the name is entry 28.
fn half_head(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, b"\x08\x03200\x0f\x0d\x012")
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    connection: usize,
    log: &Mutex<Vec<Processed>>,
    choose: &Choose,
) -> io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    stream.read_exact(&mut [0; 24]).await?;
    write(&mut stream, &frame(SETTINGS, 0, 0, &[])).await?;
    let mut bodies = std::collections::HashMap::<u32, Vec<u8>>::new();
    loop {
        let mut start = [0; 9];
        stream.read_exact(&mut start).await?;
        let [l1, l2, l3, kind, flags, id @ ..] = start;
        let mut payload = vec![0; u32::from_be_bytes([0, l1, l2, l3]) as usize];
        stream.read_exact(&mut payload).await?;
        let id = u32::from_be_bytes(id);
        match kind {
            SETTINGS if flags & ACK == 0 => {
                write(&mut stream, &frame(SETTINGS, ACK, 0, &[])).await?;
            }
            PING if flags & ACK == 0 => {
                write(&mut stream, &frame(PING, ACK, 0, &payload)).await?;
            }
            DATA => bodies.entry(id).or_default().extend(payload),
            _ => {}
        }
        if !matches!(kind, DATA | HEADERS) || flags & END_STREAM == 0 {
            continue;
        }
        let body = bodies.remove(&id).unwrap_or_default().into();
        let request = Processed { connection, body };
        let deed = choose(&request);
        log.lock().unwrap().push(request);
        if !act(&mut stream, id, deed).await? {
            return Ok(());
        }
    }
}

async fn write(stream: &mut TlsStream<TcpStream>, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Does it. `false` if the connection is to be closed.
async fn act(stream: &mut TlsStream<TcpStream>, id: u32, deed: Deed) -> io::Result<bool> {
    let reset = |code: u32| frame(RST_STREAM, 0, id, &code.to_be_bytes());
    let half = || [half_head(id), frame(DATA, 0, id, b"{")].concat();
    let whole = |status| [head(id, status), frame(DATA, END_STREAM, id, b"{}")].concat();
    match deed {
        Deed::Answer(status) => write(stream, &whole(status)).await?,
        Deed::AnswerAndDie(status) => {
            write(stream, &whole(status)).await?;
            pending().await
        }
        Deed::Reset(code) => write(stream, &reset(code)).await?,
        Deed::Deny(code) => write(stream, &go_away(0, code)).await?,
        Deed::GoAway(code) => {
            write(stream, &go_away(id, code)).await?;
            return Ok(false);
        }
        Deed::Stall => {}
        Deed::Die => pending().await,
        Deed::Close => return Ok(false),
        Deed::ResetHalf(code) => write(stream, &[half(), reset(code)].concat()).await?,
        Deed::StallHalf => write(stream, &half()).await?,
        Deed::CloseHalf => {
            write(stream, &half()).await?;
            return Ok(false);
        }
        Deed::Garbage => write(stream, b"HTTP/1.1 200 OK\r\n\r\n").await?,
    }
    Ok(true)
}
