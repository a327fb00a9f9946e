//! Bodies of type `multipart/form-data` (RFC 7578), and the files in them.

use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io::{self, Read},
    mem,
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use http::HeaderValue;
use reqwest::Body;
use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinHandle;

use super::{Secret, secret::secrets_in, style};

/// The number of bytes of a file that are read at once.
const CHUNK: usize = 64 * 1024;

const OCTETS: &str = "application/octet-stream";

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Failure>> + Send>>;

/// A file in a body of type `multipart/form-data`: its content, name and media type.
///
/// ```
/// # use iam_client::FilePart;
/// let report = FilePart::new("a,b\n1,2\n").file_name("report.csv").content_type("text/csv");
/// ```
///
/// A file without a name is sent under the name of its field, since services tell files from
/// text by their having one. Without a media type it is `application/octet-stream`, unless the
/// service takes a single other one.
///
/// A part made of bytes can be sent again, and so can its clones. [`open`](Self::open),
/// [`from_reader`](Self::from_reader) and [`from_stream`](Self::from_stream) make a part whose
/// content is read while it is sent: a request with such a part is never retried, and it and its
/// clones can be sent once.
///
/// `Debug` shows nothing of the content.
#[derive(Clone)]
pub struct FilePart {
    content: Content,
    name: Option<String>,
    media_type: Option<String>,
}

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    Chunks { chunks: Arc<Mutex<Option<Chunks>>>, length: Option<u64> },
}

impl FilePart {
    /// Makes a part of bytes in memory.
    #[must_use]
    pub fn new(content: impl Into<Bytes>) -> Self {
        Self { content: Content::Bytes(content.into()), name: None, media_type: None }
    }

    /// Opens a file, whose name and length the part takes over. It is read while it is sent.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let part = Self::from_reader(file);
        let part = if metadata.is_file() { part.length(metadata.len()) } else { part };
        Ok(match path.file_name() {
            Some(name) => part.file_name(name.to_string_lossy()),
            None => part,
        })
    }

    /// Makes a part of what a reader returns. It is read while it is sent, by threads that may
    /// block.
    #[must_use]
    pub fn from_reader(reader: impl Read + Send + 'static) -> Self {
        Self::chunked(Box::pin(Reading::Idle(Box::new(reader))))
    }

    /// Makes a part of the bytes in a stream.
    #[must_use]
    pub fn from_stream<S, B, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Into<Bytes>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::chunked(Box::pin(Erased(Box::pin(stream))))
    }

    fn chunked(chunks: Chunks) -> Self {
        let chunks = Arc::new(Mutex::new(Some(chunks)));
        Self { content: Content::Chunks { chunks, length: None }, name: None, media_type: None }
    }

    /// Sets the name of the file.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the media type, such as `image/png`.
    #[must_use]
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Sets the number of bytes that a reader or a stream has. Once it is known of all parts, the
    /// request has a `Content-Length`.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        if let Content::Chunks { length, .. } = &mut self.content {
            *length = Some(bytes);
        }
        self
    }
}

impl fmt::Debug for FilePart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FilePart")
            .field("name", &self.name)
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

macro_rules! from_bytes {
    ($($type:ty),*) => {$(
        impl From<$type> for FilePart {
            fn from(content: $type) -> Self {
                Self::new(content)
            }
        }
    )*};
}

from_bytes!(Bytes, Vec<u8>, String, &'static [u8], &'static str);

/// The parts of a body, and the secrets in them. For generated code.
#[derive(Default)]
pub struct Parts {
    parts: Vec<(String, Content)>,
    secrets: Vec<Secret>,
    problem: Option<String>,
}

