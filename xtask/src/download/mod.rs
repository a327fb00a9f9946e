//! Fetches a document: bounded in time and size, conditional where it can be,
//! every redirect checked.

mod address;
mod progress;
mod tag;

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{
    Client, Response, StatusCode,
    header::{self, HeaderMap, HeaderName},
};

pub(crate) use address::Address;
use progress::Progress;
pub(crate) use tag::{Basis, Tag};

/// How many redirects are followed from one address.
pub(crate) const MAX_REDIRECTS: usize = 5;
/// What we say we can read; servers that do not negotiate send what they have.
const ACCEPT: &str = "application/json, application/yaml, text/yaml, text/plain, */*;q=0.5";

/// Bounds on one address, its redirects included.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) bytes: u64,
}

/// The facts that are known of a document before it is fetched.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    pub(crate) overlays: Basis,
    /// The entity tag of the last fetch, and the file that is vendored now.
    pub(crate) recorded: Option<(&'a Tag, &'a [u8])>,
}

/// What an address answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 304: the vendored file is still what is published.
    NotModified,
    /// 200.
    Content {
        /// The body, complete.
        bytes: Vec<u8>,
        /// For the next request.
        tag: Option<Tag>,
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

    /// Fetches `address`, unless the file that is `known` is still what it gives.
    pub(crate) async fn fetch(&mut self, address: &Address, known: &Known<'_>) -> Result<Answer> {
        let timeout = self.bounds.timeout;
        let answer = tokio::time::timeout(timeout, self.follow(address, known)).await;
        answer.unwrap_or_else(|_| {
            bail!("no complete answer within {timeout:?}; allow more with --timeout")
        })
    }

    async fn follow(&mut self, asked: &Address, known: &Known<'_>) -> Result<Answer> {
        let recorded =
            known.recorded.map(|(tag, file)| (tag, known.overlays.clone().with_file(file)));
        let mut address = asked.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self.client(&address)?.get(address.url().clone());
            // Only to the very address that gave the tag, redirects included.
            let tag = recorded.as_ref();
            let tag = tag.and_then(|(tag, basis)| tag.valid_for(asked, &address, basis));
            if let Some(tag) = tag {
                request = request.header(header::IF_NONE_MATCH, tag);
            }
            let response = request.send().await.map_err(reqwest::Error::without_url)?;
            match response.status() {
                StatusCode::OK => {
                    let etag = text(response.headers(), header::ETAG).map(str::to_owned);
                    let bytes = self.read(&address, response).await?;
                    let basis = known.overlays.clone().with_file(&bytes);
                    let tag = etag.and_then(|etag| Tag::seal(&etag, asked, &address, &basis));
                    return Ok(Answer::Content { bytes, tag });
                }
                StatusCode::NOT_MODIFIED => {
                    let Some(tag) = tag else {
                        bail!("answered 304 Not Modified to a request without a condition");
                    };
                    let theirs = text(response.headers(), header::ETAG);
                    if theirs.is_some_and(|theirs| theirs.trim_start_matches("W/") != tag) {
                        bail!("answered 304 Not Modified for another entity tag than it was asked");
                    }
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

/// A header of visible ASCII.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
