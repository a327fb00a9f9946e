//! Fetches a document: bounded in time and size, conditional where it can be,
//! every redirect checked.

mod address;
mod progress;

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{
    Client, Response, StatusCode,
    header::{self, HeaderMap, HeaderName},
};

pub(crate) use address::Address;
use progress::Progress;

/// How many redirects are followed from one address.
pub(crate) const MAX_REDIRECTS: usize = 5;
/// What we say we can read; servers that do not negotiate send what they have.
const ACCEPT: &str = "application/json, application/yaml, text/yaml, text/plain, */*;q=0.5";
/// Longer validators are not kept.
const MAX_VALIDATOR: usize = 200;

/// Bounds on one address, its redirects included.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) bytes: u64,
}

/// What an earlier answer said of its version, from the same address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

impl Validators {
    fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// What an address answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 304: what the validators stand for is still what is published.
    NotModified,
    /// 200.
    Content {
        /// The body, complete.
        bytes: Vec<u8>,
        /// For the next request.
        validators: Validators,
    },
}

/// Fetches from addresses, one at a time.
#[derive(Debug)]
pub(crate) struct Downloader {
    bounds: Bounds,
    /// Made when first needed.
    remote: Option<Client>,
    /// Never through a proxy: plain HTTP must not leave this machine.
    loopback: Option<Client>,
}

impl Downloader {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, remote: None, loopback: None }
    }

    /// Fetches `address`; `validators` are those of the last answer from it.
    pub(crate) async fn fetch(
        &mut self,
        address: &Address,
        validators: &Validators,
    ) -> Result<Answer> {
        let timeout = self.bounds.timeout;
        let answer = tokio::time::timeout(timeout, self.follow(address, validators)).await;
        answer.unwrap_or_else(|_| {
            bail!("no complete answer within {timeout:?}; allow more with --timeout")
        })
    }

    async fn follow(&mut self, address: &Address, validators: &Validators) -> Result<Answer> {
        let mut address = address.clone();
        for hop in 0..=MAX_REDIRECTS {
            let mut request = self.client(&address)?.get(address.url().clone());
            for (name, value) in [
                (header::IF_NONE_MATCH, &validators.etag),
                (header::IF_MODIFIED_SINCE, &validators.last_modified),
            ] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            let response = request.send().await.map_err(reqwest::Error::without_url)?;
            match response.status() {
                StatusCode::OK => {
                    let mut validators = Validators::of(response.headers());
                    if hop > 0 {
                        // The next redirect may lead to another file, and a date
                        // tells nothing of two files.
                        validators.last_modified = None;
                    }
                    let bytes = self.read(&address, response).await?;
                    return Ok(Answer::Content { bytes, validators });
                }
                StatusCode::NOT_MODIFIED if !validators.is_empty() => {
                    return Ok(Answer::NotModified);
                }
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT => {
                    let location = response.headers().get(header::LOCATION);
                    let location = location.context("a redirect to nowhere")?;
                    let location = location.to_str().context("a redirect to what is no address")?;
                    address = address.redirect(location)?;
                }
                status => bail!("answered {status}"),
            }
        }
        bail!("more than {MAX_REDIRECTS} redirects, the last to {address}")
    }

    async fn read(&self, address: &Address, mut response: Response) -> Result<Vec<u8>> {
        let headers = response.headers();
        if text(headers, header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
            bail!("answered with a web page, not with a document");
        }
        if let Some(encoding) = text(headers, header::CONTENT_ENCODING)
            && encoding != "identity"
        {
            bail!("answered in the encoding `{encoding}`, though none was asked for");
        }
        let limit = self.bounds.bytes;
        let declared = response.content_length();
        if let Some(declared) = declared.filter(|&declared| declared > limit) {
            bail!("the document has {declared} bytes; at most {limit} are read");
        }
        let progress = Progress::start(address.file_name(), declared);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                bail!("the document has more than the {limit} bytes that are read at most");
            }
            bytes.extend_from_slice(&chunk);
            progress.advance(chunk.len());
        }
        Ok(bytes)
    }

    fn client(&mut self, address: &Address) -> Result<&Client> {
        let loopback = address.is_loopback();
        let client = if loopback { &mut self.loopback } else { &mut self.remote };
        if client.is_none() {
            let builder = Client::builder()
                .user_agent(concat!("iam-client-xtask/", env!("CARGO_PKG_VERSION")))
                .default_headers([(header::ACCEPT, ACCEPT.parse()?)].into_iter().collect())
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(self.bounds.connect_timeout);
            let builder = if loopback { builder.no_proxy() } else { builder };
            *client = Some(builder.build().context("cannot set up the HTTP client")?);
        }
        client.as_ref().context("the client was made above")
    }
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        let keep = |name| text(headers, name).filter(|value| value.len() <= MAX_VALIDATOR);
        Self {
            etag: keep(header::ETAG).map(str::to_owned),
            last_modified: keep(header::LAST_MODIFIED).map(str::to_owned),
        }
    }
}

/// A header of visible ASCII.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