impl Parts {
    /// Adds a part for each file. `media_type` is that of files without their own.
    pub fn files<'a>(
        &mut self,
        name: &str,
        files: impl IntoIterator<Item = &'a FilePart>,
        media_type: Option<&str>,
    ) {
        for file in files {
            let media_type = file.media_type.as_deref().or(media_type).unwrap_or(OCTETS);
            if HeaderValue::from_str(media_type).is_err() {
                self.fail(format!("the content type of the file `{name}` is malformed"));
            }
            let file_name = quoted(file.name.as_deref().unwrap_or(name));
            let header = format!(
                "Content-Disposition: form-data; name=\"{}\"; filename=\"{file_name}\"\r\n\
                 Content-Type: {media_type}",
                quoted(name)
            );
            self.parts.push((header, file.content.clone()));
        }
    }

    /// Adds a part for a value, or for each item of a list: objects as JSON, all else as text,
    /// unless `media_type` says otherwise. Null is left out.
    pub fn value(&mut self, name: &str, value: &impl Serialize, media_type: Option<&str>) {
        match serde_json::to_value(value) {
            Ok(converted) => self.add(name, converted, media_type),
            Err(_) => self.fail(format!("the part `{name}` cannot be encoded")),
        }
        self.secrets.extend(secrets_in(value));
    }

    /// Adds the fields of an object as [`value`](Self::value) does.
    pub fn fields(&mut self, object: &impl Serialize, media_types: &[(&str, &str)]) {
        match serde_json::to_value(object) {
            Ok(Value::Object(fields)) => {
                for (name, value) in fields {
                    let media_type = media_types.iter().find(|(of, _)| *of == name);
                    self.add(&name, value, media_type.map(|(_, media_type)| *media_type));
                }
            }
            Ok(Value::Null) => {}
            Ok(_) => self.fail("the body is not an object".to_owned()),
            Err(_) => self.fail("the body cannot be encoded".to_owned()),
        }
        self.secrets.extend(secrets_in(object));
    }

    fn add(&mut self, name: &str, value: Value, media_type: Option<&str>) {
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for item in items {
                    self.add_one(name, &item, media_type);
                }
            }
            value => self.add_one(name, &value, media_type),
        }
    }

    fn add_one(&mut self, name: &str, value: &Value, media_type: Option<&str>) {
        let structured = matches!(value, Value::Object(_) | Value::Array(_));
        let media_type = media_type.or(structured.then_some("application/json"));
        let mut header = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        if let Some(media_type) = media_type {
            header.push_str(&format!("\r\nContent-Type: {media_type}"));
        }
        let json =
            media_type.is_some_and(|name| name.ends_with("/json") || name.ends_with("+json"));
        let text = if json { value.to_string() } else { style::text(value) };
        self.parts.push((header, Content::Bytes(text.into())));
    }

    fn fail(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    pub(super) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// The body, its media type, and its length if only that of a stream has to be told.
    pub(super) fn encode(self) -> Result<Encoded, String> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let boundary = format!("{:032x}", fastrand::u128(..));
        let mut segments = VecDeque::new();
        let mut text = Vec::new();
        let mut total = Some(0_u64);
        for (header, content) in self.parts {
            text.extend_from_slice(format!("--{boundary}\r\n{header}\r\n\r\n").as_bytes());
            match content {
                Content::Bytes(bytes) => text.extend_from_slice(&bytes),
                Content::Chunks { chunks, length } => {
                    let chunks = chunks.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let Some(chunks) = chunks else {
                        return Err("a file is a stream that was sent before; open it again for \
                                    each call, or give its bytes"
                            .to_owned());
                    };
                    total = total.zip(length).and_then(|(total, length)| total.checked_add(length));
                    let before = Bytes::from(mem::take(&mut text));
                    total = total.and_then(|total| total.checked_add(before.len() as u64));
                    segments.push_back(Segment::Bytes(before));
                    segments.push_back(Segment::Chunks(chunks));
                }
            }
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let media_type = format!("multipart/form-data; boundary={boundary}");
        if segments.is_empty() {
            return Ok(Encoded { media_type, body: text.into(), length: None });
        }
        let length = total.and_then(|total| total.checked_add(text.len() as u64));
        segments.push_back(Segment::Bytes(text.into()));
        Ok(Encoded { media_type, body: Body::wrap_stream(Segments(segments)), length })
    }
}

/// A body that can be sent.
pub(super) struct Encoded {
    pub(super) media_type: String,
    pub(super) body: Body,
    pub(super) length: Option<u64>,
}

/// A name in quotes, as browsers write it (the HTML standard, multipart form data).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

enum Segment {
    Bytes(Bytes),
    Chunks(Chunks),
}

/// Segments, one after the other.
struct Segments(VecDeque<Segment>);

impl Stream for Segments {
    type Item = Result<Bytes, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match self.0.front_mut() {
                None => return Poll::Ready(None),
                Some(Segment::Bytes(bytes)) => {
                    let bytes = mem::take(bytes);
                    self.0.pop_front();
                    return Poll::Ready(Some(Ok(bytes)));
                }
                Some(Segment::Chunks(chunks)) => match ready!(chunks.as_mut().poll_next(context)) {
                    Some(chunk) => return Poll::Ready(Some(chunk)),
                    None => {
                        self.0.pop_front();
                    }
                },
            }
        }
    }
}

/// A stream of any bytes and errors.
struct Erased<S>(Pin<Box<S>>);

impl<S, B, E> Stream for Erased<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
    E: Into<Failure>,
{
    type Item = Result<Bytes, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.0.as_mut().poll_next(context));
        Poll::Ready(next.map(|chunk| chunk.map(Into::into).map_err(Into::into)))
    }
}

type Source = Box<dyn Read + Send>;

/// A reader, a chunk at a time.
enum Reading {
    Idle(Source),
    Busy(JoinHandle<(Source, io::Result<Vec<u8>>)>),
    Done,
}

impl Stream for Reading {
    type Item = Result<Bytes, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Self::Idle(source) = &mut *self {
            let source = mem::replace(source, Box::new(io::empty()));
            *self = Self::Busy(tokio::task::spawn_blocking(|| chunk(source)));
        }
        let Self::Busy(task) = &mut *self else { return Poll::Ready(None) };
        let read = ready!(Pin::new(task).poll(context));
        *self = Self::Done;
        Poll::Ready(match read {
            Ok((_, Ok(bytes))) if bytes.is_empty() => None,
            Ok((source, Ok(bytes))) => {
                *self = Self::Idle(source);
                Some(Ok(bytes.into()))
            }
            Ok((_, Err(error))) => Some(Err(error.into())),
            Err(error) => Some(Err(error.into())),
        })
    }
}

fn chunk(mut source: Source) -> (Source, io::Result<Vec<u8>>) {
    let mut bytes = Vec::with_capacity(CHUNK);
    let read = source.by_ref().take(CHUNK as u64).read_to_end(&mut bytes);
    (source, read.map(|_| bytes))
}
