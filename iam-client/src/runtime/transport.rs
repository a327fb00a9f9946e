//! What requests leave over.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use reqwest::{Request, Url, redirect::Policy};

use super::{Clock, Error, RawResponse, RetryPolicy, call::Call, text::Redactor};
use crate::runtime::Operation;

/// Connections and limits, shared by a client's calls and its authenticator's
/// exchanges.
///
/// Clones share the connections. `Debug` shows the limits.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    connections: Connections,
    /// Made when first needed, but for what the endpoint needs.
    secure: OnceLock<reqwest::Client>,
    direct: OnceLock<reqwest::Client>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    user_agent: UserAgent,
}

/// How connections are made.
#[derive(Clone)]
pub(super) enum Connections {
    /// By clients of our own.
    Own(Box<Own>),
    /// By the caller's client.
    Given(reqwest::Client),
}

/// What our own clients are made with.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) connect_timeout: Duration,
    pub(super) proxy: Option<reqwest::Proxy>,
    pub(super) root_certificates: Vec<reqwest::Certificate>,
    pub(super) accept_invalid_certificates: bool,
}

/// What holds unless a call says otherwise.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    /// Of a call in all.
    pub(super) timeout: Duration,
    /// Of one attempt.
    pub(super) attempt_timeout: Duration,
    pub(super) max_response_bytes: usize,
    pub(super) retry: RetryPolicy,
}

/// Who sends a request: `iam-client/0.1.0 (lang=rust; …) my-tool/2.0`.
#[derive(Debug, Clone)]
pub(super) struct UserAgent {
    /// What the program adds.
    addition: Option<String>,
    /// For calls.
    header: HeaderValue,
}

impl UserAgent {
    /// With what the program adds.
    pub(super) fn new(addition: Option<String>) -> Result<Self, Error> {
        match HeaderValue::try_from(text("/", addition.as_deref())) {
            Ok(header) => Ok(Self { addition, header }),
            Err(_) => {
                let problem = "has characters that a header cannot hold; remove them";
                Err(Error::configuration("user_agent", problem))
            }
        }
    }

    /// The header for calls.
    pub(super) fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// The header for exchanges of an authenticator, as IBM's SDKs name it.
    fn of(&self, component: &str) -> HeaderValue {
        let text = text(&format!("/{component}-"), self.addition.as_deref());
        HeaderValue::try_from(text).unwrap_or_else(|_| self.header.clone())
    }
}

fn text(separator: &str, addition: Option<&str>) -> String {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    let own = format!("{name}{separator}{version} (lang=rust; arch={arch}; os={os})");
    match addition {
        Some(addition) => format!("{own} {addition}"),
        None => own,
    }
}

impl Transport {
    pub(super) fn new(
        connections: Connections,
        limits: Limits,
        clock: Arc<dyn Clock>,
        user_agent: UserAgent,
    ) -> Self {
        let (secure, direct) = (OnceLock::new(), OnceLock::new());
        Self(Arc::new(Inner { connections, secure, direct, limits, clock, user_agent }))
    }

    /// The HTTP client for requests to `url`. What is sent with it directly gets
    /// neither authorization nor limits nor repetitions from here.
    ///
    /// Plain `http`, which is for this machine and its metadata service only,
    /// never goes over a proxy: that would carry credentials off the machine
    /// in clear text. All else is https only. Neither follows redirects.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) if it cannot be set up.
    pub fn http(&self, url: &Url) -> Result<&reqwest::Client, Error> {
        let own = match &self.0.connections {
            Connections::Given(client) => return Ok(client),
            Connections::Own(own) => own,
        };
        let plain = url.scheme() == "http";
        let kept = if plain { &self.0.direct } else { &self.0.secure };
        if let Some(client) = kept.get() {
            return Ok(client);
        }
        let mut builder = reqwest::Client::builder()
            .connect_timeout(own.connect_timeout)
            .redirect(Policy::none())
            .tls_danger_accept_invalid_certs(own.accept_invalid_certificates);
        for certificate in &own.root_certificates {
            builder = builder.add_root_certificate(certificate.clone());
        }
        builder = match &own.proxy {
            _ if plain => builder.no_proxy(),
            Some(proxy) => builder.https_only(true).proxy(proxy.clone()),
            None => builder.https_only(true),
        };
        let client = builder.build().map_err(|cause| {
            let problem = "cannot be set up; certificates may be missing or malformed";
            Error::configuration("http_client", problem).caused_by(cause)
        })?;
        Ok(kept.get_or_init(|| client))
    }

    /// Sends a request of an authenticator, with this transport's limits and
    /// repetitions.
    ///
    /// # Errors
    /// No answer, or one that is no success. `redactor` hides the credentials
    /// in what is said about it.
    pub(super) async fn exchange(
        &self,
        operation: &'static Operation,
        request: Request,
        component: &str,
        redactor: Redactor,
    ) -> Result<RawResponse, Error> {
        let user_agent = self.0.user_agent.of(component);
        Call::exchange(operation, self, redactor, user_agent).run(request).await
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Where time is taken from.
    #[doc(hidden)]
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub(super) fn user_agent(&self) -> &HeaderValue {
        self.0.user_agent.header()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

/// Reads a body of at most `limit` bytes; `None` if it is larger.
pub(super) async fn read(
    response: &mut reqwest::Response,
    limit: usize,
) -> Result<Option<Bytes>, reqwest::Error> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Ok(None);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if chunk.len() > limit - body.len() {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}
